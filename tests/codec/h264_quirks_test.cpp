// What cameras do to H.264: one law for each that somebody had to learn.

#include "codec/h264_feeder.h"
#include "codec/h264_syntax.h"
#include "sdp/sprop.h"
#include "support/h264_interleaver.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using codec::FrameFormat;
using codec::NalFraming;
using codec::ParameterSetInsertion;

const Bytes kIdr = sample_slice(true, 300, 1);
const Bytes kP = sample_slice(false, 100, 2);
const Bytes kAud{0x09, 0xF0};
const Bytes kSei{0x06, 0x05, 0x01, 0xAA, 0x80};
const Bytes kCode3{0, 0, 1};
const Bytes kCode4{0, 0, 0, 1};

/// The three ways in which frames are wanted: lengths and sets apart, lengths and sets within, start codes.
const FrameFormat kFormats[] = {{NalFraming::kLengthPrefixed, ParameterSetInsertion::kNever},
                                {NalFraming::kLengthPrefixed, ParameterSetInsertion::kKeyFrames},
                                {NalFraming::kStartCode, ParameterSetInsertion::kKeyFrames}};

/// A frame of these NAL units, with parameter sets in front where the format wants them.
Bytes expected_frame(const FrameFormat& format, bool key_frame, const std::vector<Bytes>& nals) {
  AccessUnit unit;
  if (key_frame && format.parameter_sets == ParameterSetInsertion::kKeyFrames)
    unit.nals = {sample_sps(), sample_pps()};
  unit.nals.insert(unit.nals.end(), nals.begin(), nals.end());
  return framed(unit, format.framing == NalFraming::kLengthPrefixed, true);
}

Bytes slice_of(const Bytes& bytes, std::size_t from, std::size_t to) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(to)};
}

sdp::Media media_with(const char* sprop) {
  sdp::Media media;
  media.format_parameters = {{"packetization-mode", "1"}, {"sprop-parameter-sets", sprop}};
  return media;
}

// --- payload structures ---

LAW(an_sei_a_stap_a_and_fragments_make_one_access_unit) {
  for (const FrameFormat& format : kFormats) {
    H264Feeder feeder(format);
    feeder.push(kSei, 0, false);
    feeder.push(joined({{0x78, 0, static_cast<std::uint8_t>(sample_sps().size())},
                        sample_sps(),
                        {0, static_cast<std::uint8_t>(sample_pps().size())},
                        sample_pps()}),
                0, false);
    feeder.push(joined({{0x7C, 0x85}, slice_of(kIdr, 1, 100)}), 0, false);
    feeder.push(joined({{0x7C, 0x05}, slice_of(kIdr, 100, 200)}), 0, false);
    feeder.push(joined({{0x7C, 0x45}, slice_of(kIdr, 200, 300)}), 0, true);
    ck_assert_uint_eq(feeder.frames.size(), 1);
    ck_assert(feeder.frames[0].bytes == expected_frame(format, true, {kSei, kIdr}));
    ck_assert(feeder.frames[0].meta.key_frame && feeder.frames[0].meta.parameters);
  }
}

LAW(longse_sets_the_reserved_bit_of_every_fragment) {
  H264Feeder feeder;
  feeder.push(joined({{0x7C, 0xA5}, slice_of(kIdr, 1, 100)}), 0, false);
  feeder.push(joined({{0x7C, 0x25}, slice_of(kIdr, 100, 200)}), 0, false);
  feeder.push(joined({{0x7C, 0x65}, slice_of(kIdr, 200, 300)}), 0, true);
  ck_assert(feeder.frames.at(0).bytes == annexb({kIdr}));
}

LAW(tiandy_changes_the_type_between_fragments) {
  H264Feeder feeder;
  feeder.push(joined({{0x7C, 0x85}, slice_of(kIdr, 1, 100)}), 0, false);
  feeder.push(joined({{0x5C, 0x01}, slice_of(kIdr, 100, 200)}), 0, false);
  feeder.push(joined({{0x7C, 0x45}, slice_of(kIdr, 200, 300)}), 0, true);
  ck_assert(feeder.frames.at(0).bytes == annexb({kIdr}));
  ck_assert(feeder.frames[0].meta.key_frame);
}

