// Sound and KLV through GStreamer's payloaders: byte for byte what went in, to the tick when it was.

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

#include "codec/dvi4.h"
#include "codec/klv.h"
#include "codec/packet_feeder.h"
#include "codec/sample_audio.h"
#include "interop/payloader.h"
#include "interop/receiver.h"
#include "support/check.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

/// One payloader, and how its sound is made up.
struct Sound {
  const char* payloader;
  const char* caps;
  const char* name;  // in the rtpmap
  std::uint32_t clock_rate_hz;
  std::uint16_t channels;
  std::size_t block_bytes;
  std::uint32_t block_ticks;
};

constexpr Sound kSounds[] = {
    {"rtppcmapay", "audio/x-alaw, rate=8000, channels=1", "PCMA", 8000, 1, 1, 1},
    {"rtppcmupay", "audio/x-mulaw, rate=8000, channels=1", "PCMU", 8000, 1, 1, 1},
    {"rtpL8pay",
     "audio/x-raw, format=U8, layout=interleaved, rate=22050, channels=2, channel-mask=(bitmask)3", "L8",
     22050, 2, 2, 1},
    {"rtpL16pay", "audio/x-raw, format=S16BE, layout=interleaved, rate=16000, channels=1", "L16", 16000, 1, 2,
     1},
    {"rtpL16pay",
     "audio/x-raw, format=S16BE, layout=interleaved, rate=44100, channels=2, channel-mask=(bitmask)3", "L16",
     44100, 2, 4, 1},
    {"rtpL24pay",
     "audio/x-raw, format=S24BE, layout=interleaved, rate=48000, channels=2, channel-mask=(bitmask)3", "L24",
     48000, 2, 6, 1},
    {"rtpg722pay", "audio/G722, rate=16000, channels=1", "G722", 8000, 1, 1, 1},
    {"rtpg726pay", "audio/x-adpcm, layout=g726, rate=8000, channels=1, bitrate=16000", "AAL2-G726-16", 8000,
     1, 1, 4},
    {"rtpg726pay", "audio/x-adpcm, layout=g726, rate=8000, channels=1, bitrate=24000", "AAL2-G726-24", 8000,
     1, 3, 8},
    {"rtpg726pay", "audio/x-adpcm, layout=g726, rate=8000, channels=1, bitrate=40000", "AAL2-G726-40", 8000,
     1, 5, 8},
    // RFC 3551's order. (At 24 and 40 kbit/s rtpg726pay makes another one.)
    {"rtpg726pay force-aal2=false", "audio/x-adpcm, layout=g726, rate=8000, channels=1, bitrate=16000",
     "G726-16", 8000, 1, 1, 4},
    {"rtpg726pay force-aal2=false", "audio/x-adpcm, layout=g726, rate=8000, channels=1, bitrate=32000",
     "G726-32", 8000, 1, 1, 2},
    {"rtpgsmpay", "audio/x-gsm, rate=8000, channels=1", "GSM", 8000, 1, 33, 160},
    {"rtpilbcpay", "audio/x-iLBC, rate=8000, channels=1, mode=30", "iLBC", 8000, 1, 50, 240},
};

codec::AudioFormat format(const char* name, std::uint32_t clock_rate_hz, std::uint16_t channels) {
  sdp::Media media;
  media.kind = sdp::MediaKind::kAudio;
  media.encoding_name = name;
  media.clock_rate_hz = clock_rate_hz;
  media.channels = channels;
  const auto known = codec::audio_format(media);
  ck_assert(known.has_value());
  return *known;
}

/// A receiver of sound, with the allocator that it needs.
struct Listener {
  explicit Listener(const codec::AudioFormat& format)
      : receiver(std::make_unique<codec::SampleAudioDepacketizer>(format, allocator), format.clock_rate_hz) {}
  Listener(const char* name, std::uint32_t clock_rate_hz, std::uint16_t channels)
      : Listener(format(name, clock_rate_hz, channels)) {}

  codec::HeapAllocator allocator;
  Receiver receiver;
};

/// A second of sound in buffers of ten milliseconds or so.
std::vector<SourceFrame> made_up(const Sound& sound) {
  const std::size_t blocks = std::max<std::size_t>(sound.clock_rate_hz / 100 / sound.block_ticks, 1);
  const std::uint64_t ticks = blocks * sound.block_ticks;
  std::vector<SourceFrame> frames;
  for (unsigned i = 0; i < 100; ++i) {
    SourceFrame frame;
    frame.bytes = sample_bytes(blocks * sound.block_bytes, i);
    frame.pts = gst_util_uint64_scale(i * ticks, GST_SECOND, sound.clock_rate_hz);
    frames.push_back(std::move(frame));
  }
  return frames;
}

