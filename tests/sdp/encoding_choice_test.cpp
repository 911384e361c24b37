#include "sdp/encoding_choice.h"

#include "sdp_text.h"

namespace {

using namespace retina;
using test::only_media;
using test::parse_sdp;
using test::summary;

struct Case {
  const char* what;
  const char* lines;
  const char* expected;
};

template <std::size_t N>
void check_summaries(const Case (&cases)[N]) {
  for (const Case& c : cases) {
    const std::string got = summary(only_media(c.lines));
    ck_assert_msg(got == c.expected, "%s: %s", c.what, got.c_str());
  }
}

LAW(an_rtpmap_tells_encoding_clock_rate_and_channels) {
  check_summaries({
      {"video", "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000", "96 H264/90000"},
      {"audio", "m=audio 0 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC/48000/2", "97 MPEG4-GENERIC/48000/2"},
      {"one channel unless told", "m=audio 0 RTP/AVP 97\na=rtpmap:97 L16/16000", "97 L16/16000/1"},
      {"no channels but of audio", "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000/1", "96 H264/90000"},
      {"zero channels", "m=audio 0 RTP/AVP 97\na=rtpmap:97 L16/16000/0", "97 L16/16000/1"},
      {"more channels than fit", "m=audio 0 RTP/AVP 97\na=rtpmap:97 L16/16000/70000", "97 L16/16000/1"},
      {"type 0", "m=audio 0 RTP/AVP 0\na=rtpmap:0 MPEG4-GENERIC/16000/1", "0 MPEG4-GENERIC/16000/1"},
  });
}

LAW(an_rtpmap_may_have_spaces_anywhere) {
  check_summaries({
      {"at the end", "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000 \r\n", "96 H264/90000"},
      {"around", "m=video 0 RTP/AVP 96\na=rtpmap: 96 \tH264 / 90000 ", "96 H264/90000"},
      {"in audio", "m=audio 0 RTP/AVP 97\na=rtpmap:97 L16 / 16000 / 2 ", "97 L16/16000/2"},
      {"after the format", "m=video 0 RTP/AVP 96\t \na=rtpmap:96 H264/90000", "96 H264/90000"},
  });
}

LAW(the_static_table_speaks_where_there_is_no_rtpmap) {
  check_summaries({
      {"PCMU", "m=audio 0 RTP/AVP 0", "0 PCMU/8000/1"},
      {"PCMA", "m=audio 0 RTP/AVP 8", "8 PCMA/8000/1"},
      {"G722's clock is not its sample rate", "m=audio 0 RTP/AVP 9", "9 G722/8000/1"},
      {"stereo L16 at 44100, not 441000", "m=audio 0 RTP/AVP 10", "10 L16/44100/2"},
      {"mono L16 at 44100, not 441000", "m=audio 0 RTP/AVP 11", "11 L16/44100/1"},
      {"MPA", "m=audio 0 RTP/AVP 14", "14 MPA/90000/1"},
      {"JPEG", "m=video 0 RTP/AVP 26", "26 JPEG/90000"},
      {"MP2T", "m=video 0 RTP/AVP 33", "33 MP2T/90000"},
      {"H263", "m=video 0 RTP/AVP 34", "34 H263/90000"},
  });
}

LAW(an_rtpmap_wins_over_the_static_table) {
  check_summaries({{"GW", "m=audio 0 RTP/AVP 8\na=rtpmap:8 PCMU/8000/1", "8 PCMU/8000/1"}});
}

LAW(a_static_type_of_another_kind_of_media_means_nothing) {
  for (const char* lines : {"m=video 0 RTP/AVP 0", "m=audio 0 RTP/AVP 26", "m=application 0 RTP/AVP 8"}) {
    ASSERT_TEXT(summary(only_media(lines)), "unusable: the SDP doesn't say what its payload type means");
  }
}

LAW(an_unassigned_or_dynamic_type_without_rtpmap_is_unusable) {
  for (const char* lines : {"m=audio 0 RTP/AVP 1", "m=audio 0 RTP/AVP 2", "m=video 0 RTP/AVP 96",
                            "m=video 0 RTP/AVP 96\na=rtpmap:97 H264/90000\na=rtpmap:98 H265/90000"}) {
    const sdp::Media media = only_media(lines);
    ASSERT_TEXT(summary(media), "unusable: the SDP doesn't say what its payload type means");
    ck_assert(media.encoding_name.empty());
  }
}

LAW(the_first_payload_type_that_means_something_is_taken) {
  check_summaries({
      {"the first", "m=audio 0 RTP/AVP 0 8", "0 PCMU/8000/1"},
      {"the second", "m=audio 0 RTP/AVP 98 8", "8 PCMA/8000/1"},
      {"behind what is no number", "m=audio 0 RTP/AVP foo 8", "8 PCMA/8000/1"},
      {"behind what is too high", "m=audio 0 RTP/AVP 128 300 8", "8 PCMA/8000/1"},
      {"of two rtpmaps, the m= line's order counts",
       "m=video 0 RTP/AVP 97 96\na=rtpmap:96 H264/90000\na=rtpmap:97 H265/90000", "97 H265/90000"},
  });
}

LAW(what_only_serves_another_encoding_stands_back) {
  check_summaries({
      {"retransmission", "m=video 0 RTP/AVP 97 96\na=rtpmap:97 rtx/90000\na=rtpmap:96 H264/90000",
       "96 H264/90000"},
      {"events", "m=audio 0 RTP/AVP 101 0\na=rtpmap:101 telephone-event/8000", "0 PCMU/8000/1"},
      {"alone", "m=audio 0 RTP/AVP 101\na=rtpmap:101 telephone-event", "101 telephone-event/8000/1"},
  });
}

LAW(the_only_rtpmap_counts_though_it_is_for_another_type) {
  check_summaries({
      {"wrong number", "m=video 0 RTP/AVP 96\na=rtpmap:97 H264/90000", "96 H264/90000"},
      {"no number on the m= line", "m=video 0 RTP/AVP\na=rtpmap:97 H264/90000", "97 H264/90000"},
      {"not over a static type", "m=audio 0 RTP/AVP 8\na=rtpmap:97 L16/16000", "8 PCMA/8000/1"},
  });
}

LAW(formats_that_are_no_payload_types_make_the_section_unusable) {
  const auto media = only_media("m=application/X 0 RTP/AVP smart/1/90000\na=rtpmap:95 X/90000");
  ASSERT_TEXT(summary(media), "unusable: it names no payload type");
  ck_assert(media.kind == sdp::MediaKind::kOther);
}

LAW(a_clock_rate_of_zero_or_none_is_the_one_that_the_encoding_always_has) {
  check_summaries({
      {"zero", "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/0", "96 H264/90000"},
      {"missing", "m=video 0 RTP/AVP 96\na=rtpmap:96 h265", "96 h265/90000"},
      {"empty", "m=audio 0 RTP/AVP 96\na=rtpmap:96 opus//2", "96 opus/48000/2"},
      {"not a number", "m=audio 0 RTP/AVP 96\na=rtpmap:96 PCMA/x", "96 PCMA/8000/1"},
      {"too large", "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000000000", "96 H264/90000"},
      {"metadata", "m=application 0 RTP/AVP 107\na=rtpmap:107 vnd.onvif.metadata.gzip",
       "107 vnd.onvif.metadata.gzip/90000"},
      {"unit", "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000Hz", "96 H264/90000"},
  });
}

LAW(a_clock_rate_that_nobody_knows_is_an_obstacle) {
  for (const char* lines :
       {"m=audio 0 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC", "m=audio 0 RTP/AVP 97\na=rtpmap:97 L16/0",
        "m=video 0 RTP/AVP 97\na=rtpmap:97 X-ODD/0"}) {
    ASSERT_TEXT(summary(only_media(lines)), "unusable: its clock rate is unknown");
  }
}

LAW(of_several_rtpmaps_for_a_type_the_last_one_counts) {
  check_summaries(
      {{"two", "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=rtpmap:96 H265/90000", "96 H265/90000"}});
}

LAW(video_without_any_rtpmap_is_told_by_its_parameters) {
  check_summaries({
      {"H.264", "m=video 0 RTP/AVP 96\na=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0,aO",
       "96 H264/90000"},
      {"H.265", "m=video 0 RTP/AVP 98\na=fmtp:98 sprop-vps=QAE;sprop-sps=QgE", "98 H265/90000"},
      {"not audio", "m=audio 0 RTP/AVP 96\na=fmtp:96 packetization-mode=1",
       "unusable: the SDP doesn't say what its payload type means"},
      {"not a static type", "m=video 0 RTP/AVP 1\na=fmtp:1 packetization-mode=1",
       "unusable: the SDP doesn't say what its payload type means"},
  });
}

LAW(the_fmtp_of_the_chosen_type_is_taken) {
  const auto media = only_media(
      "m=video 0 RTP/AVP 96 97\na=fmtp:97 x=wrong\na=fmtp:96 X=early\na=fmtp:96 x=right;y\na=fmtp:96\n"
      "a=fmtp:97 x=late\na=rtpmap:96 H264/90000\na=rtpmap:97 H265/90000");
  ck_assert_uint_eq(media.format_parameters.size(), 2);
  ASSERT_TEXT(*media.format_parameter("X"), "right");
  ASSERT_TEXT(*media.format_parameter("y"), "");
  ck_assert(media.format_parameter("z") == nullptr);
}

LAW(an_fmtp_for_a_type_that_is_not_listed_counts_where_there_is_no_other) {
  const char* const base = "m=audio 0 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC/16000\n";
  ASSERT_TEXT(*only_media(std::string(base) + "a=fmtp:96 config=1408").format_parameter("config"), "1408");
  ASSERT_TEXT(*only_media(std::string(base) + "a=fmtp:config=1408").format_parameter("config"), "1408");
  ASSERT_TEXT(
      *only_media(std::string(base) + "a=fmtp:96 config=1\na=fmtp:97 config=2").format_parameter("config"),
      "2");
  ck_assert(only_media(std::string(base) + "a=fmtp:97").format_parameters.empty());
}

LAW(an_fmtp_of_another_listed_type_is_not_borrowed) {
  const auto media =
      only_media("m=video 0 RTP/AVP 96 97\na=rtpmap:96 H264/90000\na=rtpmap:97 H265/90000\na=fmtp:97 x=1");
  ck_assert(media.format_parameters.empty());
}

LAW(each_thing_that_was_got_over_is_noted) {
  struct {
    const char* lines;
    const char* note;
  } const cases[] = {
      {"m=video 0 RTP/AVP 96\na=rtpmap:96 H264/0", "no clock rate; taking 90000"},
      {"m=video 0 RTP/AVP 96\na=rtpmap:97 H264/90000", "a=rtpmap is for another payload type"},
      {"m=audio 0 RTP/AVP 8\na=fmtp:96 x=1", "a=fmtp is for another payload type"},
      {"m=audio 0 RTP/AVP 8\na=rtpmap:x", "a=rtpmap line can't be read"},
      {"m=video 0 RTP/AVP 96\na=fmtp:96 packetization-mode=1", "taken for H.264, as its parameters look"},
  };
  for (const auto& c : cases) {
    const auto description = parse_sdp(c.lines);
    ck_assert_msg(description.notes.size() == 1, "%s: %zu notes", c.lines, description.notes.size());
    ck_assert_msg(description.notes[0].find(c.note) != std::string::npos, "%s", description.notes[0].c_str());
  }
  ck_assert(parse_sdp("m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 a=1;").notes.empty());
}

}  // namespace

int main() {
  return retina::test::run_laws("sdp encoding choice");
}
