#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

/// Session descriptions (RFC 8866), read as cameras write them.
namespace retina::sdp {

enum class MediaKind { kVideo, kAudio, kApplication, kText, kMessage, kImage, kOther };

/// RFC 8866 s6.7, as written. Whose viewpoint it is, cameras don't agree on.
enum class Direction { kUnspecified, kSendReceive, kSendOnly, kReceiveOnly, kInactive };

/// One `name=value` of an fmtp line; `value` is empty where there is no `=`, and without the quotes around
/// it.
struct Parameter {
  std::string name;
  std::string value;
};

/// One `a=name:value` line; `value` is empty where there is no colon.
struct Attribute {
  std::string name;
  std::string value;
};

/// How a camera may be asked for a key frame by RTCP: a=rtcp-fb (RFC 4585 s4.2).
struct KeyFrameFeedback {
  bool pli = false;  ///< "nack pli", RFC 4585 s6.3.1
  bool fir = false;  ///< "ccm fir", RFC 5104 s4.3.1
};

/// How a camera may be asked for packets that were lost: a=rtcp-fb (RFC 4585 s4.2), and what they come as.
struct Retransmission {
  bool nack = false;                         ///< "nack", RFC 4585 s6.2.1
  std::optional<std::uint8_t> payload_type;  ///< of the "rtx" packets for this payload type (RFC 4588 s8)
  std::optional<std::uint32_t> ssrc;         ///< of those, where it is told (RFC 5576 s4.2)
};

/// One media section, from its m= line to the next.
///
/// Texts are the camera's bytes without the space around them: not necessarily UTF-8, and not safe to print
/// (see base::printable).
struct Media {
  MediaKind kind = MediaKind::kOther;
  std::string kind_text;
  std::uint16_t port = 0;  ///< as offered; nearly always 0, as RTSP negotiates it
  std::string protocol;    ///< "RTP/AVP"

  /// The payload type that was chosen from those on the m= line: the first one whose encoding is known.
  /// Encodings that only help others (retransmission, error correction, telephone events) stand back.
  std::uint8_t payload_type = 0;
  std::string encoding_name;  ///< as sent, "H264"; compare with base::equals_ignore_case
  std::uint32_t clock_rate_hz = 0;
  std::uint16_t channels = 0;  ///< audio: 1 unless the SDP says otherwise. 0 for everything else
  std::vector<Parameter> format_parameters;
  KeyFrameFeedback feedback;  ///< offered for that payload type, or for all
  Retransmission retransmission;

  std::string control;              ///< a=control; empty: absent
  std::optional<double> framerate;  ///< a=framerate, above 0; a hint
  Direction direction = Direction::kUnspecified;
  /// Sound that is to be sent to the camera (ONVIF Streaming Specification s5.3): an audio section with
  /// a=sendonly. Where every section says so, or one that isn't audio, the server means its own viewpoint
  /// (D-Link), and that marks nothing. An audio section whose attributes say "backchannel" is one whatever
  /// its direction.
  bool backchannel = false;
  std::optional<std::uint32_t> bandwidth_kbps;  ///< b=AS, else b=TIAS, of this section
  std::string connection_address;               ///< c= of this section, else of the session; empty: absent
  std::vector<Attribute> attributes;            ///< all of the section's, in order

  /// Why this section can't be set up, as the end of a sentence: "its transport isn't RTP". Empty: it can be.
  std::string unusable;

  /// First one of this name, ignoring case; nullptr: none. Points into this object.
  const std::string* format_parameter(std::string_view name) const;
  const std::string* attribute(std::string_view name) const;
};

/// a=range (RFC 2326 s3.6, C.1.5).
struct Range {
  bool live = false;                    ///< npt=now-
  std::optional<base::Duration> start;  ///< normal play time; absent when live, open, or in other units
  std::optional<base::Duration> end;    ///< not before `start`
  std::string text;                     ///< as sent
};

struct Description {
  std::string session_name;           ///< s=
  std::string tool;                   ///< a=tool of the session
  std::string control;                ///< a=control of the session; empty: absent
  std::optional<Range> range;         ///< of the session, else of the first media section that has one
  std::vector<Attribute> attributes;  ///< all of the session's, in order
  std::vector<Media> media;           ///< all sections, in order; see Media::unusable
  /// What was wrong and was got over, for people: one printable sentence each, at most kMaxNotes.
  std::vector<std::string> notes;
};

// Bounds on what a peer can make us keep.
constexpr std::size_t kMaxTextBytes = std::size_t{256} << 10;
constexpr std::size_t kMaxLineBytes = std::size_t{1} << 16;
constexpr std::size_t kMaxMedia = 64;
constexpr std::size_t kMaxAttributes = 1024;       ///< in one section, or in the session's
constexpr std::size_t kMaxAttributesInAll = 4096;  ///< they cost many times the memory of their text
constexpr std::size_t kMaxFormatParameters = 256;  ///< of one section; more are left out, with a note
constexpr std::size_t kMaxNotes = 32;

/// Reads whatever can be read: lines end in CRLF, LF, CR or NUL; lines that are missing, unknown, out of
/// order or malformed are done without. Errors: kTooLarge over one of the bounds above; kMalformed without
/// any m= line. The offset of an error is where its line starts.
base::Result<Description> parse(std::string_view text);

}  // namespace retina::sdp
