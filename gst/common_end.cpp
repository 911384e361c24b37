#include "common_end.h"

#include <algorithm>

namespace retina::gst {
namespace {

/// Clock rates and nanoseconds don't go into each other: less than half a frame is nothing.
bool reaches(GstClockTime time, GstClockTime wanted, GstClockTime frame) {
  return time + frame / 2 >= wanted;
}

}  // namespace

CommonEnd::CommonEnd(const std::vector<const Progress*>& streams) : running_(streams.begin(), streams.end()) {
  for (const Progress* stream : streams)
    time_ = std::max(time_, stream->end());
  // Long frames decide: those of the others fit better into what they leave.
  GstClockTime latest = time_;
  for (const Progress* stream : streams) {
    const GstClockTime end = stream->end();
    const GstClockTime length = stream->length();
    if (end == 0 || length == 0) continue;
    latest = std::max(latest, end + (time_ - end + length / 2) / length * length);
  }
  time_ = latest;
}

bool CommonEnd::ends_before(const Progress& stream, GstClockTime pts, GstClockTime duration) const {
  if (!GST_CLOCK_TIME_IS_VALID(pts)) return false;
  const GstClockTime end = stream.end();
  const bool known = GST_CLOCK_TIME_IS_VALID(duration) && duration > 0;
  const GstClockTime length = known ? duration : 0;
  if (end == 0) return reaches(pts, time_, length);
  if (!known) return end >= time_ && pts > end;
  // Where it ends nearer to the others' end: without this frame and those that are shown before it, or with
  // them.
  return reaches(pts, end, length) && end + pts + length >= 2 * time_;
}

void CommonEnd::on_end(const Progress& stream) {
  const std::lock_guard lock(mutex_);
  running_.erase(&stream);
  changed_.notify_all();
}

void CommonEnd::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

void CommonEnd::wait(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [this] { return cancelled_ || running_.empty(); });
}

}  // namespace retina::gst
