#pragma once

#include <glib-object.h>

/// The policies of client/policies.h, and other choices, as enumerations of GObject: values, nicks, and what
/// they do in a line each, as gst-inspect-1.0 shows them. Thread-safe.
namespace retina::gst {

GType media_type();
GType parameter_sets_type();
GType incomplete_frames_type();
GType nat_method_type();
GType initial_timestamp_type();
GType initial_sequence_type();
GType unknown_rtcp_ssrc_type();
GType unassigned_channel_data_type();
GType session_id_type();
GType teardown_type();
GType timestamp_mode_type();

}  // namespace retina::gst
