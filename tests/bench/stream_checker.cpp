#include "stream_checker.h"

#include "h264_stream.h"

namespace retina::bench {

void StreamChecker::push(base::ByteView chunk) {
  carry_.insert(carry_.end(), chunk.begin(), chunk.end());
  std::size_t done = 0;
  for (;;) {
    const std::size_t size = take_message(base::ByteView(carry_).subspan(done));
    if (size == 0) break;
    done += size;
  }
  carry_.erase(carry_.begin(), carry_.begin() + static_cast<std::ptrdiff_t>(done));
}

/// RFC 2326 s10.12. Returns the bytes used, 0 when the message isn't complete.
std::size_t StreamChecker::take_message(base::ByteView bytes) {
  if (bytes.size() < 4) return 0;
  if (bytes[0] != '$' || bytes[1] > 1) {
    ++framing_errors;
    return 1;
  }
  const std::size_t size = std::size_t{4} + base::load_be16(bytes.data() + 2);
  if (bytes.size() < size) return 0;
  const base::ByteView packet = bytes.subspan(4, size - 4);
  if (bytes[1] == 0) {
    check_rtp(packet);
  } else {
    check_rtcp(packet);
  }
  return size;
}

void StreamChecker::check_rtp(base::ByteView packet) {
  if (packet.size() < 14 || packet[0] != 0x80 || (packet[1] & 0x7f) != 96) {
    ++rtp_errors;
    return;
  }
  const std::uint16_t sequence = base::load_be16(packet.data() + 2);
  if (packets++ != 0 && sequence != static_cast<std::uint16_t>(sequence_ + 1)) ++sequence_gaps;
  sequence_ = sequence;

  const std::uint32_t timestamp = base::load_be32(packet.data() + 4);
  const bool same = timestamp == timestamp_ && packets > 1;
  if (same != in_frame_) ++rtp_errors;
  timestamp_ = timestamp;
  const bool marker = (packet[1] & 0x80) != 0;
  in_frame_ = !marker;
  check_payload(packet.subspan(12), marker);
}

/// RFC 6184 s5.8.
void StreamChecker::check_payload(base::ByteView payload, bool marker) {
  const bool fragment = (payload[0] & 0x1f) == 28;
  const bool starts = !fragment || (payload[1] & 0x80) != 0;
  const bool ends = !fragment || (payload[1] & 0x40) != 0;
  if (starts == in_fragments_ || (marker && !ends)) ++fragment_errors;
  in_fragments_ = !ends;
  if (!marker) return;
  ++frames;
  std::uint64_t stamp = 0;
  if (payload.size() < kStampBytes || !read_stamp(payload.data() + payload.size() - kStampBytes, stamp))
    ++stamp_errors;
}

void StreamChecker::check_rtcp(base::ByteView packet) {
  while (packet.size() >= 4) {
    if (packet[1] == 200) ++reports;
    if (packet[1] == 203) ++goodbyes;
    const std::size_t size = std::size_t{4} * (std::size_t{1} + base::load_be16(packet.data() + 2));
    if (size > packet.size()) break;
    packet = packet.subspan(size);
  }
  if (!packet.empty()) ++framing_errors;
}

}  // namespace retina::bench
