#include "policy_types.h"

#include "client/policies.h"
#include "codec/depacketizer.h"
#include "settings.h"
#include "timestamps.h"

namespace retina::gst {
namespace {

template <class E>
gint number(E value) {
  return static_cast<gint>(value);
}

}  // namespace

GType media_type() {
  static const GEnumValue values[] = {
      {number(MediaChoice::kAny), "Any kind, video first", "any"},
      {number(MediaChoice::kVideo), "Video", "video"},
      {number(MediaChoice::kAudio), "Audio", "audio"},
      {number(MediaChoice::kApplication), "Application data such as ONVIF metadata", "application"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstRetinaMedia", values);
  return type;
}

GType parameter_sets_type() {
  using Insertion = codec::ParameterSetInsertion;
  static const GEnumValue values[] = {
      {number(Insertion::kKeyFrames), "Before every key frame", "key-frames"},
      {number(Insertion::kOnChange), "Before the first key frame, and when they have changed", "on-change"},
      {number(Insertion::kNever), "Nowhere in the stream", "never"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstRetinaParameterSets", values);
  return type;
}

GType incomplete_frames_type() {
  static const GEnumValue values[] = {
      {0, "Dropped, and counted in frames-dropped", "drop"},
      {1, "Passed on with the flag CORRUPTED, and counted in frames-corrupted", "pass"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstRetinaIncompleteFrames", values);
  return type;
}

GType nat_method_type() {
  static const GEnumValue values[] = {
      {0, "Not at all: it comes, or it doesn't", "none"},
      {1, "Send an empty packet from each port first, for them to see", "dummy"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstRetinaNatMethod", values);
  return type;
}

GType initial_timestamp_type() {
  using Policy = client::InitialTimestamp;
  static const GEnumValue values[] = {
      {number(Policy::kDefault), "As permissive for several streams, as ignore for one", "default"},
      {number(Policy::kRequire), "Taken; without one for every stream, PLAY has failed", "require"},
      {number(Policy::kIgnore), "Not taken", "ignore"},
      {number(Policy::kPermissive), "Taken if every stream has one", "permissive"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstRetinaInitialTimestamp", values);
  return type;
}

GType initial_sequence_type() {
  using Policy = client::InitialSequence;
  static const GEnumValue values[] = {
      {number(Policy::kDefault), "Taken unless it is 0 or 1, which cameras write that don't know it",
       "default"},
      {number(Policy::kRespect), "Taken, whatever it is", "respect"},
      {number(Policy::kIgnore), "Not taken", "ignore"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstRetinaInitialSeq", values);
  return type;
}

GType unknown_rtcp_ssrc_type() {
  using Policy = client::UnknownRtcpSsrc;
  static const GEnumValue values[] = {
      {number(Policy::kDrop), "Drop them, with one warning", "drop"},
      {number(Policy::kAbort), "End the session with an error", "abort"},
      {number(Policy::kProcess), "Take them for the stream's", "process"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstRetinaUnknownRtcpSsrc", values);
  return type;
}

GType unassigned_channel_data_type() {
  using Policy = client::UnassignedChannelData;
  static const GEnumValue values[] = {
      {number(Policy::kAuto), "As assume-stale if the server is a live555 before 2017.06.04, else as ignore",
       "auto"},
      {number(Policy::kAssumeStale),
       "End the session with an error, and warn later sessions with the server for 65 seconds",
       "assume-stale"},
      {number(Policy::kError), "End the session with an error", "error"},
      {number(Policy::kIgnore), "Drop it, with one warning", "ignore"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstRetinaUnassignedChannelData", values);
  return type;
}

GType session_id_type() {
  using Policy = client::SessionId;
  static const GEnumValue values[] = {
      {number(Policy::kRequireMatch), "End the session with an error", "require-match"},
      {number(Policy::kUseFirst), "Keep the first one, with one warning", "use-first"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstRetinaSessionId", values);
  return type;
}

GType teardown_type() {
  using Policy = client::Teardown;
  static const GEnumValue values[] = {
      {number(Policy::kAuto), "Once; then in the background if the server is a live555 before 2017.06.04",
       "auto"},
      {number(Policy::kAlways), "Once; then in the background until the server confirms it, or its timeout",
       "always"},
      {number(Policy::kNever), "Not at all: the server notices by the closed connection or its timeout",
       "never"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstRetinaTeardown", values);
  return type;
}

GType timestamp_mode_type() {
  static const GEnumValue values[] = {
      {number(TimestampMode::kLive),
       "The camera's clock, corrected for drift against the pipeline's; network jitter doesn't show", "live"},
      {number(TimestampMode::kCamera), "The camera's clock, uncorrected: intervals exact to the RTP clock",
       "camera"},
      {number(TimestampMode::kArrival), "When the frame was complete here", "arrival"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstRetinaTimestampMode", values);
  return type;
}

}  // namespace retina::gst
