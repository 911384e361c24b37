// A whole session with a camera that says anything, in any pieces, at any time, and a user who asks for
// anything: it never crashes, keeps to its bounds (output, events, notes, bytes that it wants kept), waits
// for nothing longer than its timeouts, and always gets somewhere: once nothing more is said, it ends, or
// plays on where the user has set no idle-timeout, and every request of the user has had its answer by then.
//
// Input: two bytes of settings, then steps of [kind][argument …]. 0-127: so many bytes of the input are what
// the camera says next; 128-159: one of the lines of kReplies; 160-179: time passes; 180-187: the connection
// ends; 188-199: the connection that is waited for comes, or can't be made; 200-209: the user; 210-219: how
// what is said is cut from now on; 220-255: a packet.

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "client/session.h"
#include "fuzz/allocated_bytes.h"
#include "fuzz/camera_words.h"
#include "fuzz/fuzz.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;

class Camera {
 public:
  Camera(std::uint8_t settings, std::uint8_t more) {
    options_.location = (settings & 1) != 0 ? "rtsp://cam/stream" : "rtsp://user:pw@cam/stream";
    options_.user_agent = "fuzz";
    if ((settings & 2) != 0) options_.idle_timeout = 0s;
    if ((settings & 4) != 0) options_.session_id = client::SessionId::kRequireMatch;
    if ((settings & 8) != 0) options_.unassigned_channel_data = client::UnassignedChannelData::kError;
    if ((settings & 16) != 0) options_.initial_timestamp = client::InitialTimestamp::kRequire;
    if ((settings & 32) != 0) options_.unknown_rtcp_ssrc = client::UnknownRtcpSsrc::kAbort;
    if ((settings & 64) != 0) options_.keep_alive = false;
    // Also what it comes to over UDP, alone or after TCP.
    if ((settings & 68) == 68) options_.transports.tcp = false;
    options_.send_rtcp = (settings & 1) != 0;
    streams_ = (settings & 128) != 0 ? 2 : 1;
    options_.teardown = static_cast<client::Teardown>(std::min(more & 3, 2));
    if ((more & 4) != 0) options_.initial_sequence = client::InitialSequence::kRespect;
    if ((more & 8) != 0) options_.unassigned_channel_data = client::UnassignedChannelData::kAssumeStale;
    if ((more & 16) != 0) options_.stale_sessions = std::make_shared<client::StaleSessions>();
    if ((more & 32) != 0) add_hooks();
    choice_.wait_for_keyframe = (more & 64) != 0;
    choice_.format.rtp_packets = (more & 128) != 0;
    session_ =
        std::make_unique<client::Session>(options_, *rtsp::parse_url(options_.location), log_, statistics_);
    drain();
    connect();
  }

  bool ended() const { return session_->ended(); }

  /// Whatever was said, the session keeps little of it: frames, messages and all.
  void check_memory() const {
    constexpr std::size_t kMostBytes = std::size_t{4} << 20;
    const std::size_t allocated = fuzz::allocated_bytes();
    FUZZ_REQUIRE(allocated < allocated_before_ + kMostBytes);
  }

  /// What the session leaves to be done on other connections: at most one TEARDOWN, once.
  void take_rest() {
    auto rest = session_->take_unfinished_teardown(now_);
    if (!rest) return;
    FUZZ_REQUIRE(options_.teardown != client::Teardown::kNever && rest->expiry > now_);
    FUZZ_REQUIRE(!rest->exchange.session_id().empty() && rest->exchange.method() == "TEARDOWN");
    FUZZ_REQUIRE(!session_->take_unfinished_teardown(now_));
  }

  bool plays_on() const { return playing_ && options_.idle_timeout == 0s; }

  void set_piece(std::size_t bytes) { piece_ = bytes; }

  void say(base::ByteView bytes) {
    for (std::size_t at = 0; at < bytes.size() && !waits_for_connection_; at += piece_) {
      const base::ByteView piece = bytes.subspan(at, std::min(piece_, bytes.size() - at));
      buffer_.insert(buffer_.end(), piece.begin(), piece.end());
      parse();
    }
  }

  void reply(std::uint8_t which) {
    const std::string text = fuzz::kReplies[which % fuzz::kReplies.size()];
    say(base::as_bytes(fuzz::reply_of(text, cseq_, ++number_)));
  }

  void packet(std::uint8_t kind) {
    const std::string packet = fuzz::packet_of(kind, ++sequence_);
    if (!session_->tracks().empty() && !session_->tracks()[0].interleaved())
      return datagram(fuzz::channel_of(kind), kind, packet);
    say(base::as_bytes(fuzz::interleaved(fuzz::channel_of(kind), packet)));
  }

