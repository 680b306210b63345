#!/usr/bin/env python3
"""Processor time to compile one handler on this repository's server beside the same handler on Boost.Beast, in interleaved rounds.

    bench/compile.py [--rounds 5]

Both with the release build's compiler and flags, without a precompiled header and without a cache.
"""
import argparse
import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile

import common

AT_MOST = 0.30
SOURCES = {"ours": "handler.cc", "beast": "beast_server.cc"}


def release_flags():
    """What the release build compiles src/http with, less files and precompiled headers."""
    with open(os.path.join(common.ROOT, "build", "release", "compile_commands.json")) as file:
        (command,) = [c["command"] for c in json.load(file) if c["file"].endswith("src/http/server.cc")]
    words = shlex.split(command)
    words = words[next(i for i, word in enumerate(words) if "clang++" in os.path.basename(word)):]
    kept, skip = [words[0]], 0
    for word in words[1:]:
        if skip:
            skip -= 1
        elif word in ("-o", "-c", "-MT", "-MF", "-include-pch"):
            skip = 1
        elif word not in ("-MD", "-Winvalid-pch"):
            kept.append(word)
    return kept


def compile_seconds(flags, source, directory):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*flags, "-c", os.path.join(common.ROOT, "bench", "compile", source), "-o", os.path.join(directory, "out.o")], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", choices=["text", "json"], default="text")
    args = parser.parse_args()
    if not os.path.exists("/usr/include/boost/beast.hpp"):
        print("skipped: needs Boost.Beast")
        return 0
    if not os.path.exists(os.path.join(common.ROOT, "build", "release", "compile_commands.json")):
        print("skipped: needs a release build (scripts/build release)")
        return 0
    flags, directory = release_flags(), tempfile.mkdtemp(prefix="pds-bench-")
    try:
        row = common.interleave("beast", args.rounds, lambda name: compile_seconds(flags, SOURCES[name], directory))
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    if args.output == "json":
        print(json.dumps(row))
        return 0
    seconds = row["seconds"]
    common.print_table([common.row("processor time to compile one handler", f"{seconds['ours']} s", f"{seconds['beast']} s", seconds["ratio"], f"at most {AT_MOST:.2f}",
                                   seconds["ratio"] <= AT_MOST)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
