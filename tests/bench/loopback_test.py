#!/usr/bin/env python3
"""The load generator and the yardstick against each other. Counts only: nothing here depends on how fast anything is.

loopback_test.py LOAD_CAMERA BARE_RECV UDP_CAMERA BARE_UDP
"""

import json
import subprocess
import sys
import types
import unittest

sys.dont_write_bytecode = True

import harness  # noqa: E402
import tracing  # noqa: E402

PROGRAMS = {}


class Loopback(unittest.TestCase):
    def receive(self, camera_arguments, receiver_arguments=()):
        """(what bare_recv found, what load_camera says that it sent)"""
        build = types.SimpleNamespace(program=PROGRAMS.get)
        with harness.Camera(build, camera_arguments, max_seconds=60) as camera:
            command = [PROGRAMS["bare_recv"], "--port", str(camera.port), "--verify", *receiver_arguments]
            received = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=100)
        return json.loads(received.stdout), camera.summary

    def assert_whole(self, received, sent, connections):
        self.assertEqual(received["errors"], 0)
        self.assertTrue(received["ended"])
        self.assertEqual(received["bytes"], sent["media_bytes"])
        self.assertEqual(received["packets"], sent["packets"])
        self.assertEqual(received["frames"], sent["frames"])
        self.assertEqual(received["goodbyes"], connections)
        self.assertEqual(sent["completed"], connections)

    def test_a_flood_arrives_byte_for_byte_whatever_the_size_of_the_reads(self):
        for read_size in ("1000", "65536", "1048576"):
            with self.subTest(read_size):
                received, sent = self.receive(["--flood", "--bytes", 20_000_000], ["--read-size", read_size])
                self.assert_whole(received, sent, 1)
                self.assertGreaterEqual(sent["media_bytes"], 20_000_000)
                self.assertLess(sent["media_bytes"], 22_000_000)
                self.assertEqual(received["reports"], (sent["frames"] - 1) // 125 + 1)

    def test_floods_at_the_same_time_do_not_mix(self):
        received, sent = self.receive(["--flood", "--bytes", 3_000_000], ["--connections", "4"])
        self.assert_whole(received, sent, 4)

    def test_every_pace_sends_every_frame(self):
        for shape in ("burst", "spread", "link"):
            with self.subTest(shape):
                pace = ["--paced", "--shape", shape, "--duration", "0.2", "--bitrate", 2_000_000]
                received, sent = self.receive(pace, ["--connections", "2"])
                self.assert_whole(received, sent, 2)
                self.assertEqual(sent["frames"], 2 * 5)


class Datagrams(unittest.TestCase):
    def test_all_that_is_sent_slowly_arrives_joined_and_one_by_one(self):
        build = types.SimpleNamespace(program=PROGRAMS.get)
        for joined in (["--no-join"], []):
            with self.subTest(joined):
                with harness.UdpCamera(build, ["--bytes", 300_000, "--rate", 3_000_000, *joined], max_seconds=60) as camera:
                    command = [PROGRAMS["bare_udp"], "--port", str(camera.port), *joined]
                    received = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=100)
                received, sent = json.loads(received.stdout), camera.summary
                self.assertEqual(sent["completed"], 1)
                self.assertGreaterEqual(sent["media_bytes"], 300_000)
                self.assertEqual(received["bytes"], sent["media_bytes"])
                (self.assertEqual if joined else self.assertLess)(received["messages"], sent["packets"])


class Traces(unittest.TestCase):
    def test_reads_of_sockets_are_told_from_everything_else(self):
        cases = {
            'recvfrom(8<socket:[21]>, ""..., 1412, 0, NULL, NULL) = 1412': (1412, 1412),
            "recvfrom(8<socket:[21]>, 0x7f4a00ddec28, 1, 0, NULL, NULL) = -1 EAGAIN (…)": (1, -1),
            '12 read(8<socket:[21]>, ""..., 65536) = 1000': (65536, 1000),
            'read(5<anon_inode:[eventfd]>, ""..., 8) = 8': None,
            'recvmsg(8<socket:[21]>, {msg_name=NULL, msg_iov=[{iov_base=""..., iov_len=100}, {iov_base=""..., '
            "iov_len=28}], msg_iovlen=2}, 0) = 100": (128, 100),
            "+++ exited with 0 +++": None,
        }
        for line, expected in cases.items():
            with self.subTest(line):
                self.assertEqual(tracing.parse_read(line), expected)

    def test_buckets_are_powers_of_two(self):
        self.assertEqual([tracing.bucket_of(room) for room in (1, 2, 3, 4, 65535, 65536)], [0, 1, 1, 2, 15, 16])


if __name__ == "__main__":
    PROGRAMS.update(zip(("load_camera", "bare_recv", "udp_camera", "bare_udp"), sys.argv[1:5]))
    unittest.main(argv=sys.argv[:1])
