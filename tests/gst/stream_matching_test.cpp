#include "stream_matching.h"

#include <string>
#include <vector>

#include "support/check.h"

namespace {

using namespace retina;

/// "v1 a2": video and audio with the control URLs track1 and track2; a capital is another encoding.
std::vector<sdp::Media> sections(const std::string& text) {
  std::vector<sdp::Media> media;
  for (std::size_t i = 0; i + 1 < text.size(); i += 3) {
    sdp::Media section;
    const bool video = text[i] == 'v' || text[i] == 'V';
    section.kind = video ? sdp::MediaKind::kVideo : sdp::MediaKind::kAudio;
    section.encoding_name = text[i] == 'v'   ? "H264"
                            : text[i] == 'V' ? "H265"
                            : text[i] == 'a' ? "pcma"
                                             : "PCMU";
    section.clock_rate_hz = video ? 90'000 : 8'000;
    section.control = std::string("track") + text[i + 1];
    media.push_back(std::move(section));
  }
  return media;
}

LAW(streams_are_matched_by_form_and_url_then_by_form_in_order) {
  struct {
    const char* known;
    const char* described;
    const char* matches;  // an index each, '-': none
  } const cases[] = {
      {"v1 a2", "v1 a2", "01"},
      {"v1 a2", "a2 v1", "10"},
      {"v1 a2", "v1", "0-"},
      {"v1 a2", "a2", "-0"},
      {"v1", "V1", "-"},
      {"v1", "V1 v2", "1"},
      {"v1 v2", "v2 v1", "10"},
      {"v1 v2", "v3 v4", "01"},
      {"v1 v2", "v2", "-0"},
      {"v1 v2", "v3 v2", "01"},
      {"v1 v2", "v3", "0-"},
      {"v1 v1", "v1 v1", "01"},
      {"a1 a2 v3", "v3 a2 a9", "210"},
      {"", "v1", ""},
      {"v1", "", "-"},
      {"v1 a2", "a1 v2", "10"},
      {"v1 v2 v3", "v3 v9", "1-0"},
  };
  for (const auto& c : cases) {
    sdp::Description description;
    description.media = sections(c.described);
    std::vector<std::size_t> wanted(description.media.size());
    for (std::size_t i = 0; i < wanted.size(); ++i)
      wanted[i] = i;
    std::string got;
    for (const auto& match : gst::match_streams(sections(c.known), description, wanted))
      got += match ? std::to_string(*match) : "-";
    ck_assert_msg(got == c.matches, "%s in %s: %s", c.known, c.described, got.c_str());
  }
}

LAW(what_isnt_wanted_is_not_matched) {
  sdp::Description description;
  description.media = sections("v1 a2");
  const auto matches = gst::match_streams(sections("v1 a2"), description, {1});
  ck_assert(!matches[0] && matches[1] == std::optional<std::size_t>(1));
}

LAW(the_form_is_kind_encoding_and_clock_rate) {
  const auto media = sections("v1 v2 V1 a1 A1");
  ck_assert(gst::same_form(media[0], media[1]));
  ck_assert(!gst::same_form(media[0], media[2]) && !gst::same_form(media[3], media[4]));
  sdp::Media faster = media[3];
  ck_assert(gst::same_form(faster, media[3]));
  faster.clock_rate_hz = 16'000;
  ck_assert(!gst::same_form(faster, media[3]));
  faster = media[3];
  faster.encoding_name = "PCMA";
  ck_assert(gst::same_form(faster, media[3]));
}

}  // namespace

int main() {
  return retina::test::run_laws("matching streams");
}
