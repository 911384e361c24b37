#include "retinabin.h"

#include <new>

#include "camera_bin.h"
#include "element_type.h"

using retina::gst::CameraBin;

struct _RetinaBin {
  GstBin parent;
  /// The C++ body, built in place by init and destroyed first in finalize.
  alignas(CameraBin) unsigned char storage[sizeof(CameraBin)];
};

namespace {

struct RetinaBinElement {
  static CameraBin& body(gpointer instance) {
    return *std::launder(static_cast<CameraBin*>(static_cast<void*>(RETINA_BIN(instance)->storage)));
  }
  static GObjectClass* parent_object_class();
};

using Type = retina::gst::ElementType<RetinaBinElement>;

}  // namespace

// GLib's macro casts as C does.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
G_DEFINE_TYPE_WITH_CODE(RetinaBin, retina_bin, GST_TYPE_BIN,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_URI_HANDLER, Type::init_uri_handler))
#pragma GCC diagnostic pop

GObjectClass* RetinaBinElement::parent_object_class() {
  return G_OBJECT_CLASS(retina_bin_parent_class);
}

static void retina_bin_init(RetinaBin* self) {
  new (self->storage) CameraBin(GST_BIN(self));
}

static void retina_bin_class_init(RetinaBinClass* klass) {
  Type::init_class(G_OBJECT_CLASS(klass));
  retina::gst::install_properties(G_OBJECT_CLASS(klass));
  retina::gst::install_signals(G_TYPE_FROM_CLASS(klass), retina::gst::Actions<Type::signals>::handlers());
  CameraBin::install_select_stream(G_TYPE_FROM_CLASS(klass));

  GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
  element_class->change_state =
      retina::gst::Vfunc<RetinaBinElement, GstElement>::to<&CameraBin::change_state>;
  element_class->send_event = retina::gst::Vfunc<RetinaBinElement, GstElement>::to<&CameraBin::send_event>;
  gst_element_class_set_static_metadata(
      element_class, "RTSP camera source, all streams", "Source/Network",
      "Receives all streams of an IP camera over one RTSP session, as whole timestamped frames",
      "The gst-retina authors");
  for (const char* name : {"video_%u", "audio_%u", "application_%u"}) {
    const retina::gst::CapsRef any(gst_caps_new_any());
    gst_element_class_add_pad_template(element_class,
                                       gst_pad_template_new(name, GST_PAD_SRC, GST_PAD_SOMETIMES, any.get()));
  }
}
