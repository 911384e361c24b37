#pragma once

#include <gst/gst.h>

#include <memory>

namespace retina::gst {

/// GStreamer and GLib references, released by their scope.
struct Unref {
  void operator()(GstCaps* caps) const { gst_caps_unref(caps); }
  void operator()(GstClock* clock) const { gst_object_unref(clock); }
  void operator()(GstPad* pad) const { gst_object_unref(pad); }
  void operator()(GstStream* stream) const { gst_object_unref(stream); }
  void operator()(GstStreamCollection* collection) const { gst_object_unref(collection); }
};

using CapsRef = std::unique_ptr<GstCaps, Unref>;
using ClockRef = std::unique_ptr<GstClock, Unref>;
using CollectionRef = std::unique_ptr<GstStreamCollection, Unref>;
using PadRef = std::unique_ptr<GstPad, Unref>;
using StreamRef = std::unique_ptr<GstStream, Unref>;

}  // namespace retina::gst
