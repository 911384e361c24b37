#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/random.h"
#include "base/time.h"

namespace retina::rtp {

/// When a participant sends RTCP that only receives (RFC 3550 s6.3, A.7): so seldom that RTCP takes a
/// twentieth of the session's bandwidth, not more often than every 5 s (half of it at first), and at random
/// moments around that. Thread-bound, no clock.
class RtcpSchedule {
 public:
  /// `bandwidth_kbps` of the media; 0: not known. `first_size_bytes`: about how large the first packet will
  /// be.
  RtcpSchedule(std::uint32_t bandwidth_kbps, std::size_t first_size_bytes, base::Random& random);

  void start(base::TimePoint now);
  void stop() { due_.reset(); }

  /// Nullopt: not started.
  std::optional<base::TimePoint> due() const { return due_; }
  /// At due(): whether to send now, and then to call on_sent(). If not, due() has moved on (timer
  /// reconsideration).
  bool on_time(base::TimePoint now);

  /// A compound packet has been sent, or has come: its bytes without the headers below it.
  void on_sent(std::size_t size_bytes, base::TimePoint now);
  void on_received(std::size_t size_bytes) { average(size_bytes); }
  /// Whoever sends the media has been heard of.
  void set_sender_known() { sender_known_ = true; }
  /// So many have been heard of besides us, the sender among them: multicast.
  void set_participants(std::size_t others) { others_ = others; }

  bool has_sent() const { return has_sent_; }

 private:
  base::Duration interval();
  void average(std::size_t size_bytes);

  double bytes_per_second_;
  double average_size_;
  base::Random& random_;
  bool sender_known_ = false;
  std::size_t others_ = 0;
  bool has_sent_ = false;
  base::TimePoint sent_{};  // tp: the latest, or the start
  std::optional<base::TimePoint> due_;
};

}  // namespace retina::rtp
