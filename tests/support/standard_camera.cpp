#include "support/standard_camera.h"

#include <map>
#include <mutex>
#include <optional>

#include "base/ascii.h"
#include "support/udp_sender.h"

namespace retina::test {

class CameraState {
 public:
  /// How many requests of this method came before this one.
  unsigned count(const std::string& method) {
    const std::lock_guard lock(mutex_);
    return counts_[method]++;
  }

  std::string nonce() {
    const std::lock_guard lock(mutex_);
    return nonce_text();
  }

  /// Notes one use of the nonce, which is the last if `limit` is reached.
  void use_nonce(unsigned limit) {
    const std::lock_guard lock(mutex_);
    if (limit == 0 || ++nonce_uses_ < limit) return;
    nonce_uses_ = 0;
    ++nonce_number_;
  }

 private:
  std::string nonce_text() const { return "nonce" + std::to_string(nonce_number_); }

  std::mutex mutex_;
  std::map<std::string, unsigned> counts_;
  unsigned nonce_uses_ = 0;
  unsigned nonce_number_ = 1;
};

std::shared_ptr<CameraState> make_camera_state() {
  return std::make_shared<CameraState>();
}

namespace {

base::TimePoint now() {
  return base::MonotonicClock().now();
}

/// The a=control value of each media section; "" where there is none.
std::vector<std::string> controls_of(std::string_view sdp) {
  std::vector<std::string> controls;
  while (!sdp.empty()) {
    const std::string_view line = base::take_until(sdp, '\n');
    if (line.starts_with("m=")) controls.emplace_back();
    if (line.starts_with("a=control:") && !controls.empty()) controls.back() = line.substr(10);
  }
  return controls;
}

/// Where one stream's packets go.
struct Route {
  unsigned stream;
  std::string url;
  unsigned channel = 0;
  std::optional<UdpSender> udp;
};

struct Reply {
  unsigned code = 200;
  std::string reason = "OK";
  std::string headers;
  std::string body;
};

/// The state of one connection.
class Conversation {
 public:
  Conversation(const StandardCamera& camera, CameraState& state, Peer& peer)
      : camera_(camera), state_(state), peer_(peer), controls_(controls_of(camera.sdp)) {}

  void run() {
    while (step()) {
    }
  }

 private:
  bool step();
  bool play_media();
  void send_packet(const MediaPacket& packet);
  bool handle(const RtspRequest& request);
  bool respond(const RtspRequest& request, const Script::Standard& how);
  Reply standard_reply(const RtspRequest& request);
  Reply session_reply(const RtspRequest& request);
  Reply setup(const RtspRequest& request);
  Reply start_playing(const RtspRequest& request);
  unsigned stream_of(const RtspRequest& request) const;
  std::string rtp_info() const;

