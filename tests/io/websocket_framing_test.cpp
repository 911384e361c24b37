// The frames of a WebSocket, wherever the stream is cut.

#include "io/websocket_framing.h"

#include <string>
#include <string_view>

#include "support/check.h"

namespace {

using namespace retina;
using Op = io::WebSocketOpcode;

std::string frame(unsigned first, std::string_view payload) {
  std::string text(1, static_cast<char>(first));
  if (payload.size() < 126) {
    text += static_cast<char>(payload.size());
  } else {
    text += {'\x7e', static_cast<char>(payload.size() >> 8), static_cast<char>(payload.size() & 0xff)};
  }
  return text.append(payload);
}

std::string take(io::WebSocketReader& reader, std::string_view stream) {
  const auto view = base::as_bytes(stream);
  base::Bytes bytes(view.begin(), view.end());
  const std::size_t kept = reader.take(bytes);
  ck_assert_uint_le(kept, bytes.size());
  return std::string(base::as_text(base::ByteView(bytes).first(kept)));
}

std::string fault_of(std::string_view stream) {
  io::WebSocketReader reader;
  ASSERT_TEXT(take(reader, stream), "");
  return reader.fault() ? reader.fault()->what : "none";
}

LAW(payload_is_the_same_at_every_two_split_points) {
  const std::string stream = frame(0x82, "first") + frame(0x02, "sec") + frame(0x89, "ping") +
                             frame(0x80, "ond") + frame(0x82, "") + frame(0x81, std::string(130, 'x'));
  const std::string expected = "firstsecond" + std::string(130, 'x');
  for (std::size_t a = 0; a <= stream.size(); ++a) {
    for (std::size_t b = a; b <= stream.size(); ++b) {
      io::WebSocketReader reader;
      std::string data = take(reader, stream.substr(0, a));
      data += take(reader, stream.substr(a, b - a));
      data += take(reader, stream.substr(b));
      ASSERT_TEXT(data, expected);
      ck_assert(!reader.fault() && !reader.closed());
      const auto ping = reader.take_ping();
      ck_assert(ping.has_value());
      ASSERT_TEXT(base::as_text(*ping), "ping");
      ck_assert(!reader.take_ping().has_value());
    }
  }
}

LAW(what_breaks_the_rfc_is_a_fault_that_says_which) {
  ASSERT_TEXT(fault_of("\xc2\x01x"), "WebSocket reserved bits");
  ASSERT_TEXT(fault_of("\x82\x81zzzzx"), "masked WebSocket frame");
  ASSERT_TEXT(fault_of("\x83\x01x"), "WebSocket opcode");
  ASSERT_TEXT(fault_of("\x8b\x01x"), "WebSocket opcode");
  ASSERT_TEXT(fault_of("\x80\x01x"), "WebSocket continuation of nothing");
  ASSERT_TEXT(fault_of("\x09\x01x"), "fragmented WebSocket control frame");
  ASSERT_TEXT(fault_of("HTTP/1.1 200 OK\r\n"), "WebSocket reserved bits");
}

LAW(hostile_lengths_are_refused_at_the_header) {
  ASSERT_TEXT(fault_of("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff"), "WebSocket frame");
  ASSERT_TEXT(fault_of({"\x82\x7f\0\0\0\0\x40\0\0\x01", 10}), "WebSocket frame");
  ASSERT_TEXT(fault_of({"\x82\x7f\0\0\0\0\x40\0\0\0", 10}), "none");
  ASSERT_TEXT(fault_of({"\x89\x7e\0\x7e", 4}), "WebSocket frame");
  ASSERT_TEXT(fault_of({"\x89\x7e\0\x7d", 4}), "none");
}

LAW(what_came_before_a_fault_is_good) {
  io::WebSocketReader reader;
  ASSERT_TEXT(take(reader, frame(0x02, "good") + frame(0x82, "bad")), "good");
  ck_assert(reader.fault().has_value());
  ASSERT_TEXT(reader.fault()->what, "WebSocket message inside another");
  ck_assert_uint_eq(reader.fault()->offset, 6);
  ASSERT_TEXT(take(reader, frame(0x82, "more")), "");
}

LAW(nothing_is_read_after_a_close) {
  io::WebSocketReader reader;
  ASSERT_TEXT(take(reader, frame(0x82, "data") + frame(0x88, "\x03\xe9 bye") + frame(0x82, "x")), "data");
  ck_assert(reader.closed() && !reader.fault());
  ck_assert_uint_eq(reader.close_status().value_or(0), 1001);

  io::WebSocketReader without_status;
  ASSERT_TEXT(take(without_status, frame(0x88, "")), "");
  ck_assert(without_status.closed() && !without_status.close_status());
}

LAW(only_the_latest_ping_waits_for_its_answer) {
  io::WebSocketReader reader;
  ASSERT_TEXT(take(reader, frame(0x89, "one") + frame(0x89, std::string(125, '2')) + frame(0x8a, "three")),
              "");
  ASSERT_TEXT(base::as_text(reader.take_ping().value_or(base::Bytes{})), std::string(125, '2'));
}

LAW(written_frames_are_masked_with_the_shortest_length) {
  const io::WebSocketMask mask{0x37, 0xfa, 0x21, 0x3d};
  base::Bytes out;
  io::append_websocket_frame(Op::kText, base::as_bytes("Hello"), mask, out);
  // RFC 6455 s5.7 has this frame.
  ck_assert(out == base::Bytes({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58}));

  const struct {
    std::size_t size;
    base::Bytes header;
  } cases[] = {
      {0, {0x82, 0x80}},
      {125, {0x82, 0xfd}},
      {126, {0x82, 0xfe, 0x00, 0x7e}},
      {65535, {0x82, 0xfe, 0xff, 0xff}},
      {65536, {0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0}},
  };
  for (const auto& c : cases) {
    base::Bytes written;
    io::append_websocket_frame(Op::kBinary, base::Bytes(c.size, 'a'), mask, written);
    ck_assert_uint_eq(written.size(), c.header.size() + 4 + c.size);
    ck_assert(std::equal(c.header.begin(), c.header.end(), written.begin()));
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("websocket_framing");
}
