/* A function for the tests and benchmarks: a static program that speaks the Runtime API and does what its event says.
 *
 *   "crash"        exits with 3                  "sleep"       never answers
 *   "hog"          takes memory until killed     "print"       writes two lines
 *   "env NAME"     a variable's value            "read /path"  whether a file can be opened
 *   "api"          what GET / at AWS_ENDPOINT_URL answers       anything else: the event itself
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { head_bytes_max = 16384, body_bytes_max = 8 << 20 };
static char input[head_bytes_max + 1]; /* what came beyond the answer before */
static size_t input_size;
static char head[head_bytes_max + 1];
static char* body;
static size_t body_size;

static int dial(const char* address, int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  inet_pton(AF_INET, address, &to.sin_addr);
  if (connect(fd, (struct sockaddr*)&to, sizeof to) != 0) {
    close(fd);
    return -1;
  }
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

static const char* header(const char* name) {
  size_t size = strlen(name);
  for (char* line = strchr(head, '\n'); line; line = strchr(line, '\n')) {
    ++line;
    if (strncasecmp(line, name, size) == 0 && line[size] == ':') return line + size + 1 + strspn(line + size + 1, " ");
  }
  return "";
}

/* Reads one answer into head and body; its status, or -1 when the connection ended. */
static int read_answer(int fd) {
  char* end = NULL;
  while (input[input_size] = 0, !(end = strstr(input, "\r\n\r\n"))) {
    if (input_size == head_bytes_max) return -1;
    ssize_t n = read(fd, input + input_size, head_bytes_max - input_size);
    if (n <= 0) return -1;
    input_size += (size_t)n;
  }
  size_t head_size = (size_t)(end + 4 - input);
  memcpy(head, input, head_size);
  head[head_size - 2] = 0;
  body_size = (size_t)strtoul(header("Content-Length"), NULL, 10);
  if (body_size > body_bytes_max) return -1;
  size_t got = input_size - head_size < body_size ? input_size - head_size : body_size;
  memcpy(body, input + head_size, got);
  input_size -= head_size + got;
  memmove(input, input + head_size + got, input_size);
  while (got < body_size) {
    ssize_t n = read(fd, body + got, body_size - got);
    if (n <= 0) return -1;
    got += (size_t)n;
  }
  body[body_size] = 0;
  return atoi(head + 9);
}

static int send_all(int fd, const struct iovec* pieces, int count) {
  struct iovec parts[3];
  size_t left = 0;
  for (int i = 0; i < count; ++i) left += (parts[i] = pieces[i]).iov_len;
  while (left > 0) {
    ssize_t n = writev(fd, parts, count);
    if (n <= 0) return -1;
    left -= (size_t)n;
    for (int i = 0; i < count; ++i) {
      size_t used = (size_t)n < parts[i].iov_len ? (size_t)n : parts[i].iov_len;
      parts[i].iov_base = (char*)parts[i].iov_base + used;
      parts[i].iov_len -= used;
      n -= (ssize_t)used;
    }
  }
  return 0;
}

static size_t ask_api(char* out, size_t size) {
  char address[64] = "";
  int port = 80;
  sscanf(getenv("AWS_ENDPOINT_URL"), "http://%63[0-9.]:%d", address, &port);
  int fd = dial(address, port);
  static const char request[] = "GET / HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n";
  struct iovec part = {(void*)request, sizeof request - 1};
  if (fd < 0 || send_all(fd, &part, 1) != 0 || read_answer(fd) < 0)
    return (size_t)snprintf(out, size, "\"no answer\"");
  close(fd);
  return (size_t)snprintf(out, size, "\"%.*s\"", (int)body_size, body);
}

/* The answer to the event in body; may be body itself. */
static size_t handle(char* out, size_t out_size, const char** answer) {
  static char argument[1024];
  *answer = out;
  if (strcmp(body, "\"crash\"") == 0) _exit(3);
  if (strcmp(body, "\"sleep\"") == 0)
    for (;;) pause();
  if (strcmp(body, "\"hog\"") == 0) {
    for (;;) {
      volatile char* block = malloc(1 << 20);
      if (!block) abort();
      for (size_t i = 0; i < 1 << 20; i += 4096) block[i] = 1;
    }
  }
  if (strcmp(body, "\"print\"") == 0) {
    printf("first line\nsecond line\n");
    fflush(stdout);
  }
  if (strcmp(body, "\"api\"") == 0) return ask_api(out, out_size);
  if (sscanf(body, "\"env %1023[^\"]\"", argument) == 1) {
    const char* value = getenv(argument);
    return (size_t)snprintf(out, out_size, value ? "\"%s\"" : "null", value);
  }
  if (sscanf(body, "\"read %1023[^\"]\"", argument) == 1) {
    int fd = open(argument, O_RDONLY | O_CLOEXEC);
    size_t size = (size_t)snprintf(out, out_size, fd >= 0 ? "true" : "false");
    if (fd >= 0) close(fd);
    return size;
  }
  *answer = body;
  return body_size;
}

static const char next[] = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: 127.0.0.1:9001\r\n\r\n";

/* Answers, and asks for the next event in the same breath, unless it is to await the receipt first as most runtimes do. */
static int answer_one(int fd, int patient) {
  static char out[65536], request[2048];
  char id[64];
  snprintf(id, sizeof id, "%.*s", (int)strcspn(header("Lambda-Runtime-Aws-Request-Id"), "\r\n"),
           header("Lambda-Runtime-Aws-Request-Id"));
  const char* answer;
  size_t size = handle(out, sizeof out, &answer);
  int n = snprintf(
      request, sizeof request,
      "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nContent-Length: %zu\r\n\r\n", id, size);
  struct iovec parts[3] = {{request, (size_t)n}, {(void*)answer, size}, {(void*)next, sizeof next - 1}};
  if (send_all(fd, parts, patient ? 2 : 3) != 0 || read_answer(fd) < 0) return -1;
  return patient ? send_all(fd, parts + 2, 1) : 0;
}

static void serve(int fd) {
  struct iovec first = {(void*)next, sizeof next - 1};
  int patient = getenv("PATIENT") != NULL;
  if (send_all(fd, &first, 1) != 0) return;
  while (read_answer(fd) == 200 && answer_one(fd, patient) == 0) {
  }
}

int main(void) {
  body = malloc(body_bytes_max + 1);
  char address[64] = "127.0.0.1";
  int port = 9001;
  if (getenv("AWS_LAMBDA_RUNTIME_API")) sscanf(getenv("AWS_LAMBDA_RUNTIME_API"), "%63[0-9.]:%d", address, &port);
  if (getenv("BROKEN")) {
    printf("broken on purpose\n");
    return 1;
  }
  for (;;) {
    int fd = dial(address, port);
    input_size = 0;
    if (fd >= 0) serve(fd);
    if (fd >= 0) close(fd);
    usleep(10000); /* the cloud restarts */
  }
}
