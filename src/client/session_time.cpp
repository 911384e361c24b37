#include "client/session_time.h"

#include <algorithm>
#include <cmath>

#include "rtp/sequence.h"
#include "rtp/timeline.h"

namespace retina::client {
namespace {

using base::Duration;
using base::TimePoint;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Made up for at 2 ms a second.
constexpr double kGlideSlope = 0.002;

/// A frame this much earlier than the network ever was: not the network.
constexpr Duration kMaxEarly = milliseconds(300);
constexpr Duration kMaxFirstEarly = seconds(1);
/// So many frames that don't fit the mapping, while the media clock goes on, make another one.
constexpr int kMaxAstray = 8;
/// A stream that shares a mapping is late for it by at most this, or it leads it.
constexpr Duration kMaxLate = milliseconds(30);
constexpr Duration kWatched = seconds(10);
/// RTP-Info is a while before the first frame at most, and hardly after it; and it is believed as long as it
/// doesn't say much else than the arrivals.
constexpr Duration kMaxBeforeFirst = seconds(5);
constexpr Duration kMaxAfterFirst = milliseconds(100);
constexpr Duration kMaxRtpInfoError = milliseconds(300);

}  // namespace

SessionTime::SessionTime(const std::vector<StreamClock>& streams) : mappings_(streams.size()) {
  for (const StreamClock& clock : streams) {
    streams_.emplace_back(clock);
    streams_.back().mapping = streams_.size() - 1;
    mappings_[streams_.size() - 1].leader = streams_.size() - 1;
  }
}

void SessionTime::expect_first(std::size_t stream, std::uint32_t rtp_timestamp) {
  streams_[stream].first = rtp_timestamp;
}

Duration SessionTime::rounded(double nanoseconds) {
  return Duration(std::llround(nanoseconds));
}

// --- a stream's media clock on the camera's clock ---

SessionTime::CameraTime SessionTime::Stream::pure(std::int64_t timestamp) const {
  return anchor_moment + rtp::to_duration(timestamp - anchor, clock.rate_hz);
}

SessionTime::CameraTime SessionTime::Stream::moment(std::int64_t timestamp) const {
  return pure(timestamp) + rounded(gliding);
}

void SessionTime::set_anchor(Stream& stream, std::int64_t timestamp, CameraTime moment) {
  stream.anchored = true;
  stream.anchor = stream.highest = stream.latest = timestamp;
  stream.anchor_moment = moment;
  stream.camera_offset = Duration::zero();
  stream.gliding = stream.glide_left = stream.glide_rate = 0;
  stream.astray = stream.off = 0;
  stream.ahead = Duration::zero();
  stream.watched_since = {};
  stream.synchronised = false;
}

/// As the reports of this and another stream have it.
bool SessionTime::anchor_by_others(Stream& stream, std::int64_t timestamp, TimePoint arrival) {
  const auto time = stream.wall.at(timestamp);
  if (!time) return false;
  stream.anchored = false;  // not to be its own reference
  Stream* other = reference();
  stream.anchored = true;
  if (other == nullptr) return false;
  const Duration since = since_report(*other, *time);
  const CameraTime moment = other->moment(other->wall.line().timestamp) + since;
  if (std::chrono::abs(local(*other, moment) - arrival) > kMaxUnconfirmed) return false;
  stream.mapping = other->mapping;
  stream.anchor_moment = moment;
  stream.camera_offset = other->pure(other->wall.line().timestamp) + other->camera_offset + since - moment;
  stream.synchronised = other->synchronised = true;
  return true;
}

bool SessionTime::anchor_by_rtp_info(Stream& stream, std::int64_t timestamp, TimePoint arrival) {
  if (!stream.first) return false;
  const Duration after = rtp::to_duration(
      rtp::timestamp_delta(*stream.first, static_cast<std::uint32_t>(timestamp)), stream.clock.rate_hz);
  if (after < -kMaxAfterFirst || after > kMaxBeforeFirst) return false;
  if (!rtp_info_) {
    rtp_info_ = Origin{stream.anchor_moment - after, stream.mapping};
    return false;
  }
  const CameraTime moment = rtp_info_->moment + after;
  if (std::chrono::abs(mappings_[rtp_info_->mapping].clock.to_local(moment) - arrival) > kMaxRtpInfoError)
    return false;
  stream.mapping = rtp_info_->mapping;
  stream.anchor_moment = moment;
  return true;
}

void SessionTime::anchor_first(Stream& stream, std::int64_t timestamp, TimePoint arrival) {
  const auto started = std::find_if(mappings_.begin(), mappings_.end(),
                                    [](const Mapping& each) { return each.clock.started(); });
  const bool first = started == mappings_.end();
  set_anchor(stream, timestamp, first ? arrival : started->clock.to_camera(arrival));
  if (stream.early_report) observe(stream, *stream.early_report);
  stream.early_report.reset();
  if (anchor_by_others(stream, timestamp, arrival) || anchor_by_rtp_info(stream, timestamp, arrival)) return;
  rtp::ClockRecovery& own = mapping_of(stream).clock;
  own.start(stream.anchor_moment, arrival, first ? own : started->clock);
}

/// One that no other stream goes by.
std::size_t SessionTime::free_mapping(const Stream& stream) const {
  for (std::size_t i = 0; i < mappings_.size(); ++i) {
    const bool used = std::any_of(streams_.begin(), streams_.end(), [&](const Stream& each) {
      return &each != &stream && each.anchored && each.mapping == i;
    });
    if (!used) return i;
  }
  return stream.mapping;
}

/// The others that go by its mapping stay together: one of them has to lead it on.
void SessionTime::leave_mapping(Stream& stream) {
  Mapping& old = mapping_of(stream);
  const std::size_t number = number_of(stream);
  if (old.leader != number) return;
  for_group(stream, [&](Stream& each) {
    const bool better = old.leader == number || !each.clock.secondary;
    if (&each != &stream && better) old.leader = number_of(each);
  });
}

/// A new mapping, which never goes back behind what was given out. Its stream is on its own again.
void SessionTime::anchor_again(Stream& stream, std::int64_t timestamp, TimePoint local_time) {
  const TimePoint start = std::max(local_time, stream.live + Duration(1));
  const rtp::ClockRecovery known = mapping_of(stream).clock;
  const CameraTime moment = std::max(known.to_camera(start), stream.camera + Duration(1));
  leave_mapping(stream);
  stream.mapping = free_mapping(stream);
  mapping_of(stream).clock.start(moment, start, known);
  mapping_of(stream).leader = number_of(stream);
  set_anchor(stream, timestamp, moment);
  stream.wall.reset();
  stream.has_observed = false;
  stream.order.restart();
}

/// The timestamps went ahead of time itself, at once: not the end of a stall, which catches up frame by
/// frame, and never gets ahead of the envelope.
bool SessionTime::leaps(const Stream& stream, std::int64_t timestamp, TimePoint arrival) const {
  const Duration media = rtp::to_duration(timestamp - stream.latest, stream.clock.rate_hz);
  if (media <= kMaxEarly) return false;
  // In the first seconds nobody knows how late the frames were.
  const Duration most = mappings_[stream.mapping].clock.settled() ? kMaxEarly : kMaxFirstEarly;
  return media - (arrival - stream.latest_arrival) > most &&
         local(stream, stream.moment(timestamp)) - arrival > most;
}

void SessionTime::glide(Stream& stream, std::int64_t timestamp) {
  if (timestamp <= stream.highest) return;
  const auto elapsed =
      static_cast<double>(rtp::to_duration(timestamp - stream.highest, stream.clock.rate_hz).count());
  stream.highest = timestamp;
  const double step = std::clamp(stream.glide_left, -kGlideSlope * elapsed, kGlideSlope * elapsed);
  stream.glide_left -= step;
  stream.gliding += step + stream.glide_rate * elapsed;
}

/// The mapping goes by the arrivals of the stream that comes last.
void SessionTime::learn(Stream& stream, CameraTime moment, TimePoint arrival) {
  Mapping& mapping = mapping_of(stream);
  if (mapping.leader != number_of(stream)) return watch(stream, moment, arrival);
  if (!mapping.clock.add(moment, arrival + stream.ahead)) return;
  for_group(stream, [](Stream& each) { each.jumped = true; });
}

/// A stream all of whose frames come later than they belong, for ten seconds, is the slower one. (Metadata
/// comes when it likes, and moves nobody.)
void SessionTime::watch(Stream& stream, CameraTime moment, TimePoint arrival) {
  if (stream.clock.secondary) return;
  const Duration late = arrival - local(stream, moment);
  const bool begins = stream.watched_since == CameraTime{};
  if (begins) stream.watched_since = moment;
  stream.least_late = begins ? late : std::min(stream.least_late, late);
  if (moment - stream.watched_since < kWatched) return;
  stream.watched_since = {};
  if (stream.least_late > kMaxLate) lead(stream, stream.least_late);
}

/// From now on its mapping goes by this stream, which comes so much later than the one before.
void SessionTime::lead(Stream& stream, Duration later) {
  Mapping& mapping = mapping_of(stream);
  mapping.clock.shift(later);
  mapping.leader = number_of(stream);
  for_group(stream, [&](Stream& each) {
    each.ahead += later;
    each.jumped = true;
    each.watched_since = {};
  });
  stream.ahead = Duration::zero();
}

FrameTimes SessionTime::place(std::size_t number, std::int64_t timestamp, TimePoint arrival, bool jumped,
                              const std::optional<rtp::ExtensionTime>& capture) {
  Stream& stream = streams_[number];
  if (!stream.anchored) {
    anchor_first(stream, timestamp, arrival);
  } else if (jumped || leaps(stream, timestamp, arrival)) {
    anchor_again(stream, timestamp, arrival);
    stream.jumped = true;
  }
  glide(stream, timestamp);
  const CameraTime moment = stream.moment(timestamp);
  learn(stream, moment, arrival);

  FrameTimes times;
  times.live = keep_order(stream, timestamp, arrival, local(stream, moment));
  times.camera = stream.pure(timestamp) + stream.camera_offset;
  times.in_order = stream.clock.order == StreamClock::Order::kRising ||
                   (stream.clock.order == StreamClock::Order::kAny && !stream.order.reorders());
  if (times.in_order) times.camera = std::max(times.camera, stream.camera + Duration(1));
  stream.camera = std::max(stream.camera, times.camera);
  times.wall = wall_time(stream, timestamp, capture);
  times.jumped = std::exchange(stream.jumped, false);
  stream.latest = timestamp;
  stream.latest_arrival = arrival;
  return times;
}

/// The time of a frame that is to be after the one before it, and by the mapping isn't (a clock that stands
/// still or went back): as much after it as it came after it.
TimePoint SessionTime::keep_order(Stream& stream, std::int64_t timestamp, TimePoint arrival,
                                  TimePoint wanted) {
  if (stream.clock.order == StreamClock::Order::kPackets) return wanted;
  const auto verdict = stream.order.place(timestamp);
  if (verdict == rtp::ReorderWatch::Verdict::kFilling) return wanted;
  if (wanted > stream.live) {
    stream.astray = 0;
    return stream.live = wanted;
  }
  const TimePoint next = stream.live + Duration(1);
  stream.live = std::max(next, std::min(stream.live + (arrival - stream.latest_arrival), arrival));
  if (timestamp != stream.latest && ++stream.astray >= kMaxAstray) {
    // The times go on as they were made up: for whoever follows them nothing jumps.
    anchor_again(stream, timestamp, stream.live);
    stream.live = local(stream, stream.anchor_moment);
  }
  return stream.live;
}

}  // namespace retina::client
