// Where access units end when markers and timestamps don't say it, or say it wrong; and when they were there.

#include "codec/h264_feeder.h"
#include "codec/h264_syntax.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using codec::ParameterSetInsertion;

const Syntax kSyntax;
const Bytes kSps = make_sps(kSyntax);
const Bytes kPps = make_pps(kSyntax);
const Bytes kAud{0x09, 0xF0};
const Bytes kSei{0x06, 0x05, 0x01, 0xAA, 0x80};
const Bytes kIdr = make_slice(kSyntax, {.idr = true, .type = 7});

Bytes picture(std::uint32_t number, std::uint32_t first_macroblock = 0, const Syntax& syntax = kSyntax) {
  return make_slice(syntax,
                    {.first_macroblock = first_macroblock, .frame_number = number, .order = 2 * number});
}

H264Feeder feeder_knowing(const Syntax& syntax = kSyntax) {
  return H264Feeder(start_codes(ParameterSetInsertion::kNever), {make_sps(syntax), make_pps(syntax)});
}

/// NAL units of one timestamp without any marker, and the frames that they are.
struct Unmarked {
  const char* what;
  std::vector<Bytes> nals;
  std::vector<std::vector<Bytes>> frames;
};

void check(const Unmarked& c, bool fragmented, const Syntax& syntax = kSyntax) {
  auto feeder = feeder_knowing(syntax);
  // Joined already: the first slice of a picture may be any.
  feeder.push(make_slice(syntax, {.frame_number = 200}), -3600, true);
  feeder.frames.clear();
  for (const Bytes& nal : c.nals) {
    AccessUnit alone;
    alone.nals = {nal};
    for (const H264Payload& payload : packetize(alone, fragmented ? 25 : 1400))
      feeder.push(payload.bytes, 0, false);
  }
  feeder.flush();
  ck_assert_msg(feeder.frames.size() == c.frames.size(), "%s: %zu frames", c.what, feeder.frames.size());
  for (std::size_t i = 0; i < c.frames.size(); ++i) {
    ck_assert_msg(feeder.frames[i].bytes == annexb(c.frames[i]), "%s: frame %zu", c.what, i);
    ck_assert(!feeder.frames[i].meta.discontinuity);
  }
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 0);
}

LAW(two_pictures_of_one_timestamp_are_two_frames_without_a_marker_between_them) {
  const Bytes p1 = picture(1);
  const Bytes p1b = picture(1, 60);
  const Bytes p2 = picture(2);
  Bytes other_pps = picture(1);
  const Unmarked cases[] = {
      {"frame numbers differ", {p1, p2}, {{p1}, {p2}}},
      {"several slices each", {p1, p1b, p2, picture(2, 60)}, {{p1, p1b}, {p2, picture(2, 60)}}},
      {"an IDR picture follows", {p1, kIdr}, {{p1}, {kIdr}}},
      {"a delimiter between them", {kAud, p1, kAud, p2}, {{kAud, p1}, {kAud, p2}}},
      {"a delimiter, though their headers are the same", {p1, kAud, p1}, {{p1}, {kAud, p1}}},
      {"an SEI between them", {kSei, p1, kSei, p2}, {{kSei, p1}, {kSei, p2}}},
      {"parameter sets between them", {p1, kSps, kPps, kIdr}, {{p1}, {kIdr}}},
      {"reserved types between them", {p1, {0x10, 1}, {0x12, 2}, p2}, {{p1}, {{0x10, 1}, {0x12, 2}, p2}}},
      {"three of them", {p1, p2, picture(3)}, {{p1}, {p2}, {picture(3)}}},
  };
  for (const Unmarked& c : cases) {
    check(c, false);
    check(c, true);
  }
}

