#include "codec/aac_frames.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "codec/adts.h"

namespace retina::codec {

using base::ErrorCode;

void AacFrames::set_config(base::ByteView bytes, const AudioSpecificConfig& parsed) {
  if (parameters_ && std::ranges::equal(parameters_->config, bytes)) return;
  auto parameters = std::make_shared<ParameterSets>();
  parameters->config.assign(bytes.begin(), bytes.end());
  parameters_ = std::move(parameters);
  config_ = parsed;
}

std::int64_t AacFrames::ticks(std::uint64_t units) const {
  if (constant_ticks_ != 0) return static_cast<std::int64_t>(units * constant_ticks_);
  if (!has_config()) return 0;
  const std::uint64_t clock = clock_rate_hz_ != 0 ? clock_rate_hz_ : config_.core_rate_hz;
  const std::uint64_t rate = config_.core_rate_hz;
  return static_cast<std::int64_t>((units * config_.samples_per_frame * clock + rate / 2) / rate);
}

void AacFrames::on_loss(std::uint32_t packets) {
  packets_lost_ += packets;
  discontinuity_ = true;
}

void AacFrames::on_drop() {
  ++frames_dropped_;
  discontinuity_ = true;
}

base::Result<std::span<std::uint8_t>> AacFrames::begin(std::size_t unit_bytes) {
  const auto give_up = [this](base::Error error) {
    on_drop();
    return base::Unexpected(error);
  };
  if (!has_config()) return give_up({ErrorCode::kInvalidState, 0, "AAC before its config"});
  if (unit_bytes > kMaxUnitBytes) return give_up({ErrorCode::kTooLarge, 0, "AAC access unit"});
  if (format_.aac == AacFraming::kRaw) {
    memory_ = FrameMemory(allocator_, unit_bytes);
    frame_bytes_ = unit_bytes;
    return std::span(memory_.data(), unit_bytes);
  }
  const auto header = adts_header(config_, unit_bytes);
  if (!header) return give_up(header.error());
  frame_bytes_ = header->size() + unit_bytes;
  memory_ = FrameMemory(allocator_, frame_bytes_);
  std::ranges::copy(*header, memory_.data());
  return std::span(memory_.data() + header->size(), unit_bytes);
}

Frame AacFrames::end(std::int64_t timestamp, std::int64_t end_timestamp, base::TimePoint arrival) {
  Frame frame;
  frame.memory = std::move(memory_);
  memory_ = FrameMemory();
  frame.size_bytes = frame_bytes_;
  frame.timestamp = timestamp;
  frame.duration = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(end_timestamp - timestamp, 0, std::numeric_limits<std::uint32_t>::max()));
  frame.arrival = arrival;
  frame.key_frame = true;
  frame.parameters = parameters_;
  return frame;
}

void AacFrames::emit(Frame frame) {
  frame.discontinuity = std::exchange(discontinuity_, false) || frame.discontinuity;
  frame.packets_lost = std::exchange(packets_lost_, 0);
  const bool known = returned_ && (returned_ == frame.parameters || *returned_ == *frame.parameters);
  if (known) {
    frame.parameters = nullptr;
  } else {
    returned_ = frame.parameters;
  }
  finished_.push_back(std::move(frame));
}

std::optional<Frame> AacFrames::pull() {
  if (pulled_ == finished_.size()) {
    finished_.clear();
    pulled_ = 0;
    return std::nullopt;
  }
  return std::move(finished_[pulled_++]);
}

}  // namespace retina::codec
