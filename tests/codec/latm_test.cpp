// MP4A-LATM: audioMuxElements with their config in the SDP or in front of them.

#include "codec/latm.h"

#include <optional>

#include "codec/aac_feeder.h"
#include "codec/adts.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using LatmFeeder = AacFeederOf<codec::LatmDepacketizer>;

const Bytes kUnit = sample_unit(100, 1);
const Bytes kUnit2 = sample_unit(60, 2);
const Bytes kLarge = sample_unit(700, 3);

struct MuxOptions {
  BitWriter config = BitWriter().put(0x1190, 16);  // AAC LC, 48 kHz, stereo
  unsigned subframes = 1;
  bool version_1 = false;
  std::optional<unsigned> fixed_bytes;
  std::optional<unsigned> other_bits;
  bool checksum = false;
};

void put_value(BitWriter& bits, std::uint32_t value) {
  bits.put(1, 2).put(value, 16);
}

void put_mux(BitWriter& bits, const MuxOptions& options) {
  bits.put(options.version_1 ? 1 : 0, 1);
  if (options.version_1) {
    bits.put(0, 1);
    put_value(bits, 255);
  }
  bits.put(1, 1).put(options.subframes - 1, 6).put(0, 4).put(0, 3);
  if (options.version_1) put_value(bits, static_cast<std::uint32_t>(options.config.size_bits()));
  const Bytes& config = options.config.bytes();
  for (std::size_t i = 0; i < options.config.size_bits(); ++i)
    bits.put((config[i / 8] >> (7 - i % 8)) & 1U, 1);
  if (options.fixed_bytes) {
    bits.put(1, 3).put(*options.fixed_bytes - 20, 9);
  } else {
    bits.put(0, 3).put(255, 8);
  }
  bits.put(options.other_bits ? 1 : 0, 1);
  if (options.other_bits) {
    if (options.version_1) {
      put_value(bits, *options.other_bits);
    } else if (*options.other_bits > 255) {
      bits.put(1, 1).put(*options.other_bits >> 8, 8).put(0, 1).put(*options.other_bits & 255, 8);
    } else {
      bits.put(0, 1).put(*options.other_bits, 8);
    }
  }
  bits.put(options.checksum ? 1 : 0, 1);
  if (options.checksum) bits.put(0x5A, 8);
}

void put_payload(BitWriter& bits, const std::vector<Bytes>& units, const MuxOptions& options) {
  for (const Bytes& unit : units) {
    if (!options.fixed_bytes) {
      std::size_t rest = unit.size();
      for (; rest >= 255; rest -= 255)
        bits.put(255, 8);
      bits.put(rest, 8);
    }
    bits.put(unit);
  }
  for (unsigned i = 0; i < options.other_bits.value_or(0); ++i)
    bits.put(1, 1);
  bits.align();
}

/// An element for cpresent=0.
Bytes element(const std::vector<Bytes>& units, const MuxOptions& options = {}) {
  BitWriter bits;
  put_payload(bits, units, options);
  return bits.bytes();
}

/// An element with its config in front of it.
Bytes with_mux(const std::vector<Bytes>& units, const MuxOptions& options = {}) {
  BitWriter bits;
  bits.put(0, 1);
  put_mux(bits, options);
  put_payload(bits, units, options);
  return bits.bytes();
}

/// An element for cpresent=1 with the config of the one before.
Bytes same_mux(const std::vector<Bytes>& units, const MuxOptions& options = {}) {
  BitWriter bits;
  bits.put(1, 1);
  put_payload(bits, units, options);
  return bits.bytes();
}

