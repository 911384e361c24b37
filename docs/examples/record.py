#!/usr/bin/env python3
"""Records a camera's video and audio, without decoding them, into an mp4 file, until Ctrl-C ends the file properly.

record.py rtsp://camera/stream camera.mp4
"""

import signal
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402


class Recorder:
    def __init__(self, url, path):
        self.failed = False
        self.loop = GLib.MainLoop()
        self.pipeline = Gst.Pipeline()
        camera, self.mux, sink = (Gst.ElementFactory.make(name) for name in ("retinabin", "mp4mux", "filesink"))
        camera.set_property("location", url)
        sink.set_property("location", path)
        for element in (camera, self.mux, sink):
            self.pipeline.add(element)
        self.mux.link(sink)
        camera.connect("pad-added", self.on_pad_added)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message", self.on_message)

    def on_pad_added(self, _camera, pad):
        """On the thread that opens the session, for each of the camera's streams."""
        mux_pad = self.mux.get_compatible_pad(pad, None)
        if mux_pad is None:  # metadata, say; an unlinked pad stops nothing
            print(f"{pad.get_name()} isn't recorded: not for mp4", file=sys.stderr)
            return
        queue = Gst.ElementFactory.make("queue")
        self.pipeline.add(queue)
        queue.get_static_pad("src").link(mux_pad)
        queue.sync_state_with_parent()
        pad.link(queue.get_static_pad("sink"))

    def on_message(self, _bus, message):
        if message.type == Gst.MessageType.ERROR:
            print(message.parse_error()[0].message, file=sys.stderr)
            self.failed = True
        if message.type in (Gst.MessageType.ERROR, Gst.MessageType.EOS):
            self.loop.quit()

    def on_interrupt(self):
        print("Ending the file")
        self.pipeline.send_event(Gst.Event.new_eos())
        return GLib.SOURCE_CONTINUE

    def run(self):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGINT, self.on_interrupt)
        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        return 1 if self.failed else 0


if __name__ == "__main__":
    Gst.init(None)
    sys.exit(Recorder(*sys.argv[1:3]).run() if len(sys.argv) == 3 else __doc__)
