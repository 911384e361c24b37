#include <gst/gst.h>

#include "retinabin.h"
#include "retinasrc.h"

static gboolean plugin_init(GstPlugin* plugin) {
  // Rank NONE: installing the plugin doesn't change what playbin and uridecodebin choose.
  // GST_PLUGIN_FEATURE_RANK does.
  return gst_element_register(plugin, "retinasrc", GST_RANK_NONE, RETINA_TYPE_SRC) &&
         gst_element_register(plugin, "retinabin", GST_RANK_NONE, RETINA_TYPE_BIN);
}

#define PACKAGE "gst-retina"
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, retina,
                  "RTSP sources with large adaptive socket reads", plugin_init, RETINA_VERSION, "MIT/X11",
                  "gst-retina", "https://gstreamer.freedesktop.org/")
