#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "codec/audio_specific_config.h"
#include "codec/depacketizer.h"
#include "codec/frame.h"

namespace retina::codec {

/// An AudioSpecificConfig, and what it says.
struct AacConfig {
  base::Bytes bytes;
  AudioSpecificConfig parsed;
};

/// The second half of every AAC depacketizer: access units become frames, raw or with ADTS headers, with
/// their config and duration, and with what was lost before them.
class AacFrames {
 public:
  /// Over anything that an encoder makes: 6144 bits a channel (ISO/IEC 14496-3 s4.5.3).
  static constexpr std::size_t kMaxUnitBytes = std::size_t{64} * 1024;

  /// `clock_rate_hz`: of the RTP timestamps; 0: the rate that the config says. `allocator` must outlive this.
  AacFrames(std::uint32_t clock_rate_hz, FrameFormat format, FrameAllocator& allocator)
      : clock_rate_hz_(clock_rate_hz), format_(format), allocator_(allocator) {}

  void set_format(FrameFormat format) { format_ = format; }

  /// What the frames from here on need.
  void set_config(base::ByteView bytes, const AudioSpecificConfig& parsed);
  bool has_config() const { return parameters_ != nullptr; }
  const AudioSpecificConfig& config() const { return config_; }
  const std::shared_ptr<const ParameterSets>& parameters() const { return parameters_; }

  /// Every unit lasts so long, whatever the config says (constantDuration, RFC 3640 s4.1).
  void set_unit_ticks(std::uint32_t ticks) { constant_ticks_ = ticks; }
  /// How long `units` units last in units of the RTP clock, to the nearest one; `units` below 2^20.
  std::int64_t ticks(std::uint64_t units) const;

  void on_loss(std::uint32_t packets);
  /// One frame is given up.
  void on_drop();
  /// The stream was cut.
  void on_cut() { discontinuity_ = true; }

  /// Memory for a unit of so many bytes, not 0, which the caller fills before end(). Errors: kInvalidState
  /// before the first config; kTooLarge; and those of adts_header(). The frame is given up then.
  base::Result<std::span<std::uint8_t>> begin(std::size_t unit_bytes);
  Frame end(std::int64_t timestamp, std::int64_t end_timestamp, base::TimePoint arrival);

  /// The frame goes out after those before; its discontinuity is kept and added to.
  void emit(Frame frame);
  std::optional<Frame> pull();

  std::uint64_t frames_dropped() const { return frames_dropped_; }

 private:
  const std::uint32_t clock_rate_hz_;
  FrameFormat format_;
  FrameAllocator& allocator_;

  AudioSpecificConfig config_;
  std::shared_ptr<const ParameterSets> parameters_;  // with config_
  std::shared_ptr<const ParameterSets> returned_;    // of the frames that went out
  std::uint32_t constant_ticks_ = 0;

  FrameMemory memory_;  // between begin() and end()
  std::size_t frame_bytes_ = 0;

  bool discontinuity_ = false;
  std::uint64_t packets_lost_ = 0;
  std::uint64_t frames_dropped_ = 0;
  std::vector<Frame> finished_;  // a vector and an index: it keeps its memory
  std::size_t pulled_ = 0;
};

}  // namespace retina::codec
