// The pump: a Session joined to a connection, against a connection of the test's own and a fake clock.

#include "client/client.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <string>

#include "support/check.h"
#include "support/fake_clock.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;

/// What the test lets a connection do, and what the pump did with it.
struct Wire {
  struct Input {
    io::Transfer::Status status = io::Transfer::Status::kDone;
    std::string bytes;
  };
  std::deque<Input> input;  ///< one item a read; when there is none, reads would block
  std::string sent;
  std::size_t write_limit = 1 << 20;  ///< a write takes so much at most; 0: would block
  std::vector<std::size_t> rooms;     ///< given to each read
  std::vector<std::size_t> low_water;
  int waits = 0;
  test::FakeClock* clock = nullptr;
  const io::Wakeup* wakeup = nullptr;
};

class FakeConnection final : public io::Connection {
 public:
  explicit FakeConnection(Wire& wire) : wire_(wire) {}

  io::Transfer read(std::span<std::uint8_t> room) override {
    wire_.rooms.push_back(room.size());
    if (wire_.input.empty()) return {};
    Wire::Input& next = wire_.input.front();
    if (next.status != io::Transfer::Status::kDone) {
      const auto status = next.status;
      wire_.input.pop_front();
      return {status, 0, ECONNRESET};
    }
    const std::size_t count = std::min(room.size(), next.bytes.size());
    std::memcpy(room.data(), next.bytes.data(), count);
    next.bytes.erase(0, count);
    if (next.bytes.empty()) wire_.input.pop_front();
    return {io::Transfer::Status::kDone, count, 0};
  }
  io::Transfer write(base::ByteView bytes) override {
    const std::size_t count = std::min(bytes.size(), wire_.write_limit);
    if (count == 0) return {};
    wire_.sent += base::as_text(bytes.first(count));
    return {io::Transfer::Status::kDone, count, 0};
  }
  void set_low_water(std::size_t bytes) override { wire_.low_water.push_back(bytes); }
  io::WaitOutcome wait_with(bool, std::optional<base::TimePoint> deadline, base::TimePoint,
                            const io::Wakeup& wakeup, std::span<io::Watched>) override {
    ++wire_.waits;
    if (wakeup.signalled()) return io::WaitOutcome::kWoken;
    if (!wire_.input.empty()) return io::WaitOutcome::kReady;
    ck_assert_msg(deadline.has_value(), "a wait that nothing would end");
    wire_.clock->advance_to(*deadline);
    return io::WaitOutcome::kTimeout;
  }
  std::string peer() const override { return "camera"; }
  std::string local() const override { return "here"; }

 private:
  Wire& wire_;
};

class FakeConnector final : public io::Connector {
 public:
  explicit FakeConnector(Wire& wire) : wire_(wire) {}
  base::Result<std::unique_ptr<io::Connection>, io::ConnectError> connect(const std::string&, std::uint16_t,
                                                                          base::Duration,
                                                                          const io::Wakeup&) override {
    return std::unique_ptr<io::Connection>(std::make_unique<FakeConnection>(wire_));
  }

 private:
  Wire& wire_;
};

class Pump {
 public:
  explicit Pump(client::Options options = {}) : connector_(wire) {
    wire.clock = &clock;
    options.location = "rtsp://cam/stream";
    options.user_agent = "test";
    auto created = client::Client::create(options, log_, clock, connector_);
    ck_assert(created.has_value());
    client = std::move(created).value();
  }

  void say(std::string bytes) { wire.input.push_back({io::Transfer::Status::kDone, std::move(bytes)}); }
  void reply(int cseq, const std::string& rest) {
    say("RTSP/1.0 200 OK\r\nCSeq: " + std::to_string(cseq) + "\r\n" + rest);
  }
  /// Events until one of this kind.
  template <class T>
  T until() {
    for (int i = 0; i < 1000; ++i) {
      auto event = client->next();
      ck_assert_msg(event.has_value(), "interrupted");
      if (auto* wanted = std::get_if<T>(&*event)) return std::move(*wanted);
      if (auto* ended = std::get_if<client::Ended>(&*event)) {
        ck_abort_msg("ended: %s", ended->failure ? ended->failure->text.c_str() : "in order");
      }
    }
    ck_abort_msg("the event never came");
    return {};
  }
  void reach_playing() {
    const std::string sdp = "v=0\r\ns=x\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:t\r\n";
    reply(1, "\r\n");
    reply(2, "Content-Type: application/sdp\r\nContent-Length: " + std::to_string(sdp.size()) + "\r\n\r\n" +
                 sdp);
    until<client::Described>();
    client->choose({{0, {}, &allocator_}});
    reply(3, "Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n");
    reply(4, "\r\n");
    until<client::Playing>();
  }

  Wire wire;
  test::FakeClock clock;
  std::unique_ptr<client::Client> client;

 private:
  base::NullLog log_;
  FakeConnector connector_;
  codec::HeapAllocator allocator_;
};

