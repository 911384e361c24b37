// Which way the media takes: TCP first, then UDP, as far as they are allowed.

#include <string>

#include "client/dialogue.h"

namespace retina::client {

/// For the next SETUPs, of all streams: cameras that mix transports in one session are rare.
void Dialogue::choose_transport(Transport transport) {
  transport_ = transport;
  media_came_ = false;
  release_ports();
  for (Track& track : tracks_) {
    track.ready = false;
    track.udp = transport == Transport::kUdp;
    track.ssrc.reset();
    track.first_sequence.reset();
  }
}

/// 400 may mean anything: of the transport it tells only where that was the only one allowed.
std::string Dialogue::transport_advice(int status) const {
  if (udp_given_up_)
    return " It doesn't send media over TCP, and nothing came over UDP: a firewall, perhaps.";
  const std::string doubt = status == 400 ? " Perhaps it" : " It";
  if (!allowed_.udp) return doubt + " doesn't send media over TCP; allow udp in protocols.";
  if (!allowed_.tcp) return doubt + " doesn't send media over UDP; allow tcp in protocols.";
  if (status == 400) return "";
  return " The camera sends media neither over TCP nor over UDP.";
}

void Dialogue::release_ports() {
  bool any = false;
  for (Track& track : tracks_)
    any = std::exchange(track.client_port, std::uint16_t{0}) != 0 || any;
  if (any) notify(PortsReleased{});
}

std::string Dialogue::transport_header(const Track& track) const {
  const auto pair = [](unsigned first, unsigned second) {
    return std::to_string(first) + "-" + std::to_string(second);
  };
  if (track.udp) return "RTP/AVP;unicast;client_port=" + pair(track.client_port, track.client_port + 1U);
  return "RTP/AVP/TCP;unicast;interleaved=" + pair(track.rtp_channel, track.rtcp_channel);
}

void Dialogue::ports_opened(std::size_t track, std::uint16_t rtp_port, base::TimePoint now) {
  if (phase_ != Phase::kSetup || track != next_setup_) return;
  tracks_[track].client_port = rtp_port;
  send_setup(now);
}

void Dialogue::ports_failed(std::string why, base::TimePoint) {
  fail({Failure::Kind::kSettings, std::move(why), 0, ""});
}

/// RFC 2326 s12.39: `source` where it isn't the address of the connection, `server_port` as far as it is
/// known.
void Dialogue::assign_ports(const Track& track, const rtsp::TransportHeader& transport) {
  const rtsp::PortPair ports = transport.server_port.value_or(rtsp::PortPair(0, 0));
  const auto stream = static_cast<std::size_t>(&track - tracks_.data());
  notify(PeerKnown{stream, transport.source, ports.first, ports.second});
}

/// RFC 2326 s11.3.9: 461 Unsupported Transport. RTSP::Server of Perl says 400 to a SETUP without client_port.
bool Dialogue::try_next_transport(const rtsp::Response& response, base::TimePoint now) {
  if (response.status != 461 && response.status != 400) return false;
  if (transport_ == Transport::kUdp && prefers_udp() && allowed_.tcp && !std::exchange(udp_given_up_, true)) {
    // It was tried first because it had worked.
    set_up_again_over(Transport::kTcp, now);
    return true;
  }
  if (transport_ != Transport::kTcp || !allowed_.udp || std::exchange(udp_tried_, true)) return false;
  if (log_.enabled(base::LogLevel::kInfo)) {
    log_.write(base::LogLevel::kInfo, "The camera refuses media over TCP (" +
                                          std::to_string(response.status) + "); asking for UDP.");
  }
  join_style_ = rtsp::JoinStyle::kAppend;
  if (next_setup_ > 0) {
    // What was set up over TCP must not play along.
    set_up_again_over(Transport::kUdp, now);
  } else {
    choose_transport(Transport::kUdp);
    send_setup(now);
  }
  return true;
}

void Dialogue::give_up_udp(base::TimePoint now) {
  udp_given_up_ = true;
  note("No media has come over UDP (a firewall, perhaps); set up anew over TCP.");
  set_up_again_over(Transport::kTcp, now);
}

/// Every SETUP once more, in a new session on a new connection: many servers close the old one with the
/// session.
void Dialogue::set_up_again_over(Transport transport, base::TimePoint) {
  if (user_asked_) answer_user(std::nullopt, "The session began anew over another transport.");
  ask_for_teardown({});
  exchange_.abandon();
  keepalive_.stop();
  forget_session();
  teardown_asked_ = play_sent_ = false;
  choose_transport(transport);
  phase_ = Phase::kSetup;
  starts_over_ = true;
  connections_ = 0;
  notify(ConnectionNeeded{});
}

}  // namespace retina::client
