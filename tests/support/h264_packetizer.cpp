#include "support/h264_packetizer.h"

namespace retina::test {
namespace {

void add_fragments(std::vector<H264Payload>& payloads, const base::Bytes& nal, std::size_t most) {
  const std::size_t room = most - 2;
  for (std::size_t at = 1; at < nal.size(); at += room) {
    const std::size_t end = std::min(nal.size(), at + room);
    const auto indicator = static_cast<std::uint8_t>((nal[0] & 0xE0) | 28);
    const auto flags = static_cast<std::uint8_t>((at == 1 ? 0x80 : 0) | (end == nal.size() ? 0x40 : 0));
    base::Bytes bytes{indicator, static_cast<std::uint8_t>(flags | (nal[0] & 0x1F))};
    bytes.insert(bytes.end(), nal.begin() + static_cast<std::ptrdiff_t>(at),
                 nal.begin() + static_cast<std::ptrdiff_t>(end));
    payloads.push_back({std::move(bytes), false});
  }
}

base::Bytes aggregated(const std::vector<base::Bytes>& nals, std::size_t first, std::size_t last) {
  base::Bytes bytes{24};
  for (std::size_t i = first; i < last; ++i) {
    bytes[0] = static_cast<std::uint8_t>(24 | std::max(bytes[0] & 0x60, nals[i][0] & 0x60));
    bytes.push_back(static_cast<std::uint8_t>(nals[i].size() >> 8));
    bytes.push_back(static_cast<std::uint8_t>(nals[i].size()));
    bytes.insert(bytes.end(), nals[i].begin(), nals[i].end());
  }
  return bytes;
}

}  // namespace

std::vector<H264Payload> packetize(const AccessUnit& unit, std::size_t most, bool aggregate) {
  std::vector<H264Payload> payloads;
  for (std::size_t i = 0; i < unit.nals.size();) {
    std::size_t end = i;
    std::size_t together = 1;
    while (aggregate && end < unit.nals.size() && together + 2 + unit.nals[end].size() <= most) {
      together += 2 + unit.nals[end++].size();
    }
    if (end > i + 1) {
      payloads.push_back({aggregated(unit.nals, i, end), false});
      i = end;
    } else if (unit.nals[i].size() <= most) {
      payloads.push_back({unit.nals[i++], false});
    } else {
      add_fragments(payloads, unit.nals[i++], most);
    }
  }
  payloads.back().marker = true;
  return payloads;
}

std::vector<base::Bytes> rtp_packets(const AccessUnit& unit, std::size_t most, RtpNumbers& numbers) {
  std::vector<base::Bytes> packets;
  for (const H264Payload& payload : packetize(unit, most)) {
    base::Bytes packet(12);
    packet[0] = 0x80;
    packet[1] = static_cast<std::uint8_t>((payload.marker ? 0x80 : 0) | numbers.payload_type);
    base::store_be16(packet.data() + 2, numbers.sequence++);
    base::store_be32(packet.data() + 4, unit.timestamp);
    base::store_be32(packet.data() + 8, numbers.ssrc);
    packet.insert(packet.end(), payload.bytes.begin(), payload.bytes.end());
    packets.push_back(std::move(packet));
  }
  return packets;
}

}  // namespace retina::test
