#include "stream_checker.h"

#include "h264_stream.h"

namespace retina::bench {
namespace {

struct Fragment {
  bool starts = true;
  bool ends = true;
};

/// RFC 6184 s5.8, RFC 7798 s4.4.3.
Fragment fragment_of(Encoding encoding, base::ByteView payload) {
  const bool hevc = encoding == Encoding::kH265;
  if (!is_video(encoding) || payload.size() < 3) return {};
  if (hevc ? ((payload[0] >> 1) & 0x3f) != 49 : (payload[0] & 0x1f) != 28) return {};
  const std::uint8_t marks = payload[hevc ? 2 : 1];
  return {(marks & 0x80) != 0, (marks & 0x40) != 0};
}

}  // namespace

StreamChecker::StreamChecker(const std::vector<Encoding>& encodings) {
  for (const Encoding encoding : encodings) {
    tracks_.emplace_back();
    tracks_.back().encoding = encoding;
  }
}

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
  if (bytes[0] != '$' || bytes[1] >= 2 * tracks_.size()) {
    ++framing_errors;
    return 1;
  }
  const std::size_t size = std::size_t{4} + base::load_be16(bytes.data() + 2);
  if (bytes.size() < size) return 0;
  const base::ByteView packet = bytes.subspan(4, size - 4);
  if (bytes[1] % 2 == 0) {
    check_rtp(bytes[1] / 2, packet);
  } else {
    check_rtcp(packet);
  }
  return size;
}

void StreamChecker::check_rtp(std::size_t number, base::ByteView packet) {
  Track& track = tracks_[number];
  if (packet.size() < 14 || packet[0] != 0x80 || (packet[1] & 0x7f) != 96 + number) {
    ++rtp_errors;
    return;
  }
  const std::uint16_t sequence = base::load_be16(packet.data() + 2);
  if (track.packets++ != 0 && sequence != static_cast<std::uint16_t>(track.sequence + 1)) ++sequence_gaps;
  ++packets;
  track.sequence = sequence;

  const std::uint32_t timestamp = base::load_be32(packet.data() + 4);
  const bool same = timestamp == track.timestamp && track.packets > 1;
  if (same != track.in_frame) ++rtp_errors;
  track.timestamp = timestamp;
  const bool marker = (packet[1] & 0x80) != 0;
  track.in_frame = !marker;
  check_payload(track, packet.subspan(12), marker);
}

void StreamChecker::check_payload(Track& track, base::ByteView payload, bool marker) {
  const auto [starts, ends] = fragment_of(track.encoding, payload);
  if (starts == track.in_fragments || (marker && !ends)) ++fragment_errors;
  track.in_fragments = !ends;
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
