#include "data_caps.h"

#include "codec/klv.h"
#include "codec/onvif_metadata.h"

namespace retina::gst {
namespace {

const char* name_of(codec::OnvifCompression compression) {
  switch (compression) {
    case codec::OnvifCompression::kNone:
      break;
    case codec::OnvifCompression::kGzip:
      return "gzip";
    case codec::OnvifCompression::kExiOnvif:
      return "exi-onvif";
    case codec::OnvifCompression::kExiExt:
      return "exi-ext";
  }
  return "none";
}

}  // namespace

CapsRef data_template_caps() {
  return CapsRef(
      gst_caps_from_string("application/x-onvif-metadata, parsed=(boolean)true,"
                           " compression=(string){ none, gzip, exi-onvif, exi-ext };"
                           "meta/x-klv, parsed=(boolean)true"));
}

CapsRef data_caps(const sdp::Media& media) {
  if (codec::is_klv(media))
    return CapsRef(gst_caps_new_simple("meta/x-klv", "parsed", G_TYPE_BOOLEAN, TRUE, nullptr));
  const auto compression = codec::onvif_compression(media);
  if (!compression) return nullptr;
  return CapsRef(gst_caps_new_simple("application/x-onvif-metadata", "parsed", G_TYPE_BOOLEAN, TRUE,
                                     "compression", G_TYPE_STRING, name_of(*compression), nullptr));
}

}  // namespace retina::gst