  const StandardCamera& camera_;
  CameraState& state_;
  Peer& peer_;
  std::vector<std::string> controls_;
  std::vector<Route> routes_;
  std::optional<MediaCursor> cursor_;  // engaged: playing
  bool after_media_done_ = false;
};

bool Conversation::step() {
  base::TimePoint deadline = now() + std::chrono::hours(1);
  if (cursor_ && !cursor_->ended() && !peer_.has_unsent()) deadline = cursor_->due();
  switch (peer_.wait(deadline)) {
    case Peer::Event::kRequest:
      return handle(peer_.take_request().value_or(RtspRequest{}));
    case Peer::Event::kWritable:
    case Peer::Event::kDeadline:
      return play_media();
    case Peer::Event::kClosed:
    case Peer::Event::kStopped:
      break;
  }
  return false;
}

/// Sends what is due, as far as the client takes it.
bool Conversation::play_media() {
  constexpr unsigned kBatch = 64;  // then a look at what the client says
  for (unsigned i = 0; i < kBatch && cursor_ && !cursor_->ended() && !peer_.has_unsent(); ++i) {
    if (cursor_->due() > now()) return true;
    send_packet(cursor_->next());
  }
  if (!cursor_ || !cursor_->ended() || peer_.has_unsent() || after_media_done_) return true;
  after_media_done_ = true;
  return play(camera_.after_media, peer_);
}

void Conversation::send_packet(const MediaPacket& packet) {
  for (const Route& route : routes_) {
    if (route.stream != packet.stream) continue;
    if (route.udp) {
      route.udp->send(packet.rtcp, packet.bytes);
    } else {
      peer_.offer(interleave(static_cast<std::uint8_t>(route.channel + (packet.rtcp ? 1 : 0)), packet.bytes));
    }
  }
}

bool Conversation::handle(const RtspRequest& request) {
  if (request.method == "RESPONSE") return true;
  const unsigned earlier = state_.count(request.method);
  const auto standard = [&](const Script::Standard& how) { return respond(request, how); };
  for (const Override& candidate : camera_.overrides) {
    if (candidate.method != request.method || earlier < candidate.skip) continue;
    if (earlier - candidate.skip >= candidate.times) continue;
    return play(candidate.script, peer_, ScriptContext{&request, standard});
  }
  return respond(request, {true, {}});
}

bool Conversation::respond(const RtspRequest& request, const Script::Standard& how) {
  const Reply reply = standard_reply(request);
  if (!how.answered) return true;
  const Placeholders values = placeholders(peer_, &request);
  const std::string header =
      "RTSP/1.0 " + std::to_string(reply.code) + " " + reply.reason + "\nCSeq: {cseq}\n";
  return peer_.send(finish_message(expand(header + reply.headers, values), expand(reply.body, values)),
                    how.delivery);
}

Reply Conversation::standard_reply(const RtspRequest& request) {
  if (request.method == "OPTIONS") return {200, "OK", "Public: " + camera_.public_methods + "\n", {}};
  const std::string nonce = state_.nonce();
  if (!authorized(camera_.credentials, nonce, request)) {
    const std::string header = request.header_or_empty("Authorization");
    const bool stale = header.find("nonce=") != std::string::npos && header.find(nonce) == std::string::npos;
    return {
        401, "Unauthorized", "WWW-Authenticate: " + challenge(camera_.credentials, nonce, stale) + "\n", {}};
  }
  state_.use_nonce(camera_.nonce_requests);
  if (request.method == "DESCRIBE") return {200, "OK", camera_.describe_headers, camera_.sdp};
  if (request.method == "SETUP") return setup(request);
  return session_reply(request);
}

/// Methods that need a session.
Reply Conversation::session_reply(const RtspRequest& request) {
  const std::string session = "Session: " + camera_.session_id + "\n";
  if (routes_.empty() || request.header_or_empty("Session") != camera_.session_id) {
    return {454, "Session Not Found", {}, {}};
  }
  if (request.method == "PLAY") return start_playing(request);
  if (request.method == "PAUSE") {
    cursor_.reset();
    return {200, "OK", session, {}};
  }
  if (request.method == "TEARDOWN") {
    cursor_.reset();
    routes_.clear();
    return {};
  }
  if (request.method == "GET_PARAMETER" || request.method == "SET_PARAMETER") return {200, "OK", session, {}};
  return {501, "Not Implemented", {}, {}};
}

/// By the end of the URL; a URL that names no stream is the next one's.
unsigned Conversation::stream_of(const RtspRequest& request) const {
  for (std::size_t i = 0; i < controls_.size(); ++i) {
    if (!controls_[i].empty() && request.url.ends_with(controls_[i])) return static_cast<unsigned>(i);
  }
  return static_cast<unsigned>(routes_.size());
}

Reply Conversation::setup(const RtspRequest& request) {
  const std::string asked = request.header_or_empty("Transport");
  Route route{stream_of(request), request.url, 0, std::nullopt};
  std::string transport;
  if (asked.find("TCP") != std::string::npos && camera_.tcp) {
    const std::string channels =
        parameter(asked, "interleaved")
            .value_or(std::to_string(route.stream * 2) + "-" + std::to_string(route.stream * 2 + 1));
    route.channel = base::parse_number<std::uint8_t>(base::split_once(channels, '-').head).value_or(0);
    transport = "RTP/AVP/TCP;unicast;interleaved=" + channels;
  } else if (asked.find("multicast") != std::string::npos && !camera_.multicast.empty()) {
    const auto [group, port_text] = base::split_once(camera_.multicast, ':');
    const auto port = base::parse_number<std::uint16_t>(port_text.value_or("")).value_or(0);
    const auto first = static_cast<std::uint16_t>(port + 2 * route.stream);
    route.udp.emplace(UdpSender::to_group(peer_.fd(), std::string(group), first));
    if (!route.udp->ok()) return {500, "Internal Server Error", {}, {}};
    transport = "RTP/AVP;multicast;destination=" + std::string(group) + ";port=" + std::to_string(first) +
                "-" + std::to_string(first + 1) + ";ttl=1";
  } else if (asked.find("client_port") != std::string::npos && camera_.udp) {
    const std::string client_port = parameter(asked, "client_port").value_or("");
    route.udp.emplace(peer_.fd(), client_port);
    if (!route.udp->ok()) return {400, "Bad Request", {}, {}};
    transport = "RTP/AVP;unicast;client_port=" + client_port + ";server_port=" + route.udp->server_port();
  } else {
    return {461, "Unsupported Transport", {}, {}};
  }
  routes_.push_back(std::move(route));
  return {200,
          "OK",
          "Session: " + camera_.session_id + ";timeout=" + std::to_string(camera_.session_timeout_seconds) +
              "\nTransport: " + transport + camera_.transport_suffix + "\n",
          {}};
}

std::string Conversation::rtp_info() const {
  const std::vector<FirstPacket> first = first_packets(camera_.media);
  std::string header;
  for (const Route& route : routes_) {
    if (route.stream >= first.size()) continue;
    header += (header.empty() ? "RTP-Info: " : ",") + std::string("url=") + route.url +
              ";seq=" + std::to_string(first[route.stream].sequence) +
              ";rtptime=" + std::to_string(first[route.stream].timestamp);
  }
  return header.empty() ? header : header + "\n";
}

Reply Conversation::start_playing(const RtspRequest&) {
  cursor_.emplace(camera_.media, now());
  after_media_done_ = false;
  return {200,
          "OK",
          "Session: " + camera_.session_id + "\nRange: npt=0.000-\n" +
              (camera_.rtp_info ? rtp_info() : std::string()),
          {}};
}

}  // namespace

void serve(const StandardCamera& camera, CameraState& state, Peer& peer) {
  Conversation(camera, state, peer).run();
}

}  // namespace retina::test
