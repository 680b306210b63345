"""The podinfo processes that a cloud runs, seen from outside: which they are, and since when. The same pid with the same start is the same process."""
import os
import re


def podinfo_processes(data):
    """(pid, arguments, root directory, start time in ticks) of each below the data directory `data`."""
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                arguments = file.read().split(b"\0")[:-1]
            with open(f"/proc/{entry}/mountinfo") as file:
                root = next((line.split()[3] for line in file if line.split()[4] == "/"), "")
            with open(f"/proc/{entry}/stat") as file:
                ticks = file.read().rsplit(")", 1)[1].split()[19]
        except OSError:
            continue  # it has ended meanwhile
        if arguments and arguments[0].endswith(b"/podinfo") and data in root:
            yield entry, arguments, root, ticks


def containers(data):
    """{instance: (pid, start)} of what the instances run."""
    return {re.search(r"/(i-[0-9a-f]+)/", root)[1]: (pid, ticks) for pid, _, root, ticks in podinfo_processes(data) if f"{data}/ec2/" in root}


def environments(data):
    """{(pid, start)} of the service's function; its hook and its rotation have arguments and are not among them."""
    return {(pid, ticks) for pid, arguments, root, ticks in podinfo_processes(data) if f"{data}/images/" in root and len(arguments) == 1}
