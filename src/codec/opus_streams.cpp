#include "codec/opus_streams.h"

#include <algorithm>
#include <string_view>

#include "base/ascii.h"

namespace retina::codec {
namespace {

constexpr unsigned kMaxChannels = 255;
constexpr std::uint8_t kSilence = 255;

unsigned number(const sdp::Media& media, std::string_view name) {
  const std::string* text = media.format_parameter(name);
  return text == nullptr ? 0 : base::parse_number<std::uint8_t>(base::trim(*text)).value_or(0);
}

}  // namespace

std::optional<OpusStreams> opus_streams(const sdp::Media& media) {
  const std::string* text = media.format_parameter("channel_mapping");
  if (text == nullptr || media.channels > kMaxChannels) return std::nullopt;
  OpusStreams streams;
  streams.streams = number(media, "num_streams");
  streams.coupled = number(media, "coupled_streams");
  std::string_view rest = *text;
  while (!rest.empty() && streams.mapping.size() < kMaxChannels) {
    const auto channel = base::parse_number<std::uint8_t>(base::take_until(rest, ','));
    if (!channel) return std::nullopt;
    streams.mapping.push_back(*channel);
  }
  const unsigned decoded = streams.streams + streams.coupled;
  const bool whole = std::all_of(streams.mapping.begin(), streams.mapping.end(), [=](std::uint8_t channel) {
    return channel == kSilence || channel < decoded;
  });
  if (!whole || !rest.empty() || streams.mapping.size() != media.channels || streams.streams == 0 ||
      streams.coupled > streams.streams || decoded > kMaxChannels) {
    return std::nullopt;
  }
  return streams;
}

}  // namespace retina::codec
