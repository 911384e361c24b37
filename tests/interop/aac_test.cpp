// AAC through GStreamer's rtpmp4gpay and rtpmp4apay: frames come out as they went in, and decode.

#include "codec/aac.h"

#include <algorithm>
#include <cstdlib>

#include "codec/latm.h"
#include "interop/payloader.h"
#include "interop/receiver.h"
#include "support/check.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

struct Source {
  std::vector<SourceFrame> frames;
  std::string caps;
  std::uint32_t rate = 0;
};

std::string caps_of(std::uint32_t rate, unsigned channels, const std::string& config) {
  return "audio/mpeg, mpegversion=4, stream-format=raw, base-profile=lc, profile=lc, level=(string)2, "
         "framed=true, "
         "rate=" +
         std::to_string(rate) + ", channels=" + std::to_string(channels) + ", codec_data=(buffer)" + config;
}

Source source_of(std::uint32_t rate, unsigned channels, unsigned count, unsigned bitrate) {
  Source source{.rate = rate};
  // Bits that a frame can't do without, so that sizes differ.
  source.frames =
      produce("audiotestsrc wave=pink-noise samplesperbuffer=1024 num-buffers=" + std::to_string(count) +
                  " ! audio/x-raw,rate=" + std::to_string(rate) + ",channels=" + std::to_string(channels) +
                  " ! avenc_aac bitrate=" + std::to_string(bitrate) + " ! audio/mpeg,stream-format=raw",
              source.caps);
  ck_assert_uint_ge(source.frames.size(), count);
  return source;
}

/// The SDP that the payloader's caps stand for.
sdp::Media media_of(const std::string& rtp_caps) {
  GstCaps* caps = gst_caps_from_string(rtp_caps.c_str());
  ck_assert(caps != nullptr);
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  sdp::Media media;
  media.kind = sdp::MediaKind::kAudio;
  media.channels = 1;
  gint rate = 0;
  ck_assert(gst_structure_get_int(structure, "clock-rate", &rate));
  media.clock_rate_hz = static_cast<std::uint32_t>(rate);
  for (gint i = 0; i < gst_structure_n_fields(structure); ++i) {
    const gchar* name = gst_structure_nth_field_name(structure, static_cast<guint>(i));
    if (const gchar* value = gst_structure_get_string(structure, name))
      media.format_parameters.push_back({name, value});
  }
  gst_caps_unref(caps);
  return media;
}

template <class D>
Receiver make_receiver(const sdp::Media& media) {
  static codec::HeapAllocator allocator;
  auto made = D::create(media, {}, allocator);
  ck_assert(made.has_value());
  return Receiver(std::move(*made), media.clock_rate_hz);
}

Receiver make_receiver(const std::string& payloader, const std::string& rtp_caps) {
  const auto media = media_of(rtp_caps);
  if (payloader.starts_with("rtpmp4gpay")) return make_receiver<codec::AacDepacketizer>(media);
  return make_receiver<codec::LatmDepacketizer>(media);
}

constexpr unsigned kSizes[] = {100, 117, 200, 333, 512, 700, 1000, 1400, 1500, 3000, 9000};

/// Which frame it is that begins so long after the first. The payloader's times come from nanoseconds, and
/// are a tick early at times.
std::size_t index_at(std::int64_t since) {
  const std::int64_t index = (since + 512) / 1024;
  ck_assert_msg(index >= 0 && std::abs(since - index * 1024) <= 1, "%lld ticks",
                static_cast<long long>(since));
  return static_cast<std::size_t>(index);
}

