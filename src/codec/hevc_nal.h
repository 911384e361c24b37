#pragma once

#include <cstddef>
#include <cstdint>

/// H.265 NAL units (ITU-T H.265 s7.3.1.2, s7.4.2.2, table 7-1).
namespace retina::codec::hevc {

constexpr unsigned kRaslN = 8;
constexpr unsigned kRaslR = 9;
constexpr unsigned kBlaFirst = 16;
constexpr unsigned kBlaLast = 18;
constexpr unsigned kIdrWithRadl = 19;
constexpr unsigned kIdrNoLeading = 20;
constexpr unsigned kCra = 21;
constexpr unsigned kIrapLast = 23;
constexpr unsigned kVclLast = 31;
constexpr unsigned kVps = 32;
constexpr unsigned kSps = 33;
constexpr unsigned kPps = 34;
constexpr unsigned kAccessUnitDelimiter = 35;
constexpr unsigned kEndOfSequence = 36;
constexpr unsigned kEndOfBitstream = 37;
constexpr unsigned kFiller = 38;
constexpr unsigned kPrefixSei = 39;
constexpr unsigned kSuffixSei = 40;

// RFC 7798 s4.4: types that only exist on the wire.
constexpr unsigned kAggregation = 48;
constexpr unsigned kFragment = 49;
constexpr unsigned kPaci = 50;

constexpr std::size_t kHeaderBytes = 2;

struct NalHeader {
  std::uint8_t first = 0;
  std::uint8_t second = 0;

  constexpr unsigned type() const { return (first >> 1) & 0x3F; }
  /// nuh_layer_id: above 0 in the layers of scalable and multiview streams.
  constexpr unsigned layer() const { return ((first & 1U) << 5) | (second >> 3); }
  /// nuh_temporal_id_plus1; 0 is forbidden.
  constexpr unsigned temporal_id_plus1() const { return second & 7; }
  constexpr bool is_forbidden() const { return (first & 0x80) != 0; }
  constexpr bool is_valid() const { return !is_forbidden() && temporal_id_plus1() != 0; }
  constexpr NalHeader with_type(unsigned type) const {
    return {static_cast<std::uint8_t>((first & 0x81) | (type << 1)), second};
  }
};

/// Video coding layer: slice segments, and the types reserved for their like.
constexpr bool is_vcl(unsigned type) {
  return type <= kVclLast;
}
/// Intra random access points: IDR, CRA and BLA pictures, and the two types reserved for their like.
constexpr bool is_irap(unsigned type) {
  return type >= kBlaFirst && type <= kIrapLast;
}
constexpr bool is_bla(unsigned type) {
  return type >= kBlaFirst && type <= kBlaLast;
}
constexpr bool is_rasl(unsigned type) {
  return type == kRaslN || type == kRaslR;
}
/// Sub-layer non-reference pictures: no picture of the same temporal sub-layer refers to them.
constexpr bool is_sub_layer_non_reference(unsigned type) {
  return type <= 14 && type % 2 == 0;
}
constexpr bool is_parameter_set(unsigned type) {
  return type >= kVps && type <= kPps;
}
/// s7.4.2.4.4: behind the slices of a picture these begin the next access unit.
constexpr bool precedes_picture(unsigned type) {
  return (type >= kVps && type <= kAccessUnitDelimiter) || type == kPrefixSei || (type >= 41 && type <= 44);
}
/// s7.4.2.4.4: these stand behind a picture, never before the first one of their access unit.
constexpr bool follows_picture(unsigned type) {
  return type == kFiller || type == kSuffixSei || (type >= 45 && type <= 47);
}

}  // namespace retina::codec::hevc