Bytes joined(const std::vector<SourceFrame>& frames) {
  Bytes all;
  for (const SourceFrame& frame : frames)
    all.insert(all.end(), frame.bytes.begin(), frame.bytes.end());
  return all;
}

std::string with_mtu(const std::string& payloader, unsigned mtu) {
  return payloader + " mtu=" + std::to_string(mtu);
}

/// Every frame stands where its timestamp says, and a frame behind a gap is a discontinuity.
void check_frames(const Sound& sound, const std::vector<ReceivedFrame>& frames, const Bytes& all) {
  ck_assert(!frames.empty());
  const std::int64_t start = frames.front().meta.timestamp;
  std::int64_t expected = start;
  for (const ReceivedFrame& frame : frames) {
    const auto ticks = static_cast<std::size_t>(frame.meta.timestamp - start);
    ck_assert_uint_eq(ticks % sound.block_ticks, 0);
    const std::size_t at = ticks / sound.block_ticks * sound.block_bytes;
    ck_assert_uint_le(at + frame.bytes.size(), all.size());
    ck_assert_msg(
        std::equal(frame.bytes.begin(), frame.bytes.end(), all.begin() + static_cast<std::ptrdiff_t>(at)),
        "%s: other bytes at %zu", sound.name, at);
    ck_assert_uint_eq(frame.meta.duration, frame.bytes.size() / sound.block_bytes * sound.block_ticks);
    ck_assert_msg(frame.meta.discontinuity == (frame.meta.timestamp != expected), "%s at %zu", sound.name,
                  at);
    ck_assert_int_eq(frame.meta.discontinuity, frame.meta.packets_lost > 0);
    ck_assert(frame.meta.key_frame);
    expected = frame.meta.timestamp + frame.meta.duration;
  }
}

void check_whole(const Sound& sound, const Payloaded& sent, const Receiver& receiver, const Bytes& all) {
  ck_assert_uint_eq(receiver.frames.size(), sent.packets.size());
  check_frames(sound, receiver.frames, all);
  std::size_t total = 0;
  for (const ReceivedFrame& frame : receiver.frames)
    total += frame.bytes.size();
  ck_assert_uint_eq(total, all.size());
  ck_assert_uint_eq(receiver.errors, 0);
}

/// With duplicates and out of order, within what the window for that mends.
constexpr Disturbance kMendable{.duplicate_percent = 30, .reorder_percent = 30, .seed = 7, .calm_percent = 1};

LAW(sound_comes_out_byte_for_byte_and_without_gaps) {
  for (const Sound& sound : kSounds) {
    const auto frames = made_up(sound);
    for (const unsigned mtu : {100U, 237U, 1400U, 9000U}) {
      const auto sent = payload(with_mtu(sound.payloader, mtu), sound.caps, frames);
      Listener listener(sound.name, sound.clock_rate_hz, sound.channels);
      listener.receiver.push(sent.packets);
      check_whole(sound, sent, listener.receiver, joined(frames));
      Listener reordering(sound.name, sound.clock_rate_hz, sound.channels);
      reordering.receiver.push_reordering(disturb(sent.packets, kMendable));
      check_whole(sound, sent, reordering.receiver, joined(frames));
    }
  }
}

LAW(a_disturbed_network_costs_what_it_took_and_nothing_else) {
  for (const Sound& sound : kSounds) {
    const auto frames = made_up(sound);
    for (const unsigned mtu : {100U, 500U, 1400U, 9000U}) {
      const auto sent = payload(with_mtu(sound.payloader, mtu), sound.caps, frames);
      const auto arrived = disturb(sent.packets, {10, 10, 10, mtu, 10});
      Listener listener(sound.name, sound.clock_rate_hz, sound.channels);
      listener.receiver.push(arrived);
      check_frames(sound, listener.receiver.frames, joined(frames));
      assert_losses_are_counted(listener.receiver);
      ck_assert_uint_eq(listener.receiver.errors, 0);
    }
  }
}

/// One frame a packet: those that came are in order, and a gap is a discontinuity that counts what is
/// missing.
void check_disturbed(const std::vector<SourceFrame>& sent, const Receiver& receiver) {
  std::size_t at = 0;
  for (const ReceivedFrame& frame : receiver.frames) {
    const std::size_t expected_at = at;
    while (at < sent.size() && sent[at].bytes != frame.bytes)
      ++at;
    ck_assert_msg(at < sent.size(), "a frame that was not sent, or out of order");
    ck_assert_int_eq(frame.meta.discontinuity, at != expected_at);
    ck_assert_uint_eq(frame.meta.packets_lost, at - expected_at);
    ++at;
  }
  assert_losses_are_counted(receiver);
}

