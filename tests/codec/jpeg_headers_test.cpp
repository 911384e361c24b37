#include "codec/jpeg_headers.h"

#include <numeric>

#include "codec/jpeg_payload.h"

namespace {

using namespace retina;
using namespace retina::codec;
using base::Bytes;
using test::joined;
using test::parse_jpeg;

// ITU-T T.81 tables K.1 and K.2 in zigzag order, as RFC 2435 appendix A prints them.
constexpr std::uint8_t kLuminance[] = {
    16, 11,  12, 14, 12, 10, 16,  14,  13,  14, 18, 17,  16,  19,  24,  40,  26, 24,  22,  22, 24, 49,
    35, 37,  29, 40, 58, 51, 61,  60,  57,  51, 56, 55,  64,  72,  92,  78,  64, 68,  87,  69, 55, 56,
    80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99};
constexpr std::uint8_t kChrominance[] = {17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66};

LAW(q_50_is_the_table_of_the_standard) {
  const auto tables = standard_quantization_tables(50);
  ck_assert(tables[0] && tables[1] && !tables[2] && !tables[3]);
  ck_assert(!tables[0]->two_bytes && !tables[1]->two_bytes);
  for (std::size_t i = 0; i < 64; ++i) {
    ck_assert_uint_eq(tables[0]->bytes[i], kLuminance[i]);
    ck_assert_uint_eq(tables[1]->bytes[i], i < std::size(kChrominance) ? kChrominance[i] : 99);
  }
}

/// RFC 2435 s4.2, computed by hand for the first value and the largest.
LAW(q_scales_the_tables_and_the_reserved_values_count_as_their_neighbours) {
  struct {
    int q;
    unsigned first;    // of 16
    unsigned largest;  // of 121
  } const cases[] = {{1, 255, 255}, {10, 80, 255}, {25, 32, 242}, {49, 16, 123}, {50, 16, 121}, {75, 8, 61},
                     {98, 1, 5},    {99, 1, 2},    {0, 255, 255}, {100, 1, 2},   {127, 1, 2}};
  for (const auto& c : cases) {
    const auto tables = standard_quantization_tables(static_cast<std::uint8_t>(c.q));
    ck_assert_msg(tables[0]->bytes[0] == c.first, "Q %d: %u", c.q, unsigned{tables[0]->bytes[0]});
    ck_assert_msg(tables[0]->bytes[56] == c.largest, "Q %d: %u", c.q, unsigned{tables[0]->bytes[56]});
  }
}

LAW(the_huffman_tables_are_complete) {
  const HuffmanTables tables = standard_huffman_tables();
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const bool wanted = i % 4 < 2;
    ck_assert_uint_eq(tables[i].empty(), !wanted);
    if (!wanted) continue;
    const auto values = std::accumulate(tables[i].begin(), tables[i].begin() + 16, std::size_t{0});
    ck_assert_uint_eq(tables[i].size(), 16 + values);
    ck_assert_uint_eq(values, i < 4 ? 12 : 162);
    Bytes sorted(tables[i].begin() + 16, tables[i].end());
    std::sort(sorted.begin(), sorted.end());
    ck_assert(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
    // A prefix code that leaves just the code of all ones unused (ITU-T T.81 sC).
    std::size_t used = 0;
    for (std::size_t bits = 1; bits <= 16; ++bits)
      used += std::size_t{tables[i][bits - 1]} << (16 - bits);
    ck_assert_uint_lt(used, 65536);
  }
}

LAW(headers_stand_in_the_order_of_the_rfc) {
  JpegHeaders headers;
  headers.applications = {0xFF, 0xE0, 0, 3, 'x'};
  headers.quantization = standard_quantization_tables(50);
  headers.restart_interval = 0x1234;
  headers.frame_header = make_frame_header(JpegSampling::k420, 1920, 1080, headers.quantization);
  Bytes out;
  append_headers(headers, out);
  const auto parsed = parse_jpeg(out);
  Bytes markers;
  for (const auto& segment : parsed.segments)
    markers.push_back(segment.marker);
  ck_assert(markers == Bytes({0xE0, 0xDB, 0xDB, 0xDD, 0xC0, 0xC4, 0xC4, 0xC4, 0xC4, 0xDA}));
  ck_assert(parsed.data.empty());
  ck_assert(*parsed.find(0xDD) == Bytes({0x12, 0x34}));
  ck_assert(*parsed.find(0xC0) == Bytes({8, 0x04, 0x38, 0x07, 0x80, 3, 0, 0x22, 0, 1, 0x11, 1, 2, 0x11, 1}));
  ck_assert(*parsed.find(0xDA) == Bytes({3, 0, 0x00, 1, 0x11, 2, 0x11, 0, 63, 0}));
  ck_assert(joined({Bytes{0}, Bytes(kLuminance, kLuminance + 64)}) == parsed.segments[1].parameters);
  ck_assert_uint_eq(parsed.segments[2].parameters[0], 1);
  const Bytes ids{parsed.segments[5].parameters[0], parsed.segments[6].parameters[0],
                  parsed.segments[7].parameters[0], parsed.segments[8].parameters[0]};
  ck_assert(ids == Bytes({0x00, 0x01, 0x10, 0x11}));
}

LAW(the_frame_header_tells_sampling_precision_and_tables) {
  QuantizationTables tables = standard_quantization_tables(50);
  const Bytes half = make_frame_header(JpegSampling::k422, 8, 16, tables);
  ck_assert_uint_eq(half[1], 0xC0);
  ck_assert_uint_eq(half[11], 0x21);
  tables[1]->two_bytes = true;
  ck_assert_uint_eq(make_frame_header(JpegSampling::k422, 8, 16, tables)[1], 0xC1);
  tables[1].reset();
  const Bytes one_table = make_frame_header(JpegSampling::k420, 8, 16, tables);
  ck_assert_uint_eq(one_table[1], 0xC0);
  ck_assert_uint_eq(one_table[15], 0);
  ck_assert_uint_eq(one_table[18], 0);
}

LAW(tables_of_two_bytes_are_marked_as_such) {
  JpegHeaders headers;
  headers.quantization = standard_quantization_tables(50);
  headers.quantization[0]->two_bytes = true;
  headers.frame_header = make_frame_header(JpegSampling::k420, 8, 8, headers.quantization);
  Bytes out;
  append_headers(headers, out);
  const auto parsed = parse_jpeg(out);
  ck_assert_uint_eq(parsed.segments[0].parameters.size(), 129);
  ck_assert_uint_eq(parsed.segments[0].parameters[0], 0x10);
  ck_assert_uint_eq(parsed.segments[1].parameters.size(), 65);
  ck_assert_uint_eq(parsed.segments[1].parameters[0], 0x01);
}

LAW(a_frame_header_is_read_back) {
  const auto tables = standard_quantization_tables(50);
  const Bytes header = make_frame_header(JpegSampling::k422, 4096, 2160, tables);
  const auto info = read_frame_header(header);
  ck_assert(info.has_value());
  ck_assert_uint_eq(info->marker, 0xC0);
  ck_assert_uint_eq(info->precision_bits, 8);
  ck_assert_uint_eq(info->width, 4096);
  ck_assert_uint_eq(info->height, 2160);
  ck_assert_uint_eq(info->component_count, 3);
  ck_assert((info->components[0] == JpegComponent{0, 2, 1}));
  ck_assert((info->components[2] == JpegComponent{2, 1, 1}));
}

LAW(a_frame_header_that_is_none_is_refused) {
  const Bytes good = make_frame_header(JpegSampling::k422, 64, 48, standard_quantization_tables(50));
  for (std::size_t size = 0; size < good.size(); ++size)
    ck_assert(!read_frame_header(base::ByteView(good).first(size)));
  struct {
    std::size_t at;
    std::uint8_t value;
    const char* what;
  } const cases[] = {{6, 0, "no height"},    {8, 0, "no width"},      {9, 0, "no components"},
                     {9, 5, "5 components"}, {3, 16, "length short"}, {3, 18, "length long"}};
  for (const auto& c : cases) {
    Bytes bad = good;
    bad[c.at] = c.value;
    ck_assert_msg(!read_frame_header(bad), "%s", c.what);
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("jpeg_headers");
}
