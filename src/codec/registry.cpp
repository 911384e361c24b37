#include "codec/registry.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "codec/aac.h"
#include "codec/av1.h"
#include "codec/h264.h"
#include "codec/h265.h"
#include "codec/jpeg.h"
#include "codec/klv.h"
#include "codec/latm.h"
#include "codec/onvif_metadata.h"
#include "codec/rtp_packets.h"
#include "codec/sample_audio.h"
#include "sdp/sprop.h"

namespace retina::codec {
namespace {

using Made = base::Result<std::unique_ptr<Depacketizer>>;

/// What a maker may need.
struct Order {
  const sdp::Media& media;
  FrameFormat format;
  FrameAllocator& allocator;
  std::vector<std::string>& notes;
};

template <class Concrete>
Made made(base::Result<std::unique_ptr<Concrete>> result) {
  if (!result) return base::Unexpected(result.error());
  return std::unique_ptr<Depacketizer>(std::move(result).value());
}

Made make_h264(const Order& order) {
  return std::unique_ptr<Depacketizer>(
      std::make_unique<H264Depacketizer>(sdp::sprop_parameter_sets(order.media, order.notes), order.format,
                                         order.allocator, h264_interleaving(order.media)));
}

Made make_h265(const Order& order) {
  return std::unique_ptr<Depacketizer>(std::make_unique<H265Depacketizer>(
      h265_announcement(order.media, order.notes), order.format, order.allocator));
}

Made make_jpeg(const Order& order) {
  return std::unique_ptr<Depacketizer>(
      std::make_unique<JpegDepacketizer>(order.media, order.format, order.allocator));
}

Made make_av1(const Order& order) {
  return std::unique_ptr<Depacketizer>(std::make_unique<Av1Depacketizer>(order.format, order.allocator));
}

Made make_aac(const Order& order) {
  return made(AacDepacketizer::create(order.media, order.format, order.allocator));
}

Made make_latm(const Order& order) {
  return made(LatmDepacketizer::create(order.media, order.format, order.allocator));
}

struct Row {
  std::string_view encoding;
  Made (*make)(const Order&);
};
constexpr std::array<Row, 6> kRows{{{"H264", make_h264},
                                    {"H265", make_h265},
                                    {"JPEG", make_jpeg},
                                    {"AV1", make_av1},
                                    {"mpeg4-generic", make_aac},
                                    {"MP4A-LATM", make_latm}}};

/// Null: nothing native.
Made make_native(const Order& order) {
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&order](const Row& candidate) {
    return base::equals_ignore_case(order.media.encoding_name, candidate.encoding);
  });
  if (row != kRows.end()) return row->make(order);
  if (const auto audio = audio_format(order.media))
    return std::unique_ptr<Depacketizer>(std::make_unique<SampleAudioDepacketizer>(*audio, order.allocator));
  if (const auto compression = onvif_compression(order.media)) {
    return std::unique_ptr<Depacketizer>(
        std::make_unique<OnvifMetadataDepacketizer>(*compression, order.allocator));
  }
  if (is_klv(order.media))
    return std::unique_ptr<Depacketizer>(std::make_unique<KlvDepacketizer>(order.allocator));
  return base::fail(base::ErrorCode::kUnsupported, 0, "no native depacketizer for this encoding");
}

}  // namespace

bool is_native(const sdp::Media& media) {
  HeapAllocator nothing;
  std::vector<std::string> notes;
  return make_native({media, {}, nothing, notes}).has_value();
}

Made make_depacketizer(const sdp::Media& media, FrameFormat format, FrameAllocator& allocator,
                       std::vector<std::string>& notes) {
  if (format.rtp_packets) return std::unique_ptr<Depacketizer>(std::make_unique<RtpPackets>(allocator));
  return make_native({media, format, allocator, notes});
}

}  // namespace retina::codec