LAW(g723_frames_of_all_sizes_come_out_byte_for_byte) {
  std::vector<SourceFrame> frames;
  constexpr std::size_t kSizes[] = {24, 20, 4};
  for (unsigned i = 0; i < 60; ++i) {
    SourceFrame frame;
    frame.bytes = sample_bytes(kSizes[i % 3], i);
    frame.bytes[0] = static_cast<std::uint8_t>((frame.bytes[0] & 0xFC) | (i % 3));
    frame.pts = i * 30 * GST_MSECOND;
    frames.push_back(frame);
  }
  for (const unsigned mtu : {60U, 100U, 1400U, 9000U}) {
    const auto sent = payload(with_mtu("rtpg723pay", mtu), "audio/G723, rate=8000, channels=1", frames);
    Listener listener("G723", 8000, 1);
    listener.receiver.push(sent.packets);
    Bytes all;
    std::int64_t expected = listener.receiver.frames.front().meta.timestamp;
    for (const ReceivedFrame& frame : listener.receiver.frames) {
      all.insert(all.end(), frame.bytes.begin(), frame.bytes.end());
      ck_assert_int_eq(frame.meta.timestamp, expected);
      expected += frame.meta.duration;
    }
    ck_assert(all == joined(frames));
    ck_assert_uint_eq(listener.receiver.errors, 0);

    // What a packet held, one frame or several, is what comes of it.
    std::vector<SourceFrame> whole;
    for (const ReceivedFrame& frame : listener.receiver.frames)
      whole.push_back({frame.bytes});
    Listener reordering("G723", 8000, 1);
    reordering.receiver.push_reordering(disturb(sent.packets, kMendable));
    ck_assert_uint_eq(reordering.receiver.frames.size(), whole.size());
    check_disturbed(whole, reordering.receiver);
    Listener disturbed("G723", 8000, 1);
    disturbed.receiver.push(disturb(sent.packets, {10, 10, 10, mtu, 10}));
    check_disturbed(whole, disturbed.receiver);
  }
}

/// A WAVE block holds its first sample in its header, and the rest as DVI4 does after such a one, but the
/// other nibble first. GStreamer's decoder adds the parts of a step before it rounds, IMA's rules round each:
/// that makes up to 62 here, of 26000.
LAW(dvi4_is_decoded_as_gstreamer_decodes_wave_blocks) {
  constexpr int kRounding = 100;
  const std::string encoder =
      "audiotestsrc num-buffers=20 wave=saw freq=311 ! audio/x-raw, format=S16LE, rate=8000, channels=1 ! "
      "adpcmenc layout=dvi blockalign=256";
  std::string caps;
  const Bytes wave = joined(produce(encoder, caps));
  const Bytes decoded = joined(produce(encoder + " ! adpcmdec", caps));
  constexpr std::size_t kBlock = 256;
  constexpr std::size_t kDecodedBlock = (1 + (kBlock - 4) * 2) * 2;
  ck_assert_uint_ge(wave.size(), 4 * kBlock);
  const auto sample = [](const Bytes& bytes, std::size_t at) {
    return static_cast<int>(static_cast<std::int16_t>(bytes[at] | (bytes[at + 1] << 8)));
  };
  for (std::size_t i = 0; i < wave.size() / kBlock; ++i) {
    Bytes block(wave.begin() + static_cast<std::ptrdiff_t>(i * kBlock),
                wave.begin() + static_cast<std::ptrdiff_t>((i + 1) * kBlock));
    std::swap(block[0], block[1]);
    for (std::size_t at = 4; at < kBlock; ++at)
      block[at] = static_cast<std::uint8_t>((block[at] << 4U) | (block[at] >> 4U));
    Bytes samples(codec::dvi4_decoded_bytes(block.size()));
    ck_assert(codec::decode_dvi4(block, samples).has_value());
    ck_assert_uint_le((i + 1) * kDecodedBlock, decoded.size());
    for (std::size_t at = 0; at < samples.size(); at += 2) {
      const int expected = sample(decoded, i * kDecodedBlock + 2 + at);
      ck_assert_int_le(std::abs(sample(samples, at) - expected), kRounding);
    }
  }
}

