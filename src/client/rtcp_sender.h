#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "client/key_frame_request.h"
#include "client/media_stream.h"
#include "client/retransmission_request.h"
#include "rtp/reorder.h"
#include "rtp/rtcp_schedule.h"

namespace retina::client {

/// The receiver reports of a session's streams (RFC 3550 s6): one each in turn, with an SSRC of its own and a
/// CNAME that all share. Each stream is an RTP session of two, the camera and us, but for multicast. And the
/// requests for key frames and for lost packets, each behind a report (RFC 4585 s3.1). Thread-bound, no
/// clock.
class RtcpSender {
 public:
  /// Of `seed` come SSRCs, the CNAME and the moments of sending.
  explicit RtcpSender(std::uint64_t seed);

  /// The streams, from here on and in this order.
  void clear() { streams_.clear(); }
  void add_stream(std::uint32_t bandwidth_kbps);

  void start(base::TimePoint now);
  void stop();

  std::optional<base::TimePoint> due() const;
  void on_received(std::size_t stream, std::size_t size_bytes);
  /// RTCP of a group has come, perhaps of one more who receives: the more there are, the less each sends.
  void on_participant(std::size_t stream, base::ByteView compound);

  /// Requests for key frames of a stream.
  KeyFrameRequest& key_frames(std::size_t stream) { return streams_[stream].key_frames; }
  const KeyFrameRequest& key_frames(std::size_t stream) const { return streams_[stream].key_frames; }

  /// Requests for lost packets of a stream.
  RetransmissionRequest& retransmissions(std::size_t stream) { return streams_[stream].retransmissions; }

  /// The report about `media`, which is stream `stream` and comes through `window`, if it is its time or that
  /// of a request.
  std::optional<base::Bytes> on_time(std::size_t stream, MediaStream& media, const rtp::ReorderWindow& window,
                                     base::TimePoint now);
  /// The farewell, if the camera has heard of us; once.
  std::optional<base::Bytes> leave(std::size_t stream, MediaStream& media, base::TimePoint now);

 private:
  struct Stream {
    std::uint32_t ssrc;
    rtp::RtcpSchedule schedule;
    std::set<std::uint32_t> participants;  // others than us
    KeyFrameRequest key_frames;
    RetransmissionRequest retransmissions;

    std::optional<base::TimePoint> due() const;
  };

  base::Bytes make(Stream& stream, MediaStream& media, bool bye, base::TimePoint now);

  base::Random random_;
  std::string cname_;
  std::deque<Stream> streams_;  // never moved: schedules refer to random_
};

}  // namespace retina::client
