#pragma once

#include <gst/gst.h>

#include <exception>

namespace retina::gst {

/// What a virtual function returns when its C++ body has let an exception escape.
template <class R>
constexpr R failure_value() {
  if constexpr (!std::is_void_v<R>) return R{};
}
template <>
constexpr GstFlowReturn failure_value<GstFlowReturn>() {
  return GST_FLOW_ERROR;
}
template <>
constexpr GstStateChangeReturn failure_value<GstStateChangeReturn>() {
  return GST_STATE_CHANGE_FAILURE;
}

/// Joins a GObject virtual function to a member function of the element's C++ body:
/// `klass->create = Vfunc<RetinaSrc, GstPushSrc>::to<&Source::create>;` A wrong signature doesn't compile,
/// and an exception (out of memory) becomes an element error instead of crossing the C frames above.
template <class Element, class Base>
struct Vfunc {
  template <auto Member>
  struct Thunk;

  template <class Body, class R, class... Args, R (Body::*Member)(Args...)>
  struct Thunk<Member> {
    static R call(Base* instance, Args... args) {
      try {
        return (Element::body(instance).*Member)(args...);
      } catch (const std::exception& error) {
        GST_ELEMENT_ERROR(instance, LIBRARY, FAILED, ("Out of memory, or a defect of this element."),
                          ("%s", error.what()));
        return failure_value<R>();
      }
    }
  };

  template <auto Member>
  static constexpr auto to = &Thunk<Member>::call;
};

}  // namespace retina::gst
