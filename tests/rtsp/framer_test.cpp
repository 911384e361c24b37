#include "rtsp/framer.h"

#include <algorithm>

#include "rtsp/framing.h"
#include "support/check.h"

namespace {

using namespace retina;
using namespace retina::test;

const std::bitset<256> kAny{};
const std::bitset<256> kVideo = channels({0, 1});
const std::string kReply = "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n";
const std::string kReplyText = "200 OK|CSeq=1\n";

std::string frame(std::uint8_t channel, std::string_view payload) {
  return "$" + std::to_string(channel) + ":" + std::string(payload) + "\n";
}

// --- good framing ---

LAW(packets_and_messages_come_in_their_order) {
  ASSERT_FRAMES(interleaved(0, "ab") + kReply + interleaved(200, "") + interleaved(1, "c$d"), kAny,
                frame(0, "ab") + kReplyText + frame(200, "") + frame(1, "c$d"));
}

LAW(the_payload_is_a_view_into_the_callers_bytes) {
  const std::string stream = interleaved(3, "abc");
  rtsp::Framer framer;
  const auto bytes = base::as_bytes(stream);
  const auto step = framer.next(bytes);
  ck_assert(step && step->kind == rtsp::Framer::Step::Kind::kInterleaved);
  ck_assert(step->interleaved.payload.data() == bytes.data() + 4);
  ck_assert_uint_eq(step->consumed, 7);
}

LAW(an_incomplete_packet_consumes_nothing_and_says_what_is_missing) {
  const std::string stream = interleaved(0, std::string(300, 'x'));
  for (std::size_t length = 0; length < stream.size(); ++length) {
    rtsp::Framer framer;
    const auto step = framer.next(base::as_bytes(std::string_view(stream).substr(0, length)));
    ck_assert(step && step->kind == rtsp::Framer::Step::Kind::kNeedMore && step->consumed == 0);
    const std::size_t expected = length == 0 ? 1 : length < 4 ? 4 - length : stream.size() - length;
    ck_assert_uint_eq(step->missing, expected);
  }
}

LAW(the_largest_packet_fits_into_the_documented_room) {
  const std::string stream = interleaved(0, std::string(65535, 'x'));
  ck_assert_uint_lt(stream.size(), rtsp::Framer::kMaxLookahead);
  ck_assert_uint_eq(feed_whole(stream).items.size(), 1);
}

LAW(offsets_are_where_packets_and_messages_start) {
  const std::string stream = interleaved(0, "abc") + "\r\n" + kReply + "\r\n" + interleaved(0, "d");
  for (const Trace& trace : {feed_whole(stream), feed_bytewise(stream)}) {
    ck_assert_uint_eq(trace.items.at(0).offset, 0);
    ck_assert_uint_eq(trace.items.at(1).offset, 9);
    ck_assert_uint_eq(trace.items.at(2).offset, 9 + kReply.size() + 2);
    ck_assert_uint_eq(trace.consumed, stream.size());
  }
}

LAW(the_end_of_the_stream_is_clean_only_between_messages) {
  const std::string stream =
      kReply + "RTSP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab" + interleaved(0, "abc");
  const std::size_t clean[] = {0, kReply.size(), stream.size() - 7, stream.size()};
  for (std::size_t length = 0; length <= stream.size(); ++length) {
    const Trace trace = feed_bytewise(std::string_view(stream).substr(0, length));
    const bool is_clean = !trace.in_message && trace.unread.empty();
    ck_assert_msg(is_clean == (std::find(std::begin(clean), std::end(clean), length) != std::end(clean)),
                  "%zu", length);
  }
}

LAW(requests_of_the_server_come_between_packets) {
  ASSERT_FRAMES(
      interleaved(0, rtp("aa")) + "OPTIONS rtsp://h/ RTSP/1.0\r\nCSeq: 5\r\n\r\n" + interleaved(1, rtp("bb")),
      kVideo, frame(0, rtp("aa")) + "OPTIONS rtsp://h/|CSeq=5\n" + frame(1, rtp("bb")));
}

LAW(moonfire_213_packets_of_unknown_channels_are_taken_when_framing_goes_on_behind) {
  const std::string first = interleaved(0, rtp("aa"));
  for (const std::string& next :
       {interleaved(1, rtp("bb")), interleaved(9, "c") + kReply, kReply, std::string("\r\n")}) {
    ASSERT_FRAMES(first + interleaved(9, "metadata") + next, kVideo,
                  frame(0, rtp("aa")) + frame(9, "metadata") + feed_whole(next).texts());
  }
}

// --- who answers there ---

LAW(other_protocols_are_told_at_once) {
  struct {
    const char* stream;
    const char* error;
  } const cases[] = {
      {"HTTP/1.1 400 Bad Request\r\n", "an HTTP server answers"},
      {"SSH-2.0-OpenSSH_9.2\r\n", "an SSH server answers"},
      {"\x15\x03\x03", "a TLS server answers (rtsps:// may help)"},
      {"220 ftp ready\r\n", "no RTSP server answers"},
      {"<html>", "no RTSP server answers"},
      {"hello there\r\n", "no RTSP server answers"},
      {"\xFF\xFB\x01", "no RTSP server answers"},
      {"RTSP/x", "no RTSP server answers"},
      {"RTSP/1.0 abc\r\n", "no RTSP server answers"},
      {"RTSP/1.0 2000 OK\r\n", "no RTSP server answers"},
      {"RTSP/1.0 999 OK\r\n", "no RTSP server answers"},
      {"RTSP/1.0 200 O\x01", "no RTSP server answers"},
      {"PLAY RTSP/1.0\r\n", "no RTSP server answers"},
      {" RTSP/1.0 200 OK\r\n", "no RTSP server answers"},
  };
  for (const auto& c : cases) {
    const Trace trace = feed_whole(c.stream);
    ASSERT_TEXT(trace.error, c.error);
    ck_assert_msg(!find_split_that_matters(c.stream), "%s", c.stream);
  }
}

LAW(a_start_line_is_bounded) {
  const std::string line = "RTSP/1.0 200 ";
  ck_assert_uint_eq(
      feed_whole(line + std::string(rtsp::kMaxStartLineBytes - line.size() - 2, 'x') + "\r\n\r\n")
          .messages.size(),
      1);
  ASSERT_TEXT(feed_whole(line + std::string(rtsp::kMaxStartLineBytes, 'x')).error, "no RTSP server answers");
  ASSERT_TEXT(feed_whole("OPTIONS " + std::string(rtsp::kMaxStartLineBytes, 'x')).error,
              "no RTSP server answers");
}

LAW(media_of_an_old_session_may_come_before_the_first_reply) {
  ASSERT_FRAMES(interleaved(4, "old") + kReply, kAny, frame(4, "old") + kReplyText);
}

// --- broken framing ---

/// The middle of a stream is broken; what is good in it must come out, and the loss is counted.
void check_recovery(std::string_view garbage, const std::string& behind, const std::string& expected) {
  const std::string stream = interleaved(0, rtp("first")) + std::string(garbage) + behind;
  ASSERT_FRAMES(stream, kVideo, frame(0, rtp("first")) + expected);
  const Trace trace = feed_whole(stream, kVideo);
  ck_assert_uint_eq(trace.resyncs, 1);
  ck_assert_uint_eq(trace.skipped_bytes, garbage.size());
}

LAW(framing_is_found_again_at_a_known_channel_confirmed_by_what_follows) {
  const std::string good = interleaved(1, rtp("good"));
  const std::string next = interleaved(0, rtp("next"));
  check_recovery("garbage", good + next, frame(1, rtp("good")) + frame(0, rtp("next")));
  check_recovery("garbage", good + kReply, frame(1, rtp("good")) + kReplyText);
  check_recovery(std::string("\x00\x01\xFF", 3), good + "\r\n" + next,
                 frame(1, rtp("good")) + frame(0, rtp("next")));
}

LAW(framing_is_found_again_at_a_response) {
  check_recovery("RTSP in RTS text RTSP/1.", kReply + interleaved(0, rtp("xx")),
                 kReplyText + frame(0, rtp("xx")));
  check_recovery("RTSP/1.0 999 no\r\n", kReply, kReplyText);
  check_recovery("RTSP/1.0 200 O\x02", kReply, kReplyText);
}

LAW(a_dollar_in_garbage_is_no_packet) {
  const std::string good = interleaved(0, rtp("good")) + interleaved(0, rtp("next"));
  const std::string expected = frame(0, rtp("good")) + frame(0, rtp("next"));
  const std::string_view cases[] = {
      std::string_view("x$", 2),                            // nothing
      std::string_view("x$\x07\x00\x06\x80\x60zzzz", 11),   // unknown channel
      std::string_view("x$\x00\x00\x02\x80\x60", 7),        // too short for RTCP
      std::string_view("x$\x00\x00\x06\x40\x60zzzz", 11),   // not version 2
      std::string_view("x$\x00\x00\x06\x80\x60zzzz?", 12),  // no framing behind
      std::string_view("x$\x00\x00\x06\x80\x60zzzzRTX.", 15),
      std::string_view("x$\x00\x00\x06\x80\x60zzzz$\x07", 13),
  };
  for (const std::string_view garbage : cases)
    check_recovery(garbage, good, expected);
}

LAW(a_packet_cut_short_costs_itself_and_what_it_swallowed) {
  // The first claims 40 bytes, of which 10 came: it swallows the next packet and ends within the third.
  const std::string cut = std::string("$\x00\x00\x28", 4) + rtp("12345678");
  const std::string stream = cut + interleaved(0, rtp("swallowed")) +
                             interleaved(1, rtp("also broken, since cut")) + interleaved(0, rtp("good")) +
                             interleaved(0, rtp("next"));
  const Trace trace = feed_whole(stream, kVideo);
  ck_assert_uint_eq(trace.items.size(), 3);
  ASSERT_TEXT(trace.items[1].text, "$0:" + rtp("good"));
  ASSERT_TEXT(trace.items[2].text, "$0:" + rtp("next"));
  ck_assert_uint_eq(trace.resyncs, 1);
  ck_assert(!find_split_that_matters(stream, kVideo));
}

LAW(rtsp_text_in_the_middle_of_a_packet_costs_that_packet) {
  const std::string payload = rtp("a packet with a reply in its middle");
  std::string mixed = interleaved(0, payload);
  mixed.insert(12, kReply);
  const std::string stream = mixed + interleaved(0, rtp("good")) + interleaved(0, rtp("next"));
  const Trace trace = feed_whole(stream, kVideo);
  ck_assert_uint_eq(trace.items.size(), 3);
  ASSERT_TEXT(trace.items[1].text, "$0:" + rtp("good"));
  ck_assert(!find_split_that_matters(stream, kVideo));
}

LAW(media_in_the_middle_of_a_message_costs_that_message) {
  const std::string stream = interleaved(0, rtp("aa")) + "RTSP/1.0 200 OK\r\nCSe" +
                             interleaved(0, rtp("bb")) + interleaved(0, rtp("cc")) +
                             interleaved(1, rtp("dd"));
  // The '$' of "b" stands in a header line, where it may stand; its channel number may not.
  ASSERT_FRAMES(stream, kVideo, frame(0, rtp("aa")) + frame(0, rtp("cc")) + frame(1, rtp("dd")));
  const Trace trace = feed_whole(stream, kVideo);
  ck_assert_uint_eq(trace.resyncs, 1);
  ck_assert_uint_eq(trace.skipped_bytes, 20 + interleaved(0, rtp("bb")).size());
}

LAW(a_message_that_is_too_large_amid_media_costs_its_head) {
  std::string many_lines;
  for (std::size_t i = 0; i <= rtsp::kMaxHeaderLines; ++i)
    many_lines += "a:b\r\n";
  for (const std::string& rest : {std::string("Content-Length: 8218361\r\n\r\n"), many_lines}) {
    // What its head quotes is no message.
    const std::string head = "RTSP/1.0 200 OK\r\nX: RTSP/1.0 404 Not Found\r\n" + rest;
    const std::string stream =
        interleaved(0, rtp("aa")) + head + interleaved(0, rtp("bb")) + interleaved(0, rtp("cc")) + kReply;
    ASSERT_FRAMES(stream, kVideo,
                  frame(0, rtp("aa")) + frame(0, rtp("bb")) + frame(0, rtp("cc")) + kReplyText);
    ck_assert_uint_eq(feed_whole(stream, kVideo).skipped_bytes, head.size());
  }
}

LAW(a_body_longer_than_its_content_length_is_skipped) {
  const std::string stream =
      "RTSP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nv=0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\n";
  const std::string reply = "200 OK|Content-Length=5|body:v=0\r\n\n";
  ASSERT_FRAMES(stream + kReply, kAny, reply + kReplyText);
  const Trace trace = feed_whole(stream + kReply);
  ck_assert_uint_eq(trace.resyncs, 1);
  ASSERT_TEXT(trace.error, "");
}

LAW(each_loss_of_framing_is_counted_once) {
  const std::string good = interleaved(0, rtp("aa")) + interleaved(0, rtp("bb"));
  const Trace trace = feed_whole(good + "x$y$z" + good + "RTSP/1.0 200 \x01" + good, kVideo);
  ck_assert_uint_eq(trace.resyncs, 2);
  ck_assert_uint_eq(trace.items.size(), 6);
}

LAW(one_mib_of_garbage_ends_the_search) {
  const std::string good = interleaved(0, rtp("aa"));
  const std::string limit(rtsp::Framer::kMaxSkipBytes, 'x');
  const Trace found = feed_whole(good + limit + good + good, kVideo);
  ASSERT_TEXT(found.error, "");
  ck_assert_uint_eq(found.items.size(), 3);
  for (const char* more : {"x", "$$"}) {
    const Trace trace = feed_whole(good + limit + more + good + good, kVideo);
    ASSERT_TEXT(trace.error, "no RTSP framing found in 1 MiB of garbage");
    ck_assert_uint_eq(trace.items.size(), 1);
  }
}

/// Steps that a stream takes when shown in small pieces; each step must be cheap, so their number is what
/// counts.
std::size_t count_steps(std::string_view stream, std::size_t piece) {
  rtsp::Framer framer;
  framer.set_known_channels(kVideo);
  std::size_t steps = 0;
  std::size_t begin = 0;
  for (std::size_t end = std::min(piece, stream.size());; end = std::min(end + piece, stream.size())) {
    for (bool more = true; more; ++steps) {
      const auto step = framer.next(base::as_bytes(stream.substr(begin, end - begin)));
      if (!step) return steps;
      begin += step->consumed;
      more = step->kind != rtsp::Framer::Step::Kind::kNeedMore;
    }
    if (end == stream.size()) return steps;
  }
}

LAW(garbage_of_any_kind_takes_steps_in_proportion_to_its_length) {
  std::string patterns[] = {"$",
                            std::string("$\0", 2),
                            std::string("$\0\xFF\xFF\x80", 5),
                            "R",
                            "RTSP/",
                            "RTSP/1.0 200 ",
                            "RTSP/1.0 999 x\n",
                            "RT$"};
  for (const std::string& pattern : patterns) {
    std::string stream = interleaved(0, rtp("aa")) + "?";
    while (stream.size() < 100'000)
      stream += pattern;
    ck_assert_uint_le(count_steps(stream, 1), 3 * stream.size());
    ck_assert_uint_le(count_steps(stream, stream.size()), 2 * stream.size());
  }
}

LAW(a_header_that_trickles_in_takes_one_step_a_byte) {
  const std::string stream =
      "RTSP/1.0 200 " + std::string(4000, 'r') + "\r\nA: " + std::string(60'000, 'x') + "\r\n\r\n";
  ck_assert_uint_le(count_steps(stream, 1), stream.size() + 2);
}

}  // namespace

int main() {
  return retina::test::run_laws("framer", 60);
}
