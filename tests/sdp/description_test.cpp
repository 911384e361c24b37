#include "sdp/description.h"

#include <vector>

#include "sdp_text.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;
using base::ErrorCode;
using test::parse_sdp;
using test::summary;

const std::string kVideo = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n";

LAW(a_plain_description_is_read_whole) {
  const auto description = parse_sdp(
      "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=Garden \r\ni=x\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
      "a=tool:Streamer v1.2\r\na=control:*\r\na=range:npt=now-\r\n" +
      kVideo + "a=control:track1\r\nm=audio 0 RTP/AVP 8\r\na=control:track2\r\n");
  ASSERT_TEXT(description.session_name, "Garden");
  ASSERT_TEXT(description.tool, "Streamer v1.2");
  ASSERT_TEXT(description.control, "*");
  ck_assert(description.range && description.range->live);
  ck_assert_uint_eq(description.attributes.size(), 3);
  ck_assert_uint_eq(description.media.size(), 2);
  ASSERT_TEXT(summary(description.media[0]), "96 H264/90000");
  ASSERT_TEXT(description.media[0].control, "track1");
  ASSERT_TEXT(summary(description.media[1]), "8 PCMA/8000/1");
  ASSERT_TEXT(description.media[1].control, "track2");
  ck_assert(description.notes.empty());
}

LAW(session_lines_may_be_missing_malformed_or_out_of_order) {
  const char* const heads[] = {
      "",                                               // nothing at all
      "v=0\r\ns=x\r\n",                                 // no o= (macro-video), no t= (Geovision)
      "v=0\r\no=- 1 2 3 IN IP4 1.2.3.4\r\ns=x\r\n",     // a word too many in o= (TP-Link)
      "o=\r\ns=\r\nt=\r\nc=\r\nb=\r\nv=\r\n",           // all empty
      "o=- IP IP4\r\nv=x\r\nt=now\r\nb=:\r\nc=IP\r\n",  // wrong
      "a=control:*\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\nv=0\r\n",
      "z=1\r\nQ=?\r\nhello\r\nk=clear:x\r\ne=NONE\r\nu=http://x\r\np=+1\r\nr=1 2 3\r\n",
  };
  for (const char* head : heads) {
    const auto description = parse_sdp(head + kVideo);
    ck_assert_msg(summary(description.media.at(0)) == "96 H264/90000", "%s", head);
  }
}

LAW(line_ends_change_nothing) {
  const std::string text = "v=0\r\ns=x\r\na=control:*\r\n" + kVideo + "a=fmtp:96 a=1\r\na=control:track1\r\n";
  for (const std::string& end : {std::string("\n"), std::string("\r"), std::string(1, '\0'),
                                 std::string("\r\n\r\n"), std::string(" \t\r\n"), std::string("\n\r")}) {
    std::string changed;
    for (const char c : text) {
      if (c == '\n') changed += end;
      if (c != '\n' && c != '\r') changed += c;
    }
    for (const bool last_end : {true, false}) {
      const auto description = parse_sdp(last_end ? changed : changed.substr(0, changed.size() - end.size()));
      ASSERT_TEXT(description.control, "*");
      ASSERT_TEXT(description.media.at(0).control, "track1");
      ASSERT_TEXT(*description.media[0].format_parameter("a"), "1");
    }
  }
}

LAW(every_cut_of_a_description_is_read_or_has_no_media) {
  const std::string text =
      "v=0\r\ns=x\r\n" + kVideo + "a=fmtp:96 a=\"1;2\";b\r\nm=audio 0 RTP/AVP 8\r\na=framerate:1/2\r\n";
  const std::size_t first_media = text.find("m=") + 2;
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const auto description = sdp::parse(std::string(text, 0, size));
    ck_assert_msg(description.has_value() == (size >= first_media), "%zu", size);
  }
}

LAW(a_text_without_media_is_an_error) {
  for (const char* text : {"", "v=0\r\ns=x\r\n", "<html>404</html>", "a=m=video"}) {
    const auto description = sdp::parse(text);
    ck_assert_msg(!description && description.error().code == ErrorCode::kMalformed, "%s", text);
  }
}

