#include "clap.h"

#include <atomic>
#include <cmath>
#include <memory>

namespace retina::tools {
namespace {

/// Of one medium's two streams, whose threads are the streaming ones.
struct Programme {
  Clap clap;
  /// A live source counts from the moment at which it could begin: the pictures are so much late for their
  /// places, and the beeps go with them.
  std::atomic<GstClockTimeDiff> late{0};
};

GstPadProbeReturn flash(GstPad*, GstPadProbeInfo* info, gpointer data) {
  auto& programme = *static_cast<Programme*>(data);
  const Clap& clap = programme.clap;
  GstBuffer* const picture = GST_PAD_PROBE_INFO_BUFFER(info);
  const auto fps = static_cast<guint64>(clap.fps);
  const guint64 number = gst_util_uint64_scale_round(GST_BUFFER_PTS(picture), fps, GST_SECOND);
  programme.late = GST_CLOCK_DIFF(gst_util_uint64_scale(number, GST_SECOND, fps), GST_BUFFER_PTS(picture));
  if (number == 0 || number % fps != 0) return GST_PAD_PROBE_OK;
  constexpr guint8 kWhite = 235;
  constexpr guint8 kNoColour = 128;
  // videotestsrc may give out the memory of a picture more than once.
  GstBuffer* const white = gst_buffer_copy_deep(picture);
  gst_buffer_memset(white, 0, kWhite, clap.luma_bytes);
  gst_buffer_memset(white, clap.luma_bytes, kNoColour, gst_buffer_get_size(white) - clap.luma_bytes);
  gst_buffer_unref(picture);
  GST_PAD_PROBE_INFO_DATA(info) = white;
  return GST_PAD_PROBE_OK;
}

GstPadProbeReturn beep(GstPad*, GstPadProbeInfo* info, gpointer data) {
  const auto& programme = *static_cast<const Programme*>(data);
  GstBuffer* const heard = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
  GST_PAD_PROBE_INFO_DATA(info) = heard;
  const auto rate = static_cast<gint64>(programme.clap.rate_hz);
  const gint64 period = rate / 1000;
  const GstClockTimeDiff time =
      GST_BUFFER_PTS_IS_VALID(heard) ? GST_CLOCK_DIFF(programme.late, GST_BUFFER_PTS(heard)) : 0;
  const auto first =
      static_cast<gint64>(std::llround(static_cast<double>(time) * 1e-9 * static_cast<double>(rate))) +
      programme.clap.delay;
  GstMapInfo map;
  if (!gst_buffer_map(heard, &map, GST_MAP_WRITE)) return GST_PAD_PROBE_OK;
  for (gsize i = 0; i + 1 < map.size; i += 2) {
    const gint64 at = first + static_cast<gint64>(i / 2);
    if (at < rate || at % rate >= 20 * period) continue;  // the first second is for finding out
    GST_WRITE_UINT16_LE(map.data + i, static_cast<guint16>(at % period < period / 2 ? 20000 : -20000));
  }
  gst_buffer_unmap(heard, &map);
  return GST_PAD_PROBE_OK;
}

void watch(GstElement* media, const char* name, GstPadProbeCallback callback,
           const std::shared_ptr<Programme>& programme) {
  GstElement* const source = gst_bin_get_by_name(GST_BIN(media), name);
  if (source == nullptr) return;
  GstPad* const pad = gst_element_get_static_pad(source, "src");
  // The probes go with the medium, and with them what they look at.
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, callback, programme.get(), nullptr);
  g_object_set_data_full(G_OBJECT(pad), "retina-clap", new std::shared_ptr<Programme>(programme),
                         [](gpointer old) { delete static_cast<std::shared_ptr<Programme>*>(old); });
  gst_object_unref(pad);
  gst_object_unref(source);
}

void configure(GstRTSPMediaFactory*, GstRTSPMedia* media, gpointer data) {
  const auto programme = std::make_shared<Programme>();
  programme->clap = *static_cast<const Clap*>(data);
  GstElement* const element = gst_rtsp_media_get_element(media);
  watch(element, "picture", flash, programme);
  if (programme->clap.rate_hz > 0) watch(element, "sound", beep, programme);
  gst_object_unref(element);
}

}  // namespace

void add_clap(GstRTSPMediaFactory* factory, const Clap& clap) {
  g_signal_connect_data(
      factory, "media-configure", G_CALLBACK(configure), new Clap(clap),
      [](gpointer old, GClosure*) { delete static_cast<Clap*>(old); }, GConnectFlags{});
}

}  // namespace retina::tools
