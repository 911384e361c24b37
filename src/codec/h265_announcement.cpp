#include "codec/h265_announcement.h"

#include "base/ascii.h"
#include "base/base64.h"
#include "codec/annexb.h"
#include "codec/hevc_nal.h"
#include "sdp/notes.h"

namespace retina::codec {
namespace {

constexpr const char* kParameterSetFields[] = {"sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets"};

/// RFC 7798 s7.1: of sprop-max-don-diff and sprop-depack-buf-nalus.
constexpr std::uint32_t kLargestNumber = 32767;

bool is_parameter_set(base::ByteView nal) {
  if (nal.size() <= hevc::kHeaderBytes) return false;
  const hevc::NalHeader header{nal[0], nal[1]};
  return header.is_valid() && hevc::is_parameter_set(header.type());
}

void read_parameter_sets(const std::string& value, const std::string& field, std::vector<base::Bytes>& sets,
                         sdp::Notes& notes) {
  std::string_view rest = value;
  while (!rest.empty()) {
    const std::string_view item = base::take_until(rest, ',');
    const auto decoded = base::decode_base64(item);
    if (!decoded) {
      notes.add("SDP: a part of " + field + " isn't base64; skipped.");
      continue;
    }
    AnnexBReader reader(*decoded);
    for (base::ByteView nal = reader.next(); !nal.empty(); nal = reader.next()) {
      if (is_parameter_set(nal)) {
        sets.emplace_back(nal.begin(), nal.end());
      } else {
        notes.add("SDP: a part of " + field + " isn't an H.265 parameter set; skipped.");
      }
    }
  }
}

std::optional<std::uint32_t> read_number(const sdp::Media& media, const std::string& field,
                                         sdp::Notes& notes) {
  const std::string* text = media.format_parameter(field);
  if (text == nullptr) return std::nullopt;
  const auto value = base::parse_number<std::uint32_t>(base::trim(*text));
  if (value && *value <= kLargestNumber) return value;
  notes.add("SDP: " + field + " isn't a number from 0 to 32767; ignored.");
  return std::nullopt;
}

}  // namespace

H265Announcement h265_announcement(const sdp::Media& media, std::vector<std::string>& notes) {
  sdp::Notes bounded(notes);
  H265Announcement announcement;
  for (const char* field : kParameterSetFields) {
    const std::string* value = media.format_parameter(field);
    if (value != nullptr) read_parameter_sets(*value, field, announcement.parameter_sets, bounded);
  }

  const auto max_don_diff = read_number(media, "sprop-max-don-diff", bounded);
  const auto units = read_number(media, "sprop-depack-buf-nalus", bounded);
  announcement.has_decoding_order_numbers = max_don_diff.value_or(units.value_or(0)) > 0;
  announcement.reordering.max_don_diff = max_don_diff;
  // s7.1: above 0 wherever there is something to reorder. A 0 can only be meant to say nothing.
  if (units && *units > 0) announcement.reordering.units = units;

  const std::string* mode = media.format_parameter("tx-mode");
  if (mode != nullptr && !base::equals_ignore_case(base::trim(*mode), "SRST"))
    bounded.add("SDP: the H.265 video is sent in several RTP streams; this one is taken for itself.");
  return announcement;
}

}  // namespace retina::codec
