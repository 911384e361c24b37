// ONVIF's header extension: what RFC 2435 has no room for.

#include "codec/jpeg_extension.h"

#include "codec/jpeg_payload.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

const Bytes kEnd{0xFF, 0xD9};
const Bytes kData{1, 2, 3, 4, 5, 6, 7, 8, 9};

constexpr std::uint16_t kInitial = 0xFFD8;
constexpr std::uint16_t kFurther = 0xFFFF;

/// 4000 x 3000, 4:2:0, ids 1 to 3.
const Bytes kFrame{0xFF, 0xC0, 0, 17, 8, 0x0B, 0xB8, 0x0F, 0xA0, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1};
const Bytes kGrey{0xFF, 0xC0, 0, 11, 8, 0, 16, 0, 32, 1, 1, 0x11, 0};
const Bytes kDri{0xFF, 0xDD, 0, 4, 0, 99};
const Bytes kJfif{0xFF, 0xE0, 0, 7, 'J', 'F', 'I', 'F', 0};

Bytes dqt(std::uint8_t id, std::uint8_t value) {
  Bytes segment{0xFF, 0xDB, 0, 67, id};
  segment.resize(69, value);
  return segment;
}

Bytes dht(std::uint8_t id, std::uint8_t value) {
  Bytes segment{0xFF, 0xC4, 0, 21, id, 2};
  segment.resize(21, 0);
  segment.insert(segment.end(), {value, static_cast<std::uint8_t>(value + 1)});
  return segment;
}

/// To whole words, with fill bytes.
Bytes padded(Bytes bytes) {
  while (bytes.size() % 4 != 0)
    bytes.push_back(0xFF);
  return bytes;
}

const JpegPayload kNoSize{.q = 50, .width = 0, .height = 0, .data = kData};

LAW(the_size_comes_from_the_extension) {
  JpegFeeder feeder;
  ck_assert(feeder.push(kNoSize.bytes(), 0, true, 0, kInitial, padded(joined({kJfif, kFrame}))));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  const auto& frame = feeder.frames[0];
  const auto parsed = parse_jpeg(frame.bytes);
  ck_assert_uint_eq(parsed.segments[0].marker, 0xE0);
  ck_assert(*parsed.find(0xC0) == Bytes(kFrame.begin() + 4, kFrame.end()));
  // The scan has the components of that frame header.
  ck_assert(*parsed.find(0xDA) == Bytes({3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0}));
  ck_assert(parsed.data == joined({kData, kEnd}));
  ck_assert_uint_eq(frame.meta.parameters->width, 4000);
  ck_assert_uint_eq(frame.meta.parameters->height, 3000);
}

LAW(a_frame_header_in_the_extension_goes_before_the_payload_header) {
  JpegFeeder feeder;
  JpegPayload payload = kNoSize;
  payload.type = 0;
  payload.width = payload.height = 9;
  feeder.push(payload.bytes(), 0, true, 0, kInitial, padded(kGrey));
  const auto parsed = parse_jpeg(feeder.frames.at(0).bytes);
  ck_assert(*parsed.find(0xC0) == Bytes(kGrey.begin() + 4, kGrey.end()));
  ck_assert(*parsed.find(0xDA) == Bytes({1, 1, 0x00, 0, 63, 0}));
}

LAW(an_empty_extension_changes_nothing) {
  JpegFeeder feeder;
  feeder.push(JpegPayload{.data = kData}.bytes(), 0, true);
  feeder.push(JpegPayload{.data = kData}.bytes(), 1, true, 0, kInitial, {});
  feeder.push(JpegPayload{.data = kData}.bytes(), 2, true, 0, kInitial, {0xFF, 0xFF, 0xFF, 0xFF});
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(feeder.frames[0].bytes == feeder.frames[1].bytes);
  ck_assert(feeder.frames[0].bytes == feeder.frames[2].bytes);
}