void assert_all_whole(const Source& source, const Payloaded& sent, const Receiver& receiver, unsigned mtu) {
  ck_assert_uint_eq(receiver.errors, 0);
  ck_assert_msg(receiver.frames.size() == source.frames.size(), "mtu %u: %zu frames of %zu", mtu,
                receiver.frames.size(), source.frames.size());
  const std::int64_t start = receiver.frames.at(0).meta.timestamp;
  for (std::size_t i = 0; i < source.frames.size(); ++i) {
    const ReceivedFrame& got = receiver.frames[i];
    ck_assert_msg(got.bytes == source.frames[i].bytes, "mtu %u: frame %zu", mtu, i);
    ck_assert_msg(index_at(got.meta.timestamp - start) == i, "mtu %u: frame %zu", mtu, i);
    ck_assert_uint_eq(got.meta.duration, 1024);
    ck_assert(got.meta.key_frame && !got.meta.corrupted && !got.meta.discontinuity);
    ck_assert((got.meta.parameters != nullptr) == (i == 0));
  }
  ck_assert(!sent.packets.empty());
}

/// Whole frames only, in order; what is missing stands behind a discontinuity. Times tell the frames apart.
void assert_undamaged(const Source& source, std::int64_t start, const Receiver& receiver, unsigned mtu,
                      std::size_t& missing) {
  std::size_t next = 0;
  for (const ReceivedFrame& got : receiver.frames) {
    const std::size_t index = index_at(got.meta.timestamp - start);
    ck_assert_msg(index >= next && index < source.frames.size(), "mtu %u: frame %zu after %zu", mtu, index,
                  next);
    ck_assert_msg(got.bytes == source.frames[index].bytes, "mtu %u: frame %zu", mtu, index);
    if (index > next) ck_assert_msg(got.meta.discontinuity, "mtu %u: before frame %zu", mtu, index);
    if (got.meta.packets_lost > 0) ck_assert(got.meta.discontinuity);
    missing += index - next;
    next = index + 1;
  }
}

void sweep(const std::string& payloader, const Source& source) {
  for (const unsigned mtu : kSizes) {
    const std::string description = payloader + " mtu=" + std::to_string(mtu);
    const auto sent = payload(description, source.caps, source.frames);
    Receiver receiver = make_receiver(payloader, sent.caps);
    receiver.push(sent.packets);
    receiver.depacketizer().flush();
    assert_all_whole(source, sent, receiver, mtu);
    const std::int64_t start = receiver.frames[0].meta.timestamp;

    Receiver reordering = make_receiver(payloader, sent.caps);
    reordering.push_reordering(disturb(
        sent.packets, {.duplicate_percent = 30, .reorder_percent = 30, .seed = mtu, .calm_percent = 1}));
    reordering.depacketizer().flush();
    assert_all_whole(source, sent, reordering, mtu);

    std::size_t missing = 0;
    for (std::uint32_t seed = 1; seed <= 8; ++seed) {
      Receiver disturbed = make_receiver(payloader, sent.caps);
      disturbed.push(disturb(sent.packets, {5, 3, 3, seed, 20}));
      disturbed.depacketizer().flush();
      ck_assert_uint_eq(disturbed.errors, 0);
      assert_undamaged(source, start, disturbed, mtu, missing);
      assert_losses_are_counted(disturbed);
      ck_assert_uint_gt(disturbed.frames.size(), source.frames.size() / 8);
    }
    ck_assert_msg(missing > 0, "mtu %u: nothing was lost", mtu);
  }
}

LAW(what_rtpmp4gpay_makes_comes_back_at_every_packet_size) {
  sweep("rtpmp4gpay", source_of(48000, 2, 80, 192000));
  sweep("rtpmp4gpay", source_of(16000, 1, 80, 32000));
}

LAW(what_rtpmp4apay_makes_comes_back_at_every_packet_size) {
  sweep("rtpmp4apay", source_of(48000, 2, 80, 192000));
  sweep("rtpmp4apay", source_of(16000, 1, 80, 32000));
}

