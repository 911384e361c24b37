// What H.264 of a camera does against RFC 6184 is told once a kind; and nothing is told of a stream that does
// everything right, whatever the network loses of it.

#include <functional>

#include "codec/fault_assertions.h"
#include "codec/h264_feeder.h"
#include "codec/h264_syntax.h"
#include "support/h264_interleaver.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using codec::StreamFault;

const Bytes kIdr = sample_slice(true, 300, 1);
const Bytes kP = sample_slice(false, 100, 2);
const Bytes kCode{0, 0, 0, 1};

/// The FU-A of bytes [from, to) of a NAL unit; `fu`: S, E, R and the type.
Bytes fua(const Bytes& nal, std::uint8_t fu, std::ptrdiff_t from, std::ptrdiff_t to) {
  return joined(
      {{static_cast<std::uint8_t>((nal[0] & 0xE0) | 28), fu}, {nal.begin() + from, nal.begin() + to}});
}

LAW(a_well_formed_stream_has_no_faults_whatever_is_lost_of_it) {
  constexpr std::size_t kAlone = 1 << 20;  // one packet of the whole stream
  for (const std::size_t most : {std::size_t{60}, std::size_t{400}, std::size_t{1400}}) {
    const auto packets = packets_of(sample_stream(24, 1500, 5), most);
    for (const std::size_t nth : {std::size_t{2}, std::size_t{3}, std::size_t{5}, std::size_t{11}, kAlone}) {
      for (std::size_t phase = 0; phase < std::min(nth, packets.size()); ++phase) {
        H264Feeder feeder;
        feed_with_losses(feeder, packets, nth, phase);
        assert_faults(faults_of(feeder, feeder.depacketizer()), {},
                      "packet " + std::to_string(phase) + " of each " + std::to_string(nth));
      }
    }
  }
}

LAW(the_interleaved_mode_is_no_fault) {
  sdp::Media media;
  media.format_parameters = {{"packetization-mode", "2"}, {"sprop-interleaving-depth", "4"}};
  H264Feeder feeder({codec::NalFraming::kStartCode}, {}, codec::h264_interleaving(media));
  for (const TimedPayload& payload : packetize_interleaved(numbered(sample_stream(12, 1500, 4), 65530), 500))
    ck_assert(feeder.push(payload.bytes, payload.timestamp, payload.marker));
  assert_faults(faults_of(feeder, feeder.depacketizer()), {}, "interleaved");
}

LAW(the_fields_of_interlaced_video_are_no_faults) {
  const Syntax syntax{.fields = true};
  struct {
    const char* name;
    bool marked[2];
    std::int64_t apart;
  } const cases[] = {{"one access unit", {false, true}, 0},
                     {"a marker each", {true, true}, 0},
                     {"no marker", {false, false}, 0},
                     {"timestamps of their own", {true, true}, 1800}};
  for (const auto& c : cases) {
    H264Feeder feeder({codec::NalFraming::kStartCode}, {make_sps(syntax), make_pps(syntax)});
    for (std::uint32_t picture = 0; picture < 12; ++picture) {
      for (const bool bottom : {false, true}) {
        const Slice slice{.frame_number = picture,
                          .field = true,
                          .bottom = bottom,
                          .order = 2 * picture + (bottom ? 1U : 0U)};
        feeder.push(make_slice(syntax, slice), picture * 3600 + (bottom ? c.apart : 0), c.marked[bottom]);
      }
    }
    assert_faults(faults_of(feeder, feeder.depacketizer()), {}, c.name);
  }
}