std::string hex_mux(const MuxOptions& options = {}) {
  BitWriter bits;
  put_mux(bits, options);
  std::string hex;
  for (const std::uint8_t byte : bits.bytes()) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

sdp::Media out_of_band(const MuxOptions& options = {}, std::uint32_t clock = 48000) {
  return aac_media("MP4A-LATM", clock, 2, "cpresent=0; object=2; config=" + hex_mux(options));
}

sdp::Media in_band(std::uint32_t clock = 48000) {
  return aac_media("MP4A-LATM", clock, 2, "cpresent=1");
}

LAW(an_element_with_its_config_in_the_sdp_is_a_frame) {
  ASSERT_TEXT(hex_mux(), "400023203fc0");
  LatmFeeder feeder(out_of_band());
  ck_assert(feeder.depacketizer().parameters()->config == (Bytes{0x11, 0x90}));
  ck_assert(feeder.push(element({kUnit}), 500));
  ck_assert(feeder.push(element({kLarge}), 1524));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[0].bytes == kUnit && feeder.frames[1].bytes == kLarge);
  ck_assert_int_eq(feeder.frames[0].meta.timestamp, 500);
  ck_assert_uint_eq(feeder.frames[0].meta.duration, 1024);
  ck_assert(feeder.frames[0].meta.parameters->config == (Bytes{0x11, 0x90}));
  ck_assert(feeder.frames[1].meta.parameters == nullptr);
  ck_assert(!feeder.frames[0].meta.discontinuity && !feeder.frames[1].meta.discontinuity);
}

LAW(an_element_in_band_brings_its_config) {
  LatmFeeder feeder(in_band());
  ck_assert(feeder.depacketizer().parameters() == nullptr);
  ck_assert(feeder.push(with_mux({kUnit}), 0));
  ck_assert(feeder.push(same_mux({kLarge}), 1024));
  ck_assert(feeder.push(with_mux({kUnit2}), 2048));
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(feeder.frames[0].bytes == kUnit && feeder.frames[1].bytes == kLarge &&
            feeder.frames[2].bytes == kUnit2);
  ck_assert(feeder.frames[0].meta.parameters->config == (Bytes{0x11, 0x90}));
  ck_assert(feeder.frames[1].meta.parameters == nullptr && feeder.frames[2].meta.parameters == nullptr);
}

LAW(a_config_that_changes_comes_with_exactly_its_first_frame) {
  MuxOptions other;
  other.config = BitWriter().put(2, 5).put(8, 4).put(1, 4).put(0, 3);  // 16 kHz, mono
  LatmFeeder feeder(in_band(16000));
  ck_assert(feeder.push(with_mux({kUnit}), 0));
  ck_assert(feeder.push(with_mux({kUnit}), 341));
  ck_assert(feeder.push(with_mux({kUnit2}, other), 682));
  ck_assert(feeder.push(same_mux({kUnit2}, other), 1706));
  ck_assert(feeder.push(with_mux({kUnit}), 2730));
  ck_assert_uint_eq(feeder.frames.size(), 5);
  const Bytes configs[] = {{0x11, 0x90}, {}, {0x14, 0x08}, {}, {0x11, 0x90}};
  for (std::size_t i = 0; i < 5; ++i) {
    const auto& parameters = feeder.frames[i].meta.parameters;
    ck_assert_msg((parameters == nullptr) == configs[i].empty(), "frame %zu", i);
    if (parameters) ck_assert_msg(parameters->config == configs[i], "frame %zu", i);
  }
  ck_assert_uint_eq(feeder.frames[1].meta.duration, 341);
  ck_assert_uint_eq(feeder.frames[2].meta.duration, 1024);
}

LAW(elements_before_the_first_config_are_dropped) {
  LatmFeeder feeder(in_band());
  feeder.push(same_mux({kUnit}), 0);
  ck_assert(!feeder.push(same_mux({kUnit}), 1024));
  ck_assert(feeder.frames.empty());
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 2);
  ck_assert(feeder.push(with_mux({kUnit}), 2048));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].meta.discontinuity);
}

