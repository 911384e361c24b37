// Pictures without loss: what RFC 2435 lets a sender say, and what senders say instead.

#include <algorithm>
#include <numeric>

#include "codec/jpeg_payload.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

/// `size` bytes of something like entropy-coded data.
Bytes scan(std::size_t size, std::uint8_t seed = 1) {
  Bytes data(size);
  for (std::size_t i = 0; i < size; ++i)
    data[i] = static_cast<std::uint8_t>((i * 7 + seed) % 251);
  return data;
}

Bytes part(const Bytes& data, std::size_t from, std::size_t to) {
  return Bytes(data.begin() + static_cast<std::ptrdiff_t>(from),
               data.begin() + static_cast<std::ptrdiff_t>(to));
}

const Bytes kEnd{0xFF, 0xD9};

Bytes table_of(std::uint8_t first, std::size_t size = 128) {
  Bytes table(size);
  std::iota(table.begin(), table.end(), first);
  return table;
}

sdp::Media announcing(const char* name, const char* value) {
  sdp::Media media;
  media.attributes.push_back({name, value});
  return media;
}

LAW(a_picture_of_one_packet_has_all_its_headers) {
  JpegFeeder feeder;
  ck_assert(feeder.push(JpegPayload{.data = scan(100)}.bytes(), 1234, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  const auto& got = feeder.frames[0];
  codec::JpegHeaders headers;
  headers.quantization = codec::standard_quantization_tables(50);
  headers.frame_header = codec::make_frame_header(codec::JpegSampling::k420, 32, 16, headers.quantization);
  Bytes expected;
  codec::append_headers(headers, expected);
  ck_assert(got.bytes == joined({expected, scan(100), kEnd}));
  ck_assert_int_eq(got.meta.timestamp, 1234);
  ck_assert(got.meta.key_frame && got.meta.disposable && !got.meta.corrupted && !got.meta.discontinuity);
  ck_assert_uint_eq(got.meta.packets_lost, 0);
  ck_assert(got.meta.arrival == base::TimePoint{} + std::chrono::milliseconds(1));
}

LAW(fragments_are_joined_wherever_they_are_cut) {
  const Bytes data = joined({scan(40), kEnd});
  for (std::size_t first = 1; first < data.size(); ++first) {
    for (std::size_t second = first; second < data.size(); ++second) {
      JpegFeeder feeder;
      ck_assert(feeder.push(JpegPayload{.data = part(data, 0, first)}.bytes(), 0, false));
      ck_assert(feeder.push(
          JpegPayload{.offset = static_cast<std::uint32_t>(first), .data = part(data, first, second)}.bytes(),
          0, false));
      ck_assert_uint_eq(feeder.frames.size(), 0);
      ck_assert(feeder.push(
          JpegPayload{.offset = static_cast<std::uint32_t>(second), .data = part(data, second, data.size())}
              .bytes(),
          0, true));
      ck_assert_uint_eq(feeder.frames.size(), 1);
      ck_assert(parse_jpeg(feeder.frames[0].bytes).data == data);
      ck_assert(feeder.frames[0].meta.arrival == base::TimePoint{} + std::chrono::milliseconds(3));
    }
  }
}

LAW(an_end_marker_is_added_only_where_there_is_none) {
  struct {
    Bytes tail;
    bool added;
  } const cases[] = {
      {{0xFF, 0xD9}, false}, {{0xFF, 0xD8}, true}, {{0xFE, 0xD9}, true}, {{0xD9, 0xFF}, true},
      {{0xD9}, true},        {{0xFF}, true},       {{0x00}, true},
  };
  for (const auto& c : cases) {
    const Bytes data = joined({scan(10), c.tail});
    const Bytes expected = c.added ? joined({data, kEnd}) : data;
    for (std::size_t cut = 1; cut < data.size(); ++cut) {
      JpegFeeder feeder;
      feeder.push(JpegPayload{.data = part(data, 0, cut)}.bytes(), 0, false);
      feeder.push(JpegPayload{.offset = static_cast<std::uint32_t>(cut), .data = part(data, cut, data.size())}
                      .bytes(),
                  0, true);
      ck_assert(parse_jpeg(feeder.frames.at(0).bytes).data == expected);
    }
  }
}

LAW(types_tell_the_sampling_and_restart_intervals) {
  struct {
    std::uint8_t type;
    std::uint8_t sampling;
  } const cases[] = {{0, 0x21}, {1, 0x22}, {64, 0x21}, {65, 0x22}, {5, 0x22}, {127, 0x22}};
  for (const auto& c : cases) {
    for (const std::uint16_t interval : {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{300}}) {
      JpegFeeder feeder;
      ck_assert(feeder.push(
          JpegPayload{.type = c.type, .restart_interval = interval, .data = scan(20)}.bytes(), 0, true));
      const auto parsed = parse_jpeg(feeder.frames.at(0).bytes);
      ck_assert_uint_eq((*parsed.find(0xC0))[7], c.sampling);
      const Bytes* dri = parsed.find(0xDD);
      const bool restarts = c.type >= 64 && interval != 0;
      ck_assert_msg((dri != nullptr) == restarts, "type %u", unsigned{c.type});
      if (restarts) ck_assert_uint_eq(base::load_be16(dri->data()), interval);
      ck_assert(parsed.data == joined({scan(20), kEnd}));
    }
  }
}

LAW(dynamic_types_are_refused) {
  JpegFeeder feeder;
  ck_assert(!feeder.push(JpegPayload{.type = 128, .data = scan(20)}.bytes(), 0, true));
  ck_assert_uint_eq(feeder.frames.size(), 0);
}

LAW(headers_cut_anywhere_are_refused_and_the_next_picture_is_whole) {
  const JpegPayload payload{.type = 65, .q = 255, .restart_interval = 4, .tables = table_of(1), .data = {}};
  const Bytes whole = payload.bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    JpegFeeder feeder;
    ck_assert_msg(!feeder.push(part(whole, 0, size), 0, true), "%zu bytes", size);
    ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
    ck_assert(feeder.push(JpegPayload{.data = scan(20)}.bytes(), 1, true));
    ck_assert_uint_eq(feeder.frames.size(), 1);
    ck_assert(feeder.frames[0].meta.discontinuity);
  }
}

LAW(a_picture_without_data_is_none) {
  JpegFeeder feeder;
  ck_assert(feeder.push(JpegPayload{.data = {}}.bytes(), 0, true));
  ck_assert_uint_eq(feeder.frames.size(), 0);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
}

// --- quantization tables in band (RFC 2435 s3.1.8) ---

LAW(in_band_tables_are_used_and_remembered_by_q) {
  JpegFeeder feeder;
  const Bytes a = table_of(1);
  const Bytes b = table_of(100);
  ck_assert(feeder.push(JpegPayload{.q = 128, .tables = a, .data = scan(9)}.bytes(), 0, true));
  ck_assert(feeder.push(JpegPayload{.q = 254, .tables = b, .data = scan(9)}.bytes(), 1, true));
  ck_assert(feeder.push(JpegPayload{.q = 10, .data = scan(9)}.bytes(), 2, true));
  ck_assert(feeder.push(JpegPayload{.q = 128, .tables = Bytes{}, .data = scan(9)}.bytes(), 3, true));
  ck_assert(feeder.push(JpegPayload{.q = 254, .tables = Bytes{}, .data = scan(9)}.bytes(), 4, true));
  ck_assert_uint_eq(feeder.frames.size(), 5);
  const auto tables = [&](std::size_t i) {
    const auto parsed = parse_jpeg(feeder.frames[i].bytes);
    Bytes both = part(parsed.segments.at(0).parameters, 1, 65);
    const Bytes second = part(parsed.segments.at(1).parameters, 1, 65);
    both.insert(both.end(), second.begin(), second.end());
    return both;
  };
  ck_assert(tables(0) == a && tables(1) == b);
  ck_assert(tables(2) != a && tables(2) != b);
  ck_assert(tables(3) == a && tables(4) == b);
}

LAW(the_latest_in_band_tables_of_a_q_count) {
  JpegFeeder feeder;
  feeder.push(JpegPayload{.q = 200, .tables = table_of(1), .data = scan(9)}.bytes(), 0, true);
  feeder.push(JpegPayload{.q = 200, .tables = table_of(7), .data = scan(9)}.bytes(), 1, true);
  feeder.push(JpegPayload{.q = 200, .tables = Bytes{}, .data = scan(9)}.bytes(), 2, true);
  ck_assert(feeder.frames.at(1).bytes == feeder.frames.at(2).bytes);
  ck_assert(feeder.frames.at(0).bytes != feeder.frames.at(2).bytes);
}

LAW(tables_of_q_255_are_never_remembered) {
  JpegFeeder feeder;
  ck_assert(feeder.push(JpegPayload{.q = 255, .tables = table_of(1), .data = scan(9)}.bytes(), 0, true));
  ck_assert(!feeder.push(JpegPayload{.q = 255, .tables = Bytes{}, .data = scan(9)}.bytes(), 1, true));
  ck_assert(!feeder.push(JpegPayload{.q = 130, .tables = Bytes{}, .data = scan(9)}.bytes(), 2, true));
  ck_assert(feeder.push(JpegPayload{.q = 255, .tables = table_of(2), .data = scan(9)}.bytes(), 3, true));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 2);
  ck_assert(feeder.frames[1].meta.discontinuity);
}

