#pragma once

#include <array>
#include <cstdlib>
#include <optional>
#include <string>

#include "client/composed_camera.h"
#include "client/counting_new.h"

/// Cameras that send too much of something, through whole sessions: memory stays within bounds, and every
/// session ends or plays on, in time.
///
/// How memory is measured: counting_new.h counts what operator new gives out. Held against the bound is the
/// peak of that while a hostile camera speaks, less what was allocated before the session was made. Not
/// counted is what stands for the configured buffers of a client: the bytes that are received (here a static
/// array, in a client the read arena, read-size-max) and the frames' memory (here malloc(), in the element
/// GstBuffers; FrameWriter::kMaxFrameBytes a frame).
namespace retina::test {

inline constexpr std::size_t kMiB = std::size_t{1} << 20;
inline constexpr std::size_t kMostHeap = 4 * kMiB;
inline constexpr std::size_t kMostNotes = 32;

/// Frames are no part of what is counted.
class UncountedAllocator final : public codec::FrameAllocator {
 public:
  Block allocate(std::size_t size_bytes) override {
    auto* memory = static_cast<std::uint8_t*>(std::malloc(size_bytes));
    ck_assert(memory != nullptr);
    return {{memory, size_bytes}, memory};
  }
  void release(void* owner) override { std::free(owner); }
};

/// A client's pump, with a receive buffer of fixed size, and a camera that says what it is given to say.
class HostileCamera {
 public:
  HostileCamera() : before_(live_bytes) {
    peak_bytes = live_bytes;
    options_.location = "rtsp://user:pw@cam/stream";
    options_.user_agent = "test";
    session_.emplace(options_, *rtsp::parse_url(options_.location), log_, statistics_);
    pump();
  }

  /// The camera doesn't read what is sent to it.
  void stop_reading() { reads_ = false; }

  void say(std::string_view bytes) {
    while (!bytes.empty() && !session_->ended()) {
      const std::size_t room = std::min(bytes.size(), received_.size() - filled_);
      ck_assert_msg(room > 0, "the session wants more than a packet and what confirms it");
      std::copy_n(bytes.begin(), room, received_.begin() + static_cast<std::ptrdiff_t>(filled_));
      filled_ += room;
      bytes.remove_prefix(room);
      parse();
      check();
    }
  }
  /// The answer to the latest request.
  void answer(const std::string& status, const std::string& rest) {
    say("RTSP/1.0 " + status + "\r\nCSeq: " + cseq_ + "\r\n" + rest);
  }
  void pass(base::Duration time) {
    now_ += time;
    session_->on_time(now_);
    pump();
    check();
  }
  void hang_up() {
    session_->connection_lost("", filled_ > 0, now_);
    filled_ = 0;
    pump();
    check();
  }

  void reach_describe() {
    answer("200 OK", "Public: OPTIONS, DESCRIBE, SET_PARAMETER, GET_PARAMETER\r\n\r\n");
  }
  void describe(std::string_view sdp) {
    answer("200 OK",
           "Content-Type: application/sdp\r\nContent-Length: " + std::to_string(sdp.size()) + "\r\n\r\n");
    say(sdp);
  }
  void reach_playing() {
    reach_describe();
    describe(kH264Sdp);
    answer("200 OK", "Session: 1;timeout=10\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n");
    answer("200 OK", "\r\n");
    ck_assert(playing_);
  }

  bool ended() const { return session_->ended(); }
  bool playing() const { return playing_ && !ended(); }
  const std::string& failure() const { return failure_; }
  std::size_t notes() const { return notes_; }
  std::size_t frames() const { return frames_; }
  std::size_t connections() const { return connections_; }
  base::Duration passed() const { return now_ - base::TimePoint(std::chrono::hours(1)); }
  const std::string& cseq() const { return cseq_; }

