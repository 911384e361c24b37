#include "interop/servers/h264_file.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include <algorithm>
#include <cstdlib>

namespace retina::test {
namespace {

constexpr GstClockTime kLimit = 60 * GST_SECOND;

GstElement* parse(const std::string& description) {
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(description.c_str(), &error);
  ck_assert_msg(error == nullptr, "%s: %s", description.c_str(), error != nullptr ? error->message : "");
  return pipeline;
}

/// Runs to the end, and ends the pipeline's life.
void finish(GstElement* pipeline) {
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* message = gst_bus_timed_pop_filtered(
      bus, kLimit, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  ck_assert_msg(message != nullptr && GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS, "no good end");
  gst_message_unref(message);
  gst_object_unref(bus);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(pipeline);
}

base::Bytes bytes_of(GstSample* sample) {
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  base::Bytes bytes(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
  return bytes;
}

}  // namespace

void make_h264_file(const std::string& path, int frames) {
  GstElement* pipeline = parse(
      "videotestsrc pattern=ball num-buffers=" + std::to_string(frames) +
      " ! video/x-raw,width=320,height=240,framerate=" + std::to_string(kFps) +
      "/1 ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=800 key-int-max=" + std::to_string(kFps) +
      " ! video/x-h264,profile=main ! h264parse ! mp4mux ! filesink location=" + path);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  finish(pipeline);
}

std::vector<Slices> pictures_of(const std::string& path) {
  GstElement* pipeline =
      parse("filesrc location=" + path +
            " ! qtdemux ! h264parse ! video/x-h264,stream-format=byte-stream,alignment=au ! "
            "appsink name=sink sync=false");
  GstElement* sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  std::vector<Slices> pictures;
  while (GstSample* sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink), kLimit)) {
    pictures.push_back(slices_of(bytes_of(sample)));
    gst_sample_unref(sample);
  }
  gst_object_unref(sink);
  finish(pipeline);
  return pictures;
}

Slices slices_of(const base::Bytes& access_unit) {
  const std::string text(access_unit.begin(), access_unit.end());
  const std::string start("\0\0\1", 3);
  Slices slices;
  std::size_t at = text.find(start);
  while (at != std::string::npos) {
    const std::size_t next = text.find(start, at + 3);
    std::string nal = text.substr(at + 3, next == std::string::npos ? next : next - at - 3);
    // RFC 6184 and H.264 annex B: zeros behind a NAL unit aren't part of it.
    while (!nal.empty() && nal.back() == '\0')
      nal.pop_back();
    const int type = nal.empty() ? 0 : nal.front() & 0x1F;
    if (type == 1 || type == 5) slices.push_back(std::move(nal));
    at = next;
  }
  return slices;
}

std::size_t decode(const std::vector<Received>& frames) {
  GstElement* pipeline =
      parse("appsrc name=source format=time ! avdec_h264 max-threads=1 ! appsink name=sink sync=false");
  GstElement* source = gst_bin_get_by_name(GST_BIN(pipeline), "source");
  GstElement* sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
  GstCaps* caps = gst_caps_from_string(frames.front().caps.c_str());
  gst_app_src_set_caps(GST_APP_SRC(source), caps);
  gst_caps_unref(caps);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  for (const Received& frame : frames) {
    GstBuffer* buffer = gst_buffer_new_memdup(frame.bytes.data(), frame.bytes.size());
    GST_BUFFER_PTS(buffer) = frame.pts;
    ck_assert_int_eq(gst_app_src_push_buffer(GST_APP_SRC(source), buffer), GST_FLOW_OK);
  }
  gst_app_src_end_of_stream(GST_APP_SRC(source));
  std::size_t pictures = 0;
  while (GstSample* sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink), kLimit)) {
    ++pictures;
    gst_sample_unref(sample);
  }
  gst_object_unref(source);
  gst_object_unref(sink);
  finish(pipeline);
  return pictures;
}

void expect_steady_times(const std::vector<Received>& frames, GstClockTime tolerance) {
  for (std::size_t i = 1; i < frames.size(); ++i) {
    const GstClockTimeDiff step = GST_CLOCK_DIFF(frames[i - 1].pts, frames[i].pts);
    const GstClockTimeDiff off = std::abs(step - static_cast<GstClockTimeDiff>(GST_SECOND / kFps));
    ck_assert_msg(off <= static_cast<GstClockTimeDiff>(tolerance),
                  "frame %zu comes %" GST_STIME_FORMAT " after the one before", i, GST_STIME_ARGS(step));
  }
}

void expect_run_of(const std::vector<Slices>& pictures, const std::vector<Received>& frames) {
  ck_assert(!frames.empty() && !pictures.empty());
  std::vector<Slices> got;
  for (const Received& frame : frames)
    got.push_back(slices_of(frame.bytes));
  std::size_t longest = 0;
  for (std::size_t start = 0; start < pictures.size() && longest < got.size(); ++start) {
    std::size_t n = 0;
    while (n < got.size() && got[n] == pictures[(start + n) % pictures.size()])
      ++n;
    longest = std::max(longest, n);
  }
  ck_assert_msg(longest == got.size(), "frame %zu of %zu isn't the file's picture", longest, got.size());
}

bool have_h264_tools() {
  for (const char* name : {"x264enc", "avdec_h264", "h264parse", "mp4mux", "qtdemux"}) {
    GstElementFactory* factory = gst_element_factory_find(name);
    if (factory == nullptr) return false;
    gst_object_unref(factory);
  }
  return true;
}

}  // namespace retina::test