LAW(opus_packets_last_as_long_as_the_encoder_made_them) {
  struct {
    const char* frame_size;
    std::uint32_t ticks;
  } const cases[] = {{"2.5", 120}, {"5", 240}, {"10", 480}, {"20", 960}, {"40", 1920}, {"60", 2880}};
  for (const auto& c : cases) {
    std::string caps;
    const auto frames = produce(std::string("audiotestsrc num-buffers=50 wave=pink-noise ! audio/x-raw, "
                                            "rate=48000, channels=2 ! opusenc frame-size=") +
                                    c.frame_size,
                                caps);
    const auto sent = payload("rtpopuspay", caps, frames);
    Listener listener("OPUS", 48000, 2);
    listener.receiver.push(sent.packets);
    const auto& got = listener.receiver.frames;
    ck_assert_uint_eq(got.size(), frames.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      ck_assert(got[i].bytes == frames[i].bytes);
      ck_assert_uint_eq(got[i].meta.duration, c.ticks);
    }
    ck_assert_uint_eq(listener.receiver.errors, 0);

    Listener reordering("OPUS", 48000, 2);
    reordering.receiver.push_reordering(disturb(sent.packets, kMendable));
    ck_assert_uint_eq(reordering.receiver.frames.size(), frames.size());
    check_disturbed(frames, reordering.receiver);
    Listener disturbed("OPUS", 48000, 2);
    disturbed.receiver.push(disturb(sent.packets, {10, 10, 10, c.ticks, 10}));
    ck_assert_uint_lt(disturbed.receiver.frames.size(), frames.size());
    check_disturbed(frames, disturbed.receiver);
  }
}

// --- KLV ---

/// One item a unit: what rtpklvpay takes.
std::vector<SourceFrame> klv_units(unsigned count) {
  std::vector<SourceFrame> units;
  for (unsigned i = 0; i < count; ++i) {
    const std::size_t size = i * 997 % 5000;
    SourceFrame unit;
    unit.bytes = {0x06, 0x0E, 0x2B, 0x34, 2, 0x0B, 1, 1, 0x0E, 1, 3, 1, 1, 0, 0, 0, 0x82};
    unit.bytes.push_back(static_cast<std::uint8_t>(size >> 8U));
    unit.bytes.push_back(static_cast<std::uint8_t>(size & 0xFF));
    const Bytes value = sample_bytes(size, i);
    unit.bytes.insert(unit.bytes.end(), value.begin(), value.end());
    unit.pts = i * 40 * GST_MSECOND;
    units.push_back(std::move(unit));
  }
  return units;
}

LAW(klv_units_come_out_whole_or_not_at_all) {
  const auto units = klv_units(60);
  for (const unsigned mtu : {100U, 300U, 1400U, 9000U}) {
    const auto sent = payload(with_mtu("rtpklvpay", mtu), "meta/x-klv, parsed=true", units);
    codec::HeapAllocator allocator;
    Receiver reordering(std::make_unique<codec::KlvDepacketizer>(allocator), 90000);
    reordering.push_reordering(disturb(sent.packets, kMendable));
    ck_assert_uint_eq(reordering.frames.size(), units.size());
    for (std::size_t i = 0; i < units.size(); ++i)
      ck_assert(reordering.frames[i].bytes == units[i].bytes && !reordering.frames[i].meta.discontinuity);

    for (const unsigned loss_percent : {0U, 2U, 10U}) {
      Receiver receiver(std::make_unique<codec::KlvDepacketizer>(allocator), 90000);
      receiver.push(disturb(sent.packets, {loss_percent, loss_percent, loss_percent, mtu, 20}));
      if (loss_percent == 0) ck_assert_uint_eq(receiver.frames.size(), units.size());
      std::size_t next = 0;
      for (const ReceivedFrame& frame : receiver.frames) {
        const std::size_t before = next;
        while (next < units.size() && units[next].bytes != frame.bytes)
          ++next;
        ck_assert_msg(next < units.size(), "mtu %u: a unit that nobody sent", mtu);
        ck_assert_int_eq(frame.meta.timestamp - receiver.frames.front().meta.timestamp,
                         static_cast<std::int64_t>(next) * 3600);
        if (next != before) ck_assert(frame.meta.discontinuity);
        ++next;
      }
      assert_losses_are_counted(receiver);
      ck_assert_uint_eq(receiver.errors, 0);
    }
  }
}

}  // namespace

int main() {
  if (!retina::test::have_elements({"adpcmenc", "adpcmdec", "opusenc", "rtpopuspay"})) return 77;
  return retina::test::run_laws("payload_audio", 60);
}
