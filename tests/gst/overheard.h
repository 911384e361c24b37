#pragma once

#include <gst/gst.h>

#include <atomic>
#include <mutex>
#include <string>

namespace retina::test {

/// Everything that is said, by whomever, from its making on. One at a time.
class Overheard {
 public:
  Overheard() {
    gst_debug_set_active(TRUE);
    gst_debug_set_default_threshold(GST_LEVEL_MEMDUMP);
    gst_debug_remove_log_function(gst_debug_log_default);
    gst_debug_add_log_function(on_debug, this, nullptr);
    listener() = this;
  }
  ~Overheard() {
    listener() = nullptr;
    gst_debug_remove_log_function_by_data(this);
    const std::lock_guard lock(mutex_);  // whoever was still writing has ended
  }
  Overheard(const Overheard&) = delete;
  Overheard& operator=(const Overheard&) = delete;

  void add(const std::string& what, const std::string& text) {
    const std::lock_guard lock(mutex_);
    text_ += what + ": " + text + "\n";
  }
  void take(const std::string& what, gchar* text) {
    add(what, text != nullptr ? text : "");
    g_free(text);
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }
  bool contains(const std::string& part) const { return text().find(part) != std::string::npos; }

  /// For g_log_set_writer_func(), which a process may call once.
  static GLogWriterOutput on_glib(GLogLevelFlags level, const GLogField* fields, gsize count, gpointer) {
    if (Overheard* self = listener())
      self->take("glib", g_log_writer_format_fields(level, fields, count, FALSE));
    return G_LOG_WRITER_HANDLED;
  }

 private:
  static std::atomic<Overheard*>& listener() {
    static std::atomic<Overheard*> one = nullptr;
    return one;
  }
  static void on_debug(GstDebugCategory* category, GstDebugLevel level, const gchar* file,
                       const gchar* function, gint line, GObject* object, GstDebugMessage* message,
                       gpointer self) {
    static_cast<Overheard*>(self)->take(
        "log", gst_debug_log_get_line(category, level, file, function, line, object, message));
  }

  mutable std::mutex mutex_;
  std::string text_;
};

/// Every property that can be read, as programs print them.
inline void read_properties(Overheard& overheard, GObject* object) {
  guint count = 0;
  GParamSpec** specs = g_object_class_list_properties(G_OBJECT_GET_CLASS(object), &count);
  for (guint i = 0; i < count; ++i) {
    if ((specs[i]->flags & G_PARAM_READABLE) == 0) continue;
    GValue value = G_VALUE_INIT;
    g_value_init(&value, specs[i]->value_type);
    g_object_get_property(object, specs[i]->name, &value);
    overheard.take(std::string("property ") + specs[i]->name, g_strdup_value_contents(&value));
    overheard.take(std::string("property ") + specs[i]->name, gst_value_serialize(&value));
    g_value_unset(&value);
  }
  g_free(specs);
}

inline void read_caps_and_tags(Overheard& overheard, GstPad* pad) {
  const auto on_event = [](GstPad*, GstEvent** event, gpointer data) -> gboolean {
    const GstStructure* structure = gst_event_get_structure(*event);
    if (structure != nullptr)
      static_cast<Overheard*>(data)->take("event", gst_structure_to_string(structure));
    return TRUE;
  };
  gst_pad_sticky_events_foreach(pad, on_event, &overheard);
}

/// What anybody can ask of a running element, and of those within it.
inline void look_around(Overheard& overheard, GstElement* source) {
  read_properties(overheard, G_OBJECT(source));
  if (GST_IS_URI_HANDLER(source))
    overheard.take("handler's URI", gst_uri_handler_get_uri(GST_URI_HANDLER(source)));
  GstQuery* query = gst_query_new_uri();
  if (gst_element_query(source, query)) {
    gchar* uri = nullptr;
    gst_query_parse_uri(query, &uri);
    overheard.take("queried URI", uri);
  }
  gst_query_unref(query);
  const auto on_pad = [](GstElement*, GstPad* pad, gpointer data) -> gboolean {
    read_caps_and_tags(*static_cast<Overheard*>(data), pad);
    return TRUE;
  };
  gst_element_foreach_src_pad(source, on_pad, &overheard);
  if (GST_IS_BIN(source)) {
    GstIterator* children = gst_bin_iterate_elements(GST_BIN(source));
    const auto on_child = [](const GValue* child, gpointer data) {
      look_around(*static_cast<Overheard*>(data), GST_ELEMENT(g_value_get_object(child)));
    };
    while (gst_iterator_foreach(children, on_child, &overheard) == GST_ITERATOR_RESYNC)
      gst_iterator_resync(children);
    gst_iterator_free(children);
  }
  GstObject* parent = gst_object_get_parent(GST_OBJECT(source));
  overheard.take("graph", gst_debug_bin_to_dot_data(GST_BIN(parent), GST_DEBUG_GRAPH_SHOW_VERBOSE));
  gst_object_unref(parent);
}

inline void watch_bus(Overheard& overheard, GstElement* source) {
  GstObject* pipeline = gst_object_get_parent(GST_OBJECT(source));
  GstBus* bus = gst_element_get_bus(GST_ELEMENT(pipeline));
  const auto on_message = [](GstBus*, GstMessage* message, gpointer data) -> GstBusSyncReply {
    auto& heard = *static_cast<Overheard*>(data);
    const GstStructure* structure = gst_message_get_structure(message);
    if (structure != nullptr) heard.take("message", gst_structure_to_string(structure));
    // The texts once more, without the escapes of a serialised structure.
    GError* error = nullptr;
    gchar* debug = nullptr;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) gst_message_parse_error(message, &error, &debug);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING) gst_message_parse_warning(message, &error, &debug);
    if (error != nullptr) heard.add("message", error->message);
    heard.take("message", debug);
    g_clear_error(&error);
    return GST_BUS_PASS;
  };
  gst_bus_set_sync_handler(bus, on_message, &overheard, nullptr);
  gst_object_unref(bus);
  gst_object_unref(pipeline);
}

}  // namespace retina::test