LAW(a_fragment_cut_by_another_timestamp_costs_its_picture_and_not_the_stream) {
  H264Feeder feeder;
  feeder.push(kIdr, 0, true);
  feeder.push(joined({{0x5C, 0x81}, slice_of(kP, 1, 50)}), 3600, false);
  ck_assert(feeder.push(kP, 7200, true));
  ck_assert(feeder.push(kP, 10800, true));
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert_int_eq(feeder.frames[1].meta.timestamp, 7200);
  ck_assert(feeder.frames[1].meta.discontinuity && !feeder.frames[2].meta.discontinuity);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
}

LAW(an_error_in_the_packet_that_ends_a_picture_leaves_the_picture_and_the_depacketizer_whole) {
  for (const Bytes& bad :
       {Bytes{}, Bytes{0x7F, 1}, Bytes{0x78}, Bytes{0x7C}, Bytes{0x78, 0, 9, 1}, Bytes{0xE5, 1}}) {
    for (const bool marker : {false, true}) {
      // Pulled only after the bad packet, as a consumer may do it.
      codec::HeapAllocator allocator;
      codec::H264Depacketizer depacketizer({}, kFormats[2], allocator);
      codec::MediaPacket packet;
      packet.payload = kIdr;
      ck_assert(depacketizer.push(packet).has_value());
      packet.payload = bad;
      packet.timestamp = 3600;
      packet.marker = marker;
      ck_assert(!depacketizer.push(packet).has_value());
      const auto frame = depacketizer.pull();
      ck_assert(frame && frame->size_bytes == kIdr.size() + 4 && frame->timestamp == 0);
      packet.payload = kP;
      packet.timestamp = 7200;
      packet.marker = true;
      ck_assert(depacketizer.push(packet).has_value());
      const auto next = depacketizer.pull();
      ck_assert(next && next->timestamp == 7200 && next->discontinuity);
    }
  }
}

// --- access units ---

