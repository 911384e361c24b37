#!/usr/bin/env python3
"""Watches a camera for good, also one that isn't there yet.

restart.py rtsp://camera/stream

A session that has played comes back by itself (property "reconnect"). What an application has to do is to try again when
the camera couldn't be reached at the start: with a delay that grows.
"""

import signal
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

FIRST_DELAY_MS = 250
LONGEST_DELAY_MS = 30_000


class Watcher:
    def __init__(self, url):
        self.delay_ms = FIRST_DELAY_MS
        self.loop = GLib.MainLoop()
        self.pipeline = Gst.parse_launch("retinasrc name=camera ! fakesink")
        self.pipeline.get_by_name("camera").set_property("location", url)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message", self.on_message)

    def start(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        return GLib.SOURCE_REMOVE

    def on_message(self, bus, message):
        if message.type == Gst.MessageType.ERROR:
            print(f"{message.parse_error()[0].message} Again in {self.delay_ms} ms.", flush=True)
            self.pipeline.set_state(Gst.State.NULL)
            # An element may post a second error for the same fault: one of them starts again.
            bus.set_flushing(True)
            bus.set_flushing(False)
            GLib.timeout_add(self.delay_ms, self.start)
            self.delay_ms = min(2 * self.delay_ms, LONGEST_DELAY_MS)
        elif message.type == Gst.MessageType.PROGRESS:
            progress, code, _text = message.parse_progress()
            if progress == Gst.ProgressType.COMPLETE and code == "open":
                print("playing", flush=True)
                self.delay_ms = FIRST_DELAY_MS
        elif message.type == Gst.MessageType.ELEMENT:
            name = message.get_structure().get_name()
            if name.startswith("retina-reconnect"):
                print(name.removeprefix("retina-"), flush=True)
        elif message.type == Gst.MessageType.EOS:  # a recording has ended
            self.loop.quit()

    def run(self):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGINT, self.loop.quit)
        self.start()
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)


if __name__ == "__main__":
    Gst.init(None)
    sys.exit(Watcher(sys.argv[1]).run() if len(sys.argv) == 2 else __doc__)
