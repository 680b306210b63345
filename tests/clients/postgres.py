"""Real PostgreSQL servers of a test's own: a primary, streaming replicas, and PgBouncer before them."""
import contextlib
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile

from harness import wait_until
from podinfo_process import free_port

FOLDERS = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
LIMIT = 60
PASSWORD = "open:sesame@cave"
ENCODED_PASSWORD = "open%3Asesame%40cave"
ACCESS = """local all all trust
host all postgres 127.0.0.1/32 trust
host replication all 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""


def program(name):
    return next((path for path in (os.path.join(folder, name) for folder in FOLDERS) if os.path.exists(path)), None) or shutil.which(name)


def missing():
    """What a skipped test says, or nothing."""
    absent = [name for name in ("initdb", "postgres", "pg_basebackup", "psql") if not program(name)]
    return f"{', '.join(absent)} of PostgreSQL is not on this machine" if absent else ""


def user():
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    name = next(name for name in ("postgres", "nobody") if any(entry.pw_name == name for entry in pwd.getpwall()))
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}


class Server:
    """One server on a port of its own. It is made by initdb, or as a replica of another."""

    def __init__(self, source=None):
        self.folder = tempfile.mkdtemp(prefix="postgres-", dir="/tmp")
        self.data = os.path.join(self.folder, "data")
        self.port = free_port()
        self.process = None
        if owner := user():
            shutil.chown(self.folder, owner["user"], owner["group"])
        if source:
            self.run("pg_basebackup", "-h", "127.0.0.1", "-p", str(source.port), "-U", "postgres", "-D", self.data, "-R", "--checkpoint=fast",
                     "--no-sync")
        else:
            self.run("initdb", "-D", self.data, "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync")
            with open(os.path.join(self.data, "pg_hba.conf"), "w") as file:
                file.write(ACCESS)
        self.start()

    def run(self, name, *words):
        done = subprocess.run([program(name), *words], capture_output=True, text=True, timeout=LIMIT, cwd=self.folder, **user())
        if done.returncode != 0:
            raise RuntimeError(f"{name}: {done.stderr}")
        return done.stdout

    def start(self):
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder, "fsync": "off",
                    "wal_retrieve_retry_interval": "100ms", "max_connections": 60, "shared_buffers": "16MB"}
        command = [program("postgres"), "-D", self.data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **user())
        wait_until(self.answers)

    def answers(self):
        with contextlib.suppress(RuntimeError):
            return self.sql("SELECT 1") == "1"

    def sql(self, text, database="postgres"):
        return self.run("psql", "-XAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database,
                        "-c", text).rstrip("\n")

    def make_user(self, name="podinfo", password=PASSWORD):
        self.sql(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
        self.sql(f"CREATE DATABASE {name} OWNER {name}")

    def url(self, name="podinfo", password=ENCODED_PASSWORD, host="127.0.0.1"):
        return f"postgresql://{name}:{password}@{host}:{self.port}/{name}"

    def use_certificate(self, certificate, key):
        for name, path in (("server.crt", certificate), ("server.key", key)):
            shutil.copy(path, os.path.join(self.data, name))
            os.chmod(os.path.join(self.data, name), 0o600)
            if owner := user():
                shutil.chown(os.path.join(self.data, name), owner["user"], owner["group"])
        self.sql("ALTER SYSTEM SET ssl = on")
        self.sql("SELECT pg_reload_conf()")
        wait_until(lambda: self.sql("SHOW ssl") == "on")

    def freeze(self, number=signal.SIGSTOP):
        """All of its processes stop where they are; SIGCONT lets them go on."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            for pid in (self.process.pid, *map(int, file.read().split())):
                with contextlib.suppress(ProcessLookupError):   # one that ended meanwhile
                    os.kill(pid, number)

    def promote(self):
        self.sql("SELECT pg_promote()")

    def caught_up_with(self, primary):
        position = primary.sql("SELECT pg_current_wal_insert_lsn()")
        wait_until(lambda: self.sql(f"SELECT pg_last_wal_replay_lsn() >= '{position}'::pg_lsn") == "t")

    def stop(self, number=signal.SIGINT):
        """SIGINT is a fast shutdown, SIGQUIT an immediate one, as after a crash."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(LIMIT)

    def remove(self):
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


class Bouncer:
    """PgBouncer in transaction mode, with few connections to its server."""

    def __init__(self, server, pool=2):
        self.folder = tempfile.mkdtemp(prefix="pgbouncer-", dir="/tmp")
        self.port = free_port()
        configuration = os.path.join(self.folder, "pgbouncer.ini")
        with open(configuration, "w") as file:
            file.write(f"[databases]\npodinfo = host=127.0.0.1 port={server.port} dbname=podinfo user=podinfo password='{PASSWORD}'\n"
                       f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\nauth_type = plain\n"
                       f"auth_file = {self.folder}/users\npool_mode = transaction\ndefault_pool_size = {pool}\n")
        with open(os.path.join(self.folder, "users"), "w") as file:
            file.write(f'"podinfo" "{PASSWORD}"\n')
        owner = user()
        if owner:
            for path in (self.folder, configuration, os.path.join(self.folder, "users")):
                shutil.chown(path, owner["user"], owner["group"])
        with open(os.path.join(self.folder, "log"), "wb") as log:
            self.process = subprocess.Popen([program("pgbouncer"), configuration], stdout=log, stderr=log, cwd=self.folder, **owner)

    def url(self):
        return f"postgresql://podinfo:{ENCODED_PASSWORD}@127.0.0.1:{self.port}/podinfo"

    def remove(self):
        self.process.kill()
        self.process.wait(LIMIT)
        shutil.rmtree(self.folder, ignore_errors=True)
