#include "stream_format.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "aac_caps.h"
#include "audio_caps.h"
#include "av1_caps.h"
#include "base/ascii.h"
#include "codec/registry.h"
#include "data_caps.h"
#include "h264_caps.h"
#include "h265_caps.h"
#include "jpeg_caps.h"
#include "rtp_caps.h"

namespace retina::gst {
namespace {

class H264Stream final : public StreamFormat {
 public:
  explicit H264Stream(sdp::Media media) : media_(std::move(media)) {}

  bool negotiate(const GstCaps* peer) override {
    const auto chosen = choose_h264_format(peer);
    if (chosen) form_ = *chosen;
    return chosen.has_value();
  }
  codec::FrameFormat frame_format(codec::ParameterSetInsertion insertion) const override {
    return gst::frame_format(form_, insertion);
  }
  CapsRef offered() const override { return h264_template_caps(); }
  CapsRef caps(const codec::ParameterSets* parameters) const override {
    return h264_caps(form_, parameters, media_);
  }

 private:
  sdp::Media media_;
  H264Format form_ = H264Format::kAvc;
};

class H265Stream final : public StreamFormat {
 public:
  explicit H265Stream(sdp::Media media) : media_(std::move(media)) {}

  bool negotiate(const GstCaps* peer) override {
    const auto chosen = choose_h265_format(peer);
    if (chosen) form_ = *chosen;
    return chosen.has_value();
  }
  codec::FrameFormat frame_format(codec::ParameterSetInsertion insertion) const override {
    return gst::frame_format(form_, insertion);
  }
  CapsRef offered() const override { return h265_template_caps(); }
  CapsRef caps(const codec::ParameterSets* parameters) const override {
    return h265_caps(form_, parameters, media_);
  }

 private:
  sdp::Media media_;
  H265Format form_ = H265Format::kHvc1;
};

class AacStream final : public StreamFormat {
 public:
  explicit AacStream(sdp::Media) {}

  bool negotiate(const GstCaps* peer) override {
    const auto chosen = choose_aac_format(peer);
    if (chosen) form_ = *chosen;
    return chosen.has_value();
  }
  codec::FrameFormat frame_format(codec::ParameterSetInsertion) const override {
    codec::FrameFormat format;
    format.aac = form_;
    return format;
  }
  CapsRef offered() const override { return aac_template_caps(); }
  CapsRef caps(const codec::ParameterSets* parameters) const override { return aac_caps(form_, parameters); }

 private:
  codec::AacFraming form_ = codec::AacFraming::kRaw;
};

/// Encodings with a single form, whose caps may need parameters of the stream.
template <CapsRef (*kTemplate)(), CapsRef (*kCaps)(const codec::ParameterSets*, const sdp::Media&)>
class PictureStream final : public StreamFormat {
 public:
  explicit PictureStream(sdp::Media media) : media_(std::move(media)) {}

  bool negotiate(const GstCaps* peer) override { return gst_caps_can_intersect(peer, kTemplate().get()); }
  codec::FrameFormat frame_format(codec::ParameterSetInsertion) const override { return {}; }
  CapsRef offered() const override { return kTemplate(); }
  CapsRef caps(const codec::ParameterSets* parameters) const override { return kCaps(parameters, media_); }

 private:
  sdp::Media media_;
};

/// Everything whose caps the SDP tells.
class FixedStream final : public StreamFormat {
 public:
  explicit FixedStream(CapsRef caps, bool rtp_packets = false)
      : caps_(std::move(caps)), rtp_packets_(rtp_packets) {}

  bool negotiate(const GstCaps* peer) override { return caps_ && gst_caps_can_intersect(peer, caps_.get()); }
  codec::FrameFormat frame_format(codec::ParameterSetInsertion) const override {
    codec::FrameFormat format;
    format.rtp_packets = rtp_packets_;
    return format;
  }
  CapsRef offered() const override { return CapsRef(gst_caps_ref(caps_.get())); }
  CapsRef caps(const codec::ParameterSets*) const override { return CapsRef(gst_caps_ref(caps_.get())); }

 private:
  CapsRef caps_;
  bool rtp_packets_;
};

using Stream = std::unique_ptr<StreamFormat>;

template <class Concrete>
Stream make(const sdp::Media& media) {
  return std::make_unique<Concrete>(media);
}

struct Row {
  std::string_view encoding;
  Stream (*make)(const sdp::Media&);
};
constexpr std::array<Row, 6> kRows{{{"H264", make<H264Stream>},
                                    {"H265", make<H265Stream>},
                                    {"JPEG", make<PictureStream<jpeg_template_caps, jpeg_caps>>},
                                    {"AV1", make<PictureStream<av1_template_caps, av1_caps>>},
                                    {"mpeg4-generic", make<AacStream>},
                                    {"MP4A-LATM", make<AacStream>}}};

/// Null: there is no depacketizer for it.
Stream native_stream(const sdp::Media& media) {
  if (!codec::is_native(media)) return nullptr;
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&media](const Row& candidate) {
    return base::equals_ignore_case(media.encoding_name, candidate.encoding);
  });
  if (row != kRows.end()) return row->make(media);
  CapsRef caps = audio_caps(media);
  if (!caps) caps = data_caps(media);
  return caps ? std::make_unique<FixedStream>(std::move(caps)) : nullptr;
}

}  // namespace

std::unique_ptr<StreamFormat> negotiate_format(const sdp::Media& media,
                                               const std::vector<sdp::Attribute>& session_attributes,
                                               const GstCaps* peer) {
  Stream native = native_stream(media);
  if (native && native->negotiate(peer)) return native;
  Stream packets = std::make_unique<FixedStream>(rtp_caps(media, session_attributes), true);
  if (packets->negotiate(peer)) return packets;
  return nullptr;
}

bool has_native_form(const sdp::Media& media) {
  return native_stream(media) != nullptr;
}

CapsRef offered_caps(const sdp::Media& media, const std::vector<sdp::Attribute>& session_attributes) {
  const Stream native = native_stream(media);
  CapsRef caps = native ? native->offered() : CapsRef(gst_caps_new_empty());
  if (CapsRef packets = rtp_caps(media, session_attributes))
    caps.reset(gst_caps_merge(caps.release(), packets.release()));
  return caps;
}

CapsRef stream_caps(std::optional<MediaChoice> media) {
  struct Group {
    MediaChoice media;
    CapsRef (*caps)();
  };
  constexpr Group kGroups[] = {
      {MediaChoice::kVideo, h264_template_caps},      {MediaChoice::kVideo, h265_template_caps},
      {MediaChoice::kVideo, jpeg_template_caps},      {MediaChoice::kVideo, av1_template_caps},
      {MediaChoice::kAudio, aac_template_caps},       {MediaChoice::kAudio, audio_template_caps},
      {MediaChoice::kApplication, data_template_caps}};
  const auto wanted = media == MediaChoice::kAny ? MediaChoice::kVideo : media;
  CapsRef all(gst_caps_new_empty());
  for (const Group& group : kGroups) {
    if (!wanted || group.media == *wanted) gst_caps_append(all.get(), group.caps().release());
  }
  gst_caps_append(all.get(), gst_caps_new_empty_simple("application/x-rtp"));
  return all;
}

}  // namespace retina::gst
