#!/usr/bin/env python3
"""GStreamer's own players with retinabin for rtsp://, as users run them, against the demo camera."""

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
VIDEO = r"sink: caps = video/x-raw.*width=\(int\)320, height=\(int\)240"
AUDIO = r"sink: caps = audio/x-raw.*rate=\(int\)48000"


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
        sinks = "d. ! video/x-raw ! fakesink d. ! audio/x-raw ! fakesink"
        lines = {
            "playbin3": "playbin3 uri={url} video-sink=fakevideosink audio-sink=fakeaudiosink",
            "playbin": "playbin uri={url} video-sink=fakevideosink audio-sink=fakeaudiosink",
            "uridecodebin3": "uridecodebin3 name=d uri={url} " + sinks,
            "uridecodebin": "uridecodebin name=d uri={url} " + sinks,
        }
        for name, line in lines.items():
            with self.subTest(name), demo.Camera() as camera, \
                    self.start(camera, "gst-launch-1.0 -v " + line) as program:
                program.wait_for(VIDEO)
                program.wait_for(AUDIO)
                self.assertRegex(self.stop(program), "(?i)retinabin")

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
