#include "stream_matching.h"

#include <algorithm>

#include "base/ascii.h"

namespace retina::gst {

bool same_form(const sdp::Media& a, const sdp::Media& b) {
  return a.kind == b.kind && base::equals_ignore_case(a.encoding_name, b.encoding_name) &&
         a.clock_rate_hz == b.clock_rate_hz;
}

std::vector<std::optional<std::size_t>> match_streams(const std::vector<sdp::Media>& known,
                                                      const sdp::Description& description,
                                                      const std::vector<std::size_t>& wanted) {
  std::vector<std::optional<std::size_t>> matches(known.size());
  std::vector<std::size_t> left = wanted;
  const auto match = [&](bool by_control) {
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (matches[i]) continue;
      const auto found = std::find_if(left.begin(), left.end(), [&](std::size_t index) {
        const sdp::Media& media = description.media[index];
        return same_form(media, known[i]) && (!by_control || media.control == known[i].control);
      });
      if (found == left.end()) continue;
      matches[i] = *found;
      left.erase(found);
    }
  };
  match(true);
  match(false);
  return matches;
}

}  // namespace retina::gst