LAW(slices_of_one_picture_stay_together) {
  const Bytes p1 = picture(1);
  const Bytes p1b = picture(1, 60);
  const Bytes prefix{0x6E, 0x80};
  const Bytes end_of_sequence{0x0A};
  const Bytes filler{0x0C, 0xFF, 0x80};
  const Bytes auxiliary{0x13, 0x9A, 1, 2};
  const Bytes extension{0x74, 0x9A, 1, 2};
  const Unmarked cases[] = {
      {"the same headers: a redundant picture", {p1, p1}, {{p1, p1}}},
      {"slices in any order", {p1b, p1}, {{p1b, p1}}},
      {"a prefix before each", {prefix, p1, prefix, p1b}, {{prefix, p1, prefix, p1b}}},
      {"an SEI between its slices", {p1, kSei, p1b}, {{p1, kSei, p1b}}},
      {"a delimiter before each slice", {kAud, p1, kAud, p1b}, {{kAud, p1, p1b}}},
      {"what may follow the slices",
       {p1, filler, auxiliary, extension, end_of_sequence},
       {{p1, filler, auxiliary, extension, end_of_sequence}}},
      {"an SEI at the end", {p1, kSei}, {{p1, kSei}}},
      {"data partitions",
       {{0x42, 0x9A, 1}, {0x43, 0xE0, 2}, {0x44, 0xE0, 3}},
       {{{0x42, 0x9A, 1}, {0x43, 0xE0, 2}, {0x44, 0xE0, 3}}}},
  };
  for (const Unmarked& c : cases) {
    check(c, false);
    check(c, true);
  }
}

LAW(without_parameter_sets_only_what_separates_pictures_tells_them_apart) {
  for (const bool separated : {true, false}) {
    H264Feeder feeder;
    feeder.push(picture(1), 0, false);
    if (separated) feeder.push(kAud, 0, false);
    feeder.push(picture(2), 0, false);
    feeder.flush();
    ck_assert_uint_eq(feeder.frames.size(), separated ? 2 : 1);
  }
}

LAW(two_pictures_in_one_packet_are_two_frames) {
  auto feeder = feeder_knowing();
  Bytes stap{0x78};
  for (const Bytes& nal : {picture(1), kSei, picture(2)}) {
    stap.push_back(0);
    stap.push_back(static_cast<std::uint8_t>(nal.size()));
    stap.insert(stap.end(), nal.begin(), nal.end());
  }
  feeder.push(stap, 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[0].bytes == annexb({picture(1)}));
  ck_assert(feeder.frames[1].bytes == annexb({kSei, picture(2)}));
}

LAW(pictures_without_end_in_one_packet_are_bounded) {
  auto feeder = feeder_knowing();
  Bytes stap{0x78};
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const Bytes nal = make_slice(kSyntax, {.frame_number = i % 256, .order = i % 256}, 8);
    stap.push_back(0);
    stap.push_back(static_cast<std::uint8_t>(nal.size()));
    stap.insert(stap.end(), nal.begin(), nal.end());
  }
  feeder.push(stap, 0, true);
  ck_assert_uint_le(feeder.frames.size(), codec::FinishedFrames::kMaxWaiting);
  ck_assert_uint_eq(feeder.frames.size() + feeder.depacketizer().frames_dropped(), 2000);
  feeder.push(kIdr, 3600, true);
  ck_assert(feeder.frames.back().bytes == annexb({kIdr}) && feeder.frames.back().meta.discontinuity);
}

// --- fields ---

const Syntax kFields{.fields = true};
Bytes field(std::uint32_t number, bool bottom, std::uint32_t first_macroblock = 0) {
  return make_slice(kFields, {.first_macroblock = first_macroblock,
                              .frame_number = number,
                              .field = true,
                              .bottom = bottom,
                              .order = 2 * number + (bottom ? 1 : 0)});
}

