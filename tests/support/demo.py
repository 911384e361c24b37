"""The demo camera and programs that use it, for tests in Python. Every wait is bounded; every process is ended."""

import os
import re
import signal
import socket
import subprocess
import threading
import time

LIMIT = 30  # seconds, for any one wait


def free_port():
    """A TCP port of the loopback interface that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Program:
    """A process whose output is read line by line, for the length of a `with`."""

    def __init__(self, command, **environment):
        self._process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, text=True, env=dict(os.environ, **environment))
        self.lines = []
        self._changed = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()

    def _read(self):
        for line in self._process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def output(self):
        return "\n".join(self.lines)

    def wait_for(self, pattern, count=1):
        """The first `count` matches in the lines so far and to come; an AssertionError when they don't come."""
        end = time.monotonic() + LIMIT
        with self._changed:
            while True:
                found = [match for match in map(re.compile(pattern).search, self.lines) if match]
                if len(found) >= count:
                    return found[:count]
                if self._ended or not self._changed.wait(end - time.monotonic()):
                    raise AssertionError(f"no {pattern!r} in:\n{self.output()}")

    def interrupt(self):
        self._process.send_signal(signal.SIGINT)

    def end(self):
        """Its exit status, and what it said."""
        status = self._process.wait(LIMIT)
        self._reader.join(LIMIT)
        return status, self.output()


class Camera(Program):
    def __init__(self, *options):
        super().__init__([os.environ["RETINA_CAMERA"], "--size", "320x240", "--bitrate", 500, *options])
        self.url = self.wait_for(r"^(rtsps?://\S+)$")[0].group(1)
