#include "rtp/clock_recovery.h"

#include <algorithm>
#include <cmath>

namespace retina::rtp {
namespace {

constexpr double kNsPerMs = 1e6;
constexpr double kBlockSeconds = static_cast<double>(LowerEnvelope::kBlockNs) * 1e-9;

/// Crystals are within 100 ppm, cheap ones in the heat within 500. More isn't drift.
constexpr double kMaxDrift = 1000e-6;
/// How far a drift is expected from the one known before, and how much noise a new one has to overcome.
constexpr double kDriftDoubt = 200e-6;
constexpr double kDriftReluctanceNs = 0.5 * kNsPerMs;
/// What is known of the drift follows what is measured slowly.
constexpr double kDriftTimeConstantSeconds = 30;

/// The newest 10 s.
constexpr std::size_t kRecent = 20;
/// Above this the camera's clock has a wrong rate.
constexpr double kWrongRate = 3000e-6;
/// Everything this much later than it should be, all the time, isn't a stall.
constexpr double kMaxLagNs = 500 * kNsPerMs;

/// Without news a correction ends: two blocks.
constexpr double kCorrectionNs = 1e9;
constexpr double kTimeConstantSeconds = 5;
constexpr double kFirstTimeConstantSeconds = 3;
constexpr double kFirstMaxSlope = 0.03;
/// Time goes on, whatever happens.
constexpr double kMinSlope = -0.9;
constexpr double kMaxSlope = 20;

base::Duration rounded(double nanoseconds) {
  return base::Duration(std::llround(nanoseconds));
}

}  // namespace

void ClockRecovery::start(CameraTime camera, base::TimePoint arrival, const ClockRecovery& other) {
  const double slope = other.wrong_rate_ ? 0 : other.slope_;
  const bool drift_known = other.settled() && !other.wrong_rate_;
  *this = ClockRecovery();
  started_ = true;
  slope_ = slope;
  drift_known_ = drift_known;
  latest_arrival_ = arrival;
  latest_camera_ = camera;
  current_ = before_ = {camera, static_cast<double>((arrival - camera).count()), slope, 0};
}

void ClockRecovery::shift(base::Duration later) {
  envelope_.shift(later.count());
  current_.offset += static_cast<double>(later.count());
  before_.offset += static_cast<double>(later.count());
}

double ClockRecovery::offset_at(const Piece& piece, CameraTime camera) {
  const auto since = static_cast<double>((camera - piece.from).count());
  return piece.offset + piece.drift * since + piece.correction * std::min(since, kCorrectionNs);
}

base::TimePoint ClockRecovery::to_local(CameraTime camera) const {
  return camera + rounded(offset_at(camera < current_.from ? before_ : current_, camera));
}

ClockRecovery::CameraTime ClockRecovery::to_camera(base::TimePoint local) const {
  CameraTime camera = local - rounded(current_.offset);
  // The slope is small, or the difference is: each round divides the error by it.
  for (int i = 0; i < 4; ++i)
    camera = camera + rounded(static_cast<double>((local - to_local(camera)).count()) / (1 + current_.drift));
  return camera;
}

/// A camera whose clock ticks at another rate than it says (16 kHz sound called 8 kHz): the newest points lie
/// on a steep line, and near it. A change of the network's delay makes a step instead.
bool ClockRecovery::gross(LowerEnvelope::Line& line) {
  if (envelope_.blocks() < kRecent) return wrong_rate_;
  const LowerEnvelope::Line steep = envelope_.fit_newest(kRecent);
  const double rise = std::abs(steep.slope) * static_cast<double>(LowerEnvelope::kBlockNs) * kRecent;
  if (std::abs(steep.slope) < kWrongRate || envelope_.mean_gap(steep, kRecent) > rise / 10) return false;
  envelope_.keep(kRecent);
  line = steep;
  return true;
}

void ClockRecovery::learn_drift(const LowerEnvelope::Line& line) {
  if (wrong_rate_) {
    slope_ = line.slope;
    return;
  }
  const double first_gain = drift_known_ ? 0 : 1.0 / static_cast<double>(blocks_ + 1);
  const double gain = std::max(kBlockSeconds / kDriftTimeConstantSeconds, first_gain);
  slope_ = std::clamp(slope_, -kMaxDrift, kMaxDrift);
  slope_ += (std::clamp(line.slope, -kMaxDrift, kMaxDrift) - slope_) * gain;
}

/// Everything comes much later than it should, for good: there is a new line, and it isn't reached gently.
bool ClockRecovery::late_for_good(LowerEnvelope::Line& line, double local, double offset) {
  if (wrong_rate_) return line.at(local) - offset > kMaxLagNs;
  if (envelope_.blocks() < kRecent || envelope_.least_gap(line, kRecent) <= kMaxLagNs) return false;
  envelope_.keep(kRecent);
  line = envelope_.fit(slope_, kDriftDoubt, kMaxDrift, kDriftReluctanceNs);
  return line.at(local) > offset;
}

double ClockRecovery::correction_for(double error) const {
  const double gently = error / (kTimeConstantSeconds * 1e9);
  if (settled()) return gently;
  const double most = std::max(kFirstMaxSlope, std::abs(gently));
  return std::clamp(error / (kFirstTimeConstantSeconds * 1e9), -most, most);
}

bool ClockRecovery::adjust() {
  ++blocks_;
  LowerEnvelope::Line line =
      envelope_.fit(wrong_rate_ ? 0 : slope_, kDriftDoubt, kMaxDrift, kDriftReluctanceNs);
  wrong_rate_ = gross(line);
  learn_drift(line);

  const double offset = offset_at(current_, latest_camera_);
  const double local = static_cast<double>(latest_camera_.time_since_epoch().count()) + offset;
  const bool jumps = late_for_good(line, local, offset);
  const double target = line.at(local);
  // Over local time the delay rises by slope_; over the camera's, which is what counts here, by this.
  const double drift = std::clamp(slope_ / (1 - std::min(slope_, 0.9)), kMinSlope, kMaxSlope);
  const double correction = jumps ? 0 : correction_for(target - offset);
  before_ = current_;
  current_ = {latest_camera_, jumps ? target : offset, drift,
              std::clamp(correction, kMinSlope - drift, kMaxSlope - drift)};
  return jumps;
}

}  // namespace retina::rtp
