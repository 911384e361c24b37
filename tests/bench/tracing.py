"""System calls, counted by strace in runs of their own: strace slows a client down, so no time is taken from these."""

import glob
import os
import re
import shutil
import subprocess
import tempfile

import harness

READS = "read,readv,recvfrom,recvmsg,recvmmsg"
# recvfrom(8<socket:[1]>, ""..., 1412, 0, NULL, NULL) = 1412
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\(\d+<socket[^>]*>, (.*)\) = (-?\d+)")
_LENGTH = re.compile(r'^(?:""\.{0,3}|0x[0-9a-f]+|NULL), (\d+)')
_IOV_LENGTH = re.compile(r"iov_len=(\d+)")


def available():
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], stderr=subprocess.DEVNULL).returncode == 0


def _total_calls(build, client, flood_bytes):
    """All system calls of all threads of `client` over a whole flood, and the flood's bytes."""
    with tempfile.TemporaryDirectory() as folder:
        summary = os.path.join(folder, "summary")
        with harness.Camera(build, ["--flood", "--bytes", flood_bytes]) as camera:
            command = ["strace", "-f", "-c", "-o", summary, *client.command(camera)]
            harness.run(command, build.environment)
        with open(summary, encoding="ascii", errors="replace") as lines:
            total = next(line.split() for line in lines if line.rstrip().endswith(" total"))
    # % seconds usecs/call calls [errors] total; without usecs/call in some versions.
    numbers = [int(word) for word in total if word.isdigit()]
    has_errors = len(total) > 5
    return numbers[-2] if has_errors else numbers[-1], camera.summary["media_bytes"]


def calls_per_megabyte(build, client, short, long):
    """From two floods of so many bytes, so that what starting and stopping cost cancels out."""
    short_calls, short_bytes = _total_calls(build, client, short)
    long_calls, long_bytes = _total_calls(build, client, long)
    return (long_calls - short_calls) / ((long_bytes - short_bytes) / 1e6)


def bucket_of(room):
    """Index i is for reads that were given room for [2^i, 2^(i+1)) bytes."""
    return max(room.bit_length() - 1, 0)


def parse_read(line):
    """(room, bytes read) of a line of strace about a read from a socket, None for other lines."""
    call = _CALL.match(line)
    if call is None:
        return None
    arguments, result = call.group(2), int(call.group(3))
    length = _LENGTH.match(arguments)
    if length is not None:
        return int(length.group(1)), result
    return sum(int(size) for size in _IOV_LENGTH.findall(arguments)), result


def read_histogram(build, client, camera, **how):
    """What room the reads from sockets were given: (reads by bucket, those that filled it), and reads without bytes."""
    reads, full, empty = [0] * 32, [0] * 32, 0
    with tempfile.TemporaryDirectory() as folder:
        trace = os.path.join(folder, "trace")
        command = ["strace", "-ff", "--seccomp-bpf", "-y", "-s", "0", "-e", "trace=" + READS, "-o", trace]
        harness.run(command + client.command(camera, **how), build.environment)
        for path in glob.glob(trace + ".*"):
            with open(path, encoding="ascii", errors="replace") as lines:
                for room, got in filter(None, map(parse_read, lines)):
                    if got <= 0:
                        empty += 1
                        continue
                    reads[bucket_of(room)] += 1
                    full[bucket_of(room)] += got == room
    return reads, full, empty


def reads_per_gigabyte(build, client, flood_bytes=30_000_000):
    """(reads, full reads) a GB of a flood, for clients that don't count for themselves."""
    with harness.Camera(build, ["--flood", "--bytes", flood_bytes]) as camera:
        reads, full, _ = read_histogram(build, client, camera)
    gigabytes = camera.summary["media_bytes"] / 1e9
    return sum(reads) / gigabytes, sum(full) / gigabytes