LAW(names_that_are_not_utf_8_are_kept_as_they_are) {
  ASSERT_TEXT(parse_sdp("s=Caf\xE9\r\n" + kVideo).session_name, "Caf\xE9");
}

LAW(a_nul_ends_a_line) {
  using namespace std::string_literals;
  const auto description = parse_sdp("s=Cam\0junk\r\n"s + kVideo + "a=control:t\0\0\r\n\0\0"s);
  ASSERT_TEXT(description.session_name, "Cam");
  ASSERT_TEXT(description.media.at(0).control, "t");
}

LAW(attributes_of_the_session_count_in_any_order) {
  const auto tool_first = parse_sdp("a=tool:T\na=type:broadcast\na=control:*\n" + kVideo);
  const auto control_first = parse_sdp("a=control:*\na=type:broadcast\na=tool:T\n" + kVideo);
  for (const auto* description : {&tool_first, &control_first}) {
    ASSERT_TEXT(description->tool, "T");
    ASSERT_TEXT(description->control, "*");
  }
}

LAW(attributes_of_a_section_are_not_the_sessions) {
  const auto description = parse_sdp(kVideo + "a=control:track1\na=tool:T\ns=late\n");
  ASSERT_TEXT(description.control, "");
  ASSERT_TEXT(description.tool, "");
  ASSERT_TEXT(description.session_name, "");
}

LAW(a_range_of_the_first_section_stands_in_for_the_sessions) {
  ck_assert(parse_sdp("a=range:npt=0-5\n" + kVideo + "a=range:npt=0-9").range->end == 5s);
  ck_assert(parse_sdp(kVideo + "m=audio 0 RTP/AVP 0\na=range:npt=0-9\nm=audio 0 RTP/AVP 0\na=range:npt=0-7")
                .range->end == 9s);
  ck_assert(!parse_sdp(kVideo).range);
}

/// Sections in short: v/a/d for video, audio, data, then s/r/b/- for sendonly, recvonly, sendrecv, nothing.
/// Returns a letter each: B for a back channel.
std::string backchannels(std::string_view sections) {
  std::string text;
  for (std::size_t i = 0; i + 1 < sections.size(); i += 3) {
    text += sections[i] == 'v'   ? "m=video 0 RTP/AVP 26\n"
            : sections[i] == 'a' ? "m=audio 0 RTP/AVP 0\n"
                                 : "m=application 0 RTP/AVP 107\n";
    text += sections[i + 1] == 's'   ? "a=sendonly\n"
            : sections[i + 1] == 'r' ? "a=recvonly\n"
            : sections[i + 1] == 'b' ? "a=sendrecv\n"
                                     : "";
  }
  std::string marks;
  for (const auto& media : parse_sdp(text).media)
    marks += media.backchannel ? 'B' : '.';
  return marks;
}

LAW(audio_that_is_sendonly_is_a_back_channel_unless_the_server_means_itself) {
  struct {
    const char* sections;
    const char* expected;
  } const cases[] = {
      {"vr ar as", "..B"},                                                         // ONVIF
      {"v- a- as", "..B"}, {"vr as", ".B"}, {"vb ab as", "..B"}, {"vs as", ".."},  // D-Link
      {"vs as dr", "..."}, {"as", "."},     {"as as", ".."},     {"vr ar dr", "..."}, {"vs ar", ".."},
  };
  for (const auto& c : cases) {
    const std::string got = backchannels(c.sections);
    ck_assert_msg(got == c.expected, "%s: %s", c.sections, got.c_str());
  }
}

LAW(audio_that_says_backchannel_is_one) {
  const auto description = parse_sdp(
      kVideo + "a=control:backchannel\nm=audio 0 RTP/AVP 0\na=recvonly\na=control:rtsp://h/BackChannel\n");
  ck_assert(!description.media[0].backchannel);
  ck_assert(description.media[1].backchannel);
}

LAW(a_direction_of_the_session_marks_no_back_channel) {
  ck_assert(!parse_sdp("a=sendonly\n" + kVideo + "m=audio 0 RTP/AVP 0").media[1].backchannel);
}

std::string repeated(const std::string& text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i)
    all += text;
  return all;
}

