#include "client/session_time.h"

#include <chrono>

#include "rtp/sequence.h"
#include "rtp/timeline.h"

namespace retina::client {
namespace {

using base::Duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A report tells of about now.
constexpr Duration kMaxReportAge = seconds(60);
/// Streams of one camera that are further apart are not: their reports speak of different clocks.
constexpr Duration kMaxApart = seconds(3);
/// What is off by less is made up for gently; nobody hears or sees it.
constexpr Duration kNoticeable = milliseconds(10);
/// Streams that were together and are off by more: one report or the other is of a clock that was set.
constexpr Duration kMaxDeviation = milliseconds(100);
constexpr int kMaxDeviations = 3;

}  // namespace

// --- time of day ---

void SessionTime::observe(Stream& stream, const Report& report) {
  const std::int64_t timestamp = rtp::extend_timestamp(stream.latest, report.rtp_timestamp);
  const Duration away = rtp::to_duration(timestamp - stream.latest, stream.clock.rate_hz);
  if (std::chrono::abs(away) > kMaxReportAge) return;
  stream.wall.observe(report.ntp, timestamp);
}

void SessionTime::on_report(std::size_t number, std::uint64_t ntp, std::uint32_t rtp_timestamp) {
  Stream& stream = streams_[number];
  if (!stream.anchored) {
    stream.early_report = Report{ntp, rtp_timestamp};
    return;
  }
  observe(stream, {ntp, rtp_timestamp});
  synchronise();
}

std::optional<rtp::WallTime> SessionTime::wall_time(Stream& stream, std::int64_t timestamp,
                                                    const std::optional<rtp::ExtensionTime>& capture) {
  const auto by_reports = stream.wall.at(timestamp);
  if (!capture || (capture->shortened && !by_reports)) return by_reports;
  const std::uint64_t ntp = capture->shortened ? rtp::widen_ntp_56(capture->ntp, *by_reports) : capture->ntp;
  const auto exact = rtp::plausible_wall_time(ntp);
  if (!exact) return by_reports;
  // What a second has brought is enough for the line.
  const auto second = static_cast<std::int64_t>(stream.clock.rate_hz);
  if (!stream.has_observed || timestamp - stream.observed >= second) {
    stream.has_observed = true;
    stream.observed = timestamp;
    stream.wall.observe(ntp, timestamp);
    synchronise();
  }
  return exact;
}

// --- the streams together ---

/// The stream that the others are put in step with: the first one that knows the time of day, and if possible
/// one that others are in step with already.
SessionTime::Stream* SessionTime::reference() {
  Stream* best = nullptr;
  const auto rank = [](const Stream& stream) {
    return (stream.synchronised ? 2 : 0) + (stream.clock.secondary ? 0 : 1);
  };
  for (Stream& stream : streams_) {
    if (!stream.anchored || !stream.wall.known()) continue;
    if (best == nullptr || rank(stream) > rank(*best)) best = &stream;
  }
  return best;
}

/// How far `time` is from the reference's latest report, on the reference's media clock.
Duration SessionTime::since_report(const Stream& reference, rtp::WallTime time) {
  const rtp::WallClock::Line& line = reference.wall.line();
  return rounded(static_cast<double>((time - line.time).count()) / (1 + line.drift));
}

void SessionTime::synchronise() {
  if (streams_.size() < 2) return;
  Stream* leading = reference();
  if (leading == nullptr) return;
  for (Stream& stream : streams_) {
    if (&stream != leading && stream.anchored && stream.wall.known()) synchronise(stream, *leading);
  }
}

void SessionTime::synchronise(Stream& stream, Stream& reference) {
  if (stream.synchronised && stream.mapping == reference.mapping) return keep_together(stream, reference);
  join(stream, reference);
}

void SessionTime::keep_together(Stream& stream, const Stream& reference) {
  const CameraTime wanted = reference.moment(reference.wall.line().timestamp) +
                            since_report(reference, *stream.wall.at(stream.latest));
  const Duration off = wanted - stream.moment(stream.latest);
  if (std::chrono::abs(off) > kMaxDeviation) {
    stream.synchronised = ++stream.off < kMaxDeviations;
    return;
  }
  stream.off = 0;
  stream.glide_left = static_cast<double>(off.count());
  stream.glide_rate = (1 + stream.wall.line().drift) / (1 + reference.wall.line().drift) - 1;
}

/// Puts the stream on the reference's mapping, where the reports say it belongs. Whichever is behind goes
/// forward, in live time as on the pure media clock; only metadata may be made to wait instead.
void SessionTime::join(Stream& stream, Stream& reference) {
  const std::int64_t reported = reference.wall.line().timestamp;
  const Duration since = since_report(reference, *stream.wall.at(stream.latest));
  const CameraTime moment = reference.moment(reported) + since;
  const CameraTime before = stream.moment(stream.latest);
  const Duration off = local(reference, moment) - local(stream, before);
  const Duration camera_off = reference.pure(reported) + reference.camera_offset + since -
                              (stream.pure(stream.latest) + stream.camera_offset);
  const bool confirmed = stream.wall.confirmed() && reference.wall.confirmed();
  if (std::chrono::abs(off) > (confirmed ? kMaxApart : kMaxUnconfirmed)) return;

  const bool gently = std::chrono::abs(off) <= kNoticeable;
  const Duration shift = moment - before - (gently ? off : Duration::zero());
  if (stream.mapping != reference.mapping) {
    leave_mapping(stream);
    stream.ahead = gently ? Duration::zero() : off;
  }
  stream.mapping = reference.mapping;
  stream.anchor_moment += shift;
  stream.camera_offset -= shift;
  stream.glide_left = gently ? static_cast<double>(off.count()) : 0;
  stream.off = 0;
  stream.synchronised = reference.synchronised = true;
  if (!gently && off < Duration::zero() && !stream.clock.secondary) {
    lead(stream, -off);
  } else if (!gently) {
    stream.jumped = true;
  }
  join_camera_time(stream, reference, camera_off);
}

void SessionTime::join_camera_time(Stream& stream, const Stream& reference, Duration off) {
  if (std::chrono::abs(off) <= kNoticeable) return;
  if (off > Duration::zero() || stream.clock.secondary) {
    stream.camera_offset += off;
    return;
  }
  for_group(reference, [&](Stream& each) {
    if (&each != &stream) each.camera_offset -= off;
  });
}

}  // namespace retina::client