std::string packet(unsigned sequence, bool marker, std::size_t payload_bytes, unsigned timestamp = 0) {
  std::string rtp(12, '\0');
  rtp[0] = '\x80';
  rtp[1] = static_cast<char>((marker ? 0x80 : 0) | 96);
  rtp[3] = static_cast<char>(sequence);
  rtp[7] = static_cast<char>(timestamp);
  rtp[11] = 1;
  rtp += "\x41\x88" + std::string(payload_bytes, 'x');
  return std::string("$\0", 2) + static_cast<char>(rtp.size() >> 8) + static_cast<char>(rtp.size() & 0xFF) +
         rtp;
}

LAW(requests_that_the_socket_takes_in_pieces_go_out_whole) {
  Pump pump;
  pump.wire.write_limit = 7;
  pump.reach_playing();
  for (const char* method : {"OPTIONS ", "DESCRIBE ", "SETUP ", "PLAY "}) {
    ck_assert_msg(pump.wire.sent.find(method) != std::string::npos, "%s", method);
  }
}

/// The camera's failure, and how long after `begin` it came; media on the way is passed over.
client::Failure failure_of(Pump& pump) {
  for (int i = 0; i < 1000; ++i) {
    auto event = pump.client->next();
    ck_assert(event.has_value());
    if (const auto* ended = std::get_if<client::Ended>(&*event)) return ended->failure.value();
  }
  ck_abort_msg("it never ended");
  return {};
}

constexpr const char* kTakesNothing =
    "The connection broke while playing: the camera takes nothing of what is sent to it (tcp-timeout).";

LAW(a_camera_that_takes_nothing_of_what_is_sent_is_lost_after_tcp_timeout) {
  client::Options options;
  options.idle_timeout = base::Duration::zero();
  Pump pump(options);
  pump.reach_playing();
  pump.wire.write_limit = 0;
  const auto begin = pump.clock.now();
  const client::Failure failure = failure_of(pump);
  ASSERT_TEXT(failure.text, kTakesNothing);
  // The first keep-alive, or report, is due within 30 s.
  const auto taken = pump.clock.now() - begin;
  ck_assert(taken > 20s && taken <= 50s);
}

LAW(a_camera_that_sends_on_and_takes_nothing_is_lost_too) {
  Pump pump;
  pump.reach_playing();
  pump.wire.write_limit = 0;
  const auto begin = pump.clock.now();
  std::optional<client::Failure> failure;
  for (unsigned i = 0; !failure; ++i) {
    pump.say(packet(i, true, 100, i));
    auto event = pump.client->next();
    ck_assert(event.has_value());
    if (const auto* ended = std::get_if<client::Ended>(&*event)) failure = ended->failure;
    pump.clock.advance(250ms);
    ck_assert_uint_lt(i, 256);
  }
  ASSERT_TEXT(failure->text, kTakesNothing);
  const auto taken = pump.clock.now() - begin;
  ck_assert(taken > 20s && taken <= 51s);
}

LAW(a_camera_that_takes_something_now_and_then_is_not_lost) {
  Pump pump;
  pump.reach_playing();
  for (unsigned i = 0; i < 200; ++i) {
    // Nothing for 15 s, and then all.
    pump.wire.write_limit = i % 4 == 3 ? 1 << 20 : 0;
    pump.clock.advance(5s);
    pump.say(packet(i, true, 100, i));
    pump.until<client::FrameReady>();
  }
  ck_assert_uint_eq(pump.client->statistics().packets_invalid.get(), 0);
}

LAW(no_read_ever_gets_less_than_the_smallest_room) {
  Pump pump;
  pump.reach_playing();
  for (unsigned i = 0; i < 50; ++i) {
    const std::string whole = packet(i, true, 100);
    pump.say(whole.substr(0, 30));
    pump.say(whole.substr(30));
    pump.until<client::FrameReady>();
  }
  for (const std::size_t room : pump.wire.rooms)
    ck_assert_uint_ge(room, 64 * 1024);
  ck_assert_uint_eq(pump.client->statistics().reads.full_reads.get(), 0);
}

LAW(a_packet_that_ends_a_message_without_blank_line_is_not_left_lying) {
  Pump pump;
  pump.reach_playing();
  // The '$' ends the answer without being used up: the packet is there all the same.
  pump.say("RTSP/1.0 200 OK\r\nCSeq: 4\r\n");
  pump.say(packet(1, true, 10));
  pump.until<client::Note>();
  const int waits = pump.wire.waits;
  pump.until<client::FrameReady>();
  ck_assert_int_eq(pump.wire.waits, waits);
}

LAW(an_interrupted_wait_returns_and_goes_on_after_resume) {
  Pump pump;
  pump.reach_playing();
  pump.client->interrupt();
  ck_assert(!pump.client->next().has_value());
  ck_assert(!pump.client->next().has_value());
  pump.client->resume();
  pump.say(packet(1, true, 10));
  pump.until<client::FrameReady>();
}

