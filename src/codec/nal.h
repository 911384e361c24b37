#pragma once

#include <cstdint>

/// H.264 NAL units (ITU-T H.264 s7.3.1, table 7-1).
namespace retina::codec::nal {

constexpr unsigned kSlice = 1;
constexpr unsigned kPartitionA = 2;
constexpr unsigned kIdrSlice = 5;
constexpr unsigned kSei = 6;
constexpr unsigned kSps = 7;
constexpr unsigned kPps = 8;
constexpr unsigned kAccessUnitDelimiter = 9;
constexpr unsigned kSpsExtension = 13;
constexpr unsigned kPrefix = 14;
constexpr unsigned kSubsetSps = 15;

// RFC 6184 table 1: types that only exist on the wire.
constexpr unsigned kStapA = 24;
constexpr unsigned kStapB = 25;
constexpr unsigned kMtap16 = 26;
constexpr unsigned kMtap24 = 27;
constexpr unsigned kFuA = 28;
constexpr unsigned kFuB = 29;

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
  return type == kSps || type == kPps || type == kSpsExtension;
}
/// s7.4.1.2.3: behind the slices of a picture these begin the next access unit; a prefix (of a slice) may.
constexpr bool precedes_picture(unsigned type) {
  return (type >= kSei && type <= kAccessUnitDelimiter) || (type >= kSpsExtension && type <= 18);
}
/// RFC 6184 s5.2: packets that only the interleaved mode has.
constexpr bool is_interleaved(unsigned type) {
  constexpr std::uint32_t kTypes = 1U << kStapB | 1U << kMtap16 | 1U << kMtap24 | 1U << kFuB;
  return (kTypes >> type & 1U) != 0;
}

}  // namespace retina::codec::nal