LAW(reolink_starts_with_marked_parameter_sets_of_other_timestamps) {
  H264Feeder feeder(kFormats[0]);
  // RLC-822A: SPS and PPS with markers; the IDR picture has a later timestamp.
  feeder.push(sample_sps(), 1000, true);
  feeder.push(sample_pps(), 1000, true);
  feeder.push(kIdr, 1600, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert_int_eq(feeder.frames[0].meta.timestamp, 1600);
  ck_assert(feeder.frames[0].meta.key_frame && feeder.frames[0].meta.parameters);
  ck_assert(feeder.frames[0].bytes == expected_frame(kFormats[0], true, {kIdr}));
}

LAW(reolink_gives_the_parameter_sets_of_a_gop_the_timestamp_of_the_picture_before) {
  for (const bool marker : {true, false}) {
    H264Feeder feeder(kFormats[2]);
    std::int64_t time = 0;
    for (int gop = 0; gop < 3; ++gop) {
      feeder.push(sample_sps(), time, marker);
      feeder.push(sample_pps(), time, marker);
      feeder.push(kIdr, time += 3600, true);
      feeder.push(kP, time += 3600, true);
    }
    ck_assert_uint_eq(feeder.frames.size(), 6);
    for (std::size_t i = 0; i < 6; ++i) {
      ck_assert_int_eq(feeder.frames[i].meta.timestamp, static_cast<int>(i + 1) * 3600);
      ck_assert(feeder.frames[i].bytes == expected_frame(kFormats[2], i % 2 == 0, {i % 2 == 0 ? kIdr : kP}));
      ck_assert((feeder.frames[i].meta.parameters != nullptr) == (i == 0));
    }
  }
}

LAW(h264dvr_marks_parameter_sets_and_sei) {
  H264Feeder feeder(kFormats[2]);
  for (std::int64_t i = 0; i < 3; ++i) {
    feeder.push(sample_sps(), i * 3600, true);
    feeder.push(sample_pps(), i * 3600, true);
    feeder.push(kSei, i * 3600, true);
    feeder.push(kIdr, i * 3600, true);
    ck_assert_uint_eq(feeder.frames.size(), static_cast<std::size_t>(i) + 1);
    ck_assert(feeder.frames.back().bytes == expected_frame(kFormats[2], true, {kSei, kIdr}));
  }
}

LAW(vstarcam_gives_two_pictures_one_timestamp) {
  for (const bool marker : {true, false}) {
    const Syntax syntax;
    H264Feeder feeder(kFormats[0], {make_sps(syntax), make_pps(syntax)});
    for (std::uint32_t i = 0; i < 8; ++i)
      feeder.push(make_slice(syntax, {.frame_number = i, .order = 2 * i}), i / 2 * 7200, marker);
    feeder.flush();
    ck_assert_uint_eq(feeder.frames.size(), 8);
    for (std::uint32_t i = 0; i < 8; ++i)
      ck_assert_int_eq(feeder.frames[i].meta.timestamp, i / 2 * 7200);
  }
}

LAW(a_change_from_1080p_to_480p_is_told_at_the_picture_that_has_it) {
  Syntax large;
  large.macroblocks_wide = 120;
  large.level = 40;
  Syntax small;
  small.macroblocks_wide = 40;
  for (const FrameFormat& format : kFormats) {
    H264Feeder feeder(format, {make_sps(large), make_pps(large)});
    std::int64_t time = 0;
    for (const Syntax& syntax : {large, small, large}) {
      feeder.push(make_sps(syntax), time, false);
      feeder.push(make_pps(syntax), time, false);
      feeder.push(make_slice(syntax, {.idr = true, .type = 7}), time, true);
      const Got& frame = feeder.frames.back();
      ck_assert(frame.meta.parameters && frame.meta.parameters->sps == std::vector<Bytes>{make_sps(syntax)});
      AccessUnit unit;
      unit.nals = {make_sps(syntax), make_pps(syntax), make_slice(syntax, {.idr = true, .type = 7})};
      ck_assert(frame.bytes == framed(unit, format.framing == NalFraming::kLengthPrefixed,
                                      format.parameter_sets != ParameterSetInsertion::kNever));
      feeder.push(make_slice(syntax, {.frame_number = 1, .order = 2}), time + 3600, true);
      ck_assert(feeder.frames.back().meta.parameters == nullptr);
      time += 7200;
    }
  }
}

// --- parameter sets of the SDP ---

LAW(sprop_that_is_empty_or_bad_leaves_the_stream_to_bring_its_own) {
  for (const char* sprop : {"", ",", "====", "not base64!", "AAAA", "Zw==", "Z0LAHtkDxWhAAAADAEAAAAwDxYuS"}) {
    std::vector<std::string> notes;
    H264Feeder feeder(kFormats[0], sdp::sprop_parameter_sets(media_with(sprop), notes));
    feeder.push(kP, 0, true);
    ck_assert_msg(feeder.frames.at(0).meta.parameters == nullptr, "%s", sprop);
    feeder.push(sample_sps(), 3600, false);
    feeder.push(sample_pps(), 3600, false);
    feeder.push(kIdr, 3600, true);
    ck_assert_msg(feeder.frames.at(1).meta.parameters->sps == std::vector<Bytes>{sample_sps()}, "%s", sprop);
  }
}

LAW(gw4089ip_appends_a_start_code_to_its_sprop) {
  for (const char* sprop :
       {"Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsgAAAAE=", "AAAAAWdCwB7ZA8VoQAAAAwBAAAAMA8WLkg==,AAAAAWjLjLI="}) {
    std::vector<std::string> notes;
    H264Feeder feeder(kFormats[0], sdp::sprop_parameter_sets(media_with(sprop), notes));
    feeder.push(kIdr, 0, true);
    ck_assert_msg(feeder.frames.at(0).meta.parameters != nullptr, "%s", sprop);
    ck_assert(feeder.frames[0].meta.parameters->sps == std::vector<Bytes>{sample_sps()});
    ck_assert(feeder.frames[0].meta.parameters->pps == std::vector<Bytes>{sample_pps()});
  }
}

LAW(an_fmtp_that_ends_in_a_semicolon_keeps_its_sprop) {
  const auto described = sdp::parse(
      "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;"
      "profile-level-id=42C01E;sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==;\r\n");
  ck_assert(described.has_value());
  std::vector<std::string> notes;
  H264Feeder feeder(kFormats[2], sdp::sprop_parameter_sets(described->media.at(0), notes));
  feeder.push(kIdr, 0, true);
  ck_assert(feeder.frames.at(0).bytes == expected_frame(kFormats[2], true, {kIdr}));
}

LAW(reolink_has_a_byte_behind_the_trailing_bits_of_its_sps) {
  const Bytes sps = joined({sample_sps(), {0x80}});
  H264Feeder feeder(kFormats[0]);
  feeder.push(sps, 0, false);
  feeder.push(sample_pps(), 0, false);
  feeder.push(kIdr, 0, true);
  ck_assert(feeder.frames.at(0).meta.parameters->sps == std::vector<Bytes>{sps});
}

LAW(the_packetization_mode_announced_is_not_what_counts) {
  const auto stream = sample_stream(12, 1500, 4);
  for (const char* mode : {"", "0", "1", "2"}) {
    sdp::Media media = media_with("");
    media.format_parameters = {{"packetization-mode", mode}, {"sprop-interleaving-depth", "0"}};
    for (const bool interleaved : {false, true}) {
      H264Feeder feeder(kFormats[0], {}, codec::h264_interleaving(media));
      if (interleaved) {
        for (const TimedPayload& payload : packetize_interleaved(numbered(stream, 9), 500))
          ck_assert(feeder.push(payload.bytes, payload.timestamp, payload.marker));
        feeder.flush();
      } else {
        for (const AccessUnit& unit : stream)
          feeder.push(unit, 500);
      }
      ck_assert_uint_eq(feeder.frames.size(), stream.size());
      for (std::size_t i = 0; i < stream.size(); ++i)
        ck_assert(feeder.frames[i].bytes == framed(stream[i], true, false));
    }
  }
}

// --- byte streams in payloads (V380, Macro-video) ---

LAW(a_byte_stream_is_split_in_every_payload_structure_and_format) {
  for (const Bytes& code : {kCode3, kCode4}) {
    const Bytes whole = joined({kAud, code, sample_sps(), code, sample_pps(), code, kSei, code, kIdr});
    for (const FrameFormat& format : kFormats) {
      AccessUnit expected;
      expected.nals = {kAud, kSei, kIdr};
      if (format.parameter_sets == ParameterSetInsertion::kKeyFrames)
        expected.nals = {kAud, sample_sps(), sample_pps(), kSei, kIdr};
      const Bytes frame = framed(expected, format.framing == NalFraming::kLengthPrefixed, true);
      const auto size = [](const Bytes& nal) {
        return Bytes{static_cast<std::uint8_t>(nal.size() >> 8), static_cast<std::uint8_t>(nal.size())};
      };
      const Bytes payloads[] = {whole, joined({{0x78}, size(whole), whole}), stap_b(5, {whole}),
                                mtap16(5, {{whole, 0, 0}})};
      for (const Bytes& payload : payloads) {
        H264Feeder feeder(format);
        ck_assert(feeder.push(payload, 0, true));
        feeder.flush();
        ck_assert_uint_eq(feeder.frames.size(), 1);
        ck_assert(feeder.frames[0].bytes == frame && feeder.frames[0].meta.key_frame);
      }
    }
  }
}

LAW(a_byte_stream_is_split_wherever_fragments_cut_it_in_every_format) {
  const Bytes idr = sample_slice(true, 40, 9);
  for (const Bytes& code : {kCode3, kCode4}) {
    const Bytes whole = joined({sample_sps(), code, sample_pps(), kCode3, idr});
    for (const FrameFormat& format : kFormats) {
      const Bytes expected = expected_frame(format, true, {idr});
      for (std::size_t first = 1; first < whole.size(); ++first) {
        for (std::size_t middle = 0; middle <= 3 && first + middle < whole.size(); ++middle) {
          H264Feeder feeder(format);
          feeder.push(joined({{0x7C, 0x87}, slice_of(whole, 1, first)}), 0, false);
          feeder.push(joined({{0x7C, 0x07}, slice_of(whole, first, first + middle)}), 0, false);
          feeder.push(joined({{0x7C, 0x47}, slice_of(whole, first + middle, whole.size())}), 0, true);
          ck_assert_msg(feeder.frames.size() == 1 && feeder.frames[0].bytes == expected, "cut at %zu, %zu",
                        first, middle);
        }
      }
    }
  }
}

LAW(a_byte_stream_that_begins_in_the_header_of_its_fragments_is_split) {
  // The first zero of the start code became the NAL unit's header.
  H264Feeder feeder;
  const Bytes whole = joined({kCode4, sample_sps(), kCode4, sample_pps(), kCode4, kIdr});
  feeder.push(joined({{0x1C, 0x80}, slice_of(whole, 1, 60)}), 0, false);
  feeder.push(joined({{0x1C, 0x40}, slice_of(whole, 60, whole.size())}), 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == annexb({kIdr}) && feeder.frames[0].meta.parameters);
}

LAW(zeros_around_start_codes_belong_to_nothing) {
  H264Feeder feeder;
  feeder.push(joined({kAud, {0, 0, 0}, kCode4, kSei, {0}, kCode3, kIdr, {0, 0, 0}}), 0, true);
  ck_assert(feeder.frames.at(0).bytes == annexb({kAud, kSei, kIdr}));
}

LAW(nal_units_of_unspecified_types_within_others_are_left_out) {
  H264Feeder feeder;
  const Bytes odd{0x7E, 1, 2};
  feeder.push(joined({kSei, kCode3, odd, kCode3, {0x60, 9}, kCode3, kIdr}), 0, true);
  ck_assert(feeder.frames.at(0).bytes == annexb({kSei, kIdr}));
  ck_assert(!feeder.push(joined({kSei, kCode3, {0xE1, 0x9A, 1}, kCode3, kP}), 3600, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
}

// --- frames that are not whole ---

LAW(incomplete_pictures_that_are_passed_on_are_well_formed) {
  for (const bool looked_through : {true, false}) {
    FrameFormat format = kFormats[0];
    format.pass_incomplete = true;
    H264Feeder feeder(format);
    std::int64_t time = 0;
    for (int i = 0; i < (looked_through ? 0 : 40); ++i)
      feeder.push(kP, time += 3600, true);
    const std::size_t before = feeder.frames.size();
    // Cut by the next NAL unit, by a timestamp, and with a hole.
    feeder.push(joined({{0x5C, 0x81}, slice_of(kP, 1, 50)}), time += 3600, false);
    feeder.push(kP, time, true);
    feeder.push(kP, time += 3600, false);
    feeder.push(joined({{0x5C, 0x81}, slice_of(kP, 1, 50)}), time, false);
    feeder.push(joined({{0x5C, 0x81}, slice_of(kP, 1, 50)}), time += 3600, false);
    feeder.push(joined({{0x5C, 0x41}, slice_of(kP, 60, 100)}), time, true, 1);
    feeder.push(kP, time += 3600, true);
    ck_assert_uint_eq(feeder.frames.size() - before, 4);
    for (std::size_t i = before; i < feeder.frames.size(); ++i) {
      ck_assert(feeder.frames[i].meta.corrupted == (i + 1 < feeder.frames.size()));
      base::ByteReader reader(feeder.frames[i].bytes);
      while (reader.remaining() > 0) {
        const auto length = reader.u32("length");
        ck_assert(length.has_value() && *length > 0 && reader.bytes(*length, "NAL unit").has_value());
      }
    }
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("h264_quirks");
}
