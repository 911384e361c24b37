#include "client/retransmission_request.h"

#include <algorithm>

#include "rtp/retransmission.h"
#include "rtp/sequence.h"

namespace retina::client {

void RetransmissionRequest::offer(base::Duration reorder_time) {
  interval_ =
      reorder_time > base::Duration::zero() ? std::max(kInterval, reorder_time / 4) : base::Duration();
  if (!offered()) cancel();
}

void RetransmissionRequest::on_waiting(const rtp::ReorderWindow& window, base::TimePoint now) {
  if (!offered()) return;
  const auto latest = window.latest_missing();
  if (!latest || (!asked_.empty() && rtp::sequence_delta(asked_.back().sequence, *latest) <= 0)) return;
  if (!due_ || now + kPatience < *due_) due_ = now + kPatience;
}

bool RetransmissionRequest::on_time(const rtp::ReorderWindow& window, base::TimePoint now) {
  if (!due_ || now < *due_) return false;
  due_.reset();
  window.list_missing(missing_, kMost);
  wanted_.clear();
  auto before = asked_.begin();
  std::vector<Asked> asked;
  for (const std::uint16_t sequence : missing_) {
    while (before != asked_.end() && rtp::sequence_delta(before->sequence, sequence) > 0)
      ++before;
    const bool known = before != asked_.end() && before->sequence == sequence;
    // What has been asked for just now may be on its way.
    const bool again = known && before->when + interval_ > now;
    asked.push_back({sequence, again ? before->when : now});
    if (!again) wanted_.push_back(sequence);
    const base::TimePoint next = asked.back().when + interval_;
    if (!due_ || next < *due_) due_ = next;
  }
  asked_ = std::move(asked);
  return !wanted_.empty();
}

void RetransmissionRequest::append(base::Bytes& report, std::uint32_t sender, std::uint32_t media) {
  rtp::append_nack(report, sender, media, wanted_);
}

}  // namespace retina::client
