#include "codec/message.h"

#include <utility>

namespace retina::codec {

std::optional<Frame> MessageDepacketizer::pull() {
  if (finished_.empty()) return std::nullopt;
  std::optional<Frame> frame(std::move(finished_.front()));
  finished_.pop_front();
  return frame;
}

void MessageDepacketizer::reset() {
  if (state_ == State::kGathering) give_up();
  state_ = State::kBetween;
  place_ = Place::kAfterLoss;
  discontinuity_ = true;
}

void MessageDepacketizer::flush() {
  if (state_ != State::kBetween) end(looks_whole(writer_.written()));
}

base::Result<void> MessageDepacketizer::push(const MediaPacket& packet) {
  if (packet.packets_lost > 0) on_loss(packet.packets_lost);
  base::Result<void> result;
  if (!packet.payload.empty()) result = take(packet);
  if (packet.marker) {
    marker_seen_ = true;
    latest_arrival_ = packet.arrival;
    end(true);
  }
  return result;
}

void MessageDepacketizer::on_loss(std::uint32_t packets) {
  packets_lost_ += packets;
  discontinuity_ = true;
  if (state_ == State::kGathering) give_up();
  state_ = State::kBetween;
  place_ = Place::kAfterLoss;
}

base::Result<void> MessageDepacketizer::take(const MediaPacket& packet) {
  if (state_ != State::kBetween && ends_before(packet.payload, packet.timestamp != latest_timestamp_))
    end(looks_whole(writer_.written()));
  if (state_ == State::kBetween) begin(packet);
  latest_timestamp_ = packet.timestamp;
  latest_arrival_ = packet.arrival;
  if (state_ == State::kSkipping || writer_.append(packet.payload)) return {};
  give_up();
  return base::fail(base::ErrorCode::kTooLarge, 0, "message above 16 MiB");
}

void MessageDepacketizer::begin(const MediaPacket& packet) {
  if (!begins(packet.payload, place_)) return give_up();
  state_ = State::kGathering;
  given_up_ = false;
  first_timestamp_ = packet.timestamp;
}

void MessageDepacketizer::give_up() {
  state_ = State::kSkipping;
  writer_.discard();
  discontinuity_ = true;
  if (!std::exchange(given_up_, true)) ++frames_dropped_;
}

/// Whatever is open is over; `whole`: as far as its end goes.
void MessageDepacketizer::end(bool whole) {
  if (state_ == State::kGathering && !whole) give_up();
  const bool finished = state_ == State::kGathering && writer_.size() > 0;
  state_ = State::kBetween;
  place_ = Place::kAfterEnd;
  given_up_ = false;
  if (!finished) return;

  Frame frame;
  frame.timestamp = first_timestamp_;
  frame.arrival = latest_arrival_;
  frame.key_frame = true;
  frame.discontinuity = std::exchange(discontinuity_, false);
  frame.packets_lost = std::exchange(packets_lost_, 0);
  writer_.finish(frame);
  finished_.push_back(std::move(frame));
}

}  // namespace retina::codec
