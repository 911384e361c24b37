#include "sdp/sprop.h"

#include <algorithm>
#include <iterator>

#include "base/ascii.h"
#include "base/base64.h"
#include "sdp/notes.h"

namespace retina::sdp {
namespace {

/// ISO/IEC 14496-10 s7.3.1: SPS, PPS, SPS extension, subset SPS; the forbidden bit is 0.
bool is_parameter_set(base::ByteView nal) {
  if (nal.size() < 2 || (nal[0] & 0x80) != 0) return false;
  const int type = nal[0] & 0x1F;
  return type == 7 || type == 8 || type == 13 || type == 15;
}

/// Annex B: where the next 00 00 01 is, or the end.
std::size_t find_start_code(base::ByteView bytes) {
  constexpr std::uint8_t kStartCode[] = {0, 0, 1};
  const auto at = std::search(bytes.begin(), bytes.end(), std::begin(kStartCode), std::end(kStartCode));
  return static_cast<std::size_t>(at - bytes.begin());
}

/// A NAL unit never ends in a zero byte (s7.4.1): those belong to the start code after it.
base::ByteView without_trailing_zeros(base::ByteView nal) {
  while (!nal.empty() && nal.back() == 0)
    nal = nal.first(nal.size() - 1);
  return nal;
}

/// Adds the parameter sets of one item; false: there is something else in it.
bool split_item(base::ByteView bytes, std::vector<base::Bytes>& sets) {
  bool clean = true;
  while (!bytes.empty()) {
    const std::size_t end = find_start_code(bytes);
    const base::ByteView nal = without_trailing_zeros(bytes.first(end));
    bytes = bytes.subspan(std::min(end + 3, bytes.size()));
    if (nal.empty()) continue;
    if (is_parameter_set(nal)) {
      sets.emplace_back(nal.begin(), nal.end());
    } else {
      clean = false;
    }
  }
  return clean;
}

}  // namespace

std::vector<base::Bytes> sprop_parameter_sets(const Media& media, std::vector<std::string>& notes) {
  std::vector<base::Bytes> sets;
  const std::string* value = media.format_parameter("sprop-parameter-sets");
  if (value == nullptr) return sets;
  Notes bounded(notes);
  std::string_view rest = *value;
  while (!rest.empty()) {
    const std::string_view item = base::take_until(rest, ',');
    const auto decoded = base::decode_base64(item);
    if (!decoded) {
      bounded.add("SDP: a part of sprop-parameter-sets isn't base64; skipped.");
    } else if (!split_item(*decoded, sets)) {
      bounded.add("SDP: a part of sprop-parameter-sets isn't an H.264 parameter set; skipped.");
    }
  }
  return sets;
}

}  // namespace retina::sdp