LAW(the_last_words_of_a_camera_that_closes_are_heard) {
  Pump pump;
  pump.reach_playing();
  pump.say(packet(1, true, 10) + packet(2, true, 10, 90));
  pump.wire.input.push_back({io::Transfer::Status::kClosed, ""});
  pump.until<client::FrameReady>();
  pump.until<client::FrameReady>();
  auto event = pump.client->next();
  ck_assert(event && std::holds_alternative<client::Ended>(*event));
  ck_assert(std::get<client::Ended>(*event).failure->kind == client::Failure::Kind::kClosed);
}

LAW(a_broken_connection_is_a_read_failure) {
  Pump pump;
  pump.reach_playing();
  pump.wire.input.push_back({io::Transfer::Status::kFailed, ""});
  auto event = pump.client->next();
  ck_assert(event && std::get<client::Ended>(*event).failure->kind == client::Failure::Kind::kRead);
}

LAW(silence_ends_at_the_idle_timeout_of_the_clock) {
  Pump pump;
  pump.reach_playing();
  const auto begin = pump.clock.now();
  auto event = pump.client->next();
  ck_assert(event && std::get<client::Ended>(*event).failure->kind == client::Failure::Kind::kTimeout);
  ck_assert(pump.clock.now() - begin >= 10s && pump.clock.now() - begin < 11s);
}

LAW(keep_alives_go_out_although_there_is_always_something_to_read) {
  Pump pump;
  pump.reach_playing();
  for (unsigned i = 0; i < 70; ++i) {
    pump.clock.advance(1s);
    pump.say(packet(i, true, 70000 / 70));
    pump.until<client::FrameReady>();
  }
  const std::size_t play = pump.wire.sent.find("PLAY ");
  ck_assert(play != std::string::npos && pump.wire.sent.find("OPTIONS ", play) != std::string::npos);
}

LAW(responses_are_waited_for_byte_by_byte) {
  Pump pump;
  pump.reach_playing();
  for (const std::size_t low_water : pump.wire.low_water)
    ck_assert_uint_eq(low_water, 1);
}

LAW(the_rest_of_an_unfinished_frame_is_waited_for_at_once) {
  Pump pump;
  pump.reach_playing();
  // Three frames of ten packets each teach how large frames are.
  unsigned sequence = 0;
  for (int frame = 0; frame < 3; ++frame) {
    for (int i = 0; i < 10; ++i)
      pump.say(packet(sequence++, i == 9, 1400));
    pump.until<client::FrameReady>();
  }
  pump.wire.low_water.clear();
  // The first packet of the next: the pump sleeps for the most part of the rest.
  pump.say(packet(sequence++, false, 1400));
  for (int i = 1; i < 10; ++i)
    pump.wire.input.push_back({io::Transfer::Status::kDone, packet(sequence++, i == 9, 1400)});
  pump.until<client::FrameReady>();
  const auto largest = *std::max_element(pump.wire.low_water.begin(), pump.wire.low_water.end());
  ck_assert_uint_ge(largest, 10000);
  ck_assert_uint_le(largest, 14200);
}

LAW(closing_sends_teardown_and_waits_for_its_answer_no_longer_than_allowed) {
  Pump answered;
  answered.reach_playing();
  answered.reply(5, "\r\n");
  answered.client->close(100ms);
  ck_assert(answered.wire.sent.find("TEARDOWN ") != std::string::npos);

  Pump silent;
  silent.reach_playing();
  const auto begin = silent.clock.now();
  silent.client->close(100ms);
  ck_assert(silent.clock.now() - begin >= 100ms && silent.clock.now() - begin < 200ms);
}

LAW(teardown_goes_out_even_when_its_answer_is_not_waited_for) {
  Pump pump;
  pump.reach_playing();
  pump.client->close(0ms);
  ck_assert(pump.wire.sent.find("TEARDOWN ") != std::string::npos);
}

LAW(the_answer_to_the_cameras_teardown_goes_out) {
  Pump pump;
  pump.reach_playing();
  pump.say("TEARDOWN * RTSP/1.0\r\nCSeq: 9\r\n\r\n");
  auto event = pump.client->next();
  ck_assert(event && std::holds_alternative<client::Ended>(*event));
  ck_assert(pump.wire.sent.find("RTSP/1.0 200 OK\r\nCSeq: 9") != std::string::npos);
}

LAW(a_location_that_cannot_be_used_is_refused_before_anything_is_connected) {
  Wire wire;
  FakeConnector connector(wire);
  base::NullLog log;
  test::FakeClock clock;
  for (const char* location : {"", "cam", "rtsp://", "http://cam/", "ws://cam/"}) {
    client::Options options;
    options.location = location;
    const auto created = client::Client::create(options, log, clock, connector);
    ck_assert_msg(!created && created.error().kind == client::Failure::Kind::kSettings, "%s", location);
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("client");
}
