#pragma once

#include <utility>

#include "codec/depacketizer.h"

namespace retina::codec {

/// No depacketizer: every RTP packet is a frame, as it came, header and all, for depayloaders elsewhere.
class RtpPackets final : public Depacketizer {
 public:
  /// `allocator` must outlive this.
  explicit RtpPackets(FrameAllocator& allocator) : allocator_(allocator) {}

  base::Result<void> push(const MediaPacket& packet) override;
  std::optional<Frame> pull() override { return std::exchange(frame_, std::nullopt); }
  void reset() override { discontinuity_ = true; }
  void flush() override {}
  FrameProgress progress() const override { return {}; }
  void set_format(FrameFormat) override {}
  std::shared_ptr<const ParameterSets> parameters() const override { return nullptr; }
  std::uint64_t frames_dropped() const override { return 0; }

 private:
  FrameAllocator& allocator_;
  std::optional<Frame> frame_;
  bool discontinuity_ = false;
};

}  // namespace retina::codec