LAW(every_form_of_the_multiplex_is_read) {
  struct Case {
    const char* what;
    MuxOptions options;
    std::vector<Bytes> units;
  };
  std::vector<Case> cases;
  cases.push_back({"three subframes", {}, {kUnit, kLarge, kUnit2}});
  cases.back().options.subframes = 3;
  cases.push_back({"version 1", {}, {kUnit}});
  cases.back().options.version_1 = true;
  cases.push_back({"frames of a fixed length", {}, {sample_unit(60, 1), sample_unit(60, 2)}});
  cases.back().options.subframes = 2;
  cases.back().options.fixed_bytes = 60;
  cases.push_back({"other data", {}, {kUnit}});
  cases.back().options.other_bits = 13;
  cases.push_back({"much other data", {}, {kUnit}});
  cases.back().options.other_bits = 1000;
  cases.push_back({"other data in version 1", {}, {kUnit}});
  cases.back().options.version_1 = true;
  cases.back().options.other_bits = 1000;
  cases.push_back({"a checksum", {}, {kUnit}});
  cases.back().options.checksum = true;
  cases.push_back(
      {"lengths of 255 and 510", {}, {sample_unit(255, 1), sample_unit(510, 2), sample_unit(254, 3)}});
  cases.back().options.subframes = 3;
  for (const Case& c : cases) {
    LatmFeeder in(in_band());
    ck_assert_msg(in.push(with_mux(c.units, c.options), 0), "%s", c.what);
    ck_assert_msg(in.push(same_mux(c.units, c.options), 1024 * 3), "%s", c.what);
    LatmFeeder out(out_of_band(c.options));
    ck_assert_msg(out.push(element(c.units, c.options), 0), "%s", c.what);
    ck_assert_msg(out.push(element(c.units, c.options), 1024 * 3), "%s", c.what);
    for (const LatmFeeder* feeder : {&in, &out}) {
      ck_assert_msg(feeder->frames.size() == 2 * c.units.size(), "%s", c.what);
      for (std::size_t i = 0; i < feeder->frames.size(); ++i) {
        const std::size_t unit = i % c.units.size();
        ck_assert_msg(feeder->frames[i].bytes == c.units[unit], "%s, frame %zu", c.what, i);
        ck_assert_int_eq(feeder->frames[i].meta.timestamp,
                         static_cast<std::int64_t>((i < c.units.size() ? 0 : 3072) + unit * 1024));
      }
      ck_assert(feeder->frames[0].meta.parameters->config == (Bytes{0x11, 0x90}));
    }
  }
}

LAW(version_1_may_signal_sbr_behind_the_config_and_version_0_may_not) {
  MuxOptions options;
  options.config = BitWriter().put(0x1310, 16).put(0x56E598, 24);
  options.version_1 = true;
  LatmFeeder feeder(in_band(24000));
  ck_assert(feeder.push(with_mux({kUnit}, options), 0));
  ck_assert(feeder.frames.at(0).bytes == kUnit);
  ck_assert(feeder.frames[0].meta.parameters->config == (Bytes{0x13, 0x10, 0x56, 0xE5, 0x98}));
}

LAW(configs_that_are_no_whole_bytes_are_filled_up) {
  MuxOptions options;
  options.config = BitWriter().put(5, 5).put(6, 4).put(2, 4).put(3, 4).put(2, 5).put(0, 3);  // 25 bits
  LatmFeeder feeder(in_band(24000));
  ck_assert(feeder.push(with_mux({kUnit}, options), 0));
  ck_assert(feeder.frames.at(0).bytes == kUnit);
  ck_assert(feeder.frames[0].meta.parameters->config == (Bytes{0x2B, 0x11, 0x88, 0x00}));
}

LAW(durations_are_in_units_of_the_rtp_clock) {
  MuxOptions options;
  options.subframes = 3;
  LatmFeeder feeder(out_of_band(options, 90000));
  ck_assert(feeder.push(element({kUnit, {}, kUnit2}, options), 10));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert_int_eq(feeder.frames[0].meta.timestamp, 10);
  ck_assert_uint_eq(feeder.frames[0].meta.duration, 1920);
  ck_assert_int_eq(feeder.frames[1].meta.timestamp, 3850);  // the empty one takes its time
}

LAW(several_elements_of_a_packet_are_several_frames) {
  LatmFeeder out(out_of_band());
  ck_assert(out.push(element({kUnit}) + element({kLarge}) + element({kUnit2}), 0));
  LatmFeeder in(in_band());
  ck_assert(in.push(with_mux({kUnit}) + same_mux({kLarge}) + same_mux({kUnit2}), 0));
  for (const LatmFeeder* feeder : {&out, &in}) {
    ck_assert_uint_eq(feeder->frames.size(), 3);
    ck_assert(feeder->frames[1].bytes == kLarge && feeder->frames[2].bytes == kUnit2);
    ck_assert_int_eq(feeder->frames[2].meta.timestamp, 2048);
  }
}

