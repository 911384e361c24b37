// What H.265 of a camera does against RFC 7798 is told once a kind; and nothing is told of a stream that does
// everything right, whatever the network loses of it.

#include <functional>

#include "codec/fault_assertions.h"
#include "codec/h265_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using codec::StreamFault;

const Bytes kIdr = hevc_nal({.type = 19, .size = 300, .seed = 1});
const Bytes kTrail = hevc_nal({.type = 1, .size = 100, .seed = 2});
const Bytes kLaterSlice = hevc_nal({.type = 1, .size = 100, .seed = 3, .first_slice = false});
const Bytes kSps = make_hevc_sps({});
const Bytes kSei = hevc_nal({.type = 39, .size = 10, .seed = 4});
const Bytes kCode{0, 0, 0, 1};

/// The FU (RFC 7798 s4.4.3) of bytes [from, to) of a NAL unit; `header`: S, E and the type.
Bytes fu(const Bytes& nal, std::uint8_t header, std::ptrdiff_t from, std::ptrdiff_t to) {
  return joined({{49 << 1, nal[1], header}, {nal.begin() + from, nal.begin() + to}});
}

LAW(a_well_formed_stream_has_no_faults_whatever_is_lost_of_it) {
  constexpr std::size_t kAlone = 1 << 20;  // one packet of the whole stream
  for (const std::size_t most : {std::size_t{60}, std::size_t{400}, std::size_t{1400}}) {
    const auto packets = packets_of(hevc_stream(24, 1500, 5), most);
    for (const std::size_t nth : {std::size_t{2}, std::size_t{3}, std::size_t{5}, std::size_t{11}, kAlone}) {
      for (std::size_t phase = 0; phase < std::min(nth, packets.size()); ++phase) {
        H265Feeder feeder;
        feed_with_losses(feeder, packets, nth, phase);
        assert_faults(faults_of(feeder, feeder.depacketizer), {},
                      "packet " + std::to_string(phase) + " of each " + std::to_string(nth));
      }
    }
  }
}

LAW(decoding_order_numbers_are_no_fault) {
  codec::H265Announcement announced;
  announced.has_decoding_order_numbers = true;
  H265Feeder feeder(hevc_format(), announced);
  std::uint16_t number = 65530;
  for (const HevcUnit& unit : hevc_stream(12, 1500, 4)) {
    for (const HevcPayload& payload : packetize(unit, 500, true, number))
      ck_assert(feeder.push(payload.bytes, unit.timestamp, payload.marker));
    number = static_cast<std::uint16_t>(number + unit.nals.size());
  }
  assert_faults(faults_of(feeder, feeder.depacketizer), {}, "with DONL");
}

LAW(each_fault_is_told_once) {
  struct {
    StreamFault fault;
    std::function<void(H265Feeder&, std::int64_t)> picture;  ///< commits it at this timestamp
  } const cases[] = {
      {StreamFault::kStartCodes,
       [](H265Feeder& f, std::int64_t t) {
         f.push(joined({kSps, kCode, kIdr}), t, true);
       }},
      {StreamFault::kFragmentType,
       [](H265Feeder& f, std::int64_t t) {
         f.push(fu(kIdr, 0x80 | 19, 2, 100), t, false);
         f.push(fu(kIdr, 1, 100, 200), t, false);
         f.push(fu(kIdr, 0x40 | 19, 200, 300), t, true);
       }},
      {StreamFault::kFragmentType,  // in the last one alone
       [](H265Feeder& f, std::int64_t t) {
         f.push(fu(kIdr, 0x80 | 19, 2, 100), t, false);
         f.push(fu(kIdr, 19, 100, 200), t, false);
         f.push(fu(kIdr, 0x40 | 1, 200, 300), t, true);
       }},
      {StreamFault::kWholeFragment,
       [](H265Feeder& f, std::int64_t t) { f.push(fu(kTrail, 0xC1, 2, 100), t, true); }},
      {StreamFault::kEmptyFragment,
       [](H265Feeder& f, std::int64_t t) {
         f.push(fu(kIdr, 0x80 | 19, 2, 100), t, false);
         f.push(fu(kIdr, 19, 100, 100), t, false);
         f.push(fu(kIdr, 0x40 | 19, 100, 300), t, true);
       }},
      {StreamFault::kNoEnd,
       [](H265Feeder& f, std::int64_t t) {
         f.push(fu(kIdr, 0x80 | 19, 2, 100), t, false);
         f.push(fu(kIdr, 19, 100, 300), t, true);
       }},
      {StreamFault::kCutFragments,
       [](H265Feeder& f, std::int64_t t) {
         f.push(fu(kIdr, 0x80 | 19, 2, 100), t, false);
         f.push(kTrail, t + 3600, true);
       }},
      {StreamFault::kEarlyMarker,
       [](H265Feeder& f, std::int64_t t) {
         f.push(kSps, t, true);
         f.push(kIdr, t, true);
       }},
      {StreamFault::kForeignTimestamp,
       [](H265Feeder& f, std::int64_t t) {
         f.push(kSps, t, false);
         f.push(kIdr, t + 600, true);
       }},
      {StreamFault::kForeignTimestamp,  // that of the picture before, whose marker is missing
       [](H265Feeder& f, std::int64_t t) {
         f.push(kTrail, t, false);
         f.push(kSei, t, false);
         f.push(kIdr, t + 1800, true);
       }},
      {StreamFault::kSharedTimestamp,
       [](H265Feeder& f, std::int64_t t) {
         f.push(kIdr, t, true);
         f.push(kTrail, t, true);
       }},
      {StreamFault::kMarkedSlices,
       [](H265Feeder& f, std::int64_t t) {
         f.push(kTrail, t, true);
         f.push(kLaterSlice, t, true);
       }},
      {StreamFault::kUnspecifiedUnit,
       [](H265Feeder& f, std::int64_t t) {
         f.push(hevc_aggregate({hevc_nal({.type = 60, .size = 10}), kTrail}), t, true);
       }},
  };
  for (const auto& c : cases) {
    for (const int times : {1, 4}) {
      H265Feeder feeder;
      feeder.push(kIdr, 0, true);
      for (int i = 1; i <= times; ++i)
        c.picture(feeder, i * 7200);
      feeder.push(kTrail, 36000, true);
      assert_faults(faults_of(feeder, feeder.depacketizer), {c.fault}, sentence_of(c.fault, "H.265"));
    }
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("h265_faults");
}