  /// The same to the ports of streams: in order, early, late, twice.
  void datagram(std::uint8_t channel, std::uint8_t kind, std::string packet) {
    if (kind % 6 == 5 && packet.size() > 3) packet[3] = static_cast<char>(packet[3] ^ 3);
    session_->receive_datagram(channel / 2U, channel % 2 == 1, base::as_bytes(packet), now_);
    drain();
  }

  void pass(base::Duration time) {
    now_ += time;
    session_->on_time(now_);
    drain();
  }
  /// Up to just what is due next.
  void pass_to_deadline() {
    const auto deadline = session_->deadline();
    if (deadline) pass(std::max(*deadline - now_, base::Duration::zero()));
  }

  void hang_up(bool error) {
    if (waits_for_connection_) return;
    session_->connection_lost(error ? "Connection reset by peer" : "", !buffer_.empty(), now_);
    buffer_.clear();
    drain();
  }
  void connect() {
    if (!waits_for_connection_ || ended()) return;
    waits_for_connection_ = false;
    buffer_.clear();
    session_->connected(now_);
    drain();
  }
  void refuse_connection() {
    if (!waits_for_connection_ || ended()) return;
    session_->failed({client::Failure::Kind::kConnect, "refused", 0, ""});
    drain();
  }

  void ask(std::uint8_t kind) {
    if (ended() || tearing_down_ || unanswered_ >= 70) return;
    const char* method = kind % 4 == 3 ? "PLAY" : kind % 4 == 2 ? "OPTIONS" : "GET_PARAMETER";
    ++unanswered_;
    session_->submit({++submitted_, method, "", {}, "body"}, now_);
    drain();
  }
  void tear_down() {
    tearing_down_ = true;
    session_->teardown(now_);
    drain();
  }