LAW(a_picture_without_a_size_has_that_of_the_one_before) {
  JpegFeeder feeder;
  feeder.push(kNoSize.bytes(), 0, true, 0, kInitial, padded(kFrame));
  ck_assert(feeder.push(kNoSize.bytes(), 1, true, 0, kInitial, {}));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[0].bytes == feeder.frames[1].bytes);
  ck_assert(feeder.frames[1].meta.parameters == nullptr);
  // That is a rule of the extension: without one there is no size.
  ck_assert(!feeder.push(kNoSize.bytes(), 2, true));
}

LAW(tables_of_the_extension_replace_those_of_q_one_by_one) {
  JpegFeeder feeder;
  feeder.push(JpegPayload{.data = kData}.bytes(), 0, true, 0, kInitial, padded(dqt(1, 77)));
  const auto parsed = parse_jpeg(feeder.frames.at(0).bytes);
  ck_assert_uint_eq(parsed.segments[0].parameters[1], 16);
  const Bytes own = dqt(1, 77);
  ck_assert(parsed.segments[1].parameters == Bytes(own.begin() + 4, own.end()));
  // With another Q they are gone, with Q 0 they stay.
  feeder.push(JpegPayload{.q = 0, .data = kData}.bytes(), 1, true, 0, kInitial, {});
  ck_assert_uint_eq(parse_jpeg(feeder.frames.at(1).bytes).segments[1].parameters[64], 77);
  feeder.push(JpegPayload{.data = kData}.bytes(), 2, true, 0, kInitial, {});
  ck_assert_uint_eq(parse_jpeg(feeder.frames.at(2).bytes).segments[1].parameters[64], 99);
}

LAW(huffman_tables_stay_for_later_pictures_with_an_extension) {
  JpegFeeder feeder;
  const auto dc_table = [&] { return *parse_jpeg(feeder.frames.back().bytes).find(0xC4); };
  feeder.push(JpegPayload{.data = kData}.bytes(), 0, true);
  const Bytes standard = dc_table();
  feeder.push(JpegPayload{.data = kData}.bytes(), 1, true, 0, kInitial, padded(dht(0x00, 5)));
  const Bytes own = dc_table();
  ck_assert(own != standard);
  ck_assert_uint_eq(own.size(), 19);
  feeder.push(JpegPayload{.data = kData}.bytes(), 2, true, 0, kInitial, {});
  ck_assert(dc_table() == own);
  feeder.push(JpegPayload{.data = kData}.bytes(), 3, true);
  ck_assert(dc_table() == standard);
}

LAW(a_restart_interval_of_the_extension_counts_and_is_not_kept) {
  JpegFeeder feeder;
  const JpegPayload payload{.type = 65, .restart_interval = 3, .data = kData};
  feeder.push(payload.bytes(), 0, true, 0, kInitial, padded(kDri));
  ck_assert(*parse_jpeg(feeder.frames.at(0).bytes).find(0xDD) == Bytes({0, 99}));
  feeder.push(payload.bytes(), 1, true, 0, kInitial, {});
  ck_assert(*parse_jpeg(feeder.frames.at(1).bytes).find(0xDD) == Bytes({0, 3}));
  feeder.push(JpegPayload{.data = kData}.bytes(), 2, true, 0, kInitial, {});
  ck_assert(parse_jpeg(feeder.frames.at(2).bytes).find(0xDD) == nullptr);
}

LAW(a_scan_header_of_the_extension_may_be_followed_by_data) {
  JpegFeeder feeder;
  const Bytes sos{0xFF, 0xDA, 0, 12, 3, 0, 0x00, 1, 0x11, 2, 0x11, 0, 63, 0, 0xAA, 0xBB};
  feeder.push(JpegPayload{.data = kData}.bytes(), 0, true, 0, kInitial, sos);
  const auto parsed = parse_jpeg(feeder.frames.at(0).bytes);
  ck_assert(parsed.data == joined({Bytes{0xAA, 0xBB}, kData, kEnd}));
}

