// Receiver reports, against the RFC's own algorithms run beside them, and byte for byte.

#include "rtp/receiver_report.h"

#include <algorithm>
#include <random>

#include "rtp/jitter.h"
#include "rtp/rtcp.h"
#include "rtp/sequence.h"
#include "support/check.h"
#include "support/fake_clock.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;

/// RFC 3550 A.1 and A.3, word by word, for a source that has been validated.
struct Reference {
  std::uint16_t max_seq = 0;
  std::uint32_t cycles = 0;
  std::uint32_t base_seq = 0;
  std::uint32_t received = 0;
  std::uint32_t expected_prior = 0;
  std::uint32_t received_prior = 0;

  void update_seq(std::uint16_t seq) {
    if (received == 0) {
      base_seq = max_seq = seq;
    } else {
      const auto udelta = static_cast<std::uint16_t>(seq - max_seq);
      if (udelta < 3000) {
        if (seq < max_seq) cycles += 1U << 16;
        max_seq = seq;
      }
    }
    ++received;
  }
  rtp::ReportBlock report() {
    rtp::ReportBlock block;
    const std::uint32_t extended_max = cycles + max_seq;
    const std::uint32_t expected = extended_max - base_seq + 1;
    const auto lost = static_cast<std::int32_t>(expected - received);
    block.cumulative_lost = std::clamp(lost, -0x800000, 0x7FFFFF);
    const std::uint32_t expected_interval = expected - expected_prior;
    expected_prior = expected;
    const std::uint32_t received_interval = received - received_prior;
    received_prior = received;
    const auto lost_interval = static_cast<std::int32_t>(expected_interval - received_interval);
    if (expected_interval != 0 && lost_interval > 0)
      block.fraction_lost =
          static_cast<std::uint8_t>((lost_interval << 8) / static_cast<std::int32_t>(expected_interval));
    block.highest_sequence = extended_max;
    return block;
  }
};

LAW(loss_and_sequence_numbers_equal_the_rfcs_algorithm_whatever_is_lost) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    Reference reference;
    rtp::Reception reception;
    rtp::SequenceTracker tracker;
    const auto loss_percent = random() % 60;
    auto sequence = static_cast<std::uint16_t>(random());
    for (int i = 0; i < 150'000 / 100; ++i) {
      for (int k = 0; k < 100; ++k, ++sequence) {
        const bool first = i == 0 && k == 0;
        if (!first && random() % 100 < loss_percent) continue;
        const auto verdict = tracker.accept(sequence);
        reception.on_packet(sequence, verdict.lost);
        reference.update_seq(sequence);
        if (!first && random() % 50 == 0) {
          // The same once more.
          reception.on_extra_packet();
          reference.update_seq(sequence);
        }
      }
      if (random() % 7 != 0) continue;
      const rtp::ReportBlock expected = reference.report();
      const rtp::ReportBlock actual = reception.report(1, 0, base::TimePoint());
      ck_assert_msg(actual.highest_sequence == expected.highest_sequence, "seed %u", seed);
      ck_assert_msg(actual.cumulative_lost == expected.cumulative_lost, "seed %u: %d, not %d", seed,
                    actual.cumulative_lost, expected.cumulative_lost);
      ck_assert_msg(actual.fraction_lost == expected.fraction_lost, "seed %u", seed);
    }
  }
}

