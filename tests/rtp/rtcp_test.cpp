#include "rtp/rtcp.h"

#include <algorithm>
#include <initializer_list>

#include "support/check.h"

namespace {

using namespace retina;
using base::Bytes;
using base::ErrorCode;
using rtp::CompoundReader;
using rtp::RtcpPacket;

Bytes join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

const Bytes kSenderReport{0x80, 200, 0, 6, 0, 0, 0, 0x11, 0x83, 0xAA, 0x7E, 0x80, 0x40, 0,
                          0,    0,   0, 1, 2, 3, 0, 0,    0,    9,    0,    0,    1,    0};
const Bytes kEmptyReceiverReport{0x80, 201, 0, 1, 0, 0, 0, 0x11};
const Bytes kSourceDescription{0x81, 202, 0, 3, 0, 0, 0, 0x11, 1, 3, 'c', 'a', 'm', 0, 0, 0};
const Bytes kBye{0x82, 203, 0, 4, 0, 0, 0, 0x11, 0, 0, 0, 0x12, 4, 'g', 'o', 'n', 'e', 0, 0, 0};
const Bytes kFeedback{0x81, 206, 0, 2, 0, 0, 0, 0x11, 0, 0, 0, 0x12};

/// The types of all packets, then "end" or the error.
std::string walk(const Bytes& bytes) {
  CompoundReader reader(bytes);
  std::string text;
  for (;;) {
    const auto packet = reader.next();
    if (!packet) {
      const auto again = reader.next();
      ck_assert_msg(!again && again.error().what == packet.error().what, "nothing comes after an error");
      return text + packet.error().what;
    }
    if (!*packet) {
      ck_assert_msg(reader.next().has_value(), "the end stays the end");
      return text + "end";
    }
    text += std::to_string((*packet)->type) + " ";
  }
}

RtcpPacket only(const Bytes& bytes) {
  CompoundReader reader(bytes);
  const auto packet = reader.next();
  ck_assert(packet && *packet);
  return **packet;
}

LAW(a_compound_yields_each_of_its_packets) {
  ASSERT_TEXT(walk(join({kSenderReport, kSourceDescription})), "200 202 end");
  ASSERT_TEXT(walk(kEmptyReceiverReport), "201 end");
}

LAW(any_type_may_come_first_and_reports_stand_anywhere) {
  ASSERT_TEXT(walk(kFeedback), "206 end");
  ASSERT_TEXT(walk(join({kSourceDescription, kSenderReport, kBye})), "202 200 203 end");
  ASSERT_TEXT(walk(Bytes{0x80, 77, 0, 0}), "77 end");
}

LAW(a_malformed_packet_costs_itself_and_what_follows) {
  struct {
    const char* what;
    Bytes bytes;
    const char* walked;
  } const cases[] = {
      {"nothing", {}, "RTCP header"},
      {"half a header", {0x80, 200}, "RTCP header"},
      {"version", {0x40, 200, 0, 0}, "RTCP version"},
      {"length beyond the end", {0x80, 201, 0, 2, 0, 0, 0, 0x11}, "RTCP length"},
      {"longest length", {0x80, 201, 0xFF, 0xFF}, "RTCP length"},
      {"bytes left over", join({kEmptyReceiverReport, {0x80, 0}}), "201 RTCP header"},
      {"zeros left over", join({kEmptyReceiverReport, {0, 0, 0, 0}}), "201 RTCP version"},
      {"padding before the last", join({{0xA0, 201, 0, 1, 0, 0, 0, 4}, kBye}),
       "RTCP padding before the last packet"},
  };
  for (const auto& c : cases) {
    const std::string walked = walk(c.bytes);
    ck_assert_msg(walked == c.walked, "%s: %s", c.what, walked.c_str());
  }
}

LAW(the_last_packet_may_be_padded) {
  const Bytes padded{0xA0, 201, 0, 3, 0, 0, 0, 0x11, 0, 0, 0, 0, 0, 0, 0, 8};
  ASSERT_TEXT(walk(join({kSenderReport, padded})), "200 201 end");
  ck_assert_uint_eq(only(padded).body.size(), 4);
}

LAW(padding_is_counted_in_fours_and_within_the_packet) {
  for (const unsigned padding : {0U, 1U, 2U, 3U, 5U, 12U, 255U}) {
    const Bytes bytes{0xA0, 201, 0, 2, 0, 0, 0, 0x11, 0, 0, 0, static_cast<std::uint8_t>(padding)};
    ASSERT_TEXT(walk(bytes), "RTCP padding");
  }
  ASSERT_TEXT(walk(Bytes{0xA0, 201, 0, 0}), "RTCP padding");
}

LAW(every_cut_of_a_compound_keeps_the_packets_before_it) {
  const Bytes all = join({kSenderReport, kSourceDescription, kBye});
  for (std::size_t size = 0; size <= all.size(); ++size) {
    const std::string walked = walk(Bytes(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size)));
    const std::size_t first = kSenderReport.size();
    const std::size_t second = first + kSourceDescription.size();
    const std::string whole = size >= all.size() ? "200 202 203 "
                              : size >= second   ? "200 202 "
                              : size >= first    ? "200 "
                                                 : "";
    const bool at_end = size == first || size == second || size == all.size();
    ck_assert_msg(walked.starts_with(whole) && walked.ends_with("end") == at_end, "%zu: %s", size,
                  walked.c_str());
  }
}