LAW(padding_behind_an_element_is_ignored) {
  for (const Bytes& padding : {Bytes{0}, Bytes{0, 0, 0, 0}, Bytes{0xFF, 0xFF}}) {
    LatmFeeder out(out_of_band());
    out.push(element({kUnit}), 0);
    ck_assert(out.push(element({kUnit2}) + padding, 1024));
    ck_assert(out.push(element({kUnit}), 2048));
    ck_assert_uint_eq(out.frames.size(), 3);
    LatmFeeder in(in_band());
    in.push(with_mux({kUnit}), 0);
    ck_assert(in.push(same_mux({kUnit2}) + padding, 1024));
    ck_assert(in.push(same_mux({kUnit}), 2048));
    ck_assert_uint_eq(in.frames.size(), 3);
  }
}

// --- fragments ---

LAW(an_element_in_fragments_is_put_together_at_every_cut_whatever_its_markers) {
  for (const bool in : {false, true}) {
    const Bytes whole = in ? with_mux({kUnit}) : element({kUnit});
    for (std::size_t cut = 1; cut < whole.size(); ++cut) {
      for (const bool last : {true, false}) {
        LatmFeeder feeder(in ? in_band() : out_of_band());
        ck_assert(feeder.push(slice(whole, 0, cut), 0, false));
        ck_assert(feeder.frames.empty());
        ck_assert_uint_eq(feeder.depacketizer().progress().size_bytes, cut);
        ck_assert(feeder.push(slice(whole, cut, whole.size()), 0, last));
        ck_assert_msg(feeder.frames.size() == 1, "cut at %zu", cut);
        ck_assert(feeder.frames[0].bytes == kUnit);
        ck_assert_uint_eq(feeder.depacketizer().progress().size_bytes, 0);
      }
    }
  }
}

LAW(a_marker_on_an_element_that_is_not_all_there_costs_it) {
  LatmFeeder feeder(out_of_band());
  const Bytes whole = element({kUnit});
  ck_assert(feeder.push(whole, 0));
  ck_assert(!feeder.push(slice(whole, 0, 50), 1024, true));
  ck_assert(feeder.push(whole, 2048));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].meta.discontinuity);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
}

LAW(a_timestamp_ends_an_element_that_is_not_all_there) {
  LatmFeeder feeder(out_of_band());
  const Bytes whole = element({kUnit});
  ck_assert(feeder.push(whole, 0));
  ck_assert(feeder.push(slice(whole, 0, 50), 1024, false));
  ck_assert(feeder.push(whole, 2048));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].meta.discontinuity);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
}

LAW(each_lost_fragment_costs_its_element_and_at_most_the_next) {
  struct Packet {
    Bytes bytes;
    std::size_t unit;
    bool marker;
  };
  for (const bool in : {false, true}) {
    std::vector<Bytes> units;
    std::vector<Packet> packets;
    for (unsigned i = 0; i < 8; ++i) {
      units.push_back(sample_unit(300 + i * 10, i));
      const Bytes whole = !in          ? element({units[i]})
                          : i % 3 == 0 ? with_mux({units[i]})
                                       : same_mux({units[i]});
      for (std::size_t at = 0; at < whole.size(); at += 120) {
        const std::size_t end = std::min(at + 120, whole.size());
        packets.push_back({slice(whole, at, end), i, end == whole.size()});
      }
    }
    for (std::size_t lost = 1; lost < packets.size(); ++lost) {
      if (in && packets[lost].unit == 0) continue;  // without its config those behind it are of no use
      LatmFeeder feeder(in ? in_band() : out_of_band());
      for (std::size_t i = 0; i < packets.size(); ++i) {
        if (i == lost) continue;
        ck_assert(feeder.push(packets[i].bytes, static_cast<std::int64_t>(packets[i].unit) * 1024,
                              packets[i].marker, i == lost + 1 ? 1 : 0));
      }
      const std::size_t victim = packets[lost].unit;
      std::size_t at = 0;
      bool missing = false;
      for (std::size_t unit = 0; unit < units.size(); ++unit) {
        const auto time = static_cast<std::int64_t>(unit) * 1024;
        if (at == feeder.frames.size() || feeder.frames[at].meta.timestamp != time) {
          const bool may = unit == victim || (unit == victim + 1 && packets[lost].marker);
          ck_assert_msg(may, "packet %zu: unit %zu is missing", lost, unit);
          missing = true;
          continue;
        }
        const AacGot& got = feeder.frames[at++];
        ck_assert_msg(got.bytes == units[unit], "packet %zu, unit %zu", lost, unit);
        ck_assert(got.meta.discontinuity == missing);
        ck_assert_uint_eq(got.meta.packets_lost, missing ? 1 : 0);
        missing = false;
      }
      ck_assert_uint_eq(at, feeder.frames.size());
    }
  }
}

