// The properties that say what is taken of the camera's media, and how it goes downstream.

#include "policy_types.h"
#include "property_row.h"

namespace retina::gst {
namespace {

const PropertyRow kRows[] = {
    {[] {
       return g_param_spec_enum("media", "Media",
                                "Which kind of stream to take: the first of it that can be used",
                                media_type(), number(MediaChoice::kAny), kSettable);
     },
     set<&Settings::media>, get<&Settings::media>},
    {[] {
       return g_param_spec_int("stream-index", "Stream index",
                               "Take this media section of the camera's description (SDP), counted from 0, "
                               "whatever media says; -1: choose by media",
                               -1, G_MAXINT, -1, kSettable);
     },
     set<&Settings::stream_index>, get<&Settings::stream_index>},
    {[] {
       return g_param_spec_uint("latency", "Latency",
                                "What the latency query reports, in ms: how much network jitter synchronised "
                                "sinks can smooth. Nothing is held back in this element for it",
                                0, G_MAXUINT, 200, kSettableAlways);
     },
     set<&Settings::latency_ms>, get<&Settings::latency_ms>},
    {[] {
       return g_param_spec_enum(
           "timestamp-mode", "Timestamp mode",
           "What the buffers' times are. In each mode they rise (in decoding order, but for B-frames)",
           timestamp_mode_type(), number(TimestampMode::kLive), kSettable);
     },
     set<&Settings::timestamp_mode>, get<&Settings::timestamp_mode>},
    {[] {
       return g_param_spec_boolean(
           "add-reference-timestamp-meta", "Add reference timestamps",
           "Put the camera's time of day (timestamp/x-ntp, timestamp/x-unix), where it tells it, and the "
           "time of arrival (timestamp/x-system-monotonic) on every buffer, as GstReferenceTimestampMeta",
           TRUE, kSettable);
     },
     set<&Settings::add_reference_timestamp_meta>, get<&Settings::add_reference_timestamp_meta>},
    {[] {
       return g_param_spec_enum(
           "parameter-sets", "Parameter sets",
           "Where SPS and PPS go in the stream formats that carry them (byte-stream, avc3)",
           parameter_sets_type(), number(codec::ParameterSetInsertion::kKeyFrames), kSettable);
     },
     set<&Settings::parameter_sets>, get<&Settings::parameter_sets>},
    {[] {
       return g_param_spec_enum("incomplete-frames", "Incomplete frames",
                                "What to do with a frame of which a part was lost", incomplete_frames_type(),
                                0, kSettable);
     },
     [](Settings& s, const GValue* v) { s.pass_incomplete = g_value_get_enum(v) != 0; },
     [](const Settings& s, GValue* v) { g_value_set_enum(v, s.pass_incomplete ? 1 : 0); }},
    {[] {
       return g_param_spec_boolean("wait-for-keyframe", "Wait for a key frame",
                                   "Drop video at the start and after a loss until a key frame comes, so "
                                   "that no picture is decoded that refers to a missing one",
                                   FALSE, kSettable);
     },
     set<&Settings::wait_for_keyframe>, get<&Settings::wait_for_keyframe>},
    {[] {
       return g_param_spec_uint("read-size-min", "Smallest read",
                                "Lower bound of the adaptive size of socket reads, in bytes", 1024,
                                64 * 1024 * 1024, 64 * 1024, kSettable);
     },
     set<&Settings::read_size_min>, get<&Settings::read_size_min>},
    {[] {
       return g_param_spec_uint(
           "read-size-max", "Largest read",
           "Upper bound of the adaptive size of socket reads, in bytes (at least read-size-min)", 1024,
           64 * 1024 * 1024, 1024 * 1024, kSettable);
     },
     set<&Settings::read_size_max>, get<&Settings::read_size_max>},
    {[] {
       return g_param_spec_uint64("coalesce-time", "Coalesce time",
                                  "Most latency that waiting for more bytes of an unfinished frame may add, "
                                  "in nanoseconds (0: read at once)",
                                  0, GST_SECOND, 2'000'000, kSettable);
     },
     set<&Settings::coalesce_time_ns>, get<&Settings::coalesce_time_ns>},
    {[] {
       return g_param_spec_uint(
           "max-queue-bytes", "Largest queue",
           "In a session that several streams share: frames of each that may wait for its thread, in bytes. "
           "What has no room is dropped, so that a stream that is blocked doesn't stop the others",
           0, G_MAXUINT, 8 * 1024 * 1024, kSettable);
     },
     set<&Settings::max_queue_bytes>, get<&Settings::max_queue_bytes>},
};

}  // namespace

std::span<const PropertyRow> media_properties() {
  return kRows;
}

}  // namespace retina::gst
