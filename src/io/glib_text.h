#pragma once

#include <glib.h>

#include <memory>
#include <string>

#include "base/bytes.h"

namespace retina::io {

struct GFree {
  void operator()(gchar* text) const { g_free(text); }
};
/// A text of GLib's.
using GText = std::unique_ptr<gchar, GFree>;

/// RFC 4648 s4.
inline std::string encode_base64(base::ByteView bytes) {
  return GText(g_base64_encode(bytes.data(), bytes.size())).get();
}

}  // namespace retina::io
