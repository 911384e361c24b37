#pragma once

#include <string>
#include <vector>

#include "codec/h264.h"
#include "support/check.h"
#include "support/h264_packetizer.h"

namespace retina::test {

/// A finished frame, copied.
struct Got {
  base::Bytes bytes;
  codec::Frame meta;  // its memory has been given back
};

/// A depacketizer, and what comes out of it.
class H264Feeder {
 public:
  explicit H264Feeder(codec::FrameFormat format = {codec::NalFraming::kStartCode,
                                                   codec::ParameterSetInsertion::kNever},
                      const std::vector<base::Bytes>& out_of_band = {},
                      const codec::H264Interleaving& announced = {})
      : depacketizer_(out_of_band, format, allocator_, announced) {}

  codec::H264Depacketizer& depacketizer() { return depacketizer_; }

  /// True when the packet was taken without an error. It arrives one millisecond after the one before; the
  /// first one at 1 ms.
  bool push(const base::Bytes& payload, std::int64_t timestamp, bool marker, std::uint32_t lost = 0) {
    codec::MediaPacket packet;
    packet.payload = payload;
    packet.timestamp = timestamp;
    packet.marker = marker;
    packet.packets_lost = lost;
    packet.arrival = base::TimePoint(std::chrono::milliseconds(++packets_));
    const bool taken = depacketizer_.push(packet).has_value();
    pull();
    return taken;
  }
  void flush() {
    depacketizer_.flush();
    pull();
  }
  void pull() {
    while (auto frame = depacketizer_.pull()) {
      const auto bytes = frame->bytes();
      Got got;
      got.bytes.assign(bytes.begin(), bytes.end());
      frame->memory = codec::FrameMemory();
      got.meta = std::move(*frame);
      frames.push_back(std::move(got));
    }
  }
  void push(const AccessUnit& unit, std::size_t most = 1400) {
    for (const H264Payload& payload : packetize(unit, most)) {
      ck_assert(push(payload.bytes, unit.timestamp, payload.marker));
    }
  }

  std::vector<Got> frames;

 private:
  codec::HeapAllocator allocator_;
  codec::H264Depacketizer depacketizer_;
  int packets_ = 0;
};

inline codec::FrameFormat start_codes(codec::ParameterSetInsertion insertion, bool pass_incomplete = false) {
  codec::FrameFormat format;
  format.framing = codec::NalFraming::kStartCode;
  format.parameter_sets = insertion;
  format.pass_incomplete = pass_incomplete;
  return format;
}

/// Milliseconds of the frame's arrival: the number of the packet that was its last.
inline int last_packet(const Got& frame) {
  return static_cast<int>(frame.meta.arrival.time_since_epoch() / std::chrono::milliseconds(1));
}

/// NAL units behind start codes, as a byte stream frame has them.
inline base::Bytes annexb(const std::vector<base::Bytes>& nals) {
  AccessUnit unit;
  unit.nals = nals;
  return framed(unit, false, true);
}

inline base::Bytes joined(std::initializer_list<base::Bytes> parts) {
  base::Bytes all;
  for (const base::Bytes& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace retina::test
