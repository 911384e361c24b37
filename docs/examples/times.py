#!/usr/bin/env python3
"""Prints when the camera took each frame, in UTC by the camera's clock, until Ctrl-C.

times.py rtsp://camera/stream

Before the camera's first sender report there is no such time, with some cameras never: then the line says when the
frame arrived, by this computer's clock.
"""

import datetime
import sys
import time

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

Gst.init(None)
CAPTURED = Gst.Caps.from_string("timestamp/x-unix")
ARRIVED = Gst.Caps.from_string("timestamp/x-system-monotonic")


def print_time(what, nanoseconds):
    moment = datetime.datetime.fromtimestamp(nanoseconds / 1e9, datetime.timezone.utc)
    print(what, moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), flush=True)


def on_buffer(_pad, info):
    """On the streaming thread."""
    buffer = info.get_buffer()
    captured = buffer.get_reference_timestamp_meta(CAPTURED)
    arrived = buffer.get_reference_timestamp_meta(ARRIVED)
    if captured is not None:
        print_time("captured", captured.timestamp)
    elif arrived is not None:
        print_time("arrived", time.time_ns() - time.monotonic_ns() + arrived.timestamp)
    return Gst.PadProbeReturn.OK


def main(url):
    pipeline = Gst.parse_launch("retinasrc name=camera ! fakesink")
    camera = pipeline.get_by_name("camera")
    camera.set_property("location", url)
    camera.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, on_buffer)
    pipeline.set_state(Gst.State.PLAYING)
    ends = Gst.MessageType.EOS | Gst.MessageType.ERROR
    try:
        message = None
        while message is None:  # in pieces, so that Ctrl-C is seen
            message = pipeline.get_bus().timed_pop_filtered(Gst.SECOND // 5, ends)
    except KeyboardInterrupt:
        return 0
    finally:
        pipeline.set_state(Gst.State.NULL)
    return message.parse_error()[0].message if message.type == Gst.MessageType.ERROR else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else __doc__)