LAW(the_two_fields_of_a_frame_are_one_frame_however_they_are_marked) {
  for (const bool marked : {false, true}) {
    for (const bool slices : {false, true}) {
      auto feeder = feeder_knowing(kFields);
      for (std::uint32_t number = 0; number < 6; ++number) {
        std::vector<Bytes> expected;
        for (const bool bottom : {number % 2 != 0, number % 2 == 0}) {
          expected.push_back(field(number, bottom));
          feeder.push(expected.back(), number * 3600, !slices && (marked || expected.size() == 2));
          if (!slices) continue;
          expected.push_back(field(number, bottom, 60));
          feeder.push(expected.back(), number * 3600, marked || expected.size() == 4);
        }
        ck_assert_msg(feeder.frames.size() == number + 1, "marked %d, slices %d, frame %u", marked, slices,
                      number);
        ck_assert(feeder.frames.back().bytes == annexb(expected));
      }
    }
  }
}

LAW(fields_of_one_timestamp_are_paired_also_without_any_marker) {
  const Bytes t1 = field(1, false);
  const Bytes b1 = field(1, true);
  const Bytes t2 = field(2, false);
  const Bytes b2 = field(2, true);
  const Unmarked cases[] = {
      {"two pairs", {t1, b1, t2, b2}, {{t1, b1}, {t2, b2}}},
      {"delimiters before each field", {kAud, t1, kAud, b1, kAud, t2}, {{kAud, t1, kAud, b1}, {kAud, t2}}},
      {"a lone field", {t1, t2, b2}, {{t1}, {t2, b2}}},
      {"no third field", {t1, b1, t1}, {{t1, b1}, {t1}}},
  };
  for (const Unmarked& c : cases)
    check(c, false, kFields);
}

LAW(fields_with_timestamps_of_their_own_are_frames_of_their_own_and_soon_not_late) {
  auto feeder = feeder_knowing(kFields);
  for (std::uint32_t i = 0; i < 8; ++i) {
    feeder.push(field(i / 2, i % 2 != 0), i * 1800, true);
    // The first one waits for its other half; from then on it is known that they come apart.
    ck_assert_uint_eq(feeder.frames.size(), i == 0 ? 0 : i + 1);
  }
  for (std::size_t i = 0; i < 8; ++i)
    ck_assert_int_eq(feeder.frames[i].meta.timestamp, static_cast<int>(i) * 1800);
}

LAW(frames_of_an_interlaced_stream_end_at_their_marker) {
  auto feeder = feeder_knowing(kFields);
  for (std::uint32_t i = 0; i < 3; ++i) {
    feeder.push(make_slice(kFields, {.frame_number = i, .order = 2 * i}), i * 3600, true);
    ck_assert_uint_eq(feeder.frames.size(), i + 1);
  }
}

// --- markers ---

LAW(a_camera_that_marks_every_slice_loses_one_picture_to_that) {
  auto feeder = feeder_knowing();
  for (std::uint32_t number = 0; number < 10; ++number) {
    for (const std::uint32_t macroblock : {0U, 60U, 120U})
      feeder.push(picture(number, macroblock), number * 3600, true);
  }
  feeder.flush();
  ck_assert_uint_eq(feeder.frames.size(), 10);
  ck_assert(feeder.frames[0].bytes == annexb({picture(0)}));
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
  ck_assert(feeder.frames[1].meta.discontinuity);
  for (std::uint32_t i = 1; i < 10; ++i) {
    ck_assert(feeder.frames[i].bytes == annexb({picture(i), picture(i, 60), picture(i, 120)}));
    ck_assert_int_eq(feeder.frames[i].meta.timestamp, i * 3600);
  }
}

LAW(a_marker_on_an_sei_behind_the_slices_ends_their_picture) {
  auto feeder = feeder_knowing();
  feeder.push(picture(1), 0, false);
  feeder.push(kSei, 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].bytes == annexb({picture(1), kSei}));
  feeder.push(picture(2), 3600, true);
  ck_assert(feeder.frames.at(1).bytes == annexb({picture(2)}));
}