LAW(each_fault_is_told_once) {
  struct {
    StreamFault fault;
    std::function<void(H264Feeder&, std::int64_t)> picture;  ///< commits it at this timestamp
  } const cases[] = {
      {StreamFault::kStartCodes,
       [](H264Feeder& f, std::int64_t t) {
         f.push(joined({sample_sps(), kCode, sample_pps(), kCode, kIdr}), t, true);
       }},
      {StreamFault::kFragmentType,
       [](H264Feeder& f, std::int64_t t) {
         f.push(fua(kIdr, 0x85, 1, 100), t, false);
         f.push(fua(kIdr, 0x01, 100, 200), t, false);
         f.push(fua(kIdr, 0x45, 200, 300), t, true);
       }},
      {StreamFault::kFragmentType,  // in the last one alone
       [](H264Feeder& f, std::int64_t t) {
         f.push(fua(kIdr, 0x85, 1, 100), t, false);
         f.push(fua(kIdr, 0x05, 100, 200), t, false);
         f.push(fua(kIdr, 0x41, 200, 300), t, true);
       }},
      {StreamFault::kWholeFragment,
       [](H264Feeder& f, std::int64_t t) { f.push(fua(kP, 0xC1, 1, 100), t, true); }},
      {StreamFault::kEmptyFragment,
       [](H264Feeder& f, std::int64_t t) {
         f.push(fua(kIdr, 0x85, 1, 100), t, false);
         f.push(fua(kIdr, 0x05, 100, 100), t, false);
         f.push(fua(kIdr, 0x45, 100, 300), t, true);
       }},
      {StreamFault::kReservedBit,
       [](H264Feeder& f, std::int64_t t) {
         f.push(fua(kIdr, 0xA5, 1, 100), t, false);
         f.push(fua(kIdr, 0x25, 100, 200), t, false);
         f.push(fua(kIdr, 0x65, 200, 300), t, true);
       }},
      {StreamFault::kNoEnd,
       [](H264Feeder& f, std::int64_t t) {
         f.push(fua(kIdr, 0x85, 1, 100), t, false);
         f.push(fua(kIdr, 0x05, 100, 300), t, true);
       }},
      {StreamFault::kCutFragments,
       [](H264Feeder& f, std::int64_t t) {
         f.push(fua(kIdr, 0x85, 1, 100), t, false);
         f.push(kP, t + 3600, true);
       }},
      {StreamFault::kCutFragments,  // by the start of others
       [](H264Feeder& f, std::int64_t t) {
         f.push(fua(kIdr, 0x85, 1, 100), t, false);
         f.push(fua(kP, 0x81, 1, 50), t, false);
         f.push(fua(kP, 0x41, 50, 100), t, true);
       }},
      {StreamFault::kEarlyMarker,
       [](H264Feeder& f, std::int64_t t) {
         f.push(sample_sps(), t, true);
         f.push(sample_pps(), t, true);
         f.push(kIdr, t, true);
       }},
      {StreamFault::kForeignTimestamp,
       [](H264Feeder& f, std::int64_t t) {
         f.push(sample_sps(), t, false);
         f.push(sample_pps(), t, false);
         f.push(kIdr, t + 600, true);
       }},
      {StreamFault::kForeignTimestamp,  // that of the picture before, whose marker is missing
       [](H264Feeder& f, std::int64_t t) {
         f.push(kP, t, false);
         f.push(sample_sps(), t, false);
         f.push(kIdr, t + 1800, true);
       }},
      {StreamFault::kSharedTimestamp,
       [](H264Feeder& f, std::int64_t t) {
         f.push(kIdr, t, true);
         f.push(kP, t, true);
       }},
      {StreamFault::kMarkedSlices,
       [](H264Feeder& f, std::int64_t t) {
         Bytes later = kP;  // ue(n) with n > 0: not the first macroblock
         later[1] = 0x42;
         f.push(kP, t, true);
         f.push(later, t, true);
       }},
      {StreamFault::kUnspecifiedUnit,
       [](H264Feeder& f, std::int64_t t) {
         f.push(joined({{0x78, 0, 2, 0x1F, 0xAA, 0, 100}, kP}), t, true);
       }},
  };
  for (const auto& c : cases) {
    for (const int times : {1, 4}) {
      H264Feeder feeder;
      feeder.push(kIdr, 0, true);
      for (int i = 1; i <= times; ++i)
        c.picture(feeder, i * 7200);
      feeder.push(kP, 36000, true);
      assert_faults(faults_of(feeder, feeder.depacketizer()), {c.fault}, sentence_of(c.fault, "H.264"));
    }
  }
}

LAW(every_fault_has_a_sentence_of_its_own) {
  std::set<std::string> sentences;
  for (unsigned i = 0; i < static_cast<unsigned>(StreamFault::kCount); ++i) {
    const std::string sentence = sentence_of(static_cast<StreamFault>(i), "stream 3");
    ck_assert_msg(sentence.starts_with("The media of stream 3 ") && sentence.ends_with("."), "%s",
                  sentence.c_str());
    ck_assert(sentences.insert(sentence).second);
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("h264_faults");
}
