#pragma once

#include <gst/gst.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

/// What the C++ examples share: owners of GStreamer's objects, and a pipeline with a camera in it.
namespace example {

struct Unref {
  void operator()(gpointer object) const { gst_object_unref(object); }
  void operator()(GstMessage* message) const { gst_message_unref(message); }
  void operator()(GstCaps* caps) const { gst_caps_unref(caps); }
};
template <class T>
using Ref = std::unique_ptr<T, Unref>;

inline std::string error_of(GstMessage* message) {
  GError* error = nullptr;
  gst_message_parse_error(message, &error, nullptr);
  std::string text = error->message;
  g_error_free(error);
  return text;
}

/// Made from a description in which one element is called "camera"; stopped by the destructor.
class Pipeline {
 public:
  Pipeline(const char* description, const char* url) {
    GError* error = nullptr;
    GstElement* parsed = gst_parse_launch(description, &error);
    if (error != nullptr) {
      const std::string text = error->message;
      g_error_free(error);
      if (parsed != nullptr) gst_object_unref(parsed);
      throw std::runtime_error(text);
    }
    pipeline_.reset(GST_ELEMENT(gst_object_ref_sink(parsed)));
    bus_.reset(gst_element_get_bus(pipeline_.get()));
    g_object_set(element("camera").get(), "location", url, nullptr);
  }
  ~Pipeline() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  GstElement* get() const { return pipeline_.get(); }
  Ref<GstElement> element(const char* name) const {
    return Ref<GstElement>(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name));
  }
  void play() { gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING); }
  /// Also forgets the messages that are still waiting.
  void stop() {
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    gst_bus_set_flushing(bus_.get(), TRUE);
    gst_bus_set_flushing(bus_.get(), FALSE);
  }
  /// The next message of these types; null when none has come in time.
  Ref<GstMessage> wait(int types, GstClockTime timeout) {
    return Ref<GstMessage>(
        gst_bus_timed_pop_filtered(bus_.get(), timeout, static_cast<GstMessageType>(types)));
  }

 private:
  Ref<GstElement> pipeline_;
  Ref<GstBus> bus_;
};

}  // namespace example