LAW(tables_of_two_bytes_are_extended_sequential) {
  struct {
    std::uint8_t precision;
    std::size_t bytes;
    Bytes headers;  // Pq and Tq of each table
  } const cases[] = {
      {0, 128, {0x00, 0x01}}, {1, 192, {0x10, 0x01}}, {2, 192, {0x00, 0x11}}, {3, 256, {0x10, 0x11}}};
  for (const auto& c : cases) {
    JpegFeeder feeder;
    const Bytes sent = table_of(1, c.bytes);
    ck_assert(feeder.push(
        JpegPayload{.q = 255, .precision = c.precision, .tables = sent, .data = scan(9)}.bytes(), 0, true));
    const auto parsed = parse_jpeg(feeder.frames.at(0).bytes);
    Bytes values;
    for (std::size_t i = 0; i < 2; ++i) {
      const Bytes& parameters = parsed.segments[i].parameters;
      ck_assert_uint_eq(parameters[0], c.headers[i]);
      values.insert(values.end(), parameters.begin() + 1, parameters.end());
    }
    ck_assert(values == sent);
    ck_assert((parsed.find(0xC1) != nullptr) == (c.precision != 0));
    ck_assert((parsed.find(0xC0) != nullptr) == (c.precision == 0));
  }
}

LAW(one_table_serves_all_components) {
  JpegFeeder feeder;
  ck_assert(feeder.push(JpegPayload{.q = 255, .tables = table_of(1, 64), .data = scan(9)}.bytes(), 0, true));
  const auto parsed = parse_jpeg(feeder.frames.at(0).bytes);
  ck_assert_uint_eq(parsed.segments[0].marker, 0xDB);
  ck_assert_uint_ne(parsed.segments[1].marker, 0xDB);
  const Bytes& frame = *parsed.find(0xC0);
  ck_assert(frame[8] == 0 && frame[11] == 0 && frame[14] == 0);
}

