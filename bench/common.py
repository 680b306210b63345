"""What the comparisons share: programs found, ports, cores, wrk and its figures, signed wrk scripts, tables."""
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.environ.get("PDS_BIN") or os.path.join(ROOT, "build", "release", "bin")
sys.path[:0] = [os.path.join(ROOT, "tests"), os.path.join(ROOT, "tests", "clients")]
from harness import quiet_port as free_port  # noqa: E402

NGINX_LITERAL_MAX = 1024   # longer answers come from a file
MICROSECONDS = {"us": 1, "ms": 1e3, "s": 1e6}


def missing(*programs):
    """Why a comparison cannot run here; empty when it can."""
    absent = [p for p in programs if not shutil.which(p)]
    if absent:
        return "needs " + ", ".join(absent)
    return "" if len(os.sched_getaffinity(0)) >= 2 else "needs two cores"


def build(*targets):
    """Builds what is measured, unless PDS_BIN names a folder that has it."""
    if not os.environ.get("PDS_BIN"):
        subprocess.run(["ninja", "-C", os.path.join(ROOT, "build", "release"), *targets], check=True, stdout=subprocess.DEVNULL)


def wait_for(port, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"nothing listens on port {port}")


def cpu_seconds(pid):
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat") as f:
            total += int(f.read().split()[0])
    return total / 1e9


def stop(processes):
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()


def on_core(core, *command):
    return ["taskset", "-c", str(core), *command]


def start_nginx(directory, core, body, listen_options=""):
    """nginx that answers everything with so many bytes: the process and its port."""
    os.makedirs(directory, exist_ok=True)
    port, conf = free_port(), os.path.join(directory, "nginx.conf")
    answer = f'return 200 "{"x" * body}";'
    if body > NGINX_LITERAL_MAX:
        with open(os.path.join(directory, "body"), "w") as file:
            file.write("x" * body)
        answer = f"root {directory}; sendfile on; open_file_cache max=8; rewrite ^ /body break;"
    with open(conf, "w") as f:
        f.write(f"""daemon off; master_process off; worker_processes 1; pid {directory}/nginx.pid; error_log {directory}/nginx.err;
events {{ worker_connections 4096; }}
http {{ access_log off; client_max_body_size 16m; keepalive_requests 1000000000; http2_max_concurrent_streams 128;
  client_body_temp_path {directory}/b; proxy_temp_path {directory}/p; fastcgi_temp_path {directory}/f; uwsgi_temp_path {directory}/u;
  scgi_temp_path {directory}/s;
  server {{ listen 127.0.0.1:{port} {listen_options} backlog=4096; location / {{ {answer} }} }} }}
""")
    process = subprocess.Popen(on_core(core, "nginx", "-c", conf, "-p", directory), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(port)
    return process, port


def move_to_core(core, *pids):
    """Pins every thread of running processes, and with them what they start from now on."""
    for pid in pids:
        subprocess.run(["taskset", "-a", "-cp", str(core), str(pid)], check=True, stdout=subprocess.DEVNULL)


def wrk(url, connections, seconds, script=None, cores="1", threads=1):
    """One round of load, from core 1 unless said otherwise. A round with failures, or without answers, ends the comparison: it would mean nothing."""
    extra = ["-s", script] if script else []
    command = on_core(cores, "wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s", *extra, url)
    out = subprocess.run(command, capture_output=True, text=True).stdout
    if "Non-2xx" in out or "Socket errors" in out or not re.search(r"[1-9]\d* requests in", out):
        raise SystemExit(f"{url}: {out}: a comparison of failures means nothing")

    def percentile(name):
        value, unit = re.search(rf"{name}%\s+([\d.]+)(us|ms|s)", out).groups()
        return float(value) * MICROSECONDS[unit]

    return {"p50_us": percentile(50), "p99_us": percentile(99), "requests": int(re.search(r"(\d+) requests in", out).group(1)),
            "rps": float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))}


def measure_wrk(pid, url, connections, seconds, script=None, **generator):
    """One round of load, and what it cost the process that answered."""
    before = cpu_seconds(pid)
    load = wrk(url, connections, seconds, script, **generator)
    return {"cpu_us": (cpu_seconds(pid) - before) / load["requests"] * 1e6, "rps": load["rps"], "p99_us": load["p99_us"]}


def interleave(peer, rounds, measure):
    """`measure(name)` of "ours" and of the peer, turn by turn in rising and falling order; each figure of both, and the median of the rounds' ratios."""
    results = []
    for i in range(rounds):
        order = [peer, "ours"] if i % 2 == 0 else ["ours", peer]
        results.append({name: measure(name) for name in order})
    row = {"rounds": rounds}
    for what in results[0]["ours"]:
        row[what] = {name: round(median(r[name][what] for r in results), 2) for name in (peer, "ours")}
        row[what]["ratio"] = round(median(r["ours"][what] / r[peer][what] for r in results), 3)
    return row


def print_ratios(title, row, peer, shown):
    print(title)
    for what, label in (("cpu_us", "CPU us per request"), ("rps", "requests per second"), ("p99_us", "p99 us")):
        print(f"  {label:22} ours {row[what]['ours']:>10}   {shown} {row[what][peer]:>10}   ratio {row[what]['ratio']}")


def signed_script(path, url, service, credentials, headers, body, method="POST"):
    """A wrk script whose requests carry a signature of now, which AWS's rules accept for five minutes."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest(method, url, data=body.encode(), headers=headers)
    SigV4Auth(Credentials(credentials["AWS_ACCESS_KEY_ID"], credentials["AWS_SECRET_ACCESS_KEY"]), service, credentials["AWS_REGION"]).add_auth(request)
    with open(path, "w") as script:
        script.write(f"wrk.method = '{method}'\nwrk.body = [==[{body}]==]\n")
        for name, value in request.headers.items():
            script.write(f"wrk.headers['{name}'] = '{value}'\n")
    return path


def median(values):
    return statistics.median(list(values))


def row(measure, ours, theirs, ratio, target, met):
    return {"measure": measure, "ours": ours, "theirs": theirs, "ratio": ratio, "target": target, "met": met}


def report(rows, output):
    """The table, or a JSON object for each row."""
    if output == "json":
        for r in rows:
            print(json.dumps(r))
    else:
        print_table(rows)


def print_table(rows):
    """Measure, ours, theirs, ratio, target, and whether it was met."""
    lines = [("measure", "ours", "theirs", "ratio", "target", "")]
    for r in rows:
        met = {True: "met", False: "missed", None: ""}[r["met"]]
        lines.append((r["measure"], r["ours"], r["theirs"], f"{r['ratio']:.2f}" if r["ratio"] is not None else "", r["target"], met))
    widths = [max(len(line[i]) for line in lines) for i in range(6)]
    for line in lines:
        print("  ".join(text.ljust(width) if i in (0, 4, 5) else text.rjust(width) for i, (text, width) in enumerate(zip(line, widths))).rstrip())


def open_load(port, path, rate, seconds, connections=64):
    """p50 and p99 in microseconds of an open load from core 1: medians of the seconds after the first."""
    command = on_core(1, os.path.join(BIN, "bench_open_load"), str(port), path, str(rate), str(seconds + 1), str(connections))
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"port {port}: {done.stderr}: a comparison of failures means nothing")
    counted = [json.loads(line) for line in done.stdout.splitlines()][1:]
    return {p: median(second[f"{p}_us"] for second in counted) for p in ("p50", "p99")}
