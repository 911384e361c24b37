#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "client/event.h"
#include "client/exchange.h"
#include "client/keepalive.h"
#include "client/options.h"
#include "client/tunnel.h"
#include "client/unfinished_teardown.h"
#include "rtsp/headers.h"
#include "rtsp/url.h"
#include "sdp/description.h"

namespace retina::client {

/// One stream on its way from the SDP to the media: what SETUP asked for and was answered.
struct Track {
  std::size_t media_index = 0;
  bool ready = false;    ///< SETUP has succeeded
  bool refused = false;  ///< SETUP has failed for good, or isn't wanted; the other streams go on
  Transport transport = Transport::kTcp;
  std::uint16_t client_port = 0;  ///< UDP: its media comes there and to the next one; 0: none yet
  std::uint8_t rtp_channel = 0;
  std::uint8_t rtcp_channel = 1;
  std::optional<std::uint32_t> ssrc;
  std::optional<std::uint16_t> first_sequence;  ///< as far as InitialSequence lets it count
  /// The RTP time of the start of PLAY's range, as far as InitialTimestamp lets it count: where a frame's RTP
  /// time minus this, on the stream's clock, is its offset from the start.
  std::optional<std::uint32_t> first_timestamp;

  bool interleaved() const { return transport == Transport::kTcp; }
};

/// The control dialogue of one session (RFC 2326): OPTIONS, DESCRIBE, SETUP for each chosen stream, PLAY,
/// keep-alives, TEARDOWN; authentication; requests of the server and of the user. Messages and the time go
/// in, requests (as text to send) and events come out. Knows nothing of media but that it flows. PAUSE is
/// never sent: cameras refuse it (Hikvision DS-2CD2732F), or end the session with it. Thread-bound, no I/O,
/// no clock.
class Dialogue {
 public:
  Dialogue(const Options& options, rtsp::Url url, base::Log& log);

  enum class Phase {
    kConnecting,
    kOptions,
    kDescribe,
    kChoosing,
    kSetup,
    kPlay,
    kPlaying,
    kTeardown,
    kEnded
  };
  Phase phase() const { return phase_; }
  /// Media may come, or comes.
  bool expects_media() const { return phase_ == Phase::kPlay || phase_ == Phase::kPlaying; }

  /// A connection is there; the request that the last one left unanswered is sent.
  void connected(base::TimePoint now);
  /// The connection has ended. `error` is the system's words, empty when the camera closed it in order.
  void connection_lost(const std::string& error, base::TimePoint now);

  void on_response(const rtsp::Response& response, base::TimePoint now);
  void on_request(const rtsp::Request& request);
  /// After Described: SETUP of these streams, but for those that are refused already, then PLAY. At least
  /// one.
  void choose(std::vector<Track> tracks, base::TimePoint now);
  /// The ports that PortsNeeded asked for: the first of the pair; or why there are none, as a sentence.
  void ports_opened(std::size_t track, std::uint16_t rtp_port, base::TimePoint now);
  void ports_failed(std::string why, base::TimePoint now);
  /// How media comes, or is asked for.
  Transport transport() const { return transport_; }
  /// Where no datagrams come, TCP is still to be tried.
  bool can_give_up_datagrams() const {
    return is_datagrams(transport_) && allowed_.tcp && !given_up_ && phase_ == Phase::kPlaying;
  }
  void give_up_datagrams(base::TimePoint now);
  /// Media of a chosen stream has come: whatever becomes of PLAY's response, it has succeeded.
  void on_media(base::TimePoint now) {
    if (!media_came_ || phase_ == Phase::kPlay) on_early_media(now);
  }
  /// Media has come on a channel of no SETUP, or before PLAY.
  void on_unassigned_data(base::TimePoint now);
  /// A stream may come on another channel than the one agreed on: unless that may be an earlier session's, or
  /// the user wants to know.
  bool may_move_channels() const {
    return options_.unassigned_channel_data == UnassignedChannelData::kAuto && !serves_stale_sessions();
  }
  /// RTCP of another source than the stream's has come. `stream`: "stream 0".
  void on_unknown_rtcp_ssrc(const std::string& stream);
  /// A request of the user's own, to be sent when the dialogue has nothing to say itself.
  void submit(UserRequest request, base::TimePoint now);

  /// Ends the session on the server, where there is one.
  void teardown(base::TimePoint now);
  void fail(Failure failure);
  /// Every source has said BYE.
  void end_of_media();
  /// Over, and not by a failure.
  bool ended_in_order() const { return ended_in_order_; }
  /// After the end, or after teardown() when its answer isn't waited for any more: what is left to be done on
  /// other connections, if anything. Once.
  std::optional<UnfinishedTeardown> take_unfinished_teardown(base::TimePoint now);