/// It sends all the DQT segments of a USB camera.
LAW(v4l2rtspserver_sends_a_third_table_that_nothing_uses) {
  JpegFeeder feeder;
  ck_assert(feeder.push(
      JpegPayload{.type = 64, .q = 128, .tables = table_of(1, 192), .data = scan(9)}.bytes(), 0, true));
  const auto parsed = parse_jpeg(feeder.frames.at(0).bytes);
  ck_assert(parsed.segments[1].parameters == joined({Bytes{1}, table_of(65, 64)}));
  ck_assert_uint_ne(parsed.segments[2].marker, 0xDB);
}

LAW(a_table_that_is_cut_is_refused) {
  for (const std::size_t size : {1U, 63U, 65U, 127U}) {
    JpegFeeder feeder;
    ck_assert(
        !feeder.push(JpegPayload{.q = 200, .tables = table_of(1, size), .data = scan(200)}.bytes(), 0, true));
    ck_assert_uint_eq(feeder.frames.size(), 0);
    ck_assert(!feeder.push(JpegPayload{.q = 200, .tables = Bytes{}, .data = scan(9)}.bytes(), 1, true));
  }
}

// --- sizes ---

LAW(the_sdp_tells_the_size_where_the_payload_header_cannot) {
  struct {
    const char* dimensions;
    std::uint8_t width;
    std::uint8_t height;
    unsigned expected_width;
    unsigned expected_height;
  } const cases[] = {
      {"2592,1944", 0, 0, 2592, 1944},            // above 2040
      {"2592,1944", 324 & 255, 243, 2592, 1944},  // cut to eight bits
      {"2048,1536", 0, 192, 2048, 1536},
      {"1366,768", 171, 96, 1366, 768},  // rounded up
      {"480,270", 60, 34, 480, 270},
      {"1920,1080", 160, 90, 1280, 720},  // another stream's
      {"1920,1080", 240, 90, 1920, 720},
      {"640,480", 0, 60, 640, 480},
  };
  for (const auto& c : cases) {
    JpegFeeder feeder(announcing("x-dimensions", c.dimensions));
    ck_assert(
        feeder.push(JpegPayload{.width = c.width, .height = c.height, .data = scan(9)}.bytes(), 0, true));
    ck_assert(feeder.frames.at(0).meta.parameters != nullptr);
    const auto& parameters = *feeder.frames[0].meta.parameters;
    ck_assert_msg(parameters.width == c.expected_width && parameters.height == c.expected_height,
                  "%s and %ux%u: %ux%u", c.dimensions, unsigned{c.width}, unsigned{c.height},
                  parameters.width, parameters.height);
    const auto parsed = parse_jpeg(feeder.frames[0].bytes);
    ck_assert_uint_eq(base::load_be16(parsed.find(0xC0)->data() + 1), c.expected_height);
    ck_assert_uint_eq(base::load_be16(parsed.find(0xC0)->data() + 3), c.expected_width);
  }
}