/// The rest of an element whose begin was lost can look like a whole one.
LAW(in_a_stream_of_fragments_what_follows_a_loss_is_no_element_though_it_fits) {
  Bytes unit = sample_unit(100, 7);
  unit[49] = 50;  // behind a length of one byte the second half begins with this, and has 50 bytes more
  const Bytes whole = element({unit});
  ck_assert_uint_eq(whole.size(), 101);
  LatmFeeder feeder(out_of_band());
  feeder.push(slice(whole, 0, 50), 0, false);
  feeder.push(slice(whole, 50, 101), 0, true);
  feeder.push(slice(whole, 50, 101), 1024, true, 1);
  feeder.push(element({kUnit}), 2048);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[0].bytes == unit && feeder.frames[1].bytes == kUnit);
  ck_assert(feeder.frames[1].meta.discontinuity);
}

LAW(behind_a_marker_an_element_begins_and_need_not_fit_its_packet) {
  LatmFeeder feeder(out_of_band());
  feeder.push(element({kUnit}), 0);
  Bytes padded = element({kUnit2});
  padded.insert(padded.end(), {255, 0});  // of no element
  // Right behind a loss nothing tells that it isn't the rest of another one.
  feeder.push(padded, 1024, true, 1);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  feeder.push(padded, 1024, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].bytes == kUnit2 && feeder.frames[1].meta.discontinuity);
}

LAW(a_loss_between_whole_elements_costs_no_other) {
  LatmFeeder feeder(out_of_band());
  feeder.push(element({kUnit}), 0);
  ck_assert(feeder.push(element({kUnit2}), 4096, true, 3));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].meta.discontinuity);
  ck_assert_uint_eq(feeder.frames[1].meta.packets_lost, 3);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 0);
}

LAW(an_old_loss_excuses_nothing) {
  const Bytes whole = element({kUnit});
  LatmFeeder feeder(out_of_band());
  feeder.push(whole, 0);
  ck_assert(feeder.push(slice(whole, 60, whole.size()), 4096, true, 3));
  ck_assert(feeder.push(whole, 5120));
  ck_assert(!feeder.push(slice(whole, 0, 60), 6144, true));
  ck_assert_uint_eq(feeder.frames.size(), 2);
}

LAW(joining_in_the_middle_of_an_element_waits_for_the_next_one) {
  const Bytes whole = element({kLarge});
  LatmFeeder feeder(out_of_band());
  feeder.push(slice(whole, 300, 500), 0, false);
  feeder.push(slice(whole, 500, whole.size()), 0, true);
  ck_assert(feeder.frames.empty());
  ck_assert(feeder.push(whole, 1024));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == kLarge);
}

LAW(after_a_reset_the_next_frame_is_a_discontinuity) {
  const Bytes whole = element({kUnit});
  LatmFeeder feeder(out_of_band());
  feeder.push(whole, 0);
  feeder.push(slice(whole, 0, 50), 1024, false);
  feeder.depacketizer().reset();
  ck_assert(feeder.push(whole, 90000));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].meta.discontinuity);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
}

LAW(elements_are_bounded) {
  LatmFeeder feeder(out_of_band());
  feeder.push(element({kUnit}), 0);
  bool refused = false;
  for (int i = 0; i < 400 && !refused; ++i)
    refused = !feeder.push(Bytes(1000, 0xFF), 1024, false);
  ck_assert(refused);
  ck_assert_uint_eq(feeder.depacketizer().progress().size_bytes, 0);
  ck_assert(feeder.push(element({kUnit}), 2048));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  // And so are frames.
  ck_assert(!feeder.push(element({Bytes(65537, 0x21)}), 3072));
  ck_assert(feeder.push(element({Bytes(65536, 0x21)}), 4096));
  ck_assert_uint_eq(feeder.frames.size(), 3);
}

