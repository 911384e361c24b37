#pragma once

#include <gst/gst.h>

#include <memory>

#include "report.h"
#include "rtsp/url.h"
#include "vfunc.h"

namespace retina::gst {

/// What the C side of an element with a C++ body needs, and retinasrc and retinabin have in common:
/// properties, the end of its life, and GstURIHandler. `Element::body(gpointer)` gives the body, which has
/// set_property(), get_property() and set_location().
template <class Element>
struct ElementType {
  static void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
    Element::body(object).set_property(id, value, spec);
  }

  static void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    Element::body(object).get_property(id, value, spec);
  }

  static void finalize(GObject* object) {
    std::destroy_at(&Element::body(object));
    Element::parent_object_class()->finalize(object);
  }

  static auto& signals(gpointer instance) { return Element::body(instance).signals(); }

  static void init_class(GObjectClass* klass) {
    init_debug_category();
    klass->set_property = set_property;
    klass->get_property = get_property;
    klass->finalize = finalize;
  }

  // --- GstURIHandler ---

  static const gchar* const* uri_protocols(GType) {
    static const gchar* const protocols[] = {"rtsp",   "rtspt", "rtspu",  "rtsps", "rtspst",
                                             "rtspsu", "rtsph", "rtspsh", nullptr};
    return protocols;
  }

  /// As the location property: without credentials.
  static gchar* get_uri(GstURIHandler* handler) {
    gchar* location = nullptr;
    g_object_get(handler, "location", &location, nullptr);
    if (location != nullptr && gst_uri_is_valid(location)) return location;
    g_free(location);  // what can't be read is shown as something that isn't an URL
    return nullptr;
  }

  static gboolean set_uri(GstURIHandler* handler, const gchar* uri, GError** error) {
    const auto url = rtsp::parse_url(uri);
    if (!url) {
      g_set_error(error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI, "Not a usable RTSP URL: %s", url.error().what);
      return FALSE;
    }
    Element::body(handler).set_location(uri);
    return TRUE;
  }

  static void init_uri_handler(gpointer iface, gpointer) {
    auto* handler = static_cast<GstURIHandlerInterface*>(iface);
    handler->get_type = [](GType) { return GST_URI_SRC; };
    handler->get_protocols = uri_protocols;
    handler->get_uri = get_uri;
    handler->set_uri = set_uri;
  }
};

}  // namespace retina::gst
