#pragma once

#include <glib-object.h>

#include <string>

namespace retina::io {

/// For a GType: a process may have several copies of this library (a plugin, and a program that links it),
/// each with types of its own.
inline std::string unused_type_name(std::string name) {
  while (g_type_from_name(name.c_str()) != 0)
    name += '_';
  return name;
}

}  // namespace retina::io
