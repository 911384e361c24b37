// Which way the media takes: TCP first, then UDP, then multicast, as far as they are allowed.

#include <algorithm>
#include <string>

#include "base/ascii.h"
#include "client/dialogue.h"

namespace retina::client {

/// The one that has worked before, where it is allowed; else the first of those that are.
Transport Dialogue::first_transport() const {
  if (allowed_.has(options_.first_transport)) return options_.first_transport;
  return *std::find_if(kAllTransports.begin(), kAllTransports.end(),
                       [this](Transport transport) { return allowed_.has(transport); });
}

/// For the next SETUPs, of all streams: cameras that mix transports in one session are rare.
void Dialogue::choose_transport(Transport transport) {
  transport_ = transport;
  media_came_ = false;
  tried_.add(transport);
  release_ports();
  for (Track& track : tracks_) {
    track.ready = false;
    track.transport = track.refused ? Transport::kTcp : transport;
    track.ssrc.reset();
    track.first_sequence.reset();
  }
}

std::optional<Transport> Dialogue::untried_transport() const {
  const auto next = std::find_if(kAllTransports.begin(), kAllTransports.end(), [this](Transport other) {
    return allowed_.has(other) && !tried_.has(other);
  });
  return next == kAllTransports.end() ? std::nullopt : std::optional(*next);
}

/// 400 may mean anything: of the transport it tells only where nothing else was allowed.
std::string Dialogue::transport_advice(int status) const {
  std::string refused;
  std::string missing;
  bool by_scheme = false;
  for (const Transport transport : kAllTransports) {
    by_scheme = by_scheme || (!allowed_.has(transport) && options_.transports.has(transport));
    if (refused_.has(transport)) refused += (refused.empty() ? "" : " or ") + std::string(name_of(transport));
    if (!allowed_.has(transport))
      missing += (missing.empty() ? "" : " or ") + std::string(nick_of(transport));
  }
  if (status == 400 && missing.empty() && !given_up_) return "";
  std::string advice = status == 400 ? " Perhaps it" : " It";
  advice += " doesn't send media over " + refused;
  if (given_up_) return advice + ", and nothing came over " + name_of(*given_up_) + ": a firewall, perhaps.";
  if (by_scheme) return advice + "; the scheme " + url_.scheme + " allows nothing else.";
  return missing.empty() ? advice + "." : advice + "; allow " + missing + " in protocols.";
}

void Dialogue::release_ports() {
  bool any = false;
  for (Track& track : tracks_)
    any = std::exchange(track.client_port, std::uint16_t{0}) != 0 || any;
  if (any) notify(PortsReleased{});
}

/// RFC 4585 s4.1. Most who describe it take RTP/AVP too, and that is asked for first.
bool Dialogue::has_feedback_profile(const Track& track) const {
  return !track.refused &&
         base::starts_with_ignore_case(description_.media[track.media_index].protocol, "RTP/AVPF");
}

std::string Dialogue::transport_header(const Track& track) const {
  const std::string profile = feedback_profile_ && has_feedback_profile(track) ? "RTP/AVPF" : "RTP/AVP";
  const auto pair = [](unsigned first, unsigned second) {
    return std::to_string(first) + "-" + std::to_string(second);
  };
  if (track.transport == Transport::kMulticast) return profile + ";multicast";
  if (track.transport == Transport::kUdp)
    return profile + ";unicast;client_port=" + pair(track.client_port, track.client_port + 1U);
  return profile + "/TCP;unicast;interleaved=" + pair(track.rtp_channel, track.rtcp_channel);
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

/// The group that the camera sends to, as its Transport header and the SDP say.
void Dialogue::assign_group(const Track& track, const rtsp::TransportHeader& transport) {
  auto group = multicast_group(transport, description_, description_.media[track.media_index]);
  if (!group) return fail({Failure::Kind::kProtocol, std::move(group).error(), 0, ""});
  notify(GroupKnown{static_cast<std::size_t>(&track - tracks_.data()), std::move(group).value()});
}

/// RFC 2326 s11.3.9: 461 Unsupported Transport. RTSP::Server of Perl says 400 to a SETUP without client_port.
bool Dialogue::is_about_transport(int status) {
  return status == 461 || status == 400;
}

bool Dialogue::try_next_transport(const rtsp::Response& response, base::TimePoint now) {
  if (!is_about_transport(response.status)) return false;
  const bool may_be_other = std::any_of(tracks_.begin(), tracks_.end(),
                                        [this](const Track& track) { return has_feedback_profile(track); });
  feedback_profile_ = may_be_other && !feedback_profile_;
  if (feedback_profile_) {
    set_up_over(transport_, now);
    return true;
  }
  refused_.add(transport_);
  const auto next = untried_transport();
  if (!next) return false;
  if (log_.enabled(base::LogLevel::kInfo)) {
    log_.write(base::LogLevel::kInfo, std::string("The camera refuses media over ") + name_of(transport_) +
                                          " (" + std::to_string(response.status) + "); asking for " +
                                          name_of(*next) + ".");
  }
  if (!any_ready()) join_way_ = JoinWay::kAppendToBase;
  if (!refuses_first_) refuses_first_ = next_setup_;
  set_up_over(*next, now);
  return true;
}

/// What was set up over another transport must not play along.
void Dialogue::set_up_over(Transport transport, base::TimePoint now) {
  if (any_ready()) return set_up_again_over(transport, now);
  choose_transport(transport);
  next_setup_ = 0;
  set_up_next(now);
}

void Dialogue::give_up_datagrams(base::TimePoint now) {
  given_up_ = transport_;
  note(std::string("No media has come over ") + name_of(transport_) +
       " (a firewall, perhaps); set up anew over TCP.");
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
