// A whole session with a camera that says anything, in any pieces, at any time: it never crashes, keeps to
// its bounds, and always gets somewhere: with time passing and nothing said, it ends.
//
// Input: steps of [kind][argument …]. 0-199: so many bytes of the input are what the camera says next;
// 200-219: one of the replies of a good camera; 220-239: time passes; 240-247: the connection ends; 248-255:
// a media packet.

#include <memory>
#include <string>

#include "client/session.h"
#include "fuzz/fuzz.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;

constexpr const char* kSdp =
    "v=0\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n"
    "m=audio 0 RTP/AVP 0\r\na=control:track2\r\n";

class Camera {
 public:
  Camera() {
    options_.location = "rtsp://user:pw@cam/stream";
    options_.user_agent = "fuzz";
    session_ =
        std::make_unique<client::Session>(options_, *rtsp::parse_url(options_.location), log_, statistics_);
    drain();
  }

  bool ended() const { return session_->ended(); }

  void say(base::ByteView bytes) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    for (;;) {
      const std::size_t used = session_->receive(buffer_, false, now_);
      FUZZ_REQUIRE(used <= buffer_.size());
      buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(used));
      const bool told = drain();
      if ((used == 0 && !told) || buffer_.empty()) break;
    }
    // What stays is at most one packet and what confirms it.
    FUZZ_REQUIRE(buffer_.size() <= rtsp::Framer::kMaxLookahead);
  }
  void say(const std::string& text) { say(base::as_bytes(text)); }

  void reply(std::uint8_t which) {
    const std::string head = "RTSP/1.0 200 OK\r\nCSeq: " + std::to_string(cseq_) + "\r\n";
    switch (which % 4) {
      case 0:
        return say(head + "Public: OPTIONS, GET_PARAMETER\r\n\r\n");
      case 1:
        return say(head + "Content-Type: application/sdp\r\nContent-Length: " +
                   std::to_string(std::string(kSdp).size()) + "\r\n\r\n" + kSdp);
      case 2:
        return say(head + "Session: 1;timeout=10\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n");
      default:
        return say("RTSP/1.0 401 Unauthorized\r\nCSeq: " + std::to_string(cseq_) +
                   "\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"" + std::to_string(which) +
                   "\"\r\n\r\n");
    }
  }

  void media(std::uint8_t content) {
    std::string packet("\x80\xE0\0\0\0\0\0\0\0\0\0\1\x41\x88", 14);
    packet[3] = static_cast<char>(++sequence_);
    packet[7] = static_cast<char>(sequence_);
    packet += static_cast<char>(content);
    say(std::string("$\0\0", 3) + static_cast<char>(packet.size()) + packet);
  }

  void pass(base::Duration time) {
    now_ += time;
    session_->on_time(now_);
    drain();
    const auto deadline = session_->deadline();
    FUZZ_REQUIRE(ended() || waits_for_connection_ || deadline.has_value());
  }

  void hang_up() {
    if (waits_for_connection_) return;
    session_->connection_lost("", !buffer_.empty(), now_);
    buffer_.clear();
    drain();
  }

 private:
  /// Does what the session asks for. True when there was something.
  bool drain() {
    bool told = false;
    bool connect = false;
    while (auto event = session_->next_event()) {
      told = true;
      FUZZ_REQUIRE(!over_);
      over_ = std::holds_alternative<client::Ended>(*event);
      connect = connect || std::holds_alternative<client::ConnectionNeeded>(*event);
      if (std::holds_alternative<client::Described>(*event)) choose();
    }
    if (connect && !ended()) {
      buffer_.clear();
      session_->connected(now_);
      while (auto event = session_->next_event())
        over_ = over_ || std::holds_alternative<client::Ended>(*event);
    }
    std::string& output = session_->output();
    FUZZ_REQUIRE(output.size() < 1 << 20);
    for (std::size_t at = output.find("CSeq: "); at != std::string::npos;
         at = output.find("CSeq: ", at + 1)) {
      cseq_ = std::strtoul(output.c_str() + at + 6, nullptr, 10);
    }
    output.clear();
    return told;
  }

  void choose() {
    for (std::size_t i = 0; i < session_->description().media.size(); ++i) {
      if (!client::obstacle(session_->description().media[i]).empty()) continue;
      session_->choose({{i, {}, &allocator_}}, now_);
      return;
    }
    session_->failed({client::Failure::Kind::kNotFound, "nothing to play", 0, ""});
  }

  client::Options options_;
  base::NullLog log_;
  client::Statistics statistics_;
  codec::HeapAllocator allocator_;
  base::TimePoint now_{1h};
  std::unique_ptr<client::Session> session_;
  base::Bytes buffer_;
  unsigned long cseq_ = 0;
  std::uint8_t sequence_ = 0;
  bool over_ = false;
  bool waits_for_connection_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Camera camera;
  base::ByteReader input(base::ByteView(data, size));
  while (input.remaining() > 0 && !camera.ended()) {
    const std::uint8_t kind = *input.u8("step");
    if (kind < 200) {
      camera.say(*input.bytes(std::min<std::size_t>(kind, input.remaining()), "words"));
    } else if (kind < 220) {
      camera.reply(kind);
    } else if (kind < 240) {
      camera.pass(std::chrono::seconds(kind - 219));
    } else if (kind < 248) {
      camera.hang_up();
    } else {
      camera.media(kind);
    }
  }
  for (int i = 0; i < 100 && !camera.ended(); ++i)
    camera.pass(5s);
  FUZZ_REQUIRE(camera.ended());
  return 0;
}
