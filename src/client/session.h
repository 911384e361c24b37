#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/log.h"
#include "base/time.h"
#include "client/coalescer.h"
#include "client/dialogue.h"
#include "client/event.h"
#include "client/media_stream.h"
#include "client/options.h"
#include "client/rtcp_sender.h"
#include "client/session_time.h"
#include "client/statistics.h"
#include "rtp/reorder.h"
#include "rtsp/framer.h"

namespace retina::client {

/// A stream that the caller wants, and what becomes of its frames.
struct Choice {
  std::size_t media_index = 0;  ///< in Session::description().media
  codec::FrameFormat format;
  codec::FrameAllocator* allocator = nullptr;  ///< must outlive the session
  /// Drop frames at the start and after a loss until a key frame comes.
  bool wait_for_keyframe = false;
  /// Only keeps its number: this session has no such stream. Nothing else of the choice counts.
  bool absent = false;
};

/// Why a medium of the SDP can't be chosen; empty: it can.
std::string obstacle(const sdp::Media& media);

/// One camera's session without any I/O: bytes and the time go in; bytes to send, the next deadline and
/// events come out. Thread-bound; never reads a clock.
///
/// Legal order of calls: next_event() first says ConnectionNeeded; then connected() or failed(). From there
/// on receive(), on_time() and connection_lost() in any order, each followed by next_event() until it has
/// nothing, and by sending output(). After Described, choose() once. After Ended nothing happens any more.
class Session {
 public:
  /// `options`, `log` and `statistics` must outlive the session; `url` is `options.location`, parsed.
  Session(const Options& options, rtsp::Url url, base::Log& log, Statistics& statistics);

  /// How the connection is to be made.
  Endpoint endpoint() const { return dialogue_.endpoint(); }
  /// How long connecting may take: not long while media comes meanwhile.
  base::Duration connect_timeout() const;

  void connected(base::TimePoint now);
  void failed(Failure failure) { dialogue_.fail(std::move(failure)); }
  /// `error`: the system's words; empty when the camera closed in order. `unread`: bytes of a message cut
  /// short.
  void connection_lost(const std::string& error, bool unread, base::TimePoint now);

  /// Parses `bytes` and returns how many were used up; the rest must stand in front of the next bytes. Stops
  /// early when an event is there. `read_timed_out`: the bytes were read after a coalescing wait that reached
  /// its deadline.
  std::size_t receive(base::ByteView bytes, bool read_timed_out, base::TimePoint now);

  /// One datagram that has come to a port of stream `stream` (PortsNeeded). Not while has_event():
  /// next_event() comes first.
  void receive_datagram(std::size_t stream, bool rtcp, base::ByteView bytes, base::TimePoint now);
  /// The answer to PortsNeeded: the first port of the pair; or why there is none, as a sentence.
  void ports_opened(std::size_t stream, std::uint16_t rtp_port, base::TimePoint now) {
    dialogue_.ports_opened(stream, rtp_port, now);
  }
  void ports_failed(std::string why, base::TimePoint now) { dialogue_.ports_failed(std::move(why), now); }

  std::optional<Event> next_event();
  bool has_event() const { return frame_.has_value() || !dialogue_.events().empty(); }

  const sdp::Description& description() const { return dialogue_.description(); }
  const std::vector<std::string>& closing_keepalives() const { return dialogue_.closing_keepalives(); }
  bool stream_missed() const { return dialogue_.stream_missed(); }
  /// At least one choice isn't absent.
  void choose(const std::vector<Choice>& choices, base::TimePoint now);
  /// The chosen streams, in the order of choose(); complete once Playing has come.
  const std::vector<Track>& tracks() const { return dialogue_.tracks(); }
  /// Asks the camera as soon as it is its turn, while the session plays; the answer comes as UserResponse. At
  /// most 64 wait. After Ended, and after teardown(), none comes any more.
  void submit(UserRequest request, base::TimePoint now) { dialogue_.submit(std::move(request), now); }

  /// Streams of which key frames can be asked for, as bits; complete once Playing has come.
  std::uint64_t key_frame_offers() const;
  /// Asks for a key frame of a stream, unless none of its media has come yet: it begins with one.
  void request_key_frame(std::size_t stream, base::TimePoint now);

  void teardown(base::TimePoint now) {
    leave_rtcp(now);
    dialogue_.teardown(now);
  }
  /// See Dialogue::take_unfinished_teardown().
  std::optional<UnfinishedTeardown> take_unfinished_teardown(base::TimePoint now) {
    return dialogue_.take_unfinished_teardown(now);
  }
  bool ended() const { return dialogue_.phase() == Dialogue::Phase::kEnded; }