LAW(a_picture_whose_size_is_told_nowhere_is_refused) {
  for (const auto& [width, height] : {std::pair{0, 0}, {0, 10}, {10, 0}}) {
    JpegFeeder feeder;
    ck_assert(!feeder.push(JpegPayload{.width = static_cast<std::uint8_t>(width),
                                       .height = static_cast<std::uint8_t>(height),
                                       .data = scan(9)}
                               .bytes(),
                           0, false));
    // The rest of it is dropped without another word.
    ck_assert(feeder.push(JpegPayload{.offset = 9, .data = scan(9)}.bytes(), 0, true));
    ck_assert_uint_eq(feeder.frames.size(), 0);
    ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), 1);
  }
}

LAW(parameters_come_with_the_first_picture_and_with_each_change) {
  JpegFeeder feeder;
  ck_assert(feeder.depacketizer().parameters() == nullptr);
  struct {
    std::uint8_t type;
    std::uint8_t q;
    std::uint8_t width;
    bool changed;
  } const cases[] = {{1, 50, 4, true}, {1, 50, 4, false}, {1, 60, 4, false},
                     {1, 50, 6, true}, {1, 50, 4, true},  {0, 50, 4, true}};
  std::int64_t timestamp = 0;
  for (const auto& c : cases) {
    feeder.push(JpegPayload{.type = c.type, .q = c.q, .width = c.width, .data = scan(9)}.bytes(), ++timestamp,
                true);
    const auto& parameters = feeder.frames.back().meta.parameters;
    ck_assert((parameters != nullptr) == c.changed);
    if (parameters) {
      ck_assert_uint_eq(parameters->width, c.width * 8U);
      ck_assert_uint_eq(parameters->height, 16);
      ck_assert(parameters == feeder.depacketizer().parameters());
      ck_assert(codec::read_frame_header(parameters->config).has_value());
    }
  }
}

