#!/usr/bin/env python3
"""Plays a URL with one of GStreamer's players, and says what comes out decoded: decoding_player.py PLAYER URL

PLAYER is playbin3, playbin, uridecodebin3 or uridecodebin. A line for each element that reads the URL ("source TYPE") and for the
first buffer of each decoded stream ("decoded CAPS"), also after an outage ("reconnected"), until Ctrl-C. It looks at buffers in the sinks, not at notifications as
gst-launch-1.0 -v prints them, for those are now and then lost while pads are added from two threads.
"""

import signal
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402


outages = 0  # so far


def say(*words):
    """A line at once: several threads have something to say."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def watch(sink):
    """Tells of the first buffer that comes to it, also after an outage."""
    told = None

    def look(pad, _info):
        nonlocal told
        if told != outages:
            told = outages
            say("decoded", pad.get_current_caps().to_string())
        return Gst.PadProbeReturn.OK

    sink.get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, look)
    return sink


def link(_player, pad, pipeline):
    sink = watch(Gst.ElementFactory.make("fakesink"))
    pipeline.add(sink)
    sink.sync_state_with_parent()
    pad.link(sink.get_static_pad("sink"))


def set_up(_player, source):
    say("source", source.get_factory().get_name())
    if source.find_property("reconnect-delay"):
        source.set_property("reconnect-delay", 100)
        source.set_property("reconnect-max-delay", 200)


def pipeline_of(kind, url):
    player = Gst.ElementFactory.make(kind)
    player.set_property("uri", url)
    player.connect("source-setup", set_up)
    if kind.startswith("playbin"):
        for property_name in ("video-sink", "audio-sink"):
            player.set_property(property_name, watch(Gst.ElementFactory.make("fakesink")))
        return player
    pipeline = Gst.Pipeline()
    pipeline.add(player)
    player.connect("pad-added", link, pipeline)
    return pipeline


def main():
    Gst.init(None)
    pipeline = pipeline_of(*sys.argv[1:])
    loop = GLib.MainLoop()
    status = 0

    def failed(_bus, message):
        nonlocal status
        say("ERROR", message.parse_error().gerror.message)
        status = 1
        loop.quit()

    def on_element(_bus, message):
        global outages
        if message.get_structure().get_name() == "retina-reconnected":
            outages += 1
            say("reconnected")

    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect("message::error", failed)
    bus.connect("message::element", on_element)
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGINT, loop.quit)
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    pipeline.set_state(Gst.State.NULL)
    return status


if __name__ == "__main__":
    sys.exit(main())
