#include "sdp/encoding_choice.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include "base/ascii.h"
#include "sdp/fmtp.h"
#include "sdp/lines.h"
#include "sdp/payload_types.h"

namespace retina::sdp {
namespace {

/// a=rtpmap (RFC 8866 s6.6): `96 H264/90000`, `97 MPEG4-GENERIC/48000/2`. Sees the attribute's value.
struct Rtpmap {
  std::uint8_t payload_type = 0;
  Encoding encoding;  // a clock rate or channel count of 0: not told
};

std::optional<Rtpmap> parse_rtpmap(std::string_view value) {
  const auto payload_type = base::parse_number<std::uint8_t>(take_word(value));
  if (!payload_type || *payload_type > 127) return std::nullopt;
  Rtpmap map;
  map.payload_type = *payload_type;
  map.encoding.name = base::take_until(value, '/');
  map.encoding.clock_rate_hz = leading_number(base::take_until(value, '/'));
  const std::uint32_t channels = leading_number(base::trim(value));
  map.encoding.channels = channels > std::numeric_limits<std::uint16_t>::max()
                              ? std::uint16_t{0}
                              : static_cast<std::uint16_t>(channels);
  if (map.encoding.name.empty()) return std::nullopt;
  return map;
}

/// The lines of a section that say what its payload types mean. Sees the section's attributes.
struct Mappings {
  std::vector<Rtpmap> rtpmaps;
  std::vector<FormatLine> format_lines;
};

Mappings read_mappings(const Media& media, SectionNotes& notes) {
  Mappings mappings;
  for (const Attribute& attribute : media.attributes) {
    if (base::equals_ignore_case(attribute.name, "rtpmap")) {
      if (const auto map = parse_rtpmap(attribute.value)) {
        mappings.rtpmaps.push_back(*map);
      } else {
        notes.add("an a=rtpmap line can't be read; ignored");
      }
    } else if (base::equals_ignore_case(attribute.name, "fmtp")) {
      if (const auto line = split_format_line(attribute.value)) mappings.format_lines.push_back(*line);
    }
  }
  return mappings;
}

/// What the SDP makes of `payload_type`: its last rtpmap wins, also over the static meaning (GW cameras send
/// PCMU as 8).
std::optional<Encoding> meaning_of(std::uint8_t payload_type, MediaKind kind, const Mappings& mappings) {
  std::optional<Encoding> meaning;
  for (const Rtpmap& map : mappings.rtpmaps) {
    if (map.payload_type == payload_type) meaning = map.encoding;
  }
  if (meaning) return meaning;
  const Encoding* known = static_encoding(payload_type, kind);
  return known != nullptr ? std::optional(*known) : std::nullopt;
}

std::optional<Rtpmap> first_listed(MediaKind kind, const Formats& formats, const Mappings& mappings) {
  std::optional<Rtpmap> auxiliary;
  for (const std::uint8_t payload_type : formats.payload_types) {
    const auto meaning = meaning_of(payload_type, kind, mappings);
    if (!meaning) continue;
    if (!is_auxiliary(meaning->name)) return Rtpmap{payload_type, *meaning};
    if (!auxiliary) auxiliary = Rtpmap{payload_type, *meaning};
  }
  return auxiliary;
}

std::optional<Rtpmap> stray_rtpmap(const Formats& formats, const Mappings& mappings, SectionNotes& notes) {
  if (mappings.rtpmaps.size() != 1) return std::nullopt;
  // TP-Link: a proprietary stream, "RTP/AVP smart/1/90000", with an rtpmap to match.
  if (formats.payload_types.empty() && formats.has_others) return std::nullopt;
  Rtpmap map = mappings.rtpmaps.front();
  if (!formats.payload_types.empty()) map.payload_type = formats.payload_types.front();
  notes.add("its a=rtpmap is for another payload type than its m= line; taken for the one that is meant");
  return map;
}

std::optional<Rtpmap> guess(const Media& media, const Formats& formats, const Mappings& mappings,
                            SectionNotes& notes) {
  constexpr std::uint8_t kFirstDynamic = 96;
  if (media.kind != MediaKind::kVideo || !mappings.rtpmaps.empty() || formats.payload_types.empty() ||
      formats.payload_types.front() < kFirstDynamic) {
    return std::nullopt;
  }
  for (const FormatLine& line : mappings.format_lines) {
    for (const Parameter& parameter : parse_format_parameters(line.parameters).parameters) {
      const bool h265 = base::equals_ignore_case(parameter.name, "sprop-vps");
      const bool h264 = base::equals_ignore_case(parameter.name, "sprop-parameter-sets") ||
                        base::equals_ignore_case(parameter.name, "packetization-mode");
      if (!h265 && !h264) continue;
      notes.add("it has no a=rtpmap; taken for " + std::string(h265 ? "H.265" : "H.264") +
                ", as its parameters look");
      return Rtpmap{formats.payload_types.front(), {h265 ? "H265" : "H264", 90000, 0}};
    }
  }
  return std::nullopt;
}

/// The last line for the type that was chosen, else the last one that is for none of the listed types.
const FormatLine* format_line_for(std::uint8_t payload_type, const Formats& formats, const Mappings& mappings,
                                  SectionNotes& notes) {
  const FormatLine* right = nullptr;
  const FormatLine* stray = nullptr;
  for (const FormatLine& line : mappings.format_lines) {
    const auto& listed = formats.payload_types;
    if (line.payload_type == payload_type) {
      right = &line;
    } else if (!line.payload_type ||
               std::find(listed.begin(), listed.end(), *line.payload_type) == listed.end()) {
      stray = &line;
    }
  }
  if (right != nullptr || stray == nullptr) return right;
  notes.add("its a=fmtp is for another payload type than its m= line; taken for the one that is meant");
  return stray;
}

void set_clock_rate(Media& media, std::uint32_t told, SectionNotes& notes) {
  media.clock_rate_hz = told != 0 ? told : default_clock_rate(media.encoding_name);
  if (media.clock_rate_hz == 0) {
    media.unusable = "its clock rate is unknown";
  } else if (told == 0) {
    notes.add("its a=rtpmap has no clock rate; taking " + std::to_string(media.clock_rate_hz));
  }
}

}  // namespace

void choose_encoding(Media& media, const Formats& formats, SectionNotes& notes) {
  const Mappings mappings = read_mappings(media, notes);
  auto chosen = first_listed(media.kind, formats, mappings);
  if (!chosen) chosen = stray_rtpmap(formats, mappings, notes);
  if (!chosen) chosen = guess(media, formats, mappings, notes);
  if (!chosen) {
    if (!formats.payload_types.empty()) media.payload_type = formats.payload_types.front();
    media.unusable = formats.payload_types.empty() ? "it names no payload type"
                                                   : "the SDP doesn't say what its payload type means";
    return;
  }
  media.payload_type = chosen->payload_type;
  media.encoding_name = chosen->encoding.name;
  if (media.kind == MediaKind::kAudio) media.channels = std::max<std::uint16_t>(chosen->encoding.channels, 1);
  set_clock_rate(media, chosen->encoding.clock_rate_hz, notes);

  const FormatLine* line = format_line_for(media.payload_type, formats, mappings, notes);
  if (line == nullptr) return;
  FormatParameters parsed = parse_format_parameters(line->parameters);
  media.format_parameters = std::move(parsed.parameters);
  if (!parsed.complete) notes.add("its a=fmtp has too many parameters; the last ones are left out");
}

}  // namespace retina::sdp
