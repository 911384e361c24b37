#pragma once

#include <gio/gio.h>

#include <functional>

#include "io/object_ref.h"

namespace retina::io {

/// What is asked of a TLS server, and how it is answered.
struct TlsSettings {
  /// Faults of the server's certificate that refuse it.
  GTlsCertificateFlags validation = G_TLS_CERTIFICATE_VALIDATE_ALL;
  /// Authorities that may vouch for it; null: those that the system trusts.
  ObjectRef<GTlsDatabase> database;
  /// Asked for a client certificate where the server wants one; null: there is none.
  ObjectRef<GTlsInteraction> interaction;
  /// Has the last word about a certificate with faults among `validation`: true takes it. Called by the
  /// thread that is in connect_tls(). Empty: nobody has.
  std::function<bool(GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags)> accept;
};

}  // namespace retina::io
