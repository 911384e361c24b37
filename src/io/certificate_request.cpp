#include "io/certificate_request.h"

#include "io/type_name.h"

namespace retina::io {
namespace {

struct CertificateRequest {
  GTlsInteraction parent;
  gint requested;
};

GTlsInteractionResult note_request(GTlsInteraction* self, GTlsConnection*, GTlsCertificateRequestFlags,
                                   GCancellable*, GError**) {
  g_atomic_int_set(&static_cast<CertificateRequest*>(static_cast<void*>(self))->requested, 1);
  return G_TLS_INTERACTION_UNHANDLED;
}

GType type() {
  static const GType type = g_type_register_static_simple(
      G_TYPE_TLS_INTERACTION, unused_type_name("RetinaCertificateRequest").c_str(),
      sizeof(GTlsInteractionClass),
      [](gpointer klass, gpointer) {
        static_cast<GTlsInteractionClass*>(klass)->request_certificate = note_request;
      },
      sizeof(CertificateRequest), [](GTypeInstance*, gpointer) {}, static_cast<GTypeFlags>(0));
  return type;
}

}  // namespace

ObjectRef<GTlsInteraction> make_certificate_request() {
  return ObjectRef<GTlsInteraction>(static_cast<GTlsInteraction*>(g_object_new(type(), nullptr)));
}

bool certificate_was_requested(GTlsInteraction* request) {
  return g_atomic_int_get(&static_cast<CertificateRequest*>(static_cast<void*>(request))->requested) != 0;
}

}  // namespace retina::io
