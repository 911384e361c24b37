#pragma once

#include <gst/check/gstharness.h>
#include <gst/gst.h>

#include <cstdio>
#include <string>

#include "base/bytes.h"
#include "gst_ref.h"

namespace retina::test {

inline std::string text_of(const GstCaps* caps) {
  if (caps == nullptr) return "(none)";
  gchar* text = gst_caps_to_string(caps);
  std::string copy = text;
  g_free(text);
  return copy;
}

inline gst::CapsRef caps_of(const char* text) {
  return gst::CapsRef(gst_caps_from_string(text));
}

/// The caps that GStreamer's depayloader gives to what is in `packet`, when it is told `caps`. Null: it
/// refused them, or isn't there.
inline gst::CapsRef depayloaded(const char* depayloader, const GstCaps* caps, const base::Bytes& packet) {
  GstHarness* harness = gst_harness_new(depayloader);
  if (harness == nullptr) return nullptr;
  gst_harness_set_src_caps(harness, gst_caps_copy(caps));
  gst_harness_push(harness, gst_buffer_new_memdup(packet.data(), packet.size()));
  gst::CapsRef got(gst_pad_get_current_caps(harness->sinkpad));
  gst_harness_teardown(harness);
  return got;
}

}  // namespace retina::test
