#pragma once

#include <deque>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "client/session.h"
#include "codec/registry.h"
#include "support/check.h"
#include "support/fake_clock.h"

namespace retina::test {

inline constexpr const char* kH264Sdp =
    "v=0\r\n"
    "o=- 1 1 IN IP4 127.0.0.1\r\n"
    "s=Front door\r\n"
    "t=0 0\r\n"
    "a=control:*\r\n"
    "m=video 0 RTP/AVP 96\r\n"
    "a=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==\r\n"
    "a=control:track1\r\n";

/// Drives a client::Session as a camera and a pump would, on a fake clock: no sockets, no waiting. Feeds what
/// the camera says whole, or cut at a byte; collects the events.
class SessionDriver {
 public:
  explicit SessionDriver(const std::string& location = "rtsp://cam/stream", client::Options options = {})
      : options_(std::move(options)) {
    options_.location = location;
    options_.user_agent = "test";
    auto url = rtsp::parse_url(location);
    ck_assert_msg(url.has_value(), "%s", location.c_str());
    session_ = std::make_unique<client::Session>(options_, std::move(url).value(), log_, statistics_);
    collect();
    ck_assert_msg(saw<client::ConnectionNeeded>(), "a session begins by asking for a connection");
    clear_events();
    session_->connected(clock_.now());
    collect();
  }

  client::Session& session() { return *session_; }
  const client::Statistics& statistics() const { return statistics_; }
  FakeClock& clock() { return clock_; }

  // --- what the client sends ---

  /// Takes the next request off the output; it must have this method. Returns its text.
  std::string request(const std::string& method) {
    std::string& output = session_->output();
    const std::size_t end = output.find("\r\n\r\n");
    ck_assert_msg(end != std::string::npos, "%s expected, but the client has nothing to say", method.c_str());
    std::string text = output.substr(0, end + 4);
    output.erase(0, end + 4);
    ck_assert_msg(text.rfind(method + " ", 0) == 0, "%s expected, not:\n%s", method.c_str(), text.c_str());
    const std::size_t cseq = text.find("CSeq: ");
    ck_assert_msg(cseq != std::string::npos, "no CSeq in:\n%s", text.c_str());
    cseq_ = text.substr(cseq + 6, text.find('\r', cseq) - cseq - 6);
    return text;
  }
  /// What is to be sent as datagrams, taken off: "0 rtp 8000…" a line.
  std::string datagrams() {
    std::string lines;
    for (const auto& datagram : session_->datagrams()) {
      lines += std::to_string(datagram.stream) + (datagram.rtcp ? " rtcp " : " rtp ");
      for (const std::uint8_t byte : datagram.bytes)
        lines += std::string() + "0123456789abcdef"[byte >> 4] + "0123456789abcdef"[byte & 15];
      lines += "\n";
    }
    session_->datagrams().clear();
    return lines;
  }
  bool silent() { return session_->output().empty(); }

  // --- what the camera says ---

  /// Splits everything that is fed from now on: pieces of at most so many bytes.
  void set_piece(std::size_t bytes) { piece_ = bytes; }

  void feed(const std::string& text) {
    for (std::size_t at = 0; at < text.size(); at += piece_) {
      buffer_ += text.substr(at, piece_);
      parse();
    }
  }
  /// A response to the latest request().
  void reply(const std::string& status, const std::string& headers = "", const std::string& body = "") {
    std::string text = "RTSP/1.0 " + status + "\r\nCSeq: " + cseq_ + "\r\n" + headers;
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    feed(text + "\r\n" + body);
  }
  void interleaved(std::uint8_t channel, const std::string& packet) {
    std::string text{"$"};
    text += static_cast<char>(channel);
    text += static_cast<char>(packet.size() >> 8);
    text += static_cast<char>(packet.size() & 0xFF);
    feed(text + packet);
  }
  /// Answers PortsNeeded, which must have come for this stream.
  void open_ports(std::size_t stream, std::uint16_t rtp_port) {
    const auto needed = take<client::PortsNeeded>();
    ck_assert_msg(needed && needed->stream == stream, "ports of stream %zu aren't asked for", stream);
    session_->ports_opened(stream, rtp_port, clock_.now());
    collect();
  }
  void datagram(std::size_t stream, bool rtcp, const std::string& bytes) {
    session_->receive_datagram(stream, rtcp, base::as_bytes(bytes), clock_.now());
    collect();
  }
  void close(const std::string& error = "") {
    session_->connection_lost(error, !buffer_.empty(), clock_.now());
    buffer_.clear();
    collect();
  }
  void reconnect() {
    buffer_.clear();
    session_->connected(clock_.now());
    collect();
  }
  void advance(base::Duration duration) {
    clock_.advance(duration);
    session_->on_time(clock_.now());
    collect();
  }

