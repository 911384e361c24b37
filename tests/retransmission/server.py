#!/usr/bin/env python3
"""gst-rtsp-server with retransmission (rtprtxsend), behind a network that loses every LOST-th of its packets of media.

    server.py FRAMES LOST RTX-TIME-MS

Prints its URL when it listens; ends on SIGTERM, and by itself after LIMIT seconds.
"""

import signal
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PAYLOAD_TYPE = 96
LIMIT = 120
LAUNCH = ("( videotestsrc is-live=true num-buffers={frames} pattern=ball ! video/x-raw,width=640,height=360,framerate=25/1 "
          "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 bitrate=3000 ! rtph264pay name=pay0 pt=96 mtu=600 )")


class Loss:
    """Between the retransmitting element and the sockets. What is sent again arrives."""

    def __init__(self, every):
        self._every = every
        self._seen = 0

    def on_packet(self, _pad, info):
        head = info.get_buffer().extract_dup(0, 2)
        if head[1] & 0x7F != PAYLOAD_TYPE:
            return Gst.PadProbeReturn.OK
        self._seen += 1
        return Gst.PadProbeReturn.DROP if self._seen % self._every == 0 else Gst.PadProbeReturn.OK


def elements(of, factory):
    found = of.iterate_all_by_element_factory_name(factory)
    result, element = found.next()
    while result == Gst.IteratorResult.OK:
        yield element
        result, element = found.next()


def on_configure(_factory, media, every):
    def on_prepared(ready):
        top = ready.get_element()
        while top.get_parent() is not None:
            top = top.get_parent()
        for sender in elements(top, "rtprtxsend"):
            sender.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, Loss(every).on_packet)

    media.connect("prepared", on_prepared)


def main():
    frames, every, kept = (int(text) for text in sys.argv[1:4])
    Gst.init(None)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(LAUNCH.format(frames=frames))
    factory.set_profiles(GstRtsp.RTSPProfile.AVPF)
    factory.set_protocols(GstRtsp.RTSPLowerTrans.UDP)
    factory.set_retransmission_time(kept * Gst.MSECOND)
    factory.connect("media-configure", on_configure, every)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    server.get_mount_points().add_factory("/stream", factory)
    server.attach(None)
    loop = GLib.MainLoop()
    GLib.timeout_add_seconds(LIMIT, loop.quit)
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGTERM, loop.quit)
    print(f"rtsp://127.0.0.1:{server.get_bound_port()}/stream", flush=True)
    loop.run()


if __name__ == "__main__":
    main()