  std::optional<base::TimePoint> deadline() const;
  void on_time(base::TimePoint now);

  const rtsp::Url& url() const { return url_; }
  Endpoint endpoint() const;
  Endpoint::Tunnel tunnel() const;
  bool tls() const { return rtsp::is_tls_scheme(websocket_ ? websocket_->scheme : url_.scheme); }
  const sdp::Description& description() const { return description_; }
  const std::vector<Track>& tracks() const { return tracks_; }
  /// It has failed because the camera refused a stream that was to be kept (Options::keep_streams).
  bool stream_missed() const { return stream_missed_; }
  /// Methods at which cameras have closed the connection: not to be used as keep-alives.
  const std::vector<std::string>& closing_keepalives() const { return keepalive_.closing(); }
  /// Bytes for the camera; the caller takes off what it has sent.
  std::string& output() { return output_; }
  /// Events for the caller, oldest first.
  std::deque<Event>& events() { return events_; }
  const std::deque<Event>& events() const { return events_; }
  /// Tells the user once of something broken that was tolerated.
  void note(std::string text);

 private:
  /// So much the camera may leave unread.
  static constexpr std::size_t kMaxUnreadBytes = std::size_t{64} * 1024;

  // The connection: dialogue.cpp.
  bool reconnects();
  bool plays_without_connection(base::TimePoint now);

  // Requests: dialogue_requests.cpp.
  bool ask(rtsp::Request request, base::TimePoint deadline);
  bool allowed(rtsp::Request& request) const;
  void ask_or_fail(rtsp::Request request, base::TimePoint deadline);
  /// The camera doesn't read what is sent to it.
  bool output_is_stuck() const { return output_.size() > kMaxUnreadBytes; }
  void send_options(base::TimePoint now);
  void send_describe(base::TimePoint now, std::optional<base::TimePoint> deadline = {});
  void send_setup(base::TimePoint now);
  void set_up_next(base::TimePoint now);
  void send_play(base::TimePoint now);
  void on_early_media(base::TimePoint now);
  void start_playing(base::TimePoint now);
  void start_over(base::TimePoint now);
  void ask_for_sign_of_life(base::TimePoint now);
  bool has_feedback_profile(const Track& track) const;
  std::string transport_header(const Track& track) const;

  // URLs: dialogue_urls.cpp.
  /// How a control URL is joined, in the order in which they are tried.
  enum class JoinWay {
    kAppendToBase,     ///< behind the base URL with a slash between, as most cameras mean it
    kRfc3986,          ///< in the place of the base URL's last name
    kAppendToSession,  ///< behind the session-level control URL
  };
  static constexpr JoinWay next(JoinWay way) { return static_cast<JoinWay>(static_cast<int>(way) + 1); }
  std::string control_url(std::size_t media_index, JoinWay way) const;
  std::string control_url(std::size_t media_index) const { return control_url(media_index, join_way_); }
  std::string session_url() const;
  void learn_urls(const rtsp::Response& response);
  bool retry_setup(const rtsp::Response& response, base::TimePoint now);
  bool retry_play(const rtsp::Response& response, base::TimePoint now);

  // Responses: dialogue_responses.cpp, dialogue_setup.cpp.
  void on_unauthorized(const rtsp::Response& response, base::TimePoint now);
  void on_options(const rtsp::Response& response, base::TimePoint now);
  void learn_methods(const rtsp::Response& response);
  void on_describe(const rtsp::Response& response, base::TimePoint now);
  void on_setup(const rtsp::Response& response, base::TimePoint now);
  void on_play(const rtsp::Response& response, base::TimePoint now);
  void on_answer_while_playing(const rtsp::Response& response, base::TimePoint now);
  void on_keepalive(const rtsp::Response& response);
  bool follow_redirect(const rtsp::Response& response);
  bool leave_out_stream(const rtsp::Response& response, base::TimePoint now);
  bool any_ready() const;
  bool session_forgotten(const rtsp::Response& response, base::TimePoint now);
  void assign_session(const rtsp::Response& response);
  void learn_session(const rtsp::Response& response);
  bool take_other_session();
  void assign_transport(Track& track, const rtsp::Response& response);
  bool is_free(std::uint8_t channel) const;
  void assign_ports(const Track& track, const rtsp::TransportHeader& transport);
  void assign_group(const Track& track, const rtsp::TransportHeader& transport);