// --- ends ---

LAW(another_timestamp_ends_a_picture_where_markers_are_never_set) {
  JpegFeeder feeder;
  for (std::int64_t timestamp = 0; timestamp < 3; ++timestamp) {
    feeder.push(JpegPayload{.data = scan(10)}.bytes(), timestamp, false);
    feeder.push(JpegPayload{.offset = 10, .data = scan(10)}.bytes(), timestamp, false);
    ck_assert_uint_eq(feeder.frames.size(), static_cast<std::size_t>(timestamp));
  }
  feeder.flush();
  ck_assert_uint_eq(feeder.frames.size(), 3);
  for (std::size_t i = 0; i < 3; ++i) {
    ck_assert_int_eq(feeder.frames[i].meta.timestamp, static_cast<std::int64_t>(i));
    ck_assert(!feeder.frames[i].meta.discontinuity);
    // Of its own last packet, not of the next picture's first.
    ck_assert(feeder.frames[i].meta.arrival == base::TimePoint{} + std::chrono::milliseconds(2 * (i + 1)));
  }
}

LAW(an_error_in_the_packet_that_ends_a_picture_leaves_the_picture_whole) {
  const Bytes dynamic = JpegPayload{.type = 200, .data = scan(10)}.bytes();
  const Bytes nothing;
  const Bytes cut{0, 0, 0};
  for (const Bytes& bad : {dynamic, nothing, cut}) {
    JpegFeeder feeder;
    feeder.push(JpegPayload{.data = scan(10)}.bytes(), 0, false);
    ck_assert(!feeder.push(bad, 1, true));
    ck_assert_uint_eq(feeder.frames.size(), 1);
    ck_assert(!feeder.frames[0].meta.corrupted);
    ck_assert(parse_jpeg(feeder.frames[0].bytes).data == joined({scan(10), kEnd}));
    ck_assert(feeder.push(JpegPayload{.data = scan(20)}.bytes(), 2, true));
    ck_assert_uint_eq(feeder.frames.size(), 2);
    ck_assert(feeder.frames[1].meta.discontinuity);
  }
}

/// s3.1.1: fields of interlaced video, or what a camera forgot to set to 0.
LAW(the_type_specific_byte_changes_nothing) {
  JpegFeeder plain;
  plain.push(JpegPayload{.data = scan(10)}.bytes(), 0, true);
  for (const unsigned specific : {1U, 2U, 3U, 255U}) {
    JpegFeeder feeder;
    Bytes payload = JpegPayload{.data = scan(10)}.bytes();
    payload[0] = static_cast<std::uint8_t>(specific);
    ck_assert(feeder.push(payload, 0, true));
    ck_assert(feeder.frames.at(0).bytes == plain.frames.at(0).bytes);
  }
}

LAW(a_picture_without_the_marker_that_others_had_was_cut) {
  for (const bool end : {false, true}) {
    JpegFeeder feeder;
    feeder.push(JpegPayload{.data = scan(10)}.bytes(), 0, true);
    const Bytes data = end ? joined({scan(10), kEnd}) : scan(10);
    ck_assert(feeder.push(JpegPayload{.data = data}.bytes(), 1, false));
    ck_assert(feeder.push(JpegPayload{.data = scan(10)}.bytes(), 2, true));
    ck_assert_uint_eq(feeder.frames.size(), end ? 3 : 2);
    ck_assert_uint_eq(feeder.depacketizer().frames_dropped(), end ? 0 : 1);
    ck_assert(feeder.frames.back().meta.discontinuity == !end);
  }
}