LAW(frames_of_every_size_come_back) {
  // Around the lengths of LATM, of packets, and of AU headers.
  for (const char* payloader : {"rtpmp4gpay", "rtpmp4apay"}) {
    Source source{.caps = caps_of(48000, 2, "1190"), .rate = 48000};
    constexpr std::size_t kFrameSizes[] = {1,   2,   3,   80,  81,   82,   83,   84,   85,   86,  87,  88,
                                           96,  97,  98,  99,  100,  101,  253,  254,  255,  256, 509, 510,
                                           511, 764, 765, 766, 1020, 1360, 1361, 1500, 6000, 8191};
    for (const std::size_t size : kFrameSizes) {
      SourceFrame frame;
      frame.bytes.resize(size);
      for (std::size_t i = 0; i < size; ++i)
        frame.bytes[i] = static_cast<std::uint8_t>(i * 13 + size);
      frame.bytes[0] = 0x21;
      frame.pts = gst_util_uint64_scale(source.frames.size(), 1024 * GST_SECOND, 48000);
      source.frames.push_back(std::move(frame));
    }
    for (const unsigned mtu : kSizes) {
      const auto sent =
          payload(std::string(payloader) + " mtu=" + std::to_string(mtu), source.caps, source.frames);
      Receiver receiver = make_receiver(payloader, sent.caps);
      receiver.push(sent.packets);
      assert_all_whole(source, sent, receiver, mtu);
    }
  }
}

LAW(configs_come_through_payloaders_and_back) {
  for (const char* config : {"1190", "1408", "119056e500", "131056e598", "2b118800"}) {
    Source source{.caps = caps_of(48000, 2, config), .rate = 48000};
    source.frames.resize(2);
    source.frames[0].bytes = source.frames[1].bytes = Bytes(50, 0x21);
    source.frames[1].pts = 1024 * GST_SECOND / 48000;
    for (const char* payloader : {"rtpmp4gpay", "rtpmp4apay"}) {
      const auto sent = payload(payloader, source.caps, source.frames);
      Receiver receiver = make_receiver(payloader, sent.caps);
      receiver.push(sent.packets);
      ck_assert_uint_eq(receiver.frames.size(), 2);
      ck_assert_msg(receiver.frames[0].meta.parameters->config == *codec::decode_config(config), "%s: %s",
                    payloader, config);
    }
  }
}

LAW(what_comes_out_decodes_to_every_sample) {
  const auto source = source_of(48000, 2, 50, 128000);
  for (const char* payloader : {"rtpmp4gpay mtu=200", "rtpmp4apay mtu=200"}) {
    const auto sent = payload(payloader, source.caps, source.frames);
    for (const bool adts : {false, true}) {
      Receiver receiver = make_receiver(payloader, sent.caps);
      codec::FrameFormat format;
      format.aac = adts ? codec::AacFraming::kAdts : codec::AacFraming::kRaw;
      receiver.depacketizer().set_format(format);
      receiver.push(sent.packets);
      std::vector<SourceFrame> frames;
      for (const ReceivedFrame& got : receiver.frames)
        frames.push_back({got.bytes, source.frames[frames.size()].pts});
      const std::string caps =
          adts ? "audio/mpeg, mpegversion=4, stream-format=adts, framed=true" : caps_of(48000, 2, "1190");
      std::string decoded_caps;
      const auto decoded =
          process(std::string(adts ? "aacparse ! " : "") +
                      "avdec_aac ! audioconvert ! audio/x-raw,format=S16LE,layout=interleaved",
                  caps, frames, decoded_caps);
      std::size_t bytes = 0;
      bool silent = true;
      for (const SourceFrame& buffer : decoded) {
        bytes += buffer.bytes.size();
        silent = silent && std::ranges::all_of(buffer.bytes, [](std::uint8_t byte) { return byte == 0; });
      }
      ck_assert_uint_eq(bytes, frames.size() * 1024 * 2 * 2);
      ck_assert(!silent);
    }
  }
}

}  // namespace

int main() {
  if (!retina::test::have_elements({"avenc_aac", "avdec_aac", "aacparse"})) return 77;
  return retina::test::run_laws("payload_aac", 60);
}
