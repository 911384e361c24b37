#pragma once

#include <gst/base/gstpushsrc.h>

G_BEGIN_DECLS

#define RETINA_TYPE_SRC (retina_src_get_type())
G_DECLARE_FINAL_TYPE(RetinaSrc, retina_src, RETINA, SRC, GstPushSrc)

G_END_DECLS

namespace retina::gst {
class Source;
/// The element's C++ body, for a retinabin that it is a part of.
Source& source_of(RetinaSrc* element);
}  // namespace retina::gst