LAW(an_extension_may_come_in_packets_of_its_own) {
  const Bytes segments = joined({kJfif, kFrame, dqt(0, 33)});
  const Bytes no_data = JpegPayload{.width = 0, .height = 0}.bytes();
  JpegFeeder whole;
  whole.push(kNoSize.bytes(), 0, true, 0, kInitial, segments);
  ck_assert_uint_eq(whole.frames.size(), 1);
  for (std::size_t cut = 0; cut <= segments.size(); ++cut) {
    const auto middle = segments.begin() + static_cast<std::ptrdiff_t>(cut);
    const Bytes first(segments.begin(), middle);
    const Bytes second(middle, segments.end());
    JpegFeeder feeder;
    ck_assert(feeder.push(no_data, 0, false, 0, kInitial, first));
    // The second packet may even do without the payload header.
    ck_assert(feeder.push(cut % 2 == 0 ? no_data : Bytes{}, 0, false, 0, kFurther, second));
    ck_assert(feeder.push(kNoSize.bytes(), 0, true));
    ck_assert_uint_eq(feeder.frames.size(), 1);
    ck_assert(feeder.frames[0].bytes == whole.frames[0].bytes);
  }
}

LAW(further_extensions_are_data_wherever_the_offsets_say_they_are) {
  JpegFeeder feeder;
  const Bytes scan{0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 9, 9};
  feeder.push(JpegPayload{.data = kData}.bytes(), 0, false, 0, kInitial, {});
  // Fill bytes alone would be read as a marker together with the data behind them.
  feeder.push(JpegPayload{.offset = 1000, .data = kData}.bytes(), 0, false, 0, kFurther,
              {0xFF, 0xFF, 0xFF, 0xFF});
  feeder.push(JpegPayload{.offset = 5, .data = kData}.bytes(), 0, true, 0, kFurther, scan);
  ck_assert(parse_jpeg(feeder.frames.at(0).bytes).data == joined({kData, kData, scan, kData, kEnd}));
}

LAW(a_picture_whose_first_extension_was_lost_is_dropped) {
  JpegFeeder feeder;
  const Bytes no_data = JpegPayload{.width = 0, .height = 0}.bytes();
  feeder.push(JpegPayload{.data = kData}.bytes(), 0, true);
  ck_assert(feeder.push(no_data, 1, false, 1, kFurther, padded(kFrame)));
  ck_assert(feeder.push(kNoSize.bytes(), 1, true, 0, kFurther, {}));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  // And so is one that lost anything later, as its offsets tell nothing.
  feeder.push(kNoSize.bytes(), 2, false, 0, kInitial, padded(kFrame));
  ck_assert(feeder.push(JpegPayload{.offset = 9, .data = kData}.bytes(), 2, true, 1));
  ck_assert_uint_eq(feeder.frames.size(), 1);
}

LAW(an_initial_extension_starts_a_picture_even_at_the_timestamp_of_a_rest) {
  JpegFeeder feeder;
  ck_assert(feeder.push(JpegPayload{.offset = 9, .data = kData}.bytes(), 7, false));
  ck_assert(feeder.push(kNoSize.bytes(), 7, true, 0, kInitial, padded(kFrame)));
  ck_assert_uint_eq(feeder.frames.size(), 1);
}

/// ONVIF Replay Control Service Specification: behind the replay extension's three words.
LAW(the_extension_is_found_behind_that_of_the_replay) {
  const Bytes replay(12, 0x55);
  const Bytes frame = padded(kFrame);
  const auto words = static_cast<std::uint8_t>(frame.size() / 4);
  struct {
    Bytes extension;
    bool found;
    bool initial;
  } const cases[] = {
      {replay, false, false},
      {joined({replay, {0xFF, 0xD8, 0, words}, frame}), true, true},
      {joined({replay, {0xFF, 0xFF, 0, words}, frame}), true, false},
      {joined({replay, {0xFF, 0xD8, 0, 0xFF}, frame}), true, true},  // says that it is longer than it is
      {joined({replay, {0xAB, 0xCD, 0, words}, frame}), false, false},
  };
  for (const auto& c : cases) {
    const auto found = codec::find_jpeg_extension(0xABAC, c.extension);
    ck_assert(found.has_value() == c.found);
    if (!c.found) continue;
    ck_assert(found->initial == c.initial);
    ck_assert(Bytes(found->bytes.begin(), found->bytes.end()) == frame);
  }
  JpegFeeder feeder;
  ck_assert(feeder.push(kNoSize.bytes(), 0, true, 0, 0xABAC, cases[1].extension));
  ck_assert_uint_eq(feeder.frames.at(0).meta.parameters->width, 4000);
}

