#include "gst/element_runner.h"

namespace retina::test {
namespace {

std::string take(gchar* text) {
  std::string copy = text != nullptr ? text : "";
  g_free(text);
  return copy;
}

constexpr const char* kProgressTypes[] = {"start", "continue", "complete", "canceled", "error"};

}  // namespace

ElementRunner::ElementRunner(const std::string& properties, const std::string& filter) {
  const std::string description = "retinasrc name=source reconnect=false timestamp-mode=camera " +
                                  properties + (filter.empty() ? "" : " ! " + filter) +
                                  " ! fakesink name=sink sync=false";
  GError* error = nullptr;
  pipeline_ = gst_parse_launch(description.c_str(), &error);
  ck_assert_msg(error == nullptr, "%s: %s", description.c_str(), error != nullptr ? error->message : "");
  source_ = gst_bin_get_by_name(GST_BIN(pipeline_), "source");
  gst_object_unref(source_);  // the bin holds it
  GstPad* pad = gst_element_get_static_pad(source_, "src");
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, this, nullptr);
  gst_object_unref(pad);
}

ElementRunner::~ElementRunner() {
  ck_assert_msg(stop() < 5 * GST_SECOND, "stopping hangs");
  gst_object_unref(pipeline_);
}

GstPadProbeReturn ElementRunner::on_buffer(GstPad* pad, GstPadProbeInfo* info, gpointer user_data) {
  auto& self = *static_cast<ElementRunner*>(user_data);
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  Received received;
  received.bytes.resize(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, received.bytes.data(), received.bytes.size());
  received.pts = GST_BUFFER_PTS(buffer);
  received.flags = GST_BUFFER_FLAGS(buffer);
  GstCaps* caps = gst_pad_get_current_caps(pad);
  received.caps = take(gst_caps_to_string(caps));
  gst_caps_unref(caps);
  {
    const std::lock_guard lock(self.mutex_);
    self.received_.push_back(std::move(received));
  }
  // Wakes wait_for_buffers().
  gst_element_post_message(
      self.source_, gst_message_new_application(GST_OBJECT(self.source_), gst_structure_new_empty("buffer")));
  return GST_PAD_PROBE_OK;
}

GstClockTime ElementRunner::stop() {
  const GstClockTime begin = gst_util_get_timestamp();
  ck_assert_int_eq(gst_element_set_state(pipeline_, GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  return gst_util_get_timestamp() - begin;
}

void ElementRunner::handle(GstMessage* message, Outcome& outcome) {
  GError* error = nullptr;
  gchar* debug = nullptr;
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_EOS:
      outcome.kind = Outcome::Kind::kEos;
      return;
    case GST_MESSAGE_WARNING:
      gst_message_parse_warning(message, &error, &debug);
      warnings_.emplace_back(error->message);
      break;
    case GST_MESSAGE_PROGRESS: {
      GstProgressType type{};
      gchar* code = nullptr;
      gst_message_parse_progress(message, &type, &code, nullptr);
      progress_.push_back(std::string(kProgressTypes[static_cast<int>(type)]) + " " + take(code));
      return;
    }
    case GST_MESSAGE_ERROR: {
      gst_message_parse_error(message, &error, &debug);
      outcome.kind = Outcome::Kind::kError;
      outcome.domain = error->domain;
      outcome.code = error->code;
      outcome.text = error->message;
      outcome.debug = debug != nullptr ? debug : "";
      const GstStructure* details = nullptr;
      gst_message_parse_error_details(message, &details);
      if (details != nullptr && gst_structure_get_uint(details, "rtsp-status-code", &outcome.rtsp_status)) {
        outcome.rtsp_reason = gst_structure_get_string(details, "rtsp-status-reason");
      }
      break;
    }
    default:
      return;
  }
  g_clear_error(&error);
  g_free(debug);
}

Outcome ElementRunner::wait(GstClockTime limit) {
  Outcome outcome;
  GstBus* bus = gst_element_get_bus(pipeline_);
  const GstClockTime end = gst_util_get_timestamp() + limit;
  while (outcome.kind == Outcome::Kind::kTimeout) {
    const GstClockTime now = gst_util_get_timestamp();
    GstMessage* message = now < end ? gst_bus_timed_pop(bus, end - now) : nullptr;
    if (message == nullptr) break;
    handle(message, outcome);
    gst_message_unref(message);
  }
  gst_object_unref(bus);
  return outcome;
}

bool ElementRunner::wait_for_buffers(std::size_t count) {
  Outcome outcome;
  GstBus* bus = gst_element_get_bus(pipeline_);
  const GstClockTime end = gst_util_get_timestamp() + 15 * GST_SECOND;
  while (received().size() < count && outcome.kind == Outcome::Kind::kTimeout) {
    const GstClockTime now = gst_util_get_timestamp();
    GstMessage* message = now < end ? gst_bus_timed_pop(bus, end - now) : nullptr;
    if (message == nullptr) break;
    handle(message, outcome);
    gst_message_unref(message);
  }
  gst_object_unref(bus);
  return received().size() >= count;
}

std::uint64_t ElementRunner::stat(const char* name) const {
  GstStructure* stats = nullptr;
  g_object_get(source_, "stats", &stats, nullptr);
  guint64 value = 0;
  ck_assert_msg(gst_structure_get_uint64(stats, name, &value), "no %s in the statistics", name);
  gst_structure_free(stats);
  return value;
}

std::string ElementRunner::transport() const {
  GstStructure* stats = nullptr;
  g_object_get(source_, "stats", &stats, nullptr);
  const std::string transport = gst_structure_get_string(stats, "transport");
  gst_structure_free(stats);
  return transport;
}

}  // namespace retina::test