LAW(a_sender_report_has_its_times_and_counts) {
  const auto report = rtp::parse_sender_report(only(kSenderReport));
  ck_assert(report.has_value());
  ck_assert_uint_eq(report->ssrc, 0x11);
  ck_assert(report->ntp == 0x83AA7E8040000000ULL);
  ck_assert_uint_eq(report->rtp_timestamp, 0x00010203);
  ck_assert_uint_eq(report->packet_count, 9);
  ck_assert_uint_eq(report->octet_count, 256);
}

LAW(a_short_sender_report_is_truncated_and_another_type_is_none) {
  const auto cut = rtp::parse_sender_report(only({0x80, 200, 0, 2, 0, 0, 0, 0x11, 1, 2, 3, 4}));
  ck_assert(!cut && cut.error().code == ErrorCode::kTruncated);
  const auto other = rtp::parse_sender_report(only(kBye));
  ck_assert(!other && other.error().code == ErrorCode::kInvalidState);
}

LAW(report_blocks_are_read_from_both_kinds_of_report) {
  const Bytes block{0, 0, 0, 0x22, 0x40, 0xFF, 0xFF, 0xFE, 0, 1, 0, 5, 0, 0, 0, 7, 1, 2, 3, 4, 0, 1, 0, 0};
  const Bytes other(24, 0x33);
  Bytes sender = join({kSenderReport, block, other});
  sender[0] = 0x82;
  sender[3] = 18;
  const Bytes receiver = join({{0x82, 201, 0, 13, 0, 0, 0, 0x11}, block, other});
  for (const Bytes& bytes : {sender, receiver}) {
    const RtcpPacket packet = only(bytes);
    const auto first = rtp::parse_report_block(packet, 0);
    ck_assert(first.has_value());
    ck_assert_uint_eq(first->ssrc, 0x22);
    ck_assert_uint_eq(first->fraction_lost, 0x40);
    ck_assert_int_eq(first->cumulative_lost, -2);
    ck_assert_uint_eq(first->highest_sequence, 0x10005);
    ck_assert_uint_eq(first->jitter, 7);
    ck_assert_uint_eq(first->last_sender_report, 0x01020304);
    ck_assert_uint_eq(first->delay_since_last_sender_report, 0x10000);
    ck_assert_uint_eq(rtp::parse_report_block(packet, 1)->ssrc, 0x33333333);
    ck_assert(!rtp::parse_report_block(packet, 2));
  }
}

LAW(a_report_block_that_is_counted_but_absent_is_truncated) {
  const auto block = rtp::parse_report_block(only({0x81, 201, 0, 1, 0, 0, 0, 0x11}), 0);
  ck_assert(!block && block.error().code == ErrorCode::kTruncated);
  ck_assert(rtp::parse_report_block(only(kBye), 0).error().code == ErrorCode::kInvalidState);
}

LAW(a_bye_names_its_sources_and_reason) {
  const auto bye = rtp::parse_bye(only(kBye));
  ck_assert(bye.has_value());
  ck_assert_uint_eq(bye->source_count(), 2);
  ck_assert(bye->names(0x11) && bye->names(0x12) && !bye->names(0x13));
  ASSERT_TEXT(base::as_text(bye->reason), "gone");
}

LAW(a_bye_may_be_empty_and_must_have_what_it_counts) {
  const auto empty = rtp::parse_bye(only({0x80, 203, 0, 0}));
  ck_assert(empty && empty->source_count() == 0 && !empty->names(0) && empty->reason.empty());
  const auto cut = rtp::parse_bye(only({0x82, 203, 0, 1, 0, 0, 0, 0x11}));
  ck_assert(!cut && cut.error().code == ErrorCode::kTruncated);
}

LAW(a_bye_with_a_cut_reason_is_still_a_bye) {
  const Bytes bytes{0x81, 203, 0, 2, 0, 0, 0, 0x11, 9, 'g', 'o', 'n'};
  const auto bye = rtp::parse_bye(only(bytes));
  ck_assert(bye && bye->names(0x11) && bye->reason.empty());
}

}  // namespace

int main() {
  return retina::test::run_laws("rtcp");
}
