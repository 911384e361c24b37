#include "jpeg_caps.h"

#include "codec/jpeg_headers.h"
#include "framerate_hint.h"

namespace retina::gst {
namespace {

/// How jpegparse calls the sampling factors of three components; null: it has no name for them.
const char* sampling_name(const codec::JpegFrameInfo& info) {
  struct Sampling {
    unsigned horizontal;
    unsigned vertical;
    const char* name;
  };
  constexpr Sampling kSamplings[] = {{1, 1, "YCbCr-4:4:4"},
                                     {2, 1, "YCbCr-4:2:2"},
                                     {2, 2, "YCbCr-4:2:0"},
                                     {1, 2, "YCbCr-4:4:0"},
                                     {4, 1, "YCbCr-4:1:1"}};
  const auto& [luminance, blue, red, unused] = info.components;
  const bool plain_chrominance =
      blue.horizontal == 1 && blue.vertical == 1 && red.horizontal == 1 && red.vertical == 1;
  if (!plain_chrominance) return nullptr;
  for (const Sampling& sampling : kSamplings) {
    if (luminance.horizontal == sampling.horizontal && luminance.vertical == sampling.vertical)
      return sampling.name;
  }
  return nullptr;
}

/// RTP has YCbCr, and with ONVIF's extension greyscale (ONVIF Streaming Specification, "Supported colour
/// spaces and sampling factors").
void set_color_fields(GstCaps* caps, const codec::JpegFrameInfo& info) {
  const bool grey = info.component_count == 1;
  if (!grey && info.component_count != 3) return;
  const char* sampling = grey ? "GRAYSCALE" : sampling_name(info);
  gst_caps_set_simple(caps, "colorspace", G_TYPE_STRING, grey ? "GRAY" : "sYUV", nullptr);
  if (sampling != nullptr) gst_caps_set_simple(caps, "sampling", G_TYPE_STRING, sampling, nullptr);
}

}  // namespace

CapsRef jpeg_template_caps() {
  return CapsRef(gst_caps_from_string("image/jpeg, parsed=(boolean)true"));
}

CapsRef jpeg_caps(const codec::ParameterSets* parameters, const sdp::Media& media) {
  if (parameters == nullptr) return nullptr;
  CapsRef caps = jpeg_template_caps();
  if (const auto info = codec::read_frame_header(parameters->config)) {
    gst_caps_set_simple(caps.get(), "width", G_TYPE_INT, static_cast<gint>(info->width), "height", G_TYPE_INT,
                        static_cast<gint>(info->height), "sof-marker", G_TYPE_INT,
                        info->marker - codec::jpeg_marker::kStartOfFrame0, nullptr);
    set_color_fields(caps.get(), *info);
  }
  set_framerate_hint(caps.get(), media);
  return caps;
}

}  // namespace retina::gst