  // Which transport: dialogue_transport.cpp.
  Transport first_transport() const;
  void choose_transport(Transport transport);
  std::optional<Transport> untried_transport() const;
  static bool is_about_transport(int status);
  bool try_next_transport(const rtsp::Response& response, base::TimePoint now);
  void set_up_over(Transport transport, base::TimePoint now);
  void set_up_again_over(Transport transport, base::TimePoint now);
  void release_ports();
  std::string transport_advice(int status) const;
  bool assign_rtp_info(const rtsp::Response& response);
  const rtsp::RtpInfo* find_rtp_info(const std::vector<rtsp::RtpInfo>& items, std::size_t track);
  bool settle_first_timestamps();
  void fail_with_status(const rtsp::Response& response);
  std::string harmless_reason(const rtsp::Response& response) const;
  /// Without credentials that the camera repeats.
  std::string harmless(std::string text) const {
    return exchange_.authenticator().without_secrets(std::move(text));
  }

  // Requests of the server: dialogue_server.cpp.
  void reply(const rtsp::Request& request, rtsp::Response response);
  void obey_redirect(const rtsp::Request& request);
  bool redirect(const std::string& location, int status, const std::string& reason);
  void stay_in_tunnel(rtsp::Url& target) const;
  bool keeps_credentials(const rtsp::Url& target) const;
  void go_to(rtsp::Url target);

  // Requests of the user: dialogue_user.cpp.
  void send_what_is_due(base::TimePoint now);
  void send_user_request(base::TimePoint now);
  base::TimePoint answer_deadline(base::TimePoint now) const;
  void answer_user(std::optional<rtsp::Response> response, std::string failure);
  void refuse_user_requests();

  // The end: dialogue_end.cpp.
  void end();
  void close_dialogue();
  bool ask_for_teardown(base::TimePoint deadline);
  bool serves_stale_sessions() const;
  void note_stale_sessions(base::TimePoint now);

  void notify(Event event) { events_.push_back(std::move(event)); }
  bool has_session() const { return !exchange_.session_id().empty(); }
  void forget_session() {
    exchange_.set_session_id("");
    other_session_id_.clear();
  }

  const Options& options_;
  rtsp::Url url_;
  std::optional<rtsp::Url> websocket_;  // through which url_ is reached
  base::Log& log_;
  Phase phase_ = Phase::kConnecting;
  Exchange exchange_;
  KeepAlive keepalive_;

  sdp::Description description_;
  std::string base_url_;       // joins the control URLs
  std::string aggregate_url_;  // PLAY, keep-alives and TEARDOWN go there
  std::vector<Track> tracks_;
  std::size_t next_setup_ = 0;
  Transports allowed_;
  Transport transport_ = Transport::kTcp;
  Transports tried_ = Transports::none();     // for the streams at hand
  Transports refused_ = Transports::none();   // of these
  std::optional<std::size_t> refuses_first_;  // the track for whose sake another than the first has its turn
  std::optional<Transport> given_up_;         // nothing came over it; TCP has its turn, for the last time
  bool feedback_profile_ = false;             // RTP/AVPF, where the description has it, instead of RTP/AVP
  JoinWay join_way_ = JoinWay::kAppendToBase;
  std::vector<std::string> tried_play_urls_;  // and refused
  bool without_range_ = false;
  bool stream_missed_ = false;
  std::optional<rtsp::Response> refused_play_;   // by the camera's fault; media may come all the same
  std::optional<base::TimePoint> options_sent_;  // on this connection
  base::Duration session_timeout_ = std::chrono::seconds(rtsp::kDefaultSessionTimeoutSeconds);
  bool session_timeout_told_ = false;
  std::string other_session_id_;  // the latest that isn't the one in use

  bool skip_options_ = false;
  int redirects_ = 0;  // since media flowed
  bool ended_in_order_ = false;
  int connections_ = 0;
  std::optional<base::TimePoint> connected_again_;  // the latest time, while media came over UDP
  int answers_ = 0;                                 // on this connection
  int latest_status_ = 0;                           // on this connection
  bool starts_over_ = false;                        // the next connection begins with SETUP
  bool started_over_ = false;
  bool play_sent_ = false;
  bool media_came_ = false;      // over the latest transport
  bool teardown_asked_ = false;  // it is exchange_'s latest request
  bool unassigned_data_noted_ = false;

  std::deque<UserRequest> user_requests_;
  std::optional<std::uint64_t> user_asked_;  // the id of the one that exchange_ waits for

  std::string output_;
  std::deque<Event> events_;
  std::vector<std::string> noted_;
};

}  // namespace retina::client
