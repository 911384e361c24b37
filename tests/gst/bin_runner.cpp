#include "gst/bin_runner.h"

#include <algorithm>

namespace retina::test {

BinRunner::BinRunner(const std::string& location, Linker linker) : linker_(std::move(linker)) {
  pipeline_ = gst_pipeline_new(nullptr);
  bin_ = gst_element_factory_make("retinabin", "bin");
  ck_assert(bin_ != nullptr);
  g_object_set(bin_, "location", location.c_str(), "reconnect", FALSE, nullptr);
  gst_util_set_object_arg(G_OBJECT(bin_), "timestamp-mode", "camera");
  gst_bin_add(GST_BIN(pipeline_), bin_);
  g_signal_connect(bin_, "pad-added",
                   G_CALLBACK(+[](GstElement*, GstPad* pad, BinRunner* self) { self->on_pad(pad); }), this);
  g_signal_connect(bin_, "pad-removed", G_CALLBACK(+[](GstElement*, GstPad* pad, BinRunner* self) {
                     self->on_pad_removed(GST_OBJECT_NAME(pad));
                   }),
                   this);
  g_signal_connect(bin_, "no-more-pads", G_CALLBACK(+[](GstElement*, BinRunner* self) {
                     const std::lock_guard lock(self->mutex_);
                     self->signalled_ += "no-more-pads ";
                   }),
                   this);
}

BinRunner::~BinRunner() {
  stop();
  gst_object_unref(pipeline_);
}

void BinRunner::stop() {
  const GstClockTime begin = gst_util_get_timestamp();
  ck_assert_int_eq(gst_element_set_state(pipeline_, GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  ck_assert_msg(gst_util_get_timestamp() - begin < 5 * GST_SECOND, "stopping hangs");
}

void BinRunner::on_pad(GstPad* pad) {
  gchar* text = gst_pad_get_name(pad);
  const std::string name = text;
  g_free(text);
  {
    const std::lock_guard lock(mutex_);
    signalled_ += name + " ";
    pads_[name].ended = false;  // one of the same name may have been there before
  }
  struct Context {
    BinRunner* self;
    std::string name;
  };
  gst_pad_add_probe(
      pad, static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
      [](GstPad* at, GstPadProbeInfo* info, gpointer data) {
        const auto& context = *static_cast<Context*>(data);
        if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
          context.self->on_buffer(context.name, at, GST_PAD_PROBE_INFO_BUFFER(info));
        } else {
          context.self->on_event(context.name, GST_PAD_PROBE_INFO_EVENT(info));
        }
        return GST_PAD_PROBE_OK;
      },
      new Context{this, name}, [](gpointer data) { delete static_cast<Context*>(data); });
  if (linker_ && !linker_(pad, name)) return;
  GstElement* sink = gst_element_factory_make("fakesink", nullptr);
  g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
  gst_bin_add(GST_BIN(pipeline_), sink);
  gst_element_sync_state_with_parent(sink);
  GstPad* target = gst_element_get_static_pad(sink, "sink");
  ck_assert_int_eq(gst_pad_link(pad, target), GST_PAD_LINK_OK);
  gst_object_unref(target);
}

void BinRunner::on_pad_removed(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    signalled_ += "-" + name + " ";
  }
  wake();
}

void BinRunner::on_buffer(const std::string& name, GstPad* pad, GstBuffer* buffer) {
  base::Bytes bytes(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
  GstCaps* caps = gst_pad_get_current_caps(pad);
  gchar* text = gst_caps_to_string(caps);
  {
    const std::lock_guard lock(mutex_);
    PadRecord& record = pads_[name];
    if (record.frames.empty()) record.collection_first = record.streams_in_collection > 0;
    record.frames.push_back(std::move(bytes));
    record.times.push_back(GST_BUFFER_PTS(buffer));
    record.discont.push_back(GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DISCONT));
    record.caps = text;
  }
  g_free(text);
  gst_caps_unref(caps);
  wake();
}

void BinRunner::on_event(const std::string& name, GstEvent* event) {
  {
    const std::lock_guard lock(mutex_);
    PadRecord& record = pads_[name];
    if (GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START) {
      const gchar* id = nullptr;
      gst_event_parse_stream_start(event, &id);
      record.stream_id = id;
      gst_event_parse_group_id(event, &record.group_id);
    } else if (GST_EVENT_TYPE(event) == GST_EVENT_STREAM_COLLECTION) {
      GstStreamCollection* collection = nullptr;
      gst_event_parse_stream_collection(event, &collection);
      record.streams_in_collection = gst_stream_collection_get_size(collection);
      gst_object_unref(collection);
    } else if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) {
      record.ended = true;
    } else {
      return;
    }
  }
  wake();
}

void BinRunner::wake() {
  gst_element_post_message(
      pipeline_, gst_message_new_application(GST_OBJECT(pipeline_), gst_structure_new_empty("look")));
}

bool BinRunner::wait_until(const std::function<bool()>& done) {
  GstBus* bus = gst_element_get_bus(pipeline_);
  const GstClockTime end = gst_util_get_timestamp() + 15 * GST_SECOND;
  bool came = done();
  while (!came) {
    const GstClockTime now = gst_util_get_timestamp();
    GstMessage* message = now < end ? gst_bus_timed_pop(bus, end - now) : nullptr;
    if (message == nullptr) break;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
      GError* error = nullptr;
      gst_message_parse_error(message, &error, nullptr);
      if (errors_++ == 0) error_ = error->message;
      g_error_free(error);
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_PROGRESS) {
      GstProgressType type{};
      gchar* code = nullptr;
      gst_message_parse_progress(message, &type, &code, nullptr);
      if (type == GST_PROGRESS_TYPE_COMPLETE) completed_.insert(code);
      g_free(code);
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING) {
      GError* warning = nullptr;
      gst_message_parse_warning(message, &warning, nullptr);
      warnings_.push_back(warning->message);
      g_error_free(warning);
    }
    gst_message_unref(message);
    came = done();
  }
  gst_object_unref(bus);
  return came;
}

bool BinRunner::wait_for_ended(std::size_t count) {
  return wait_until([&] {
    const auto all = pads();
    return std::count_if(all.begin(), all.end(), [](const auto& pad) { return pad.second.ended; }) >=
           static_cast<std::ptrdiff_t>(count);
  });
}

bool BinRunner::wait_for_signalled(const std::string& text) {
  return wait_until([&] { return signalled().find(text) != std::string::npos; });
}

bool BinRunner::wait_for_frames(const std::string& pad, std::size_t count) {
  return wait_until([&] { return pads()[pad].frames.size() >= count; });
}

std::string BinRunner::wait_for_error() {
  wait_until([this] { return errors_ > 0; });
  return error_;
}

std::vector<std::string> BinRunner::wait_for_warnings(std::size_t count) {
  wait_until([&] { return warnings_.size() >= count; });
  return warnings_;
}

bool BinRunner::wait_for_progress(const std::string& code) {
  return wait_until([&] { return completed_.count(code) > 0; });
}

std::uint64_t BinRunner::stat(const char* name) const {
  GstStructure* stats = nullptr;
  g_object_get(bin_, "stats", &stats, nullptr);
  guint64 value = 0;
  ck_assert_msg(gst_structure_get_uint64(stats, name, &value), "no %s in the statistics", name);
  gst_structure_free(stats);
  return value;
}

}  // namespace retina::test
