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
#include "rtsp/headers.h"
#include "rtsp/url.h"
#include "sdp/description.h"

namespace retina::client {

/// One stream on its way from the SDP to the media: what SETUP asked for and was answered.
struct Track {
  std::size_t media_index = 0;
  bool ready = false;  ///< SETUP has succeeded
  std::uint8_t rtp_channel = 0;
  std::uint8_t rtcp_channel = 1;
  std::optional<std::uint32_t> ssrc;
  std::optional<std::uint16_t> first_sequence;
};

/// The control dialogue of one session (RFC 2326): OPTIONS, DESCRIBE, SETUP for each chosen stream, PLAY,
/// keep-alives, TEARDOWN; authentication; requests of the server. Messages and the time go in, requests (as
/// text to send) and events come out. Knows nothing of media but that it flows. Thread-bound, no I/O, no
/// clock.
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
  /// After Described: SETUP these sections of the SDP, then PLAY. At least one.
  void choose(const std::vector<std::size_t>& media_indices, base::TimePoint now);
  /// Media of a chosen stream has come: whatever becomes of PLAY's response, it has succeeded.
  void on_media(base::TimePoint now);
  /// Ends the session on the server, where there is one.
  void teardown(base::TimePoint now);
  void fail(Failure failure);
  /// Every source has said BYE.
  void end_of_media() { end(); }
  /// Over, and not by a failure.
  bool ended_in_order() const { return ended_in_order_; }

  std::optional<base::TimePoint> deadline() const;
  void on_time(base::TimePoint now);

  const rtsp::Url& url() const { return url_; }
  const sdp::Description& description() const { return description_; }
  const std::vector<Track>& tracks() const { return tracks_; }
  /// Bytes for the camera; the caller takes off what it has sent.
  std::string& output() { return output_; }
  /// Events for the caller, oldest first.
  std::deque<Event>& events() { return events_; }
  /// Tells the user once of something broken that was tolerated.
  void note(std::string text);

 private:
  void request(const char* method, std::string uri, rtsp::Headers headers, base::TimePoint now);
  void send_options(base::TimePoint now);
  void send_describe(base::TimePoint now);
  void send_setup(base::TimePoint now);
  void send_play(base::TimePoint now);
  void start_playing(base::TimePoint now);
  void reply(const rtsp::Request& request, int status, const char* reason);

  void on_unauthorized(const rtsp::Response& response, base::TimePoint now);
  void on_options(const rtsp::Response& response, base::TimePoint now);
  void on_describe(const rtsp::Response& response, base::TimePoint now);
  void on_setup(const rtsp::Response& response, base::TimePoint now);
  void on_play(const rtsp::Response& response, base::TimePoint now);
  void on_keepalive(const rtsp::Response& response);
  bool follow_redirect(const rtsp::Response& response);
  bool retry_setup(const rtsp::Response& response, base::TimePoint now);

  void assign_transport(Track& track, const rtsp::Response& response);
  void assign_rtp_info(std::string_view value);
  std::string control_url(std::size_t media_index) const;
  void fail_with_status(const rtsp::Response& response);
  void end();
  void notify(Event event) { events_.push_back(std::move(event)); }

  const Options& options_;
  rtsp::Url url_;
  base::Log& log_;
  Phase phase_ = Phase::kConnecting;
  Exchange exchange_;
  KeepAlive keepalive_;

  sdp::Description description_;
  std::string base_url_;       // joins the control URLs
  std::string aggregate_url_;  // PLAY, keep-alives and TEARDOWN go there
  std::vector<Track> tracks_;
  std::size_t next_setup_ = 0;
  rtsp::JoinStyle join_style_ = rtsp::JoinStyle::kAppend;
  base::Duration session_timeout_ = std::chrono::seconds(60);

  bool skip_options_ = false;
  int redirects_ = 0;
  bool ended_in_order_ = false;
  int connections_ = 0;
  int answers_ = 0;  // on this connection

  std::string output_;
  std::deque<Event> events_;
  std::vector<std::string> noted_;
};

}  // namespace retina::client
