#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "sdp/description.h"
#include "support/check.h"

namespace retina::test {

inline sdp::Description parse_sdp(std::string_view text) {
  auto description = sdp::parse(text);
  ck_assert_msg(description.has_value(), "%s in:\n%s", description ? "" : description.error().what,
                std::string(text).c_str());
  return std::move(*description);
}

/// The only media section of a description that consists of `lines`.
inline sdp::Media only_media(std::string_view lines) {
  sdp::Description description = parse_sdp(lines);
  ck_assert_uint_eq(description.media.size(), 1);
  return std::move(description.media.front());
}

/// "96 H264/90000", with channels where there are any; or "unusable: " and why.
inline std::string summary(const sdp::Media& media) {
  if (!media.unusable.empty()) return "unusable: " + media.unusable;
  std::string text = std::to_string(media.payload_type) + " " + media.encoding_name + "/" +
                     std::to_string(media.clock_rate_hz);
  if (media.channels != 0) text += "/" + std::to_string(media.channels);
  return text;
}

}  // namespace retina::test
