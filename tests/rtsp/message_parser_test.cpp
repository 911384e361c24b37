#include "rtsp/message_parser.h"

#include "rtsp/framing.h"
#include "support/check.h"

namespace {

using namespace retina;
using namespace retina::test;

constexpr std::bitset<256> kAny{};

std::string note_text(const Trace& trace) {
  std::string text;
  for (const std::string& note : trace.notes)
    text += note + "\n";
  return text;
}

/// Streams as cameras write them, what they mean, and a word of the note that each leaves ("" for none).
struct Case {
  const char* stream;
  const char* items;
  const char* note;
};

void check(const Case& c) {
  ASSERT_FRAMES(c.stream, kAny, c.items);
  const Trace trace = feed_whole(c.stream);
  ck_assert_msg(trace.error.empty(), "%s: %s", c.stream, trace.error.c_str());
  ck_assert_msg(trace.unread.empty() && !trace.in_message, "%s", c.stream);
  const std::string notes = note_text(trace);
  ck_assert_msg(*c.note == '\0' ? notes.empty() : notes.find(c.note) != std::string::npos, "%s leaves \"%s\"",
                c.stream, notes.c_str());
}

LAW(plain_messages_leave_no_note) {
  const Case cases[] = {
      {"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", "200 OK|CSeq=1\n", ""},
      {"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 4\r\n\r\nv=0\n",
       "200 OK|CSeq=2|Content-Length=4|body:v=0\n\n", ""},
      {"RTSP/1.0 404 Stream Not Found\r\n\r\n", "404 Stream Not Found\n", ""},
      {"OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n", "OPTIONS *|CSeq=9\n", ""},
      {"ANNOUNCE /live RTSP/1.0\r\n\r\n", "ANNOUNCE /live\n", ""},
      {"SET_PARAMETER rtsp://h/x RTSP/1.0\r\nContent-Length: 1\r\n\r\nx",
       "SET_PARAMETER rtsp://h/x|Content-Length=1|body:x\n", ""},
      {"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\nRTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n",
       "200 OK|CSeq=1\n200 OK|CSeq=2\n", ""},
  };
  for (const Case& c : cases)
    check(c);
}

LAW(a_status_line_without_reason_is_accepted) {
  for (const char* line : {"RTSP/1.0 200", "RTSP/1.0 200 ", "RTSP/1.0  200"}) {
    check({(std::string(line) + "\r\nCSeq: 1\r\n\r\n").c_str(), "200 |CSeq=1\n", ""});
  }
}

LAW(other_versions_and_lower_case_are_read_as_rtsp_1_0) {
  for (const char* version : {"RTSP/2.0", "rtsp/1.0", "RTSP/1.1", "RTSP/1"}) {
    check({(std::string(version) + " 200 OK\r\n\r\n").c_str(), "200 OK\n", "another version"});
  }
}

LAW(bare_line_feeds_end_lines_also_mixed_with_crlf) {
  check({"RTSP/1.0 200 OK\nCSeq: 1\nContent-Length: 2\n\nab", "200 OK|CSeq=1|Content-Length=2|body:ab\n",
         "LF"});
  check({"RTSP/1.0 200 OK\r\nCSeq: 1\nA: b\r\n\n", "200 OK|CSeq=1|A=b\n", "LF"});
  check({"RTSP/1.0 200 OK\r\r\nCSeq: 1\r\r\n\r\n", "200 OK|CSeq=1\n", ""});
}

LAW(stray_blank_lines_before_messages_and_packets_are_skipped) {
  check({"\r\n\r\nRTSP/1.0 200 OK\r\n\r\n\r\n", "200 OK\n", "Blank lines"});
  ASSERT_FRAMES("\n\nRTSP/1.0 200 OK\r\n\r\n\r\n" + interleaved(1, "x"), kAny, "200 OK\n$1:x\n");
}

LAW(header_names_come_in_any_case_with_space_before_the_colon) {
  check({"RTSP/1.0 200 OK\r\nCSEQ : 1\r\nsession\t:  a \t\r\n\r\n", "200 OK|CSEQ=1|session=a\n",
         "before its colon"});
}

LAW(longse_trailing_white_space_is_no_part_of_a_value) {
  check({"RTSP/1.0 401 Unauthorized\r\nCSeq: 1 \r\n\r\n", "401 Unauthorized|CSeq=1\n", ""});
}

LAW(hikvision_padding_before_a_value_is_no_part_of_it) {
  check({"RTSP/1.0 200 OK\r\nSession:        70;timeout=60\r\n\r\n", "200 OK|Session=70;timeout=60\n", ""});
}

LAW(empty_values_are_values) {
  check({"RTSP/1.0 200 OK\r\nServer:\r\nDate: \r\n\r\n", "200 OK|Server=|Date=\n", ""});
}

LAW(folded_lines_belong_to_the_header_before) {
  check({"RTSP/1.0 200 OK\r\nPublic: OPTIONS,\r\n PLAY\r\n\t, PAUSE\r\nCSeq: 1\r\n\r\n",
         "200 OK|Public=OPTIONS, PLAY , PAUSE|CSeq=1\n", ""});
  check({"RTSP/1.0 200 OK\r\n lost\r\nCSeq: 1\r\n \r\n\r\n", "200 OK|CSeq=1\n", ""});
}

LAW(header_lines_without_colon_or_name_are_ignored) {
  check({"RTSP/1.0 200 OK\r\nnonsense\r\n: x\r\nCSeq: 1\r\n\r\n", "200 OK|CSeq=1\n", "no colon"});
}

LAW(bytes_outside_of_ascii_are_kept) {
  check({"RTSP/1.0 200 OK\r\nServer: K\xC3\xBC\xFF\r\n\r\n", "200 OK|Server=K\xC3\xBC\xFF\n",
         "outside of ASCII"});
}

LAW(control_characters_in_headers_are_left_out_before_media) {
  check(
      {"RTSP/1.0 200 OK\r\nServer: a\x01"
       "b\x7F\r\n\r\n",
       "200 OK|Server=ab\n", "control characters"});
  ASSERT_FRAMES(std::string("RTSP/1.0 200 OK\r\nServer: a\0\r\n\r\n", 31), kAny, "200 OK|Server=a\n");
}

LAW(equal_content_lengths_are_one_and_of_different_ones_the_first_counts) {
  check({"RTSP/1.0 200 OK\r\nContent-Length: 2\r\ncontent-length: 2\r\n\r\nab",
         "200 OK|Content-Length=2|content-length=2|body:ab\n", ""});
  check({"RTSP/1.0 200 OK\r\nContent-Length: 2, 2\r\n\r\nab", "200 OK|Content-Length=2, 2|body:ab\n", ""});
  check({"RTSP/1.0 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab",
         "200 OK|Content-Length=2|Content-Length=3|body:ab\n", "differ"});
}

LAW(a_content_length_that_is_no_number_means_no_body) {
  for (const char* length : {"", "-1", "many", "+2", "0x10"}) {
    const std::string stream = std::string("RTSP/1.0 200 OK\r\nContent-Length: ") + length + "\r\n\r\n";
    const bool is_number = std::string_view(length).starts_with('0');
    check({stream.c_str(), (std::string("200 OK|Content-Length=") + length + "\n").c_str(),
           is_number ? "" : "no number"});
  }
}

LAW(text_behind_the_digits_of_a_content_length_is_ignored) {
  check({"RTSP/1.0 200 OK\r\nContent-Length: 2 bytes\r\n\r\nab", "200 OK|Content-Length=2 bytes|body:ab\n",
         ""});
}

LAW(media_behind_a_head_without_its_blank_line_ends_the_message) {
  const std::string stream = "RTSP/1.0 200 OK\r\nCSeq: 4\r\n" + interleaved(1, "x");
  ASSERT_FRAMES(stream, kAny, "200 OK|CSeq=4\n$1:x\n");
  ck_assert(note_text(feed_whole(stream)).find("without a blank line") != std::string::npos);
}

LAW(missing_bytes_are_known_in_a_body_only) {
  FramerDriver driver;
  driver.feed("RTSP/1.0 200 OK\r\nContent-Length: 100\r\n");
  ck_assert_uint_eq(driver.missing(), 1);
  driver.feed("\r\n");
  ck_assert_uint_eq(driver.missing(), 100);
  driver.feed(std::string(95, 'x'));
  ck_assert_uint_eq(driver.missing(), 5);
  ck_assert(driver.framer().in_message());
  driver.feed(std::string(5, 'x'));
  ck_assert(!driver.framer().in_message());
}

LAW(header_lines_are_consumed_as_they_come) {
  FramerDriver driver;
  driver.feed("RTSP/1.0 200 OK\r\nCSeq: 1\r\nSess");
  const Trace trace = driver.finish();
  ck_assert(trace.unread.empty() && trace.in_message);
}

std::string error_of(std::string_view stream) {
  const Trace trace = feed_whole(stream);
  const auto split = find_split_that_matters(stream.size() > 9000 ? stream.substr(0, 200) : stream);
  ck_assert_msg(!split, "depends on a split at %zu", split.value_or(0));
  return trace.error;
}

LAW(a_head_of_64_kib_is_the_largest) {
  const std::string start = "RTSP/1.0 200 OK\r\n";
  const auto head = [&](std::size_t size) {
    return start + "A: " + std::string(size - start.size() - 3 - 4, 'x') + "\r\n\r\n";
  };
  ck_assert_uint_eq(head(rtsp::kMaxHeadBytes).size(), rtsp::kMaxHeadBytes);
  ASSERT_TEXT(error_of(head(rtsp::kMaxHeadBytes)), "");
  ck_assert_uint_eq(feed_whole(head(rtsp::kMaxHeadBytes)).messages.size(), 1);
  ASSERT_TEXT(error_of(head(rtsp::kMaxHeadBytes + 1)), "a message with a head over 64 KiB");
}

LAW(more_than_256_header_lines_are_an_error) {
  std::string stream = "RTSP/1.0 200 OK\r\n";
  for (std::size_t i = 0; i < rtsp::kMaxHeaderLines; ++i)
    stream += "A: b\r\n";
  ASSERT_TEXT(error_of(stream + "\r\n"), "");
  ASSERT_TEXT(error_of(stream + "A: b\r\n\r\n"), "a message with more than 256 header lines");
}

LAW(an_announced_body_over_1_mib_is_an_error_before_it_comes) {
  const std::string head = "RTSP/1.0 200 OK\r\nContent-Length: ";
  for (const char* length : {"1048577", "4294967296", "18446744073709551615", "99999999999999999999999"}) {
    ASSERT_TEXT(error_of(head + length + "\r\n\r\n"), "a message with a body over 1 MiB");
  }
  FramerDriver driver;
  driver.feed(head + "1048576\r\n\r\n");
  ck_assert_uint_eq(driver.missing(), rtsp::kMaxBodyBytes);
  driver.feed(std::string(rtsp::kMaxBodyBytes, 'x'));
  const Trace trace = driver.finish();
  ASSERT_TEXT(trace.error, "");
  ck_assert_uint_eq(std::get<rtsp::Response>(trace.messages.at(0)).body.size(), rtsp::kMaxBodyBytes);
}

LAW(an_error_says_how_far_into_the_message_it_is) {
  rtsp::Framer framer;
  const auto step = framer.next(base::as_bytes("\r\nRTSP/1.0 200 OK\r\nContent-Length: 9999999\r\n\r\n"));
  ck_assert(!step && step.error().code == base::ErrorCode::kTooLarge);
  ck_assert_uint_eq(framer.offset(), 2);
  ck_assert_uint_eq(step.error().offset, 44);
  // And it stays.
  ck_assert(!framer.next(base::as_bytes("RTSP/1.0 200 OK\r\n\r\n")));
}

LAW(notes_come_once_each) {
  FramerDriver driver;
  driver.feed("RTSP/1.0 200 OK\nnonsense\nCSeq : 1\n\nRTSP/1.0 200 OK\nnonsense\n\n");
  ck_assert_uint_eq(driver.framer().take_notes().size(), 3);
  driver.feed("RTSP/1.0 200 OK\nnonsense\n\n\nRTSP/2.0 200 OK\n\n");
  const auto notes = driver.framer().take_notes();
  ck_assert_uint_eq(notes.size(), 2);
  ck_assert(driver.framer().take_notes().empty());
}

}  // namespace

int main() {
  return retina::test::run_laws("message_parser");
}