  std::string& output() { return dialogue_.output(); }
  struct Datagram {
    std::size_t stream = 0;
    bool rtcp = false;
    base::Bytes bytes;
  };
  /// To be sent from the ports of streams, after the events; the caller takes them off.
  std::vector<Datagram>& datagrams() { return datagrams_; }
  /// Tells the user, once, of something around the session that isn't as it should be.
  void note(std::string text) { dialogue_.note(std::move(text)); }

  std::optional<base::TimePoint> deadline() const;
  void on_time(base::TimePoint now);

  /// How long to sleep for the rest of an unfinished frame; `unread_bytes` of it are in the caller's buffer
  /// already.
  std::optional<Coalescer::Wait> plan_wait(std::size_t unread_bytes, base::TimePoint now) const;

 private:
  /// Where the packets of an interleaved channel go.
  struct Route {
    MediaStream* stream = nullptr;
    bool rtcp = false;
    std::uint8_t number = 0;   // of the stream, as in FrameReady
    bool other_noted = false;  // RTCP on the channel of RTP, or the other way round
  };

  /// What a stream has besides where its packets come as datagrams.
  struct DatagramStream {
    rtp::ReorderWindow window;
    bool ending = false;  // BYE has come, but not everything from before it has been used
    bool ended = false;   // BYE was the last that came of it, on whatever transport
    bool punched = false;
    sdp::Retransmission retransmission;
    base::Bytes restored;  // the latest of the retransmissions
  };

  bool add_stream(const Choice& choice, std::vector<StreamClock>& clocks);
  void on_interleaved(std::uint8_t channel, base::ByteView payload, base::TimePoint now);
  /// As notes call it: cameras are told apart by their makers, streams by their number in the SDP.
  static std::string name_of(const MediaStream& stream);
  void note(const MediaStream::Complaint& complaint);
  void note_faults(MediaStream& stream);
  void find_route(std::uint8_t channel, base::ByteView payload);
  void move_stream(std::size_t number, std::uint8_t channel);
  void tell_sources();
  bool on_rtp(MediaStream* stream, std::uint8_t number, base::ByteView payload, base::TimePoint now);
  void on_rtcp(Route& route, base::ByteView payload);
  void on_bye(std::size_t stream);
  void flush(const Route& route);
  std::size_t parse(base::ByteView bytes, base::TimePoint now);
  void on_message(base::TimePoint now);
  void take_framing_notes();
  void finish_answer(base::TimePoint now);
  void on_framing_error(const base::Error& error);
  void open_channels();
  void take_frame(base::TimePoint now);
  std::optional<base::TimePoint> silence_deadline() const;
  void on_silence(base::TimePoint now);

  // Datagrams: session_datagrams.cpp.
  void on_datagram_rtcp(std::size_t stream, base::ByteView bytes);
  void on_datagram_rtp(std::size_t stream, base::ByteView bytes, bool retransmitted, base::TimePoint now);
  bool restore(std::size_t stream, base::ByteView bytes);
  void release();
  void punch_holes();
  std::optional<base::TimePoint> reorder_deadline() const;
  void on_reorder_time(base::TimePoint now);

  // RTCP of ours: session_rtcp.cpp.
  void send_rtcp(std::size_t stream, base::Bytes packet);
  void start_rtcp();
  void on_rtcp_time(base::TimePoint now);
  void leave_rtcp(base::TimePoint now);
  KeyFrameRequest::Kind key_frame_request(std::size_t stream) const;
  base::Duration retransmission_time(std::size_t stream) const;
  void take_report(MediaStream& stream, std::size_t number);

  const Options& options_;
  base::Log& log_;
  Statistics& statistics_;
  Dialogue dialogue_;
  rtsp::Framer framer_;

  std::vector<std::unique_ptr<MediaStream>> streams_;
  std::vector<Coalescer> coalescers_;  // of streams_, at the same places
  std::optional<SessionTime> time_;    // of streams_
  std::array<Route, 256> routes_{};
  std::bitset<256> known_channels_;  // to the framer
  MediaStream* current_ = nullptr;   // of the latest packet: its frames are pulled first
  std::uint8_t current_number_ = 0;
  std::optional<FrameReady> frame_;
  bool read_timed_out_ = false;
  RtcpSender rtcp_;
  std::vector<DatagramStream> datagram_streams_;  // of streams_, at the same places
  std::vector<Datagram> datagrams_;
  bool udp_seen_ = false;  // a datagram has come
  std::uint64_t resyncs_ = 0;
  bool interrupted_ = false;  // the streams, by the latest loss of framing
  std::uint8_t stray_channel_ = 0;
  unsigned stray_packets_ = 0;  // on it, in a row
  base::TimePoint now_{};
  base::TimePoint last_media_{};
};

}  // namespace retina::client
