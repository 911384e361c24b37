#include "audio_caps.h"

#include <cstdint>
#include <optional>
#include <string>

#include "base/ascii.h"
#include "codec/opus_streams.h"
#include "codec/sample_audio.h"

namespace retina::gst {
namespace {

using codec::AudioEncoding;
using codec::AudioFormat;

CapsRef make(const char* type, int rate, int channels) {
  return CapsRef(
      gst_caps_new_simple(type, "rate", G_TYPE_INT, rate, "channels", G_TYPE_INT, channels, nullptr));
}

/// Where the channels stand in the room, for the orders in which GStreamer has them, too (it goes by the bits
/// of the mask). 0: unknown, or in an order that GStreamer can't name.
guint64 channel_mask(const sdp::Media& media, unsigned channels) {
  struct Order {
    unsigned channels;
    const char* name;  // RFC 3190 s7; null: RFC 3551 s4.1, the order where none is named
    guint64 mask;
  };
  constexpr guint64 kFrontPair = 0x3;
  constexpr guint64 kCentre = 0x4;
  constexpr guint64 kLowFrequency = 0x8;
  constexpr guint64 kRearCentre = 0x100;
  constexpr guint64 kSidePair = 0xC00;
  constexpr Order kOrders[] = {
      {2, nullptr, kFrontPair},
      {3, nullptr, kFrontPair | kCentre},
      {5, nullptr, kFrontPair | kCentre | kSidePair},
      {4, "DV.LRLsRs", kFrontPair | kSidePair},
      {4, "DV.LRCS", kFrontPair | kCentre | kRearCentre},
      {4, "DV.LRCWo", kFrontPair | kCentre | kLowFrequency},
  };
  const std::string* told = media.format_parameter("channel-order");
  for (const Order& order : kOrders) {
    if (order.channels != channels) continue;
    if (channels <= 3) return order.mask;
    const bool same = order.name == nullptr ? told == nullptr
                                            : told != nullptr && base::equals_ignore_case(*told, order.name);
    if (same) return order.mask;
  }
  return 0;
}

CapsRef raw(const sdp::Media& media, const AudioFormat& format, const char* sample_format) {
  const int channels = static_cast<int>(format.channels);
  CapsRef caps = make("audio/x-raw", static_cast<int>(format.clock_rate_hz), channels);
  gst_caps_set_simple(caps.get(), "format", G_TYPE_STRING, sample_format, "layout", G_TYPE_STRING,
                      "interleaved", nullptr);
  if (channels > 1) {
    gst_caps_set_simple(caps.get(), "channel-mask", GST_TYPE_BITMASK, channel_mask(media, format.channels),
                        nullptr);
  }
  return caps;
}

/// As rtpg726depay has it: block_align are the bits of a codeword.
CapsRef g726(const AudioFormat& format) {
  const int rate = static_cast<int>(format.clock_rate_hz);
  const int bits = static_cast<int>(format.codeword_bits);
  CapsRef caps = make("audio/x-adpcm", rate, 1);
  gst_caps_set_simple(caps.get(), "layout", G_TYPE_STRING, "g726", "bitrate", G_TYPE_INT, rate * bits,
                      "block_align", G_TYPE_INT, bits, nullptr);
  return caps;
}

/// What a microphone's encoder took in at the most is what a decoder need not exceed (RFC 7587 s6.1).
void set_opus_rate(GstCaps* caps, const sdp::Media& media) {
  constexpr std::uint32_t kFullRate = 48000;
  const std::string* told = media.format_parameter("sprop-maxcapturerate");
  const auto rate = told == nullptr ? std::nullopt : base::parse_number<std::uint32_t>(base::trim(*told));
  const bool sane = rate && *rate > 0 && *rate < kFullRate;
  gst_caps_set_simple(caps, "rate", G_TYPE_INT, static_cast<int>(sane ? *rate : kFullRate), nullptr);
}

/// sprop-stereo=0 says that the sound is probably mono; told nothing, it may be either, and stereo loses
/// nothing.
CapsRef opus(const sdp::Media& media) {
  const std::string* stereo = media.format_parameter("sprop-stereo");
  const int channels = stereo != nullptr && base::trim(*stereo) == "0" ? 1 : 2;
  CapsRef caps(gst_caps_new_simple("audio/x-opus", "channel-mapping-family", G_TYPE_INT, 0, "channels",
                                   G_TYPE_INT, channels, nullptr));
  set_opus_rate(caps.get(), media);
  return caps;
}

CapsRef multi_opus(const sdp::Media& media) {
  const auto streams = codec::opus_streams(media);
  if (!streams) return nullptr;
  CapsRef caps(gst_caps_new_simple("audio/x-opus", "channel-mapping-family", G_TYPE_INT, 1, "channels",
                                   G_TYPE_INT, static_cast<int>(streams->mapping.size()), "stream-count",
                                   G_TYPE_INT, static_cast<int>(streams->streams), "coupled-count",
                                   G_TYPE_INT, static_cast<int>(streams->coupled), nullptr));
  GValue list = G_VALUE_INIT;
  GValue entry = G_VALUE_INIT;
  g_value_init(&list, GST_TYPE_ARRAY);
  g_value_init(&entry, G_TYPE_INT);
  for (const std::uint8_t channel : streams->mapping) {
    g_value_set_int(&entry, channel);
    gst_value_array_append_value(&list, &entry);
  }
  gst_caps_set_value(caps.get(), "channel-mapping", &list);
  g_value_unset(&entry);
  g_value_unset(&list);
  set_opus_rate(caps.get(), media);
  return caps;
}

CapsRef ilbc(const AudioFormat& format) {
  constexpr unsigned kTicksPerMillisecond = 8;
  const int mode = static_cast<int>(format.ticks_per_block / kTicksPerMillisecond);
  return CapsRef(gst_caps_new_simple("audio/x-iLBC", "mode", G_TYPE_INT, mode, nullptr));
}

}  // namespace

CapsRef audio_template_caps() {
  return CapsRef(gst_caps_from_string(
      "audio/x-alaw, rate=(int)[ 1, MAX ], channels=(int)[ 1, MAX ];"
      "audio/x-mulaw, rate=(int)[ 1, MAX ], channels=(int)[ 1, MAX ];"
      "audio/x-raw, format=(string){ U8, S16BE, S24BE, S16LE }, layout=(string)interleaved,"
      " rate=(int)[ 1, MAX ], channels=(int)[ 1, MAX ];"
      "audio/G722, rate=(int)16000, channels=(int)[ 1, MAX ];"
      "audio/G723, rate=(int)8000, channels=(int)1;"
      "audio/x-adpcm, layout=(string)g726, rate=(int)[ 1, MAX ], channels=(int)1,"
      " bitrate=(int)[ 1, MAX ], block_align=(int){ 2, 3, 4, 5 };"
      "audio/x-gsm, rate=(int)8000, channels=(int)1;"
      "audio/x-iLBC, mode=(int){ 20, 30 };"
      "audio/x-opus, channel-mapping-family=(int)[ 0, 1 ]"));
}

CapsRef audio_caps(const sdp::Media& media) {
  const auto format = codec::audio_format(media);
  if (!format) return nullptr;
  const int rate = static_cast<int>(format->clock_rate_hz);
  const int channels = static_cast<int>(format->channels);
  switch (format->encoding) {
    case AudioEncoding::kPcma:
      return make("audio/x-alaw", rate, channels);
    case AudioEncoding::kPcmu:
      return make("audio/x-mulaw", rate, channels);
    case AudioEncoding::kL8:
      return raw(media, *format, "U8");
    case AudioEncoding::kL16:
      return raw(media, *format, "S16BE");
    case AudioEncoding::kL24:
      return raw(media, *format, "S24BE");
    case AudioEncoding::kDvi4:
      return raw(media, *format, "S16LE");
    case AudioEncoding::kG722:
      return make("audio/G722", 16000, channels);
    case AudioEncoding::kG723:
      return make("audio/G723", rate, channels);
    case AudioEncoding::kG726:
      return g726(*format);
    case AudioEncoding::kGsm:
      return make("audio/x-gsm", rate, channels);
    case AudioEncoding::kIlbc:
      return ilbc(*format);
    case AudioEncoding::kOpus:
      return opus(media);
    case AudioEncoding::kMultiOpus:
      break;
  }
  return multi_opus(media);
}

}  // namespace retina::gst
