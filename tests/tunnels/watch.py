#!/usr/bin/env python3
"""Runs a pipeline until it ends, and says how: watch.py PIPELINE, where the source is called s.

Prints "frame N" for each buffer, "lost TEXT" for a session that was lost, "error TEXT" for an error, and at the end the source's figures as "figure NAME VALUE".
"""

import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

FIGURES = ("transport", "reads", "bytes", "packets", "packets-lost", "packets-retransmitted", "frames", "reconnects", "resyncs")


def main():
    Gst.init(None)
    pipeline = Gst.parse_launch(sys.argv[1])
    source = pipeline.get_by_name("s")
    seen = 0

    def count(_pad, _info):
        nonlocal seen
        seen += 1
        print("frame", seen, flush=True)
        return Gst.PadProbeReturn.OK

    source.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, count)
    pipeline.set_state(Gst.State.PLAYING)
    wanted = Gst.MessageType.EOS | Gst.MessageType.ERROR | Gst.MessageType.ELEMENT
    while True:
        message = pipeline.get_bus().timed_pop_filtered(Gst.CLOCK_TIME_NONE, wanted)
        if message.type != Gst.MessageType.ELEMENT:
            break
        if message.get_structure().get_name() == "retina-reconnecting":
            print("lost", message.get_structure().get_string("reason"), flush=True)
    if message.type == Gst.MessageType.ERROR:
        print("error", message.parse_error().gerror.message, flush=True)
    stats = source.get_property("stats")
    for name in FIGURES:
        print("figure", name, stats.get_value(name), flush=True)
    pipeline.set_state(Gst.State.NULL)


if __name__ == "__main__":
    main()