LAW(a_first_fragment_starts_a_picture_even_at_the_same_timestamp) {
  JpegFeeder feeder;
  feeder.push(JpegPayload{.data = scan(10, 1)}.bytes(), 7, false);
  feeder.push(JpegPayload{.data = scan(10, 2)}.bytes(), 7, true);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(parse_jpeg(feeder.frames[0].bytes).data == joined({scan(10, 1), kEnd}));
  ck_assert(parse_jpeg(feeder.frames[1].bytes).data == joined({scan(10, 2), kEnd}));
}

LAW(the_end_of_the_stream_ends_its_last_picture) {
  JpegFeeder feeder;
  feeder.push(JpegPayload{.data = scan(10)}.bytes(), 0, false);
  feeder.flush();
  feeder.flush();
  ck_assert_uint_eq(feeder.frames.size(), 1);
}

LAW(a_cut_stream_forgets_the_unfinished_picture_and_not_the_tables) {
  JpegFeeder feeder;
  feeder.push(JpegPayload{.q = 129, .tables = table_of(1), .data = scan(10)}.bytes(), 0, false);
  feeder.depacketizer().reset();
  ck_assert(feeder.push(JpegPayload{.offset = 10, .q = 129, .data = scan(10)}.bytes(), 0, true));
  ck_assert_uint_eq(feeder.frames.size(), 0);
  ck_assert(feeder.push(JpegPayload{.q = 129, .tables = Bytes{}, .data = scan(10)}.bytes(), 1, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert(feeder.frames[0].meta.discontinuity);
}

LAW(progress_counts_the_picture_being_gathered) {
  JpegFeeder feeder;
  ck_assert_uint_eq(feeder.depacketizer().progress().size_bytes, 0);
  feeder.push(JpegPayload{.data = scan(1000)}.bytes(), 0, false);
  ck_assert_uint_gt(feeder.depacketizer().progress().size_bytes, 1000);
  ck_assert(feeder.depacketizer().progress().key_frame);
  feeder.push(JpegPayload{.offset = 1000, .data = scan(10)}.bytes(), 0, true);
  ck_assert_uint_eq(feeder.depacketizer().progress().size_bytes, 0);
}

LAW(pictures_of_several_megabytes_come_whole) {
  JpegFeeder feeder;
  const Bytes part(60000, 0x5A);
  constexpr std::uint32_t kParts = 80;
  for (std::uint32_t i = 0; i < kParts; ++i)
    ck_assert(feeder.push(JpegPayload{.offset = i * 60000, .data = part}.bytes(), 0, i + 1 == kParts));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  const Bytes data = parse_jpeg(feeder.frames[0].bytes).data;
  ck_assert_uint_eq(data.size(), kParts * part.size() + 2);
  ck_assert(std::all_of(data.begin(), data.end() - 2, [](std::uint8_t byte) { return byte == 0x5A; }));
}

LAW(a_picture_above_the_bound_is_refused_once) {
  JpegFeeder feeder;
  const Bytes megabyte = scan(std::size_t{1} << 20);
  unsigned refused = 0;
  for (std::uint32_t i = 0; i < 17; ++i) {
    // The offset has 24 bits.
    if (!feeder.push(JpegPayload{.offset = (i << 20) & 0xFFFFFF, .data = megabyte}.bytes(), 0, i == 16))
      ++refused;
  }
  ck_assert_uint_eq(refused, 1);
  feeder.push(JpegPayload{.data = scan(10)}.bytes(), 1, true);
  ck_assert(!feeder.frames.empty());
  ck_assert(parse_jpeg(feeder.frames.back().bytes).data == joined({scan(10), kEnd}));
  for (const auto& frame : feeder.frames)
    ck_assert_uint_le(frame.bytes.size(), codec::FrameWriter::kMaxFrameBytes);
}

}  // namespace

int main() {
  return retina::test::run_laws("jpeg");
}
