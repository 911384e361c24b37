// One row of the property tables: how GObject sees a property, and where Settings keeps it.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <span>
#include <string>
#include <type_traits>

#include "settings.h"

namespace retina::gst {

struct PropertyRow {
  GParamSpec* (*spec)();
  void (*set)(Settings&, const GValue*);
  void (*get)(const Settings&, GValue*);
};

/// Where the camera is, and how to reach it.
std::span<const PropertyRow> connection_properties();
/// How a session is held, and what to do about its camera's ways.
std::span<const PropertyRow> session_properties();
/// What is taken of the camera's media, and how it goes downstream.
std::span<const PropertyRow> media_properties();

inline constexpr auto kReadable = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
inline constexpr auto kSettable =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
inline constexpr auto kSettableAlways =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);

template <class E>
gint number(E value) {
  return static_cast<gint>(value);
}

inline void load(std::string& member, const GValue* value) {
  const gchar* given = g_value_get_string(value);
  member = given != nullptr ? given : "";
}
inline void load(bool& member, const GValue* value) {
  member = g_value_get_boolean(value) != FALSE;
}
inline void load(int& member, const GValue* value) {
  member = g_value_get_int(value);
}
inline void load(std::uint32_t& member, const GValue* value) {
  member = g_value_get_uint(value);
}
inline void load(std::uint64_t& member, const GValue* value) {
  member = g_value_get_uint64(value);
}
template <class E>
requires std::is_enum_v<E>
void load(E& member, const GValue* value) {
  member = static_cast<E>(g_value_get_enum(value));
}
template <class T>
void load(io::ObjectRef<T>& member, const GValue* value) {
  member = io::ObjectRef<T>(static_cast<T*>(g_value_dup_object(value)));
}

inline void store(const std::string& member, GValue* value) {
  g_value_set_string(value, member.empty() ? nullptr : member.c_str());
}
inline void store(bool member, GValue* value) {
  g_value_set_boolean(value, member);
}
inline void store(int member, GValue* value) {
  g_value_set_int(value, member);
}
inline void store(std::uint32_t member, GValue* value) {
  g_value_set_uint(value, member);
}
inline void store(std::uint64_t member, GValue* value) {
  g_value_set_uint64(value, member);
}
template <class E>
requires std::is_enum_v<E>
void store(E member, GValue* value) {
  g_value_set_enum(value, number(member));
}
template <class T>
void store(const io::ObjectRef<T>& member, GValue* value) {
  g_value_set_object(value, member.get());
}

/// The member that a path of member pointers leads to.
template <auto First, auto... Rest>
auto& member_of(auto& whole) {
  if constexpr (sizeof...(Rest) == 0)
    return whole.*First;
  else
    return member_of<Rest...>(whole.*First);
}

template <auto... Path>
void set(Settings& settings, const GValue* value) {
  load(member_of<Path...>(settings), value);
}

template <auto... Path>
void get(const Settings& settings, GValue* value) {
  store(member_of<Path...>(settings), value);
}

template <auto... Path>
void set_flags(Settings& settings, const GValue* value) {
  auto& member = member_of<Path...>(settings);
  member = static_cast<std::remove_reference_t<decltype(member)>>(g_value_get_flags(value));
}

template <auto... Path>
void get_flags(const Settings& settings, GValue* value) {
  g_value_set_flags(value, member_of<Path...>(settings));
}

/// For passwords: programs that print every property, and pipeline graphs, would show them.
inline void get_nothing(const Settings&, GValue* value) {
  g_value_set_string(value, nullptr);
}

}  // namespace retina::gst