/// RFC 3550 A.8 with arrivals in ticks of 90 kHz.
LAW(jitter_follows_the_rfcs_algorithm_to_the_tick) {
  std::mt19937 random(7);
  rtp::Jitter jitter(90'000);
  std::uint32_t transit = 0;
  std::uint32_t reference = 0;  // 16 times
  const base::TimePoint start{1h};
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const std::uint32_t timestamp = i * 3600;
    const auto late = static_cast<std::uint32_t>(random() % 1800);
    const base::TimePoint arrival =
        start + std::chrono::nanoseconds((std::int64_t{timestamp} + late) * 100'000 / 9);
    const bool first = i == 0;
    jitter.on_packet(timestamp, arrival);
    const std::uint32_t now_transit = late;
    auto d = static_cast<std::int32_t>(now_transit - transit);
    transit = now_transit;
    if (d < 0) d = -d;
    if (!first) reference += static_cast<std::uint32_t>(d) - ((reference + 8) >> 4);
    const double ticks = std::chrono::duration<double>(jitter.value()).count() * 90'000;
    ck_assert_msg(std::abs(ticks - reference / 16.0) < 2, "packet %u: %f, not %f", i, ticks,
                  reference / 16.0);
  }
}

LAW(the_latest_sender_report_is_named_with_its_age) {
  rtp::Reception reception;
  reception.on_packet(5, 0);
  const base::TimePoint then{1h};
  rtp::ReportBlock block = reception.report(1, 0, then);
  ck_assert_uint_eq(block.last_sender_report, 0);
  ck_assert_uint_eq(block.delay_since_last_sender_report, 0);
  reception.on_sender_report(0x1122334455667788, then);
  struct {
    base::Duration age;
    std::uint32_t units;  ///< of 1/65536 s
  } const cases[] = {{0s, 0},        {5250ms, 344064},     {1s, 65536},
                     {500ms, 32768}, {65535s, 0xFFFF0000}, {65536s, 0xFFFFFFFF},
                     {-1s, 0}};
  for (const auto& c : cases) {
    block = reception.report(1, 0, then + c.age);
    ck_assert_uint_eq(block.last_sender_report, 0x33445566);
    ck_assert_uint_eq(block.delay_since_last_sender_report, c.units);
  }
}

LAW(the_losses_count_within_their_24_bits) {
  rtp::Reception many;
  many.on_packet(0, 0);
  for (int i = 0; i < 3000; ++i)
    many.on_packet(0, 2999);
  ck_assert_int_eq(many.report(1, 0, {}).cumulative_lost, 0x7FFFFF);
  ck_assert_uint_eq(many.report(1, 0, {}).fraction_lost, 0);
  rtp::Reception extra;
  extra.on_packet(0, 0);
  for (int i = 0; i < 5; ++i)
    extra.on_extra_packet();
  ck_assert_int_eq(extra.report(1, 0, {}).cumulative_lost, -5);
  ck_assert_uint_eq(extra.report(1, 0, {}).fraction_lost, 0);
}

LAW(what_was_lost_before_the_first_packet_is_not_told) {
  rtp::Reception reception;
  reception.on_packet(100, 40);
  const auto block = reception.report(1, 0, {});
  ck_assert_int_eq(block.cumulative_lost, 0);
  ck_assert_uint_eq(block.highest_sequence, 100);
}

LAW(a_report_is_these_bytes) {
  rtp::ReportBlock block;
  block.ssrc = 0xCAFEBABE;
  block.fraction_lost = 0x40;
  block.cumulative_lost = -2;
  block.highest_sequence = 0x00012345;
  block.jitter = 7;
  block.last_sender_report = 0x33445566;
  block.delay_since_last_sender_report = 65536;
  const base::Bytes expected = {0x81, 201,  0,    7,    0x01, 0x02, 0x03, 0x04,   // RR with one block
                                0xCA, 0xFE, 0xBA, 0xBE, 0x40, 0xFF, 0xFF, 0xFE,   //
                                0x00, 0x01, 0x23, 0x45, 0,    0,    0,    7,      //
                                0x33, 0x44, 0x55, 0x66, 0,    1,    0,    0,      //
                                0x81, 202,  0,    3,    0x01, 0x02, 0x03, 0x04,   // SDES with one chunk
                                1,    4,    'n',  'a',  'm',  'e',  0,    0,      //
                                0x81, 203,  0,    1,    0x01, 0x02, 0x03, 0x04};  // BYE
  ck_assert(rtp::make_receiver_report(0x01020304, block, "name", true) == expected);
  // Without media there is nothing to tell but that somebody is there.
  const base::Bytes empty = rtp::make_receiver_report(0x01020304, std::nullopt, "abcdef", false);
  const base::Bytes expected_empty = {0x80, 201, 0, 1, 1,   2,   3,   4,   0x81, 202, 0, 4, 1, 2,
                                      3,    4,   1, 6, 'a', 'b', 'c', 'd', 'e',  'f', 0, 0, 0, 0};
  ck_assert(empty == expected_empty);
}

LAW(every_report_is_well_formed_whatever_the_length_of_the_name) {
  for (std::size_t size = 0; size < 300; ++size) {
    const base::Bytes bytes = rtp::make_receiver_report(1, rtp::ReportBlock{}, std::string(size, 'x'), true);
    rtp::CompoundReader reader(bytes);
    for (const std::uint8_t type : {rtp::kReceiverReportType, rtp::kSourceDescriptionType, rtp::kByeType}) {
      const auto packet = reader.next();
      ck_assert_msg(packet.has_value() && packet->has_value() && (*packet)->type == type, "name of %zu",
                    size);
      if (type == 202) ck_assert_uint_eq((*packet)->body.back(), 0);
    }
    ck_assert(!reader.next().value());
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("receiver_report");
}
