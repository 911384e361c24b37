#pragma once

#include <glib-object.h>

#include <utility>

namespace retina::io {

/// A reference to a GObject, or null; released with it.
template <class T>
class ObjectRef {
 public:
  ObjectRef() = default;
  /// Takes over the caller's reference.
  explicit ObjectRef(T* object) : object_(object) {}
  ObjectRef(const ObjectRef& other) : object_(other.object_) {
    if (object_ != nullptr) g_object_ref(object_);
  }
  ObjectRef(ObjectRef&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  ObjectRef& operator=(ObjectRef other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~ObjectRef() {
    if (object_ != nullptr) g_object_unref(object_);
  }

  T* get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  T* object_ = nullptr;
};

/// Another reference to an object of somebody else's.
template <class T>
ObjectRef<T> ref_to(T* object) {
  if (object != nullptr) g_object_ref(object);
  return ObjectRef<T>(object);
}

}  // namespace retina::io
