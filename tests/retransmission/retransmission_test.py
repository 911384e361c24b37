#!/usr/bin/env python3
"""gst-rtsp-server retransmits what the network has lost of its media: the whole way, over sockets."""

import os
import re
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TESTS, "support"))

import demo  # noqa: E402

PYTHON = "/usr/bin/python3"  # the one that the distribution's PyGObject is for
FRAMES = 75
EVERY = 7
LAST = 4
SKIPPED = 77


class Server(demo.Program):
    def __init__(self):
        super().__init__([PYTHON, os.path.join(HERE, "server.py"), FRAMES, EVERY, 2000])
        self.url = self.wait_for(r"^(rtsp://\S+)$")[0].group(1)


def figures(properties):
    """Of a session that sees all of it."""
    # Longer than a busy machine takes to answer.
    pipeline = "retinasrc name=s protocols=udp reconnect=false idle-timeout=3000000 reorder-time=2000 reorder-packets=2000 "
    with Server() as server:
        command = [PYTHON, os.path.join(TESTS, "tunnels", "watch.py"), f"{pipeline} location={server.url} {properties} ! fakesink"]
        with demo.Program(command) as watch:
            status, output = watch.end()
    assert status == 0, output
    return {name: int(value) for name, value in re.findall(r"^figure (\S+) (\d+)$", output, re.M)}


class Retransmission(unittest.TestCase):
    def test_what_is_lost_is_asked_for_and_comes(self):
        found = figures("")
        self.assertGreater(found["packets-retransmitted"], 10, found)
        # Of the last frames there may be some that the camera has no time for: it says BYE.
        self.assertLessEqual(found["packets-lost"], LAST, found)
        self.assertGreaterEqual(found["frames"], FRAMES - LAST, found)

    def test_without_rtcp_nothing_is_asked_for(self):
        found = figures("do-rtcp=false")
        self.assertEqual(found["packets-retransmitted"], 0, found)
        self.assertGreater(found["packets-lost"], 10, found)


if __name__ == "__main__":
    probe = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    if subprocess.run([PYTHON, "-c", probe], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("skipped: gir1.2-gst-rtsp-server-1.0 isn't installed")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
