#pragma once

#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

namespace retina::gst {

/// How far one stream has come: where its latest frame in time ends. Written by the streaming thread, read by
/// any.
class Progress {
 public:
  /// `duration`: NONE if it isn't known.
  void on_frame(GstClockTime pts, GstClockTime duration) {
    if (!GST_CLOCK_TIME_IS_VALID(pts)) return;
    const GstClockTime length = GST_CLOCK_TIME_IS_VALID(duration) ? duration : 0;
    if (pts + length > end_.load(std::memory_order_relaxed))
      end_.store(pts + length, std::memory_order_relaxed);
    length_.store(length, std::memory_order_relaxed);
  }
  void reset() { end_ = length_ = 0; }

  GstClockTime end() const { return end_; }
  GstClockTime length() const { return length_; }  ///< of the latest frame; 0: not known

 private:
  std::atomic<GstClockTime> end_ = 0;
  std::atomic<GstClockTime> length_ = 0;
};

/// Where the streams of a session end together, when the application ends them: none shorter than the one
/// that has come farthest by then, and none longer than it takes to complete its last frame.
///
/// Any thread.
class CommonEnd {
 public:
  /// `streams`: those that end together. Others don't count.
  explicit CommonEnd(const std::vector<const Progress*>& streams);

  /// Whether the stream ends before this frame, which is the next of it: it has come as far as the others,
  /// and the frame is not one that was still missing between those before it (B-frames).
  bool ends_before(const Progress& stream, GstClockTime pts, GstClockTime duration) const;
  /// It has ended.
  void on_end(const Progress& stream);
  /// wait() returns.
  void cancel();
  /// Until all of them have ended, or it takes too long.
  void wait(std::chrono::milliseconds patience);

  GstClockTime time() const { return time_; }

 private:
  GstClockTime time_ = 0;

  std::mutex mutex_;  // a leaf
  std::condition_variable changed_;
  std::set<const Progress*> running_;
  bool cancelled_ = false;
};

}  // namespace retina::gst
