#include "interop/receiver.h"

#include <chrono>
#include <random>
#include <utility>

#include "rtp/packet.h"
#include "rtp/reorder.h"
#include "rtp/sequence.h"
#include "rtp/timeline.h"
#include "support/check.h"

namespace retina::test {

struct Receiver::State {
  State(std::unique_ptr<codec::Depacketizer> depacketizer_in, std::uint32_t clock_rate_hz)
      : depacketizer(std::move(depacketizer_in)), timeline(clock_rate_hz) {}

  std::unique_ptr<codec::Depacketizer> depacketizer;
  rtp::SequenceTracker sequence;
  rtp::Timeline timeline;
};

Receiver::Receiver(std::unique_ptr<codec::Depacketizer> depacketizer, std::uint32_t clock_rate_hz)
    : state_(std::make_unique<State>(std::move(depacketizer), clock_rate_hz)) {}

Receiver::~Receiver() = default;

codec::Depacketizer& Receiver::depacketizer() {
  return *state_->depacketizer;
}

bool Receiver::push(const base::Bytes& bytes) {
  const auto packet = rtp::parse_packet(bytes);
  ck_assert(packet.has_value());
  const auto verdict = state_->sequence.accept(packet->sequence);
  if (verdict.kind == rtp::SequenceTracker::Verdict::kDuplicateOrOld) return true;

  codec::MediaPacket media;
  media.payload = packet->payload;
  media.timestamp = state_->timeline.place(packet->timestamp).extended;
  media.sequence = packet->sequence;
  media.marker = packet->marker;
  media.packets_lost = verdict.lost;
  packets_lost += verdict.lost;
  const bool taken = state_->depacketizer->push(media).has_value();
  if (!taken) ++errors;
  while (auto frame = state_->depacketizer->pull()) {
    ReceivedFrame got;
    got.bytes.assign(frame->bytes().begin(), frame->bytes().end());
    frame->memory = codec::FrameMemory();
    got.meta = std::move(*frame);
    frames.push_back(std::move(got));
  }
  return taken;
}

void Receiver::push(const std::vector<base::Bytes>& packets) {
  for (const base::Bytes& packet : packets)
    push(packet);
}

void Receiver::push_reordering(const std::vector<base::Bytes>& packets) {
  constexpr std::size_t kWindow = 64;
  const base::TimePoint now{};
  rtp::ReorderWindow window(std::chrono::milliseconds(20), kWindow);
  const auto take_held = [&] {
    while (const auto held = window.pop())
      push(base::Bytes(held->bytes.begin(), held->bytes.end()));
  };
  for (const base::Bytes& packet : packets) {
    if (window.push(packet, now) == rtp::ReorderWindow::Verdict::kPass) push(packet);
    take_held();
  }
  window.release_all();
  take_held();
}

void assert_losses_are_counted(const Receiver& receiver) {
  std::uint64_t counted = 0;
  for (const ReceivedFrame& frame : receiver.frames) {
    counted += frame.meta.packets_lost;
    if (frame.meta.packets_lost > 0) ck_assert(frame.meta.discontinuity);
  }
  ck_assert_msg(counted == receiver.packets_lost, "%llu packets of %llu are told",
                static_cast<unsigned long long>(counted),
                static_cast<unsigned long long>(receiver.packets_lost));
}

std::vector<base::Bytes> disturb(std::vector<base::Bytes> packets, const Disturbance& how) {
  std::mt19937 random(how.seed);
  const auto happens = [&random](unsigned percent) { return random() % 100 < percent; };
  const std::size_t calm = packets.size() - packets.size() * how.calm_percent / 100;
  for (std::size_t i = 1; i + 1 < calm; ++i) {
    if (happens(how.reorder_percent)) std::swap(packets[i], packets[i + 1]);
  }
  std::vector<base::Bytes> arrived;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    const bool disturbed = i > 0 && i < calm;
    if (disturbed && happens(how.loss_percent)) continue;
    arrived.push_back(packets[i]);
    if (disturbed && happens(how.duplicate_percent)) arrived.push_back(packets[i]);
  }
  return arrived;
}

}  // namespace retina::test
