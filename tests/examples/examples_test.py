#!/usr/bin/env python3
"""The programs of docs/examples against the demo camera, in each language.

examples_test.py FOLDER_OF_PROGRAMS FOLDER_OF_SOURCES
"""

import datetime
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))

import demo  # noqa: E402

PYTHON = "/usr/bin/python3"  # the one that the distribution's PyGObject is for
PROGRAMS, SOURCES = "", ""


def in_each_language(name):
    yield "C", [os.path.join(PROGRAMS, name + "-c")]
    yield "C++", [os.path.join(PROGRAMS, name + "-cpp")]
    yield "Python", [PYTHON, os.path.join(SOURCES, name + ".py")]


def wait_for_size(path, size):
    end = time.monotonic() + demo.LIMIT
    while not os.path.exists(path) or os.path.getsize(path) < size:
        if time.monotonic() > end:
            raise AssertionError(f"{path} stays below {size} bytes")
        time.sleep(0.02)


class Examples(unittest.TestCase):
    def test_a_recording_has_both_streams_and_is_ended_by_an_interrupt(self):
        for language, command in in_each_language("record"):
            with self.subTest(language), demo.Camera() as camera, tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "camera.mp4")
                with demo.Program([*command, camera.url, path]) as recorder:
                    wait_for_size(path, 150_000)  # two seconds
                    recorder.interrupt()
                    status, output = recorder.end()
                self.assertEqual(status, 0, output)
                found = subprocess.run(["gst-discoverer-1.0", path], stdout=subprocess.PIPE, text=True, timeout=60).stdout
                self.assertRegex(found, r"video.*: H\.264")
                self.assertRegex(found, r"audio.*: MPEG-4 AAC")
                hours, minutes, seconds = re.search(r"Duration: (\d+):(\d+):([\d.]+)", found).groups()
                length = 3600 * int(hours) + 60 * int(minutes) + float(seconds)
                self.assertTrue(1 < length < 30, found)

    def test_every_frame_has_a_time_of_the_run(self):
        for language, command in in_each_language("times"):
            with self.subTest(language), demo.Camera() as camera:
                begin = datetime.datetime.now(datetime.timezone.utc)
                with demo.Program([*command, camera.url]) as program:
                    program.wait_for(r"^captured ", 20)  # from the first sender report on
                    lines = program.wait_for(r"^(captured|arrived) (\S+)$", 30)
                end = datetime.datetime.now(datetime.timezone.utc)
                times = [datetime.datetime.fromisoformat(line.group(2).replace("Z", "+00:00")) for line in lines]
                slack = datetime.timedelta(seconds=1)  # both clocks are this machine's
                for moment in times:
                    self.assertTrue(begin - slack <= moment <= end + slack, f"{moment} is outside of {begin} to {end}")
                captured = [moment for line, moment in zip(lines, times) if line.group(1) == "captured"]
                self.assertEqual(captured, sorted(set(captured)))

    def test_a_camera_that_is_not_there_yet_is_tried_until_it_plays(self):
        for language, command in in_each_language("restart"):
            with self.subTest(language):
                port = demo.free_port()
                with demo.Program([*command, f"rtsp://127.0.0.1:{port}/stream"]) as program:
                    program.wait_for(r"Again in \d+ ms", 2)  # refused, and refused again
                    self.assertNotIn("playing", program.lines)
                    with demo.Camera("--port", port):
                        program.wait_for(r"^playing$")
                        program.interrupt()
                        status, output = program.end()
                self.assertEqual(status, 0, output)

    def test_without_arguments_they_tell_their_usage(self):
        for name in ("record", "restart", "times"):
            for language, command in in_each_language(name):
                with self.subTest(f"{name} in {language}"), demo.Program(command) as program:
                    status, output = program.end()
                    self.assertNotEqual(status, 0)
                    self.assertRegex(output, r"(?i)URL|rtsp://")


if __name__ == "__main__":
    PROGRAMS, SOURCES = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
