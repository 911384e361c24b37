#!/usr/bin/env python3
"""GStreamer's own players with retinabin for rtsp://, as users run them, against the demo camera."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))

import demo  # noqa: E402

CHOSEN = {"GST_PLUGIN_FEATURE_RANK": "retinabin:MAX"}
PYTHON = "/usr/bin/python3"  # the one that the distribution's PyGObject is for
DECODER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "decoding_player.py")


class Players(unittest.TestCase):
    def start(self, camera, line):
        return demo.Program([word.replace("{url}", camera.url) for word in line.split()], **CHOSEN)

    def stop(self, program, expected=0):
        """As Ctrl-C does; its output."""
        program.interrupt()
        status, output = program.end()
        self.assertEqual(status, expected, output)
        self.assertNotRegex(output, r"ERROR|not-linked")
        return output

    def test_gst_play_plays_until_it_is_stopped(self):
        line = "gst-play-1.0 --no-interactive --videosink=fakevideosink --audiosink=fakeaudiosink {url}"
        with demo.Camera() as camera, self.start(camera, line) as program:
            program.wait_for(r"^0:00:0[2-9]\.\d / ")
            self.stop(program, -signal.SIGINT)

    def test_playbins_and_uridecodebins_bring_decoded_video_and_audio(self):
        for player in ("playbin3", "playbin", "uridecodebin3", "uridecodebin"):
            with self.subTest(player), demo.Camera() as camera, \
                    self.start(camera, f"{PYTHON} {DECODER} {player} {{url}}") as program:
                program.wait_for(r"^decoded video/x-raw.*width=\(int\)320, height=\(int\)240")
                program.wait_for(r"^decoded audio/x-raw.*rate=\(int\)48000")
                self.assertIn("source retinabin", self.stop(program))

    def test_players_play_on_without_the_sound_that_a_camera_has_lost(self):
        for player in ("playbin3", "playbin", "uridecodebin3", "uridecodebin"):
            port = f"--port={demo.free_port()}"
            with self.subTest(player), contextlib.ExitStack() as stack:
                with demo.Camera(port) as camera:
                    program = stack.enter_context(self.start(camera, f"{PYTHON} {DECODER} {player} {{url}}"))
                    program.wait_for(r"^decoded video")
                    program.wait_for(r"^decoded audio")
                with demo.Camera(port, "--no-audio"):
                    program.wait_for(r"^reconnected")
                    program.wait_for(r"^decoded video", 2)
                    self.assertEqual(self.stop(program).count("decoded audio"), 1)

    def test_gst_discoverer_describes_the_camera(self):
        with demo.Camera() as camera, self.start(camera, "gst-discoverer-1.0 -v {url}") as program:
            status, output = program.end()
            self.assertEqual(status, 0, output)
            self.assertRegex(output, r"video.*: .*H\.264")
            self.assertRegex(output, r"audio.*: .*AAC")
            self.assertRegex(output, r"Width: 320\n\s*Height: 240")

    def test_gst_launch_records_both_streams_without_parsers(self):
        with demo.Camera() as camera, tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "camera.mp4")
            line = "gst-launch-1.0 retinabin name=c location={url} " \
                "c. ! identity eos-after=50 ! queue ! video/x-h264 ! mux. " \
                "c. ! identity eos-after=94 ! queue ! audio/mpeg ! mux. mp4mux name=mux ! filesink location=" + path
            with self.start(camera, line) as program:
                status, output = program.end()
            self.assertEqual(status, 0, output)
            found = subprocess.run(["gst-discoverer-1.0", path], stdout=subprocess.PIPE, text=True,
                                   timeout=demo.LIMIT, check=True).stdout
            self.assertRegex(found, r"video.*: H\.264")
            self.assertRegex(found, r"audio.*: MPEG-4 AAC")
            seconds = float(re.search(r"Duration: 0:00:([\d.]+)", found).group(1))
            self.assertTrue(1.9 < seconds < 2.2, found)


if __name__ == "__main__":
    unittest.main()
