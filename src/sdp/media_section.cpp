#include "sdp/media_section.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/ascii.h"
#include "sdp/feedback.h"

namespace retina::sdp {
namespace {

/// RFC 1035 s2.3.4. Every section gets a copy of the session's.
constexpr std::size_t kMaxAddressBytes = 255;

MediaKind parse_kind(std::string_view text) {
  constexpr std::pair<std::string_view, MediaKind> kKinds[] = {
      {"video", MediaKind::kVideo},
      {"audio", MediaKind::kAudio},
      {"application", MediaKind::kApplication},
      {"text", MediaKind::kText},
      {"message", MediaKind::kMessage},
      {"image", MediaKind::kImage},
  };
  for (const auto& [name, kind] : kKinds) {
    if (base::equals_ignore_case(name, text)) return kind;
  }
  return MediaKind::kOther;
}

Direction parse_direction(std::string_view name) {
  constexpr std::pair<std::string_view, Direction> kDirections[] = {
      {"sendrecv", Direction::kSendReceive},
      {"sendonly", Direction::kSendOnly},
      {"recvonly", Direction::kReceiveOnly},
      {"inactive", Direction::kInactive},
  };
  for (const auto& [known, direction] : kDirections) {
    if (base::equals_ignore_case(known, name)) return direction;
  }
  return Direction::kUnspecified;
}

/// Why media of this protocol can't be received; empty: they can.
std::string protocol_obstacle(std::string_view protocol) {
  const std::string lower = base::to_lower(protocol);
  const bool rtp = lower == "rtp" || lower == "avp" || lower.starts_with("rtp/") ||
                   lower.find("/rtp/") != std::string::npos || lower.starts_with("mp2t/");
  return rtp ? std::string() : "its transport " + base::printable(protocol, 40) + " isn't RTP";
}

bool says_encrypted(std::string_view protocol) {
  return base::to_lower(protocol).find("/savp") != std::string::npos;
}

/// Where keys come from: RFC 4568, RFC 4567, RFC 8122.
bool has_keys(const Media& media) {
  return media.attribute("crypto") != nullptr || media.attribute("key-mgmt") != nullptr ||
         media.attribute("fingerprint") != nullptr;
}

/// `30000/1001` is written by some who mean 29.97.
std::optional<double> parse_framerate(std::string_view value) {
  const base::SplitPair parts = base::split_once(value, '/');
  const auto numerator = parse_decimal(base::trim(parts.head));
  const auto denominator = parts.tail ? parse_decimal(base::trim(*parts.tail)) : std::optional(1.0);
  if (!numerator || !denominator || *numerator <= 0 || *denominator <= 0) return std::nullopt;
  return *numerator / *denominator;
}

}  // namespace

Attribute parse_attribute(std::string_view value) {
  const base::SplitPair parts = base::split_once(value, ':');
  return {std::string(base::trim(parts.head)), std::string(base::trim(parts.tail.value_or("")))};
}

std::string_view parse_connection(std::string_view value) {
  const std::size_t before = value.find_last_of(" \t");
  const std::string_view last = before == std::string_view::npos ? value : value.substr(before + 1);
  const std::string_view address = base::split_once(last, '/').head;
  return address.size() <= kMaxAddressBytes ? address : std::string_view();
}

MediaSection::MediaSection(std::string_view value, std::size_t index, Notes& notes) : notes_(notes, index) {
  read_media_line(value);
}

/// RFC 8866 s5.14: `<media> <port>[/<ports>] <proto> <fmt> …`. Port and protocol may be missing.
void MediaSection::read_media_line(std::string_view value) {
  std::string_view rest = value;
  media_.kind_text = take_word(rest);
  media_.kind = parse_kind(media_.kind_text);

  std::string_view after_port = rest;
  const std::string_view port = take_word(after_port);
  const bool port_missing = port.find("RTP/") != std::string_view::npos;
  if (!port_missing) {
    media_.port =
        base::parse_number<std::uint16_t>(base::split_once(port, '/').head).value_or(std::uint16_t{0});
    rest = after_port;
  }
  std::string_view after_protocol = rest;
  const std::string_view protocol = take_word(after_protocol);
  const bool protocol_missing = protocol.empty() || base::parse_number<std::uint8_t>(protocol).has_value();
  media_.protocol = protocol_missing ? "RTP/AVP" : protocol;
  if (!protocol_missing) rest = after_protocol;
  if (port_missing || protocol_missing) notes_.add("its m= line is incomplete; read as far as it goes");
  read_formats(rest);
}

void MediaSection::read_formats(std::string_view rest) {
  std::array<bool, 128> seen{};
  for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest)) {
    const auto payload_type = base::parse_number<std::uint8_t>(word);
    if (!payload_type || *payload_type >= seen.size()) {
      formats_.has_others = true;
    } else if (!std::exchange(seen[*payload_type], true)) {
      formats_.payload_types.push_back(*payload_type);
    }
  }
}

base::Result<void> MediaSection::add(const Line& line) {
  switch (line.type) {
    case 'c':
      media_.connection_address = parse_connection(line.value);
      break;
    case 'b':
      read_bandwidth(line.value);
      break;
    case 'a':
      if (media_.attributes.size() >= kMaxAttributes) {
        return base::fail(base::ErrorCode::kTooLarge, line.offset,
                          "number of attributes in an SDP media section");
      }
      media_.attributes.push_back(parse_attribute(line.value));
      read_hint(media_.attributes.back());
      break;
    default:
      break;
  }
  return {};
}

/// RFC 8866 s5.8 (AS, in kilobits), RFC 3890 (TIAS, in bits).
void MediaSection::read_bandwidth(std::string_view value) {
  const std::string_view type = base::take_until(value, ':');
  const std::uint32_t number = leading_number(base::trim(value));
  if (number == 0) return;
  if (base::equals_ignore_case(type, "AS")) {
    media_.bandwidth_kbps = number;
    bandwidth_is_tias_ = false;
  } else if (base::equals_ignore_case(type, "TIAS") && (!media_.bandwidth_kbps || bandwidth_is_tias_)) {
    media_.bandwidth_kbps = std::max<std::uint32_t>(number / 1000, 1);
    bandwidth_is_tias_ = true;
  }
}

void MediaSection::read_hint(const Attribute& attribute) {
  if (base::equals_ignore_case(attribute.name, "control")) {
    if (media_.control.empty()) media_.control = attribute.value;
  } else if (base::equals_ignore_case(attribute.name, "framerate")) {
    // Some send "0S" first and the real one later.
    if (const auto framerate = parse_framerate(attribute.value)) media_.framerate = framerate;
  } else if (const Direction direction = parse_direction(attribute.name);
             direction != Direction::kUnspecified) {
    media_.direction = direction;
  }
}

Media MediaSection::finish() && {
  choose_encoding(media_, formats_, notes_);
  read_feedback(media_);
  const std::string obstacle = protocol_obstacle(media_.protocol);
  if (!obstacle.empty()) media_.unusable = obstacle;
  if (says_encrypted(media_.protocol)) {
    if (has_keys(media_)) {
      media_.unusable = "its media are encrypted (" + base::printable(media_.protocol, 40) + ")";
    } else {
      notes_.add("its transport is that of encrypted media (" + base::printable(media_.protocol, 40) +
                 "), but there are no keys; taken for plain RTP");
    }
  }
  return std::move(media_);
}

}  // namespace retina::sdp
