#pragma once

#include <gio/gio.h>

#include "io/object_ref.h"

namespace retina::io {

/// Stands where no client certificate is to be had, and remembers whether the server has asked for one. Many
/// servers just close then. Made on the thread that runs the handshake's callbacks.
ObjectRef<GTlsInteraction> make_certificate_request();
/// Whether the server has asked.
bool certificate_was_requested(GTlsInteraction* request);

}  // namespace retina::io
