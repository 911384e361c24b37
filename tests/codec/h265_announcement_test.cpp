// What an SDP says of an H.265 stream, as cameras write it.

#include "codec/h265_announcement.h"

#include <algorithm>

#include "codec/h265_syntax.h"
#include "sdp/fmtp.h"
#include "support/check.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using Sets = std::vector<Bytes>;

const Bytes kVps = make_hevc_vps({});
const Bytes kSps = make_hevc_sps({});
const Bytes kPps = make_hevc_pps({});
const Bytes kPps1 = make_hevc_pps({.pps_id = 1});
const Bytes kCode{0, 0, 0, 1};

std::string base64(const Bytes& bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = (group << 8) | (i + j < bytes.size() ? bytes[i + j] : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      text += i + j > bytes.size() ? '=' : kDigits[(group >> (18 - 6 * j)) & 63];
  }
  return text;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

struct Read {
  codec::H265Announcement announcement;
  std::vector<std::string> notes;
};

Read read(const std::string& fmtp) {
  sdp::Media media;
  media.format_parameters = sdp::parse_format_parameters(fmtp).parameters;
  Read result;
  result.announcement = codec::h265_announcement(media, result.notes);
  return result;
}

LAW(sets_are_read_however_the_fmtp_is_written) {
  const std::string vps = base64(kVps);
  const std::string sps = base64(kSps);
  const std::string pps = base64(kPps);
  const std::string texts[] = {
      "sprop-vps=" + vps + ";sprop-sps=" + sps + ";sprop-pps=" + pps,
      "sprop-vps=" + vps + "; sprop-sps=" + sps + "; sprop-pps=" + pps + ";",
      "SPROP-VPS = " + vps + " ;; junk; Sprop-Sps=\"" + sps + "\";sprop-pps=" + pps + "; ;",
      "sprop-pps=" + pps + ";sprop-vps=" + vps + ";profile-id=1;sprop-sps=" + sps,
      "sprop-vps=" + vps + "," + sps + "," + pps,
      "sprop-parameter-sets=" + vps + "," + sps + "," + pps,
      "sprop-vps=" + base64(joined({kCode, kVps})) + ";sprop-sps=" + base64(joined({kSps, kCode})) +
          ";sprop-pps=" + base64(joined({{0, 0, 1}, kPps, {0, 0, 0}})),
      "sprop-sps=" + base64(joined({kCode, kVps, kCode, kSps, kCode, kPps})),
      "sprop-vps=,,," + vps + ",;sprop-sps=" + sps.substr(0, sps.find('=')) + ";sprop-pps=" + pps,
  };
  for (const std::string& text : texts) {
    const Read got = read(text);
    ck_assert_msg(got.notes.empty(), "%s: %s", text.c_str(), got.notes.empty() ? "" : got.notes[0].c_str());
    Sets sets = got.announcement.parameter_sets;
    std::sort(sets.begin(), sets.end());
    ck_assert_msg(sets == (Sets{kVps, kSps, kPps}), "%s", text.c_str());
    ck_assert(!got.announcement.has_decoding_order_numbers);
  }
}

LAW(several_sets_of_a_type_are_all_read) {
  const Read got = read("sprop-pps=" + base64(kPps) + ", " + base64(kPps1));
  ck_assert(got.announcement.parameter_sets == (Sets{kPps, kPps1}));
}

LAW(a_part_that_is_broken_costs_itself_and_a_note) {
  struct {
    const char* what;
    std::string broken;
    const char* note;
  } const cases[] = {
      {"not base64", "?!*", "SDP: a part of sprop-sps isn't base64; skipped."},
      {"a slice", base64({0x26, 0x01, 0x80, 1}),
       "SDP: a part of sprop-sps isn't an H.265 parameter set; skipped."},
      {"H.264", "Z0LAHtkDxWhA", "SDP: a part of sprop-sps isn't an H.265 parameter set; skipped."},
      {"a header alone", base64({0x42, 0x01}),
       "SDP: a part of sprop-sps isn't an H.265 parameter set; skipped."},
      {"forbidden", base64({0xC2, 0x01, 5, 5}),
       "SDP: a part of sprop-sps isn't an H.265 parameter set; skipped."},
  };
  for (const auto& c : cases) {
    for (const bool first : {true, false}) {
      const std::string good = base64(kSps);
      const Read got = read("sprop-vps=" + base64(kVps) +
                            ";sprop-sps=" + (first ? c.broken + "," + good : good + "," + c.broken) + ";");
      ck_assert_msg(got.announcement.parameter_sets == (Sets{kVps, kSps}), "%s", c.what);
      ck_assert_uint_eq(got.notes.size(), 1);
      ASSERT_TEXT(got.notes[0], c.note);
    }
  }
}

LAW(nothing_announced_is_nothing_to_complain_of) {
  for (const char* text :
       {"", "sprop-vps=;sprop-sps=;sprop-pps=", "profile-id=1;level-id=93", "tx-mode=SRST"}) {
    const Read got = read(text);
    ck_assert(got.announcement.parameter_sets.empty() && got.notes.empty());
    ck_assert(!got.announcement.has_decoding_order_numbers);
  }
}

LAW(decoding_order_numbers_are_there_where_the_sdp_says) {
  struct {
    const char* text;
    bool numbered;
    std::optional<std::uint32_t> units;
    std::optional<std::uint32_t> difference;
    std::size_t notes;
  } const cases[] = {
      {"sprop-max-don-diff=0", false, {}, 0, 0},
      {"sprop-max-don-diff=1", true, {}, 1, 0},
      {"sprop-max-don-diff=32767;sprop-depack-buf-nalus=12", true, 12, 32767, 0},
      {"sprop-max-don-diff=3;sprop-depack-buf-nalus=0", true, {}, 3, 0},
      {"sprop-max-don-diff=0;sprop-depack-buf-nalus=5", false, 5, 0, 0},
      {"sprop-depack-buf-nalus=5", true, 5, {}, 0},
      {"sprop-depack-buf-nalus=0", false, {}, {}, 0},
      {"sprop-max-don-diff=32768", false, {}, {}, 1},
      {"sprop-max-don-diff=-1", false, {}, {}, 1},
      {"sprop-max-don-diff=many;sprop-depack-buf-nalus=", false, {}, {}, 2},
      {"tx-mode=MRST", false, {}, {}, 1},
      {"tx-mode=MRMT;sprop-max-don-diff=1", true, {}, 1, 1},
      {"tx-mode= srst ", false, {}, {}, 0},
  };
  for (const auto& c : cases) {
    const Read got = read(c.text);
    ck_assert_msg(got.announcement.has_decoding_order_numbers == c.numbered, "%s", c.text);
    ck_assert_msg(got.announcement.reordering.units == c.units, "%s", c.text);
    ck_assert_msg(got.announcement.reordering.max_don_diff == c.difference, "%s", c.text);
    ck_assert_msg(got.notes.size() == c.notes, "%s", c.text);
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("h265_announcement");
}
