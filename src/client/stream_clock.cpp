#include "client/stream_clock.h"

#include "base/ascii.h"

namespace retina::client {
namespace {

/// "3 urn:…" or "3/sendonly urn:…"; parameters may follow.
void read_extmap(std::string_view value, rtp::ExtensionIds& ids) {
  unsigned id = 0;
  std::size_t at = 0;
  for (; at < value.size() && base::is_digit(value[at]) && id <= 255; ++at)
    id = id * 10 + static_cast<unsigned>(value[at] - '0');
  const std::size_t space = value.find(' ', at);
  if (id == 0 || id > 255 || space == std::string_view::npos) return;
  const std::size_t begin = value.find_first_not_of(' ', space);
  if (begin == std::string_view::npos) return;
  std::string_view uri = value.substr(begin);
  uri = uri.substr(0, uri.find(' '));
  if (base::equals_ignore_case(uri, "urn:ietf:params:rtp-hdrext:ntp-64")) {
    ids.ntp_64 = static_cast<std::uint8_t>(id);
  } else if (base::equals_ignore_case(uri, "urn:ietf:params:rtp-hdrext:ntp-56")) {
    ids.ntp_56 = static_cast<std::uint8_t>(id);
  }
}

void read_extmaps(const std::vector<sdp::Attribute>& attributes, rtp::ExtensionIds& ids) {
  for (const sdp::Attribute& attribute : attributes) {
    if (base::equals_ignore_case(attribute.name, "extmap")) read_extmap(attribute.value, ids);
  }
}

}  // namespace

StreamClock stream_clock(const sdp::Media& media, bool rtp_packets) {
  StreamClock clock;
  clock.rate_hz = media.clock_rate_hz;
  clock.secondary = media.kind == sdp::MediaKind::kApplication;
  if (rtp_packets) {
    clock.order = StreamClock::Order::kPackets;
  } else if (base::equals_ignore_case(media.encoding_name, "H264") ||
             base::equals_ignore_case(media.encoding_name, "H265")) {
    clock.order = StreamClock::Order::kAny;
  }
  return clock;
}

rtp::ExtensionIds extension_ids(const sdp::Description& description, const sdp::Media& media) {
  rtp::ExtensionIds ids;
  read_extmaps(media.attributes, ids);
  if (ids == rtp::ExtensionIds{}) read_extmaps(description.attributes, ids);
  return ids;
}

}  // namespace retina::client