/// AAC-ELD, 48 kHz, stereo, with an extension of so many bytes (ISO/IEC 14496-3 s4.6.20.3).
BitWriter eld_config(unsigned extension_bytes) {
  BitWriter config;
  config.put(31, 5).put(39 - 32, 6).put(3, 4).put(2, 4);
  config.put(0, 5);  // no short frames, no SBR
  config.put(1, 4).put(15, 4).put(255, 8).put(extension_bytes - 270, 16);
  for (unsigned i = 0; i < extension_bytes; ++i)
    config.put(i & 0xFF, 8);
  return config.put(0, 4).put(0, 2);
}

LAW(a_config_that_is_longer_than_its_readers_take_costs_only_its_element) {
  LatmFeeder feeder(in_band());
  ck_assert(feeder.push(with_mux({kUnit}, {.config = eld_config(400)}), 0));
  ck_assert(!feeder.push(with_mux({kUnit}, {.config = eld_config(600)}), 512));
  ck_assert(feeder.push(with_mux({kUnit2}), 1024));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  for (const AacGot& frame : feeder.frames)
    ck_assert(codec::parse_audio_specific_config(frame.meta.parameters->config).has_value());
  ck_assert(feeder.frames[1].bytes == kUnit2 && feeder.frames[1].meta.discontinuity);
}

LAW(bad_elements_cost_only_themselves) {
  const auto mux_with = [](std::size_t at, std::size_t bits, unsigned value) {
    // "400023203fc0" behind useSameStreamMux, and one field of it changed.
    BitWriter mux;
    put_mux(mux, {});
    BitWriter changed;
    changed.put(0, 1);
    for (std::size_t i = 0; i < mux.size_bits(); ++i) {
      const unsigned bit = (mux.bytes()[i / 8] >> (7 - i % 8)) & 1U;
      changed.put(i >= at && i < at + bits ? (value >> (at + bits - 1 - i)) & 1U : bit, 1);
    }
    put_payload(changed, {kUnit}, {});
    return changed.bytes();
  };
  struct {
    const char* what;
    Bytes payload;
  } const cases[] = {
      {"nothing", {}},
      {"several time framings", mux_with(1, 1, 0)},
      {"two programs", mux_with(8, 4, 1)},
      {"two layers", mux_with(12, 3, 1)},
      {"audioMuxVersionA", Bytes{0x60, 0, 0, 0}},
      {"CELP", mux_with(15, 5, 8)},
      {"a reserved rate", mux_with(20, 4, 13)},
      {"frameLengthType 3", mux_with(31, 3, 3)},
  };
  for (const auto& c : cases) {
    LatmFeeder feeder(in_band());
    feeder.push(with_mux({kUnit}), 0);
    ck_assert_msg(!feeder.push(c.payload, 1024), "%s", c.what);
    ck_assert_msg(feeder.push(same_mux({kUnit2}), 2048), "%s", c.what);
    ck_assert_msg(feeder.frames.size() == 2 && feeder.frames[1].meta.discontinuity, "%s", c.what);
    ck_assert_msg(feeder.frames[1].bytes == kUnit2, "%s", c.what);
  }
}

LAW(every_in_band_config_that_is_cut_costs_its_packet) {
  const Bytes whole = with_mux({kUnit});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    LatmFeeder feeder(in_band());
    feeder.push(whole, 0);
    ck_assert_msg(!feeder.push(slice(whole, 0, size), 1024), "%zu bytes", size);
    ck_assert(feeder.push(whole, 2048));
    ck_assert_uint_eq(feeder.frames.size(), 2);
  }
}

// --- descriptions ---

LAW(without_cpresent_the_elements_tell) {
  const auto media = aac_media("MP4A-LATM", 48000, 2, "object=2;config=" + hex_mux());
  LatmFeeder out(media);
  ck_assert(out.push(element({kUnit}), 0));
  ck_assert(out.push(element({kLarge}), 1024));
  LatmFeeder in(media);
  ck_assert(in.push(same_mux({kUnit}), 0));
  ck_assert(in.push(with_mux({kLarge}), 1024));
  // In fragments, too.
  LatmFeeder fragments(media);
  const Bytes first = same_mux({kUnit});
  ck_assert(fragments.push(slice(first, 0, 30), 0, false));
  ck_assert(fragments.push(slice(first, 30, first.size()), 0, true));
  ck_assert(fragments.push(same_mux({kLarge}), 1024));
  for (const LatmFeeder* feeder : {&out, &in, &fragments}) {
    ck_assert_uint_eq(feeder->frames.size(), 2);
    ck_assert(feeder->frames[0].bytes == kUnit && feeder->frames[1].bytes == kLarge);
  }
}