 private:
  void parse() {
    for (;;) {
      const base::ByteView bytes(received_.data(), filled_);
      const std::size_t used = session_->receive(bytes, false, now_);
      ck_assert(used <= filled_);
      std::copy(received_.begin() + static_cast<std::ptrdiff_t>(used),
                received_.begin() + static_cast<std::ptrdiff_t>(filled_), received_.begin());
      filled_ -= used;
      const bool told = session_->has_event();
      pump();
      if ((used == 0 && !told) || filled_ == 0) return;
    }
  }

  /// Does what the session asks for, and reads its requests.
  void pump() {
    while (auto event = session_->next_event()) {
      if (std::holds_alternative<client::ConnectionNeeded>(*event)) connect();
      if (std::holds_alternative<client::Described>(*event)) session_->choose({{0, {}, &allocator_}}, now_);
      if (std::holds_alternative<client::Playing>(*event)) playing_ = true;
      if (std::holds_alternative<client::Note>(*event)) ++notes_;
      if (std::holds_alternative<client::FrameReady>(*event)) ++frames_;
      if (const auto* over = std::get_if<client::Ended>(&*event))
        failure_ = over->failure ? over->failure->text : "in order";
    }
    std::string& output = session_->output();
    ck_assert_uint_lt(output.size(), kMiB / 4);
    const std::size_t at = output.rfind("\r\nCSeq: ");
    if (at != std::string::npos) cseq_ = output.substr(at + 8, output.find('\r', at + 8) - at - 8);
    if (reads_) output.clear();
  }
  void connect() {
    ++connections_;
    filled_ = 0;
    playing_ = false;
    session_->connected(now_);
  }

  void check() {
    const std::size_t used = peak_bytes - std::min(before_, peak_bytes);
    ck_assert_msg(used < kMostHeap, "%zu bytes of heap", used);
    ck_assert_uint_le(notes_, kMostNotes);
    if (session_->ended()) return;
    const auto deadline = session_->deadline();
    ck_assert_msg(deadline.has_value(), "nothing would ever end this");
    const base::Duration longest =
        playing_ ? std::max(options_.idle_timeout, options_.tcp_timeout) : options_.tcp_timeout;
    ck_assert_msg(*deadline <= now_ + longest, "the camera is waited for too long");
  }

  // In the order of their making, so that all that the session allocates comes after `before_`.
  std::size_t before_;
  client::Options options_;
  base::NullLog log_;
  client::Statistics statistics_;
  UncountedAllocator allocator_;
  std::optional<client::Session> session_;
  base::TimePoint now_{std::chrono::hours(1)};
  std::size_t filled_ = 0;
  std::string cseq_;
  std::string failure_;
  bool reads_ = true;
  bool playing_ = false;
  std::size_t notes_ = 0;
  std::size_t frames_ = 0;
  std::size_t connections_ = 0;

  static inline std::array<std::uint8_t, 160 * 1024> received_;
};

static_assert(160 * 1024 >= 2 * rtsp::Framer::kMaxLookahead);

/// No part of the session: what cameras say for ever is made once, ahead.
inline std::string repeated(const std::string& text, std::size_t bytes) {
  std::string all;
  all.reserve(bytes + text.size());
  while (all.size() < bytes)
    all += text;
  return all;
}

inline void flood(HostileCamera& camera, const std::string& chunk, std::size_t bytes) {
  for (std::size_t said = 0; said < bytes && !camera.ended(); said += chunk.size())
    camera.say(chunk);
}

/// Says `bytes` one each 100 ms; the session must have ended, or play, within `limit`.
inline void check_trickle(HostileCamera& camera, const std::string& bytes, base::Duration limit) {
  const base::Duration start = camera.passed();
  for (std::size_t i = 0; !camera.ended(); ++i) {
    camera.say(bytes.substr(i % bytes.size(), 1));
    camera.pass(std::chrono::milliseconds(100));
    ck_assert_msg(camera.passed() - start <= limit, "it goes on and on");
  }
}

}  // namespace retina::test
