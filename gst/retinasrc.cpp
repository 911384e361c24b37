#include "retinasrc.h"

#include <memory>
#include <new>

#include "rtsp/url.h"
#include "source.h"
#include "stream_format.h"
#include "vfunc.h"

GST_DEBUG_CATEGORY(retina_debug);

using retina::gst::Source;

struct _RetinaSrc {
  GstPushSrc parent;
  /// The C++ body, built in place by init and destroyed first in finalize.
  alignas(Source) unsigned char storage[sizeof(Source)];
};

static void retina_src_uri_handler_init(gpointer iface, gpointer);

// GLib's macro casts as C does.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
G_DEFINE_TYPE_WITH_CODE(RetinaSrc, retina_src, GST_TYPE_PUSH_SRC,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_URI_HANDLER, retina_src_uri_handler_init))
#pragma GCC diagnostic pop

namespace {

struct RetinaSrcElement {
  static Source& body(gpointer instance) {
    return *std::launder(static_cast<Source*>(static_cast<void*>(RETINA_SRC(instance)->storage)));
  }
};

retina::gst::Signals& signals_of(gpointer instance) {
  return RetinaSrcElement::body(instance).signals();
}

template <class Base>
using SrcVfunc = retina::gst::Vfunc<RetinaSrcElement, Base>;

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  RetinaSrcElement::body(object).set_property(id, value, spec);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  RetinaSrcElement::body(object).get_property(id, value, spec);
}

void finalize(GObject* object) {
  std::destroy_at(&RetinaSrcElement::body(object));
  G_OBJECT_CLASS(retina_src_parent_class)->finalize(object);
}

// --- GstURIHandler ---

const gchar* const* uri_protocols(GType) {
  static const gchar* const protocols[] = {"rtsp", "rtspt", nullptr};
  return protocols;
}

/// As the location property: without credentials.
gchar* get_uri(GstURIHandler* handler) {
  gchar* location = nullptr;
  g_object_get(handler, "location", &location, nullptr);
  if (location != nullptr && gst_uri_is_valid(location)) return location;
  g_free(location);  // what can't be read is shown as something that isn't an URL
  return nullptr;
}

gboolean set_uri(GstURIHandler* handler, const gchar* uri, GError** error) {
  const auto url = retina::rtsp::parse_url(uri);
  if (!url) {
    g_set_error(error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI, "Not a usable RTSP URL: %s", url.error().what);
    return FALSE;
  }
  RetinaSrcElement::body(handler).set_location(uri);
  return TRUE;
}

}  // namespace

static void retina_src_uri_handler_init(gpointer iface, gpointer) {
  auto* handler = static_cast<GstURIHandlerInterface*>(iface);
  handler->get_type = [](GType) { return GST_URI_SRC; };
  handler->get_protocols = uri_protocols;
  handler->get_uri = get_uri;
  handler->set_uri = set_uri;
}

static void retina_src_init(RetinaSrc* self) {
  new (self->storage) Source(GST_PUSH_SRC(self));
}

static void retina_src_class_init(RetinaSrcClass* klass) {
  GST_DEBUG_CATEGORY_INIT(retina_debug, "retinasrc", 0, "RTSP source with large adaptive reads");

  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  retina::gst::install_properties(object_class);
  retina::gst::install_signals(G_TYPE_FROM_CLASS(klass), retina::gst::Actions<signals_of>::handlers());

  GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
  element_class->change_state = SrcVfunc<GstElement>::to<&Source::change_state>;
  gst_element_class_set_static_metadata(
      element_class, "RTSP camera source", "Source/Network",
      "Receives one stream of an IP camera over RTSP/RTP, as whole timestamped frames",
      "The gst-retina authors");
  const retina::gst::CapsRef caps = retina::gst::stream_caps(std::nullopt);
  gst_element_class_add_pad_template(element_class,
                                     gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps.get()));

  using BaseVfunc = SrcVfunc<GstBaseSrc>;
  GstBaseSrcClass* base_class = GST_BASE_SRC_CLASS(klass);
  base_class->start = BaseVfunc::to<&Source::start>;
  base_class->stop = BaseVfunc::to<&Source::stop>;
  base_class->unlock = BaseVfunc::to<&Source::unlock>;
  base_class->unlock_stop = BaseVfunc::to<&Source::unlock_stop>;
  base_class->get_caps = BaseVfunc::to<&Source::get_caps>;
  base_class->is_seekable = BaseVfunc::to<&Source::is_seekable>;
  base_class->negotiate = BaseVfunc::to<&Source::negotiate>;
  base_class->query = BaseVfunc::to<&Source::query>;
  GST_PUSH_SRC_CLASS(klass)->create = SrcVfunc<GstPushSrc>::to<&Source::create>;
}
