// RTSP over an open WebSocket: a byte stream, whatever the frames are.

#include "io/websocket_connection.h"

#include <array>
#include <string>

#include "support/check.h"
#include "support/fake_connection.h"

namespace {

using namespace retina;
using Status = io::Transfer::Status;

struct Socket {
  test::FakeWire wire;
  std::unique_ptr<io::WebSocketConnection> connection;

  explicit Socket(const std::string& early = "")
      : connection(std::make_unique<io::WebSocketConnection>(std::make_unique<test::FakeConnection>(wire),
                                                             base::as_bytes(early), 7)) {}

  std::string read(Status expected = Status::kDone) {
    std::array<std::uint8_t, 64> room{};
    const io::Transfer got = connection->read(room);
    ck_assert_int_eq(static_cast<int>(got.status), static_cast<int>(expected));
    return std::string(base::as_text(base::ByteView(room).first(got.bytes)));
  }
};

/// What a server would find in the client's frames: opcodes and payloads.
std::string unmasked(std::string_view stream) {
  std::string text;
  while (stream.size() >= 6) {
    const std::size_t size = static_cast<unsigned char>(stream[1]) & 0x7f;
    ck_assert_msg((static_cast<unsigned char>(stream[1]) & 0x80) != 0, "a client's frame without a mask");
    ck_assert(size < 126 && stream.size() >= 6 + size);
    text += "0123456789abcdef"[static_cast<unsigned char>(stream[0]) & 15];
    text += ':';
    for (std::size_t i = 0; i < size; ++i)
      text += static_cast<char>(stream[6 + i] ^ stream[2 + i % 4]);
    text += '\n';
    stream.remove_prefix(6 + size);
  }
  ck_assert(stream.empty());
  return text;
}

LAW(the_frames_payload_is_the_stream) {
  Socket socket;
  socket.wire.input = {std::string("\x82\x04RTSP", 6), std::string("\x82\x02/1\x82\x01", 6), "0"};
  for (const char* expected : {"RTSP", "/1", "0"})
    ASSERT_TEXT(socket.read(), expected);
}

LAW(what_came_behind_the_handshake_is_read_first) {
  Socket socket(std::string("\x82\x05", 2) + "early");
  socket.wire.input = {std::string("\x82\x04late", 6)};
  ASSERT_TEXT(socket.read(), "early");
  ASSERT_TEXT(socket.read(), "late");
}

LAW(what_is_said_goes_out_as_masked_binary_frames) {
  Socket socket;
  const std::string text = "OPTIONS * RTSP/1.0";
  ck_assert_uint_eq(socket.connection->write(base::as_bytes(text)).bytes, text.size());
  ASSERT_TEXT(unmasked(socket.wire.output), "2:OPTIONS * RTSP/1.0\n");
  ck_assert(socket.wire.output.find("OPTIONS") == std::string::npos);
}

LAW(a_frame_that_is_taken_in_part_is_ended_first_at_every_split_point) {
  for (std::size_t split = 0; split < 12; ++split) {
    Socket socket;
    socket.wire.accepts = split;
    ck_assert_uint_eq(socket.connection->write(base::as_bytes(std::string_view("first"))).bytes, 5);
    ck_assert_uint_eq(socket.connection->write(base::as_bytes(std::string_view("second"))).bytes, 6);
    socket.wire.accepts = 1000;
    const io::Wakeup never;
    socket.connection->wait(false, base::TimePoint{}, base::TimePoint{}, never);
    ASSERT_TEXT(unmasked(socket.wire.output), "2:first\n2:second\n");
  }
}

LAW(a_ping_is_answered_with_its_payload) {
  Socket socket;
  socket.wire.input = {std::string("\x89\x02hi\x82\x01x", 7)};
  ASSERT_TEXT(socket.read(), "x");
  ASSERT_TEXT(unmasked(socket.wire.output), "a:hi\n");
}

LAW(a_close_frame_is_the_end) {
  Socket socket;
  socket.wire.input = {std::string("\x82\x01x\x88\x02\x03\xe8\x82\x01y", 10)};
  ASSERT_TEXT(socket.read(), "x");
  socket.read(Status::kClosed);
}

LAW(what_is_no_websocket_says_so_behind_the_good_bytes) {
  Socket socket;
  socket.wire.input = {std::string("\x82\x01x", 3), std::string("\xf2\x01y", 3)};
  ASSERT_TEXT(socket.read(), "x");
  socket.read(Status::kFailed);
  const std::string words = socket.connection->words_for({Status::kFailed, 0, 0});
  ck_assert_msg(words.starts_with("what comes is no WebSocket ("), "%s", words.c_str());
}

LAW(a_server_that_reads_nothing_and_pings_costs_no_memory) {
  Socket socket;
  socket.wire.accepts = 0;
  for (int i = 0; i < 100'000; ++i) {
    socket.wire.input = {std::string("\x89\x7d", 2) + std::string(125, 'p')};
    std::array<std::uint8_t, 256> room{};
    ck_assert(socket.connection->read(room).status == Status::kWouldBlock);
  }
  socket.wire.accepts = std::size_t{1} << 40;
  const io::Wakeup never;
  socket.connection->wait(false, base::TimePoint{}, base::TimePoint{}, never);
  ck_assert_uint_le(socket.wire.output.size(), 300 * 1024);
}

}  // namespace

int main() {
  return retina::test::run_laws("websocket_connection");
}
