#include "interop/payloader.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include <cstdio>
#include <memory>

#include "support/check.h"

namespace retina::test {
namespace {

struct Unref {
  void operator()(gpointer object) const { gst_object_unref(object); }
};
using ElementRef = std::unique_ptr<GstElement, Unref>;

ElementRef parse(const std::string& description) {
  gst_init(nullptr, nullptr);
  GError* error = nullptr;
  ElementRef pipeline(gst_parse_launch(description.c_str(), &error));
  if (error != nullptr) std::fprintf(stderr, "%s: %s\n", description.c_str(), error->message);
  ck_assert(error == nullptr);
  return pipeline;
}

ElementRef child(const ElementRef& pipeline, const char* name) {
  return ElementRef(gst_bin_get_by_name(GST_BIN(pipeline.get()), name));
}

SourceFrame copied(GstSample* sample) {
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  SourceFrame frame;
  frame.bytes.resize(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, frame.bytes.data(), frame.bytes.size());
  frame.pts = GST_BUFFER_PTS(buffer);
  frame.key_frame = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  return frame;
}

std::string text_of(GstSample* sample) {
  gchar* text = gst_caps_to_string(gst_sample_get_caps(sample));
  std::string caps(text);
  g_free(text);
  return caps;
}

/// Everything that reaches the sink until EOS, which must come.
std::vector<SourceFrame> drain(const ElementRef& pipeline, std::string& caps) {
  const ElementRef sink = child(pipeline, "sink");
  std::vector<SourceFrame> frames;
  while (GstSample* sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink.get()), 30 * GST_SECOND)) {
    frames.push_back(copied(sample));
    caps = text_of(sample);
    gst_sample_unref(sample);
  }
  GstBus* bus = gst_element_get_bus(pipeline.get());
  GstMessage* error = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
  if (error != nullptr) {
    GError* reason = nullptr;
    gst_message_parse_error(error, &reason, nullptr);
    std::fprintf(stderr, "%s\n", reason->message);
    g_error_free(reason);
  }
  ck_assert(error == nullptr);
  ck_assert(gst_app_sink_is_eos(GST_APP_SINK(sink.get())));
  gst_object_unref(bus);
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  return frames;
}

}  // namespace

std::vector<SourceFrame> process(const std::string& description, const std::string& caps,
                                 const std::vector<SourceFrame>& frames, std::string& made_caps) {
  // max-bytes=0: appsrc holds all frames at once.
  const ElementRef pipeline = parse("appsrc name=source format=time max-bytes=0 ! " + description +
                                    " ! appsink name=sink sync=false");
  const ElementRef source = child(pipeline, "source");
  GstCaps* parsed = gst_caps_from_string(caps.c_str());
  gst_app_src_set_caps(GST_APP_SRC(source.get()), parsed);
  gst_caps_unref(parsed);
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  for (const SourceFrame& frame : frames) {
    GstBuffer* buffer = gst_buffer_new_memdup(frame.bytes.data(), frame.bytes.size());
    GST_BUFFER_PTS(buffer) = frame.pts;
    if (!frame.key_frame) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    ck_assert_int_eq(gst_app_src_push_buffer(GST_APP_SRC(source.get()), buffer), GST_FLOW_OK);
  }
  gst_app_src_end_of_stream(GST_APP_SRC(source.get()));
  return drain(pipeline, made_caps);
}

Payloaded payload(const std::string& payloader, const std::string& caps,
                  const std::vector<SourceFrame>& frames, std::uint16_t first_sequence) {
  Payloaded made;
  const std::string description =
      payloader + " name=payloader seqnum-offset=" + std::to_string(first_sequence);
  for (SourceFrame& packet : process(description, caps, frames, made.caps))
    made.packets.push_back(std::move(packet.bytes));
  return made;
}

std::vector<SourceFrame> produce(const std::string& description, std::string& caps) {
  const ElementRef pipeline = parse(description + " ! appsink name=sink sync=false");
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  return drain(pipeline, caps);
}

bool have_elements(std::initializer_list<const char*> names) {
  gst_init(nullptr, nullptr);
  for (const char* name : names) {
    GstElementFactory* factory = gst_element_factory_find(name);
    if (factory == nullptr) {
      std::printf("SKIP: needs GStreamer's element %s\n", name);
      return false;
    }
    gst_object_unref(factory);
  }
  return true;
}

}  // namespace retina::test
