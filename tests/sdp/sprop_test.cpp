#include "sdp/sprop.h"

#include "sdp_text.h"

namespace {

using namespace retina;

// SPS 67 42 C0 1E D9; PPS 68 CE 38 80.
constexpr const char* kSps = "Z0LAHtk=";
constexpr const char* kPps = "aM44gA==";

std::string hex(const base::Bytes& bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

struct Sets {
  std::string text;  // in hex, a space after each
  std::size_t notes = 0;
};

Sets sets_of(const std::string& value) {
  sdp::Media media;
  media.format_parameters.push_back({"Sprop-Parameter-Sets", value});
  std::vector<std::string> notes;
  Sets result;
  for (const base::Bytes& set : sdp::sprop_parameter_sets(media, notes))
    result.text += hex(set) + " ";
  result.notes = notes.size();
  return result;
}

LAW(parameter_sets_come_in_the_order_of_the_list) {
  ASSERT_TEXT(sets_of(kSps).text, "6742c01ed9 ");
  ASSERT_TEXT(sets_of(std::string(kSps) + "," + kPps).text, "6742c01ed9 68ce3880 ");
  ASSERT_TEXT(sets_of(std::string(kPps) + "," + kSps + "," + kPps).text, "68ce3880 6742c01ed9 68ce3880 ");
}

LAW(sloppy_lists_are_read_without_a_note) {
  for (const char* value :
       {"Z0LAHtk=,aM44gA==,", ",Z0LAHtk=,,aM44gA==", " Z0LAHtk= , aM44gA== ", "Z0LAHtk,aM44gA"}) {
    const Sets sets = sets_of(value);
    ASSERT_TEXT(sets.text, "6742c01ed9 68ce3880 ");
    ck_assert_msg(sets.notes == 0, "%s", value);
  }
}

LAW(start_codes_before_after_and_between_are_taken_out) {
  struct {
    const char* what;
    const char* value;
    const char* expected;
  } const cases[] = {
      {"appended (GW)", "Z0LAHtkAAAAB,aM44gAAAAAE=", "6742c01ed9 68ce3880 "},
      {"in front, long", "AAAAAWdCwB7Z,AAAAAWjOOIA=", "6742c01ed9 68ce3880 "},
      {"in front, short", "AAABZ0LAHtk=", "6742c01ed9 "},
      {"both in one item", "AAAAAWdCwB7ZAAAAAWjOOIA=", "6742c01ed9 68ce3880 "},
      {"between only", "Z0LAHtkAAAFozjiA", "6742c01ed9 68ce3880 "},
      {"zeros at the end", "Z0LAHtkAAA==", "6742c01ed9 "},
      {"nothing but a start code", "AAAAAQ==", ""},
  };
  for (const auto& c : cases) {
    const Sets sets = sets_of(c.value);
    ck_assert_msg(sets.text == c.expected, "%s: %s", c.what, sets.text.c_str());
    ck_assert_msg(sets.notes == 0, "%s", c.what);
  }
}

LAW(garbage_is_skipped_with_a_note_and_the_rest_kept) {
  struct {
    const char* what;
    const char* item;
  } const cases[] = {
      {"not base64", "!!!!"},   {"cut base64", "Z"},  {"an SEI", "BgEA"},
      {"a slice", "QZoA/w=="},  {"one byte", "Zw=="}, {"forbidden bit", "50LAHtk="},
      {"VStarcam text", "x@y"},
  };
  for (const auto& c : cases) {
    const Sets sets = sets_of(std::string(kSps) + "," + c.item + "," + kPps);
    ck_assert_msg(sets.text == "6742c01ed9 68ce3880 ", "%s: %s", c.what, sets.text.c_str());
    ck_assert_msg(sets.notes == 1, "%s", c.what);
  }
}

LAW(the_extensions_of_an_sps_are_kept) {
  ASSERT_TEXT(sets_of("bUIA/w==,b0LAHtk=").text, "6d4200ff 6f42c01ed9 ");
}

LAW(an_absent_or_empty_parameter_yields_nothing) {
  std::vector<std::string> notes;
  ck_assert(sdp::sprop_parameter_sets(sdp::Media(), notes).empty());
  ASSERT_TEXT(sets_of("").text, "");
  ASSERT_TEXT(sets_of(" , ").text, "");
  ck_assert(notes.empty() && sets_of("").notes == 0);
}

LAW(notes_on_a_hostile_list_are_bounded) {
  std::string value;
  for (int i = 0; i < 1000; ++i)
    value += "!,BgEA,";
  ck_assert_uint_eq(sets_of(value).notes, 2);
}

LAW(parameter_sets_survive_a_trailing_semicolon_and_quotes) {
  for (const char* fmtp :
       {"sprop-parameter-sets=Z0LAHtk=,aM44gA==;", "sprop-parameter-sets=\"Z0LAHtk=,aM44gA==\"; x",
        "packetization-mode=1; SPROP-PARAMETER-SETS = Z0LAHtk,aM44gA ; ;"}) {
    const auto media =
        test::only_media("m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 " + std::string(fmtp));
    std::vector<std::string> notes;
    const auto sets = sdp::sprop_parameter_sets(media, notes);
    ck_assert_uint_eq(sets.size(), 2);
    ASSERT_TEXT(hex(sets[1]), "68ce3880");
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("sdp sprop");
}
