#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/time.h"
#include "client/media_stream.h"

namespace retina::client {

/// When a camera is asked by RTCP for a key frame of one stream, and how: while the stream needs one, and
/// where the user wants one, once; never twice within kInterval. Thread-bound, no clock.
class KeyFrameRequest {
 public:
  enum class Kind { kNone, kPictureLoss, kFullIntra };

  static constexpr base::Duration kInterval = std::chrono::milliseconds(500);

  /// What the camera takes; kNone: it isn't asked.
  void set_kind(Kind kind) { kind_ = kind; }
  bool offered() const { return kind_ != Kind::kNone; }

  /// MediaStream::needs_key_frame() is true.
  void on_need(base::TimePoint now) {
    if (!due_ && offered()) plan(now);
  }
  /// The user wants one beyond those that have come.
  void want(const MediaStream& media, base::TimePoint now);
  /// Nothing is wanted any more.
  void cancel();

  /// Nullopt: nothing is wanted.
  std::optional<base::TimePoint> due() const { return due_; }
  /// Whether to send one now, and then to call append(). If not, nothing is due any more, or not yet.
  bool on_time(const MediaStream& media, base::TimePoint now);
  /// Puts the request behind a report from `sender`.
  void append(base::Bytes& report, std::uint32_t sender, const MediaStream& media, base::TimePoint now);

 private:
  void plan(base::TimePoint now);

  Kind kind_ = Kind::kNone;
  std::uint8_t sequence_ = 0;
  std::optional<base::TimePoint> due_;
  std::optional<base::TimePoint> sent_;         // the latest
  std::optional<std::uint64_t> wanted_beyond_;  // by the user: so many key frames
};

}  // namespace retina::client