LAW(other_extensions_are_none) {
  constexpr std::uint16_t kProfiles[] = {0x0000, 0xBEDE, 0x1000, 0xABAC};
  for (const std::uint16_t profile : kProfiles) {
    ck_assert(!codec::find_jpeg_extension(profile, Bytes(12, 0)));
    JpegFeeder feeder;
    ck_assert(feeder.push(JpegPayload{.data = kData}.bytes(), 0, true, 0, profile, padded(kFrame)));
    ck_assert_uint_eq(feeder.frames.at(0).meta.parameters->width, 32);
  }
}

LAW(malformed_segments_cost_the_picture) {
  const Bytes cases[] = {
      {0x00, 0xC0, 0, 2},                                         // no marker
      {0xFF, 0xC0, 0, 1},                                         // length below its own
      {0xFF, 0xC0, 0, 200, 8},                                    // cut
      {0xFF, 0xC0},                                               // cut in the length
      {0xFF, 0xC3, 0, 11, 8, 0, 16, 0, 32, 1, 1, 0x11, 0},        // lossless
      {0xFF, 0xC9, 0, 11, 8, 0, 16, 0, 32, 1, 1, 0x11, 0},        // arithmetic
      {0xFF, 0xC0, 0, 11, 8, 0, 0, 0, 32, 1, 1, 0x11, 0},         // no height
      {0xFF, 0xDB, 0, 4, 0, 1},                                   // a table cut
      {0xFF, 0xDB, 0, 3, 4},                                      // destination
      {0xFF, 0xDB, 0, 3, 0x20},                                   // precision
      {0xFF, 0xC4, 0, 3, 0},                                      // counts cut
      {0xFF, 0xDD, 0, 3, 0},                                      // restart interval of a byte
      joined({Bytes{0xFF, 0xC4, 0, 19, 0x20}, Bytes(16, 0)}),     // class
      joined({Bytes{0xFF, 0xC4, 0, 19, 0x04}, Bytes(16, 0)}),     // destination
      joined({Bytes{0xFF, 0xC4, 0, 19, 0x00}, Bytes(16, 0xFF)}),  // more values than there are
  };
  for (const Bytes& segments : cases) {
    JpegFeeder feeder;
    ck_assert(!feeder.push(JpegPayload{.data = kData}.bytes(), 0, true, 0, kInitial, segments));
    ck_assert_uint_eq(feeder.frames.size(), 0);
    ck_assert(feeder.push(JpegPayload{.data = kData}.bytes(), 1, true));
    ck_assert(feeder.frames.at(0).meta.discontinuity);
  }
}

LAW(extensions_are_bounded) {
  JpegFeeder feeder;
  const Bytes no_data = JpegPayload{}.bytes();
  const Bytes large = joined({Bytes{0xFF, 0xE1, 0xFF, 0xFF}, Bytes(0xFFFD, 1)});
  ck_assert(feeder.push(no_data, 0, false, 0, kInitial, large));
  bool refused = false;
  for (int i = 0; i < 10; ++i)
    refused = !feeder.push(no_data, 0, false, 0, kFurther, large) || refused;
  ck_assert(refused);
  ck_assert(feeder.push(JpegPayload{.data = kData}.bytes(), 0, true));
  ck_assert_uint_eq(feeder.frames.size(), 0);
}

}  // namespace

int main() {
  return retina::test::run_laws("jpeg_extension");
}
