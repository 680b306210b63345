// Runs inside sandboxes in tests and benchmarks: one static program that tries one thing and says how it went.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int say_error(const char* what) {
  printf("%s: %s\n", what, strerror(errno));
  return 1;
}

static int cat(const char* path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) return say_error("open");
  char buffer[65536];
  ssize_t n;
  while ((n = read(fd, buffer, sizeof buffer)) > 0) fwrite(buffer, 1, (size_t)n, stdout);
  return n < 0 ? say_error("read") : 0;
}

static int list(const char* path) {
  DIR* directory = opendir(path);
  if (!directory) return say_error("opendir");
  for (struct dirent* entry; (entry = readdir(directory));)
    if (entry->d_name[0] != '.') printf("%s\n", entry->d_name);
  return 0;
}

static int put(const char* path, const char* text) {
  int fd = open(path, O_CREAT | O_WRONLY | O_APPEND, 0644);
  if (fd < 0) return say_error("open");
  if (write(fd, text, strlen(text)) < 0) return say_error("write");
  printf("written\n");
  return 0;
}

static struct sockaddr_in address_of(const char* address, const char* port) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port))};
  inet_pton(AF_INET, address, &in.sin_addr);
  return in;
}

// Answers each connection with a line and closes it.
static int serve(const char* address, const char* port) {
  struct sockaddr_in in = address_of(address, port);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(fd, (struct sockaddr*)&in, sizeof in) < 0 || listen(fd, 16) < 0) return say_error("listen");
  printf("listening\n");
  fflush(stdout);
  for (;;) {
    int client = accept(fd, 0, 0);
    if (client < 0) continue;
    dprintf(client, "hello from %d\n", (int)getpid());
    close(client);
  }
}

static int dial(const char* address, const char* port) {
  struct sockaddr_in in = address_of(address, port);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr*)&in, sizeof in) < 0) return say_error("connect");
  char buffer[4096];
  ssize_t n = read(fd, buffer, sizeof buffer);
  if (n < 0) return say_error("read");
  fwrite(buffer, 1, (size_t)n, stdout);
  return 0;
}

static int eat(long megabytes) {
  for (long i = 1; i <= megabytes; i++) {
    volatile char* block = malloc(1 << 20);  // volatile: or nothing of this is done
    if (!block) return printf("refused after %ld\n", i - 1), 3;
    for (size_t at = 0; at < 1 << 20; at += 4096) block[at] = 1;
  }
  printf("ate %ld\n", megabytes);
  return 0;
}

static int fork_many(int wanted) {
  int made = 0;
  for (; made < wanted; made++) {
    pid_t pid = fork();
    if (pid < 0) break;
    if (pid == 0) pause();
  }
  printf("forked %d\n", made);
  return 0;
}

static void try_call(const char* name, long result) { printf("%s: %s\n", name, result < 0 ? strerror(errno) : "allowed"); }

static int try_calls(void) {
  try_call("keyctl", syscall(SYS_keyctl, 0, -3, 0, 0, 0));
  try_call("bpf", syscall(SYS_bpf, 0, 0, 0));
  try_call("setns", syscall(SYS_setns, 0, 0));
  try_call("unshare", unshare(CLONE_NEWUTS));
  try_call("mount", mount("x", "/tmp", "tmpfs", 0, 0));
  try_call("clone", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
  return 0;
}

static volatile sig_atomic_t terminated;
static void on_term(int signal) { terminated = signal; }

// Until SIGTERM; then exits with 7.
static int wait_for_term(void) {
  signal(SIGTERM, on_term);
  printf("waiting\n");
  fflush(stdout);
  sigset_t none;
  sigemptyset(&none);
  while (!terminated) sigsuspend(&none);
  return 7;
}

static int print_lines(long count) {
  for (long i = 0; i < count; i++) printf("line %ld\n", i);
  return 0;
}

int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "";
  if (!strcmp(what, "exit") && argc == 3) return atoi(argv[2]);
  if (!strcmp(what, "cat") && argc == 3) return cat(argv[2]);
  if (!strcmp(what, "list") && argc == 3) return list(argv[2]);
  if (!strcmp(what, "put") && argc == 4) return put(argv[2], argv[3]);
  if (!strcmp(what, "serve") && argc == 4) return serve(argv[2], argv[3]);
  if (!strcmp(what, "dial") && argc == 4) return dial(argv[2], argv[3]);
  if (!strcmp(what, "eat") && argc == 3) return eat(atol(argv[2]));
  if (!strcmp(what, "fork") && argc == 3) return fork_many(atoi(argv[2]));
  if (!strcmp(what, "calls")) return try_calls();
  if (!strcmp(what, "wait")) return wait_for_term();
  if (!strcmp(what, "lines") && argc == 3) return print_lines(atol(argv[2]));
  if (!strcmp(what, "ids")) return printf("%d:%d pid %d\n", (int)getuid(), (int)getgid(), (int)getpid()), 0;
  if (!strcmp(what, "env") && argc == 3) return printf("%s\n", getenv(argv[2]) ? getenv(argv[2]) : "(unset)"), 0;
  if (!strcmp(what, "abort")) abort();
  if (!strcmp(what, "pause")) return pause();
  fprintf(stderr, "usage: probe <what> [arguments]\n");
  return 2;
}
