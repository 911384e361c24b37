#pragma once

#include <gst/base/gstpushsrc.h>

G_BEGIN_DECLS

#define RETINA_TYPE_SRC (retina_src_get_type())
G_DECLARE_FINAL_TYPE(RetinaSrc, retina_src, RETINA, SRC, GstPushSrc)

G_END_DECLS
