#include "retinasrc.h"

#include <new>

#include "element_type.h"
#include "source.h"
#include "stream_format.h"

using retina::gst::Source;

struct _RetinaSrc {
  GstPushSrc parent;
  /// The C++ body, built in place by init and destroyed first in finalize.
  alignas(Source) unsigned char storage[sizeof(Source)];
};

namespace {

struct RetinaSrcElement {
  static Source& body(gpointer instance) {
    return *std::launder(static_cast<Source*>(static_cast<void*>(RETINA_SRC(instance)->storage)));
  }
  static GObjectClass* parent_object_class();
};

using Type = retina::gst::ElementType<RetinaSrcElement>;

}  // namespace

// GLib's macro casts as C does.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
G_DEFINE_TYPE_WITH_CODE(RetinaSrc, retina_src, GST_TYPE_PUSH_SRC,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_URI_HANDLER, Type::init_uri_handler))
#pragma GCC diagnostic pop

GObjectClass* RetinaSrcElement::parent_object_class() {
  return G_OBJECT_CLASS(retina_src_parent_class);
}

Source& retina::gst::source_of(RetinaSrc* element) {
  return RetinaSrcElement::body(element);
}

static void retina_src_init(RetinaSrc* self) {
  new (self->storage) Source(GST_PUSH_SRC(self));
}

static void retina_src_class_init(RetinaSrcClass* klass) {
  Type::init_class(G_OBJECT_CLASS(klass));
  retina::gst::install_properties(G_OBJECT_CLASS(klass));
  retina::gst::install_signals(G_TYPE_FROM_CLASS(klass), retina::gst::Actions<Type::signals>::handlers());

  GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
  element_class->change_state = retina::gst::Vfunc<RetinaSrcElement, GstElement>::to<&Source::change_state>;
  element_class->send_event = retina::gst::Vfunc<RetinaSrcElement, GstElement>::to<&Source::send_event>;
  gst_element_class_set_static_metadata(
      element_class, "RTSP camera source", "Source/Network",
      "Receives one stream of an IP camera over RTSP/RTP, as whole timestamped frames",
      "The gst-retina authors");
  const retina::gst::CapsRef caps = retina::gst::stream_caps(std::nullopt);
  gst_element_class_add_pad_template(element_class,
                                     gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps.get()));

  using BaseVfunc = retina::gst::Vfunc<RetinaSrcElement, GstBaseSrc>;
  GstBaseSrcClass* base_class = GST_BASE_SRC_CLASS(klass);
  base_class->start = BaseVfunc::to<&Source::start>;
  base_class->stop = BaseVfunc::to<&Source::stop>;
  base_class->unlock = BaseVfunc::to<&Source::unlock>;
  base_class->unlock_stop = BaseVfunc::to<&Source::unlock_stop>;
  base_class->get_caps = BaseVfunc::to<&Source::get_caps>;
  base_class->is_seekable = BaseVfunc::to<&Source::is_seekable>;
  base_class->negotiate = BaseVfunc::to<&Source::negotiate>;
  base_class->query = BaseVfunc::to<&Source::query>;
  base_class->event = BaseVfunc::to<&Source::event>;
  GST_PUSH_SRC_CLASS(klass)->create = retina::gst::Vfunc<RetinaSrcElement, GstPushSrc>::to<&Source::create>;
}