LAW(behind_unmarked_slices_sei_stay_and_delimiters_and_parameter_sets_go_on) {
  Syntax other = kSyntax;
  other.level = 40;
  auto feeder = feeder_knowing();
  feeder.push(picture(1), 0, false);
  feeder.push(kSei, 0, false);
  feeder.push(make_sps(other), 0, false);
  feeder.push(kSei, 0, false);
  feeder.push(picture(2), 3600, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[0].bytes == annexb({picture(1), kSei}));
  ck_assert(feeder.frames[0].meta.parameters->sps.at(0) == kSps);
  ck_assert(feeder.frames[1].bytes == annexb({kSei, picture(2)}));
  ck_assert(feeder.frames[1].meta.parameters->sps.at(0) == make_sps(other));

  feeder.push(kAud, 3600, false);
  feeder.push(picture(3), 7200, false);
  feeder.push(kAud, 7200, true);
  feeder.push(picture(4), 10800, true);
  ck_assert_uint_eq(feeder.frames.size(), 4);
  ck_assert(feeder.frames[2].bytes == annexb({kAud, picture(3)}));
  ck_assert(feeder.frames[3].bytes == annexb({kAud, picture(4)}));
}

LAW(what_waits_behind_the_slices_is_bounded) {
  auto feeder = feeder_knowing();
  feeder.push(picture(1), 0, false);
  const Bytes sei = make_sei({{5, Bytes(1000, 0x41)}});
  for (int i = 0; i < 1000; ++i)
    ck_assert(feeder.push(sei, 0, false));
  feeder.push(picture(2), 0, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  std::size_t bytes = feeder.frames[0].bytes.size() + feeder.frames[1].bytes.size();
  ck_assert_uint_eq(bytes, annexb({picture(1), picture(2)}).size() + 1000 * annexb({sei}).size());
}

LAW(an_access_unit_without_slices_is_no_frame_and_no_loss) {
  auto feeder = feeder_knowing();
  feeder.push(kIdr, 0, true);
  feeder.push(kSps, 3600, true);
  feeder.push(kSei, 7200, true);
  feeder.flush();
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 0);
}

// --- arrival ---

LAW(a_frame_arrives_with_its_own_last_packet) {
  auto feeder = feeder_knowing();
  feeder.push(picture(1), 0, false);      // 1
  feeder.push(picture(1, 60), 0, false);  // 2
  feeder.push(picture(2), 3600, false);   // 3: ends the first
  feeder.push(kSei, 3600, false);         // 4
  feeder.push(picture(3), 3600, false);   // 5: ends the second
  feeder.push(picture(4), 7200, true);    // 6: ends the third, and itself
  feeder.push(picture(5), 10800, false);  // 7
  feeder.push(kSei, 10800, false);        // 8
  feeder.push(picture(6), 14400, true);   // 9: ends the fourth with its SEI
  const int expected[] = {2, 3, 5, 6, 8, 9};
  ck_assert_uint_eq(feeder.frames.size(), 6);
  for (std::size_t i = 0; i < 6; ++i)
    ck_assert_msg(last_packet(feeder.frames[i]) == expected[i], "frame %zu: %d", i,
                  last_packet(feeder.frames[i]));
}

LAW(a_fragmented_frame_arrives_with_its_last_fragment) {
  // More pictures than are looked through for start codes: both ways of taking a slice.
  auto feeder = feeder_knowing();
  int packets = 0;
  for (std::uint32_t number = 0; number < 50; ++number) {
    AccessUnit unit;
    unit.nals = {make_slice(kSyntax, {.frame_number = number, .order = 2 * number}, 500)};
    for (const H264Payload& payload : packetize(unit, 100)) {
      feeder.push(payload.bytes, number * 3600, false);
      ++packets;
    }
    if (number > 0) {
      ck_assert_uint_eq(feeder.frames.size(), number);
      ck_assert_int_eq(last_packet(feeder.frames.back()),
                       packets * static_cast<int>(number) / (static_cast<int>(number) + 1));
    }
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("h264_access_unit");
}
