#include "client/key_frame_request.h"

#include <algorithm>
#include <utility>

#include "rtp/key_frame_feedback.h"

namespace retina::client {

void KeyFrameRequest::plan(base::TimePoint now) {
  due_ = sent_ ? std::max(now, *sent_ + kInterval) : now;
}

void KeyFrameRequest::want(const MediaStream& media, base::TimePoint now) {
  if (!offered()) return;
  wanted_beyond_ = media.key_frames();
  if (!due_) plan(now);
}

void KeyFrameRequest::cancel() {
  due_.reset();
  wanted_beyond_.reset();
}

bool KeyFrameRequest::on_time(const MediaStream& media, base::TimePoint now) {
  if (!due_ || now < *due_) return false;
  due_.reset();
  const bool wanted = std::exchange(wanted_beyond_, std::nullopt) == media.key_frames();
  return offered() && media.has_media() && (wanted || media.needs_key_frame());
}

void KeyFrameRequest::append(base::Bytes& report, std::uint32_t sender, const MediaStream& media,
                             base::TimePoint now) {
  if (kind_ == Kind::kPictureLoss) {
    rtp::append_picture_loss(report, sender, *media.ssrc());
  } else {
    // RFC 5104 s4.3.1.2 has repetitions keep their number. This is a new one each time: the key frame that
    // the one before has brought may be what was lost.
    rtp::append_full_intra_request(report, sender, *media.ssrc(), sequence_++);
  }
  sent_ = now;
  if (media.needs_key_frame()) plan(now);
}

}  // namespace retina::client