  // --- whole steps of the dialogue ---

  void reach_describe() {
    request("OPTIONS");
    reply("200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n");
  }
  /// Of the streams that are chosen from now on.
  void pass_incomplete() { format_.pass_incomplete = true; }
  /// Chooses the first so many streams.
  void reach_setup(const std::string& sdp = kH264Sdp, std::size_t streams = 1) {
    reach_describe();
    request("DESCRIBE");
    reply("200 OK", "Content-Type: application/sdp\r\nContent-Base: rtsp://cam/stream/\r\n", sdp);
    ck_assert(take<client::Described>().has_value());
    std::vector<std::size_t> indices(streams);
    std::iota(indices.begin(), indices.end(), std::size_t{0});
    choose(indices);
  }
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);
  /// Encodings without a depacketizer are taken as packets. kAbsent: a stream that the session doesn't have.
  void choose(const std::vector<std::size_t>& indices) {
    std::vector<client::Choice> choices;
    for (const std::size_t index : indices) {
      if (index == kAbsent) {
        choices.push_back({99, {}, nullptr, false, true});
        continue;
      }
      codec::FrameFormat format = format_;
      format.rtp_packets = !codec::is_native(session_->description().media[index]);
      choices.push_back({index, format, &allocator_});
    }
    session_->choose(choices, clock_.now());
    collect();
  }
  void reach_play() {
    reach_setup();
    request("SETUP");
    reply("200 OK", "Session: 12345678;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
  }
  void reach_playing() {
    reach_play();
    request("PLAY");
    reply("200 OK", "Session: 12345678\r\n");
    ck_assert(take<client::Playing>().has_value());
  }

  // --- what the session tells ---

  /// The oldest event of this kind, taken off; older ones of other kinds stay.
  template <class T>
  std::optional<T> take() {
    for (auto it = events_.begin(); it != events_.end(); ++it) {
      if (auto* event = std::get_if<T>(&*it)) {
        std::optional<T> taken(std::move(*event));
        events_.erase(it);
        return taken;
      }
    }
    return std::nullopt;
  }
  template <class T>
  bool saw() const {
    for (const auto& event : events_) {
      if (std::holds_alternative<T>(event)) return true;
    }
    return false;
  }
  void clear_events() { events_.clear(); }

  /// The session must have ended with a failure of this kind; returns it.
  client::Failure failure(client::Failure::Kind kind) {
    auto ended = take<client::Ended>();
    ck_assert_msg(ended.has_value(), "the session goes on");
    ck_assert_msg(ended->failure.has_value(), "the session ended in order");
    ck_assert_msg(ended->failure->kind == kind, "failed otherwise: %s", ended->failure->text.c_str());
    ck_assert(session_->ended());
    return *ended->failure;
  }
  std::vector<std::string> notes() {
    std::vector<std::string> texts;
    while (auto note = take<client::Note>())
      texts.push_back(note->text);
    return texts;
  }

 private:
  void parse() {
    for (;;) {
      const std::size_t used = session_->receive(base::as_bytes(buffer_), false, clock_.now());
      ck_assert(used <= buffer_.size());
      buffer_.erase(0, used);
      const bool told = session_->has_event();
      collect();
      if ((used == 0 && !told) || buffer_.empty()) return;
    }
  }
  void collect() {
    while (auto event = session_->next_event())
      events_.push_back(std::move(*event));
  }

  client::Options options_;
  base::NullLog log_;
  client::Statistics statistics_;
  FakeClock clock_;
  codec::HeapAllocator allocator_;
  codec::FrameFormat format_{codec::NalFraming::kStartCode, codec::ParameterSetInsertion::kNever};
  std::unique_ptr<client::Session> session_;
  std::deque<client::Event> events_;
  std::string buffer_;
  std::string cseq_;
  std::size_t piece_ = std::size_t{1} << 20;
};

}  // namespace retina::test