 private:
  void parse() {
    for (;;) {
      const std::size_t used = session_->receive(buffer_, false, now_);
      FUZZ_REQUIRE(used <= buffer_.size());
      buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(used));
      const bool told = drain();
      if ((used == 0 && !told) || buffer_.empty() || waits_for_connection_) break;
    }
    // What stays is at most one packet and what confirms it.
    FUZZ_REQUIRE(buffer_.size() <= rtsp::Framer::kMaxLookahead);
  }

  /// Does what the session asks for. True when there was something.
  bool drain() {
    bool told = false;
    for (int events = 0; session_->has_event(); ++events) {
      // Each is drained before more is said: what one packet, message or moment can bring is bounded.
      FUZZ_REQUIRE(events < 200);
      auto event = session_->next_event();
      FUZZ_REQUIRE(event.has_value() && !over_);
      told = true;
      take(*event);
    }
    FUZZ_REQUIRE(!session_->next_event());
    FUZZ_REQUIRE(over_ == session_->ended());
    FUZZ_REQUIRE(!over_ || unanswered_ == 0);
    read_output();
    check_deadline();
    return told;
  }

  void take(client::Event& event) {
    over_ = std::holds_alternative<client::Ended>(event);
    if (std::holds_alternative<client::UserResponse>(event)) --unanswered_;
    if (std::holds_alternative<client::Described>(event)) choose();
    if (std::holds_alternative<client::Playing>(event)) playing_ = true;
    if (const auto* needed = std::get_if<client::PortsNeeded>(&event)) {
      if (++ports_ % 16 == 0) {
        session_->ports_failed("no port", now_);
      } else {
        session_->ports_opened(needed->stream, 5000, now_);
      }
    }
    if (const auto* needed = std::get_if<client::ConnectionNeeded>(&event)) {
      FUZZ_REQUIRE(++connections_ < 100);
      waits_for_connection_ = true;
      playing_ = playing_ && needed->playing;
    }
    if (const auto* note = std::get_if<client::Note>(&event)) {
      for (const std::string& known : notes_)
        FUZZ_REQUIRE(known != note->text);
      notes_.push_back(note->text);
      FUZZ_REQUIRE(notes_.size() <= 32 && note->text.size() < 400);
      FUZZ_REQUIRE(note->text.find("pw") == std::string::npos);
    }
  }

  void read_output() {
    std::string& output = session_->output();
    FUZZ_REQUIRE(output.size() < 200000);
    for (std::size_t at = output.find("CSeq: "); at != std::string::npos;
         at = output.find("CSeq: ", at + 1)) {
      cseq_ = std::strtoul(output.c_str() + at + 6, nullptr, 10);
    }
    output.clear();
    FUZZ_REQUIRE(session_->datagrams().size() < 16);
    session_->datagrams().clear();
  }

  void check_deadline() {
    if (ended() || waits_for_connection_) return;
    const auto deadline = session_->deadline();
    FUZZ_REQUIRE(deadline || (playing_ && options_.idle_timeout == 0s));
    FUZZ_REQUIRE(!deadline || *deadline <= now_ + std::max<base::Duration>(options_.tcp_timeout, 30s));
  }

  /// An application that meddles.
  void add_hooks() {
    options_.hooks.before_send = [this](rtsp::Request& request) {
      request.headers.set("X-Meddled", std::string(request.uri));
      return ++asked_ % 7 != 0;
    };
    options_.hooks.handle_request = [this](const rtsp::Request& request) {
      std::optional<rtsp::Response> answer;
      if (++asked_ % 3 == 0)
        answer.emplace(rtsp::Response{asked_ % 2 == 0 ? 200 : 501, "", {}, request.body});
      return answer;
    };
    options_.hooks.on_sdp = [this](std::string_view text) {
      asked_ += static_cast<unsigned>(text.size());
      return std::optional<std::string>();
    };
  }

  void choose() {
    std::vector<client::Choice> choices;
    for (std::size_t i = 0; i < session_->description().media.size() && choices.size() < streams_; ++i) {
      if (!client::obstacle(session_->description().media[i]).empty()) continue;
      choices.push_back(choice_);
      choices.back().media_index = i;
    }
    if (choices.empty()) {
      session_->failed({client::Failure::Kind::kNotFound, "nothing to play", 0, ""});
    } else {
      session_->choose(choices, now_);
    }
  }

  // First, so that all that the session allocates comes after it.
  std::size_t allocated_before_ = fuzz::allocated_bytes();
  client::Options options_;
  base::NullLog log_;
  client::Statistics statistics_;
  codec::HeapAllocator allocator_;
  base::TimePoint now_{1h};
  std::unique_ptr<client::Session> session_;
  base::Bytes buffer_;
  std::size_t piece_ = std::size_t{1} << 20;
  std::size_t streams_ = 1;
  client::Choice choice_{0, {}, &allocator_};
  unsigned asked_ = 0;
  unsigned long cseq_ = 0;
  unsigned number_ = 0;
  std::uint8_t sequence_ = 0;
  std::uint64_t submitted_ = 0;
  int unanswered_ = 0;
  int connections_ = 0;
  unsigned ports_ = 0;
  std::vector<std::string> notes_;
  bool playing_ = false;
  bool over_ = false;
  bool tearing_down_ = false;
  bool waits_for_connection_ = false;
};

void take_step(Camera& camera, std::uint8_t kind, base::ByteReader& input) {
  constexpr std::array<std::size_t, 10> kPieces = {1, 2, 3, 5, 7, 16, 64, 256, 1024, std::size_t{1} << 20};
  if (kind < 128) {
    camera.say(*input.bytes(std::min<std::size_t>(kind, input.remaining()), "words"));
  } else if (kind < 160) {
    camera.reply(static_cast<std::uint8_t>(kind - 128));
  } else if (kind < 178) {
    camera.pass(std::chrono::milliseconds((kind - 159) * (kind - 159) * 100));
  } else if (kind < 180) {
    camera.pass_to_deadline();
  } else if (kind < 188) {
    camera.hang_up(kind == 187);
  } else if (kind < 199) {
    camera.connect();
  } else if (kind == 199) {
    camera.refuse_connection();
  } else if (kind < 209) {
    camera.ask(kind);
  } else if (kind == 209) {
    camera.tear_down();
  } else if (kind < 220) {
    camera.set_piece(kPieces[kind - 210U]);
  } else {
    camera.packet(static_cast<std::uint8_t>(kind - 220));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::ByteReader input(base::ByteView(data, size));
  const std::uint8_t settings = size > 0 ? *input.u8("settings") : std::uint8_t{0};
  Camera camera(settings, size > 1 ? *input.u8("more settings") : std::uint8_t{0});
  while (input.remaining() > 0 && !camera.ended()) {
    take_step(camera, *input.u8("step"), input);
    camera.check_memory();
  }
  // Now nothing more is said; connections come.
  for (int i = 0; i < 400 && !camera.ended(); ++i) {
    camera.connect();
    camera.pass_to_deadline();
  }
  FUZZ_REQUIRE(camera.ended() || camera.plays_on());
  camera.take_rest();
  return 0;
}
