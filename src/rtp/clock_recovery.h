#pragma once

#include <cstdint>

#include "base/time.h"
#include "rtp/lower_envelope.h"

namespace retina::rtp {

/// From a camera's clock to ours: where on the local monotonic clock a moment of the camera would be seen if
/// the network took no longer than it must (the lower envelope of arrival minus camera time). Fed with the
/// arrivals of frames, each at a time of the camera's clock, in any order of that. Thread-bound.
///
/// What comes out moves gently, so that it can be a presentation time: it follows drift of any size for any
/// time, ignores what is merely late, and gets to the envelope with a time constant of 5 s (3 s, and at
/// most 3 %, in the first seconds, when the first frame may have been a late one).
class ClockRecovery {
 public:
  /// A moment of the camera's clock. Its zero is the caller's choice, near that of the local clock.
  using CameraTime = base::TimePoint;

  /// The frame of `camera` arrived now, nobody knows how late. What is known of the drift, here or by
  /// `other`, stays.
  void start(CameraTime camera, base::TimePoint arrival) { start(camera, arrival, *this); }
  void start(CameraTime camera, base::TimePoint arrival, const ClockRecovery& other);
  bool started() const { return started_; }

  /// The frame of `camera` arrived. True: it turned out that everything comes much later than it used to, and
  /// the mapping jumped forward.
  bool add(CameraTime camera, base::TimePoint arrival) {
    const base::TimePoint time = arrival > latest_arrival_ ? arrival : latest_arrival_;
    latest_arrival_ = time;
    if (camera > latest_camera_) latest_camera_ = camera;
    return envelope_.add(time.time_since_epoch().count(), (arrival - camera).count()) && adjust();
  }

  /// Everything belongs so much later: what arrives from now on, arrives so much later.
  void shift(base::Duration later);

  /// Where the frame of `camera` belongs on the local clock.
  base::TimePoint to_local(CameraTime camera) const;
  /// The other way round, to a microsecond or so.
  CameraTime to_camera(base::TimePoint local) const;

  /// How much faster the camera's clock goes than ours, in parts of one: 100e-6 are 8.6 s a day.
  double drift() const { return -slope_; }
  /// The first seconds are over.
  bool settled() const { return blocks_ >= kSettledBlocks; }

 private:
  static constexpr std::uint32_t kSettledBlocks = 20;  // 10 s

  /// Camera time plus `offset`, plus `drift` for each nanosecond since `from`, and `correction` for those of
  /// the first second.
  struct Piece {
    CameraTime from{};
    double offset = 0;
    double drift = 0;
    double correction = 0;
  };
  bool adjust();
  bool gross(LowerEnvelope::Line& line);
  void learn_drift(const LowerEnvelope::Line& line);
  bool late_for_good(LowerEnvelope::Line& line, double local, double offset);
  double correction_for(double error) const;
  static double offset_at(const Piece& piece, CameraTime camera);

  bool started_ = false;
  LowerEnvelope envelope_;
  base::TimePoint latest_arrival_{};
  CameraTime latest_camera_{};
  std::uint32_t blocks_ = 0;  // since start()
  double slope_ = 0;          // of the delay over local time: what drift makes of it
  bool drift_known_ = false;  // from before start()
  bool wrong_rate_ = false;   // the camera's clock isn't off by drift, but by its rate
  Piece current_;             // for what is later than current_.from
  Piece before_;              // for what is earlier
};

}  // namespace retina::rtp