LAW(without_cpresent_and_config_the_config_is_in_band) {
  LatmFeeder feeder(aac_media("MP4A-LATM", 90000, 1, ""));
  ck_assert(feeder.push(with_mux({kUnit}), 0));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert_uint_eq(feeder.frames[0].meta.duration, 1920);
}

LAW(without_a_config_that_can_be_read_the_rtpmap_tells) {
  for (const char* fmtp :
       {"cpresent=0", "cpresent=0;config=xyz", "cpresent=0;config=", "CPRESENT=0;Config=40"}) {
    LatmFeeder feeder(aac_media("MP4A-LATM", 48000, 2, fmtp));
    ck_assert(feeder.depacketizer().parameters()->config == (Bytes{0x11, 0x90}));
    ck_assert(feeder.push(element({kUnit}), 0));
    ck_assert(feeder.frames.at(0).bytes == kUnit);
  }
}

LAW(a_stream_mux_config_that_ends_behind_its_audio_specific_config_is_taken) {
  struct {
    const char* config;
    Bytes audio_specific_config;
    unsigned subframes;
  } const cases[] = {
      {"40002810", {0x14, 0x08}, 1},                          // rtpmp4apay, AAC LC
      {"40002320ADCA00", {0x11, 0x90, 0x56, 0xE5, 0x00}, 1},  // and with the signalling of SBR: there is none
      {"40002620ADCB30", {0x13, 0x10, 0x56, 0xE5, 0x98}, 1},  // or there is
      {"42002810", {0x14, 0x08}, 3},
      {"4200281", {0x14, 0x08}, 3},
  };
  for (const auto& c : cases) {
    LatmFeeder feeder(aac_media("MP4A-LATM", 48000, 2, std::string("cpresent=0;config=") + c.config));
    ck_assert_msg(feeder.depacketizer().parameters()->config == c.audio_specific_config, "%s", c.config);
    const std::vector<Bytes> units(c.subframes, kUnit);
    ck_assert(feeder.push(element(units), 0));
    ck_assert_uint_eq(feeder.frames.size(), c.subframes);
  }
}

LAW(an_audio_specific_config_in_place_of_a_stream_mux_config_is_taken) {
  LatmFeeder feeder(aac_media("MP4A-LATM", 16000, 1, "cpresent=0;config=1408"));
  ck_assert(feeder.push(element({kUnit}), 0));
  ck_assert(feeder.frames.at(0).bytes == kUnit);
  ck_assert(feeder.frames[0].meta.parameters->config == (Bytes{0x14, 0x08}));
}

LAW(other_codecs_in_latm_are_unsupported) {
  MuxOptions celp;
  celp.config = BitWriter().put(8, 5).put(8, 4).put(1, 4).put(0, 12);
  codec::HeapAllocator allocator;
  const auto made = codec::LatmDepacketizer::create(out_of_band(celp), {}, allocator);
  ck_assert(!made && made.error().code == base::ErrorCode::kUnsupported);
}

LAW(adts_output_has_a_header_a_frame) {
  LatmFeeder feeder(in_band(), codec::AacFraming::kAdts);
  ck_assert(feeder.push(with_mux({kUnit}), 0));
  const auto header =
      codec::adts_header(*codec::parse_audio_specific_config(Bytes{0x11, 0x90}), kUnit.size());
  ck_assert(feeder.frames.at(0).bytes == Bytes(header->begin(), header->end()) + kUnit);
  // What it can't express is dropped, and the next one that it can express comes.
  MuxOptions eld;
  eld.config = BitWriter().put(31, 5).put(7, 6).put(4, 4).put(2, 4).put(0, 1 + 3 + 1 + 4 + 2);
  ck_assert(!feeder.push(with_mux({kUnit}, eld), 1024, false));
  ck_assert(feeder.push(with_mux({kUnit}), 2048));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[1].meta.discontinuity);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
}

}  // namespace

int main() {
  return retina::test::run_laws("latm");
}
