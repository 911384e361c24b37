#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define RETINA_TYPE_BIN (retina_bin_get_type())
G_DECLARE_FINAL_TYPE(RetinaBin, retina_bin, RETINA, BIN, GstBin)

G_END_DECLS
