#pragma once

#include <cstdint>

/// H.264 NAL units (ITU-T H.264 s7.3.1, table 7-1).
namespace retina::codec::nal {

constexpr unsigned kSlice = 1;
constexpr unsigned kIdrSlice = 5;
constexpr unsigned kSei = 6;
constexpr unsigned kSps = 7;
constexpr unsigned kPps = 8;
constexpr unsigned kAccessUnitDelimiter = 9;

// RFC 6184 table 1: types that only exist on the wire.
constexpr unsigned kStapA = 24;
constexpr unsigned kFuA = 28;

constexpr unsigned type(std::uint8_t header) {
  return header & 0x1F;
}
constexpr bool is_forbidden(std::uint8_t header) {
  return (header & 0x80) != 0;
}
/// nal_ref_idc: 0 when no other picture refers to this one.
constexpr unsigned reference(std::uint8_t header) {
  return (header >> 5) & 3;
}
/// Video coding layer: slices and slice data partitions.
constexpr bool is_vcl(unsigned type) {
  return type >= 1 && type <= 5;
}
constexpr bool is_parameter_set(unsigned type) {
  return type == kSps || type == kPps;
}

}  // namespace retina::codec::nal
