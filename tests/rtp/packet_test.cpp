#include "rtp/packet.h"

#include <algorithm>

#include "support/check.h"

namespace {

using namespace retina;
using base::Bytes;
using base::ErrorCode;

/// A header with the given first byte, marker, type 96, sequence 0x0102, timestamp 0x03040506, SSRC
/// 0x0708090A.
Bytes packet_with(std::uint8_t first, const Bytes& rest) {
  const Bytes header{first, 0xE0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  Bytes bytes(header.size() + rest.size());
  std::copy(rest.begin(), rest.end(), std::copy(header.begin(), header.end(), bytes.begin()));
  return bytes;
}

bool same(base::ByteView actual, const Bytes& expected) {
  return std::equal(actual.begin(), actual.end(), expected.begin(), expected.end());
}

LAW(a_plain_packet_yields_its_fields_and_sees_its_payload) {
  const Bytes bytes = packet_with(0x80, {0xAA, 0xBB});
  const auto packet = rtp::parse_packet(bytes);
  ck_assert(packet.has_value());
  ck_assert(packet->marker);
  ck_assert_uint_eq(packet->payload_type, 96);
  ck_assert_uint_eq(packet->sequence, 0x0102);
  ck_assert_uint_eq(packet->timestamp, 0x03040506);
  ck_assert_uint_eq(packet->ssrc, 0x0708090A);
  ck_assert(same(packet->payload, {0xAA, 0xBB}));
  ck_assert(packet->payload.data() == bytes.data() + 12);
  ck_assert(packet->extension.empty() && packet->extension_profile == 0);
}

LAW(csrcs_extension_and_padding_are_no_payload) {
  struct {
    const char* what;
    std::uint8_t first;
    Bytes rest;
    Bytes payload;
    std::uint16_t profile;
    Bytes extension;
  } const cases[] = {
      {"no payload", 0x80, {}, {}, 0, {}},
      {"one CSRC", 0x81, {1, 1, 1, 1, 0xAA}, {0xAA}, 0, {}},
      {"padding", 0xA0, {0xAA, 0, 0, 3}, {0xAA}, 0, {}},
      {"padding only", 0xA0, {0, 2}, {}, 0, {}},
      {"padding of one", 0xA0, {0xAA, 1}, {0xAA}, 0, {}},
      {"extension", 0x90, {0xAB, 0xAC, 0, 1, 1, 2, 3, 4, 0xAA}, {0xAA}, 0xABAC, {1, 2, 3, 4}},
      {"empty extension", 0x90, {0xBE, 0xDE, 0, 0, 0xAA}, {0xAA}, 0xBEDE, {}},
      {"all",
       0xB1,
       {1, 1, 1, 1, 0xBE, 0xDE, 0, 1, 1, 2, 3, 4, 0xAA, 0xBB, 2, 2},
       {0xAA, 0xBB},
       0xBEDE,
       {1, 2, 3, 4}},
  };
  for (const auto& c : cases) {
    const Bytes bytes = packet_with(c.first, c.rest);
    const auto packet = rtp::parse_packet(bytes);
    ck_assert_msg(packet.has_value(), "%s", c.what);
    ck_assert_msg(same(packet->payload, c.payload), "%s", c.what);
    ck_assert_msg(same(packet->extension, c.extension), "%s", c.what);
    ck_assert_msg(packet->extension_profile == c.profile, "%s", c.what);
    ck_assert_uint_eq(packet->ssrc, 0x0708090A);
  }
}

LAW(fifteen_csrcs_are_skipped) {
  Bytes rest(60, 0x11);
  rest.push_back(0xAA);
  const Bytes bytes = packet_with(0x8F, rest);
  ck_assert(same(rtp::parse_packet(bytes)->payload, {0xAA}));
}

LAW(a_packet_that_contradicts_itself_is_rejected) {
  struct {
    const char* what;
    std::uint8_t first;
    Bytes rest;
    ErrorCode code;
  } const cases[] = {
      {"version 0", 0x00, {}, ErrorCode::kMalformed},
      {"version 1", 0x40, {}, ErrorCode::kMalformed},
      {"version 3", 0xC0, {}, ErrorCode::kMalformed},
      {"no room for the CSRC", 0x81, {1, 1, 1}, ErrorCode::kTruncated},
      {"extension claimed but absent", 0x90, {}, ErrorCode::kTruncated},
      {"extension longer than the packet", 0x90, {0xBE, 0xDE, 0, 2, 1, 2, 3, 4}, ErrorCode::kTruncated},
      {"extension of 256 KiB", 0x90, {0xBE, 0xDE, 0xFF, 0xFF}, ErrorCode::kTruncated},
      {"padding without a byte", 0xA0, {}, ErrorCode::kTruncated},
      {"padding of zero", 0xA0, {0xAA, 0}, ErrorCode::kMalformed},
      {"padding longer than the payload", 0xA0, {0xAA, 3}, ErrorCode::kTruncated},
      {"padding into the extension", 0xB0, {0xBE, 0xDE, 0, 1, 1, 2, 3, 4, 2}, ErrorCode::kTruncated},
  };
  for (const auto& c : cases) {
    const Bytes bytes = packet_with(c.first, c.rest);
    const auto packet = rtp::parse_packet(bytes);
    ck_assert_msg(!packet.has_value(), "%s", c.what);
    ck_assert_msg(packet.error().code == c.code, "%s", c.what);
  }
}

LAW(every_cut_of_a_header_is_truncated) {
  const Bytes bytes = packet_with(0x91, {1, 1, 1, 1, 0xBE, 0xDE, 0, 1, 1, 2, 3, 4});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const auto packet = rtp::parse_packet(cut);
    ck_assert_msg(!packet && packet.error().code == ErrorCode::kTruncated, "%zu bytes", size);
  }
  ck_assert(rtp::parse_packet(bytes).has_value());
}

LAW(the_hole_punching_packet_is_valid) {
  ck_assert(rtp::parse_packet(Bytes{0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}).has_value());
}

LAW(rtcp_on_the_rtp_channel_is_told_by_its_type) {
  for (unsigned second = 0; second < 256; ++second) {
    const Bytes bytes{0x80, static_cast<std::uint8_t>(second), 0, 1, 0, 0, 0, 0};
    ck_assert_msg(rtp::is_rtcp(bytes) == (second >= 200 && second <= 207), "%u", second);
  }
}

LAW(what_only_looks_like_rtcp_is_rtp) {
  ck_assert(!rtp::is_rtcp(Bytes{}));
  ck_assert(!rtp::is_rtcp(Bytes{0x80, 200, 0}));
  ck_assert(!rtp::is_rtcp(Bytes{0x40, 200, 0, 0}));
  // Payload type 77 with a marker: the sequence number would be the length, and is too long for the packet.
  ck_assert(!rtp::is_rtcp(Bytes{0x80, 205, 0, 2, 0, 0, 0, 0}));
  ck_assert(rtp::is_rtcp(Bytes{0x80, 205, 0, 1, 0, 0, 0, 0}));
}

}  // namespace

int main() {
  return retina::test::run_laws("rtp packet");
}