LAW(over_a_bound_is_an_error_and_at_the_bound_is_none) {
  constexpr std::size_t kFullSections = sdp::kMaxAttributesInAll / sdp::kMaxAttributes;
  const std::string m = "m=audio 0 RTP/AVP 0\n";
  struct {
    const char* what;
    std::string at;
    std::string over;
    std::size_t offset;
  } const cases[] = {
      {"media", repeated(m, sdp::kMaxMedia), repeated(m, sdp::kMaxMedia + 1), m.size() * sdp::kMaxMedia},
      {"attributes", m + repeated("a=x\n", sdp::kMaxAttributes),
       m + repeated("a=x\n", sdp::kMaxAttributes + 1), m.size() + 4 * sdp::kMaxAttributes},
      {"session attributes", repeated("a=x\n", sdp::kMaxAttributes) + m,
       repeated("a=x\n", sdp::kMaxAttributes + 1) + m, 4 * sdp::kMaxAttributes},
      {"all attributes", repeated(m + repeated("a=x\n", sdp::kMaxAttributes), kFullSections) + m,
       repeated(m + repeated("a=x\n", sdp::kMaxAttributes), kFullSections) + m + "a=x\n",
       (m.size() + 4 * sdp::kMaxAttributes) * kFullSections + m.size()},
      {"line", m + "a=" + std::string(sdp::kMaxLineBytes - 2, 'x'),
       m + "a=" + std::string(sdp::kMaxLineBytes - 1, 'x'), m.size()},
      {"text", m + std::string(sdp::kMaxTextBytes - m.size(), '\n'),
       m + std::string(sdp::kMaxTextBytes - m.size() + 1, '\n'), sdp::kMaxTextBytes},
  };
  for (const auto& c : cases) {
    ck_assert_msg(sdp::parse(c.at).has_value(), "%s", c.what);
    const auto over = sdp::parse(c.over);
    ck_assert_msg(!over && over.error().code == ErrorCode::kTooLarge, "%s", c.what);
    ck_assert_msg(over.error().offset == c.offset, "%s: %zu", c.what, over.error().offset);
  }
}

LAW(more_than_64_kib_is_read) {
  const auto description = parse_sdp(repeated("i=" + std::string(1000, 'x') + "\r\n", 200) + kVideo);
  ASSERT_TEXT(summary(description.media.at(0)), "96 H264/90000");
}

LAW(notes_are_bounded_told_once_and_printable) {
  std::string text;
  for (std::size_t i = 0; i < sdp::kMaxMedia; ++i)
    text += "m=video 0 RTP/AVP 96\na=rtpmap:\x01\na=rtpmap:\x02\n";
  const auto description = parse_sdp(text);
  ck_assert_uint_eq(description.notes.size(), sdp::kMaxNotes);
  ck_assert(description.notes[0] != description.notes[1]);
  for (const std::string& note : description.notes) {
    for (const char c : note)
      ck_assert(c >= ' ' && c <= '~');
  }
}

LAW(hostile_lines_take_no_time) {
  const std::string m = "m=video 0 RTP/AVP 96\n";
  const auto fill = [](const std::string& part) {
    return repeated(part, (sdp::kMaxLineBytes - 100) / part.size());
  };
  std::string types = "m=video 0 RTP/AVP";
  for (std::size_t i = 0; types.size() < sdp::kMaxLineBytes - 100; ++i)
    types += " " + std::to_string(i % 128);
  constexpr std::size_t kLines = sdp::kMaxTextBytes / sdp::kMaxLineBytes - 1;
  const std::string texts[] = {
      repeated(m + "a=fmtp:96 " + fill(";") + "\n", kLines),
      repeated(m + "a=fmtp:96 " + fill("=\";") + "\n", kLines),
      repeated(m + "a=fmtp:96 " + fill("\";") + "\n", kLines),
      types + "\n" + repeated("a=rtpmap:1 x\n", 1000),
      repeated("m=" + fill(" ") + "\n", kLines),
      std::string(sdp::kMaxTextBytes - m.size(), '\r') + m,
  };
  for (const std::string& text : texts)
    ck_assert(sdp::parse(text).has_value());
}

}  // namespace

int main() {
  return retina::test::run_laws("sdp description", 5);
}
