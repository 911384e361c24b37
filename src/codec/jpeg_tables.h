#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace retina::codec {

/// 64 values in zigzag order, of one byte each or, big-endian, of two: the order and form both of RTP and of
/// the DQT segment.
struct QuantizationTable {
  bool two_bytes = false;
  std::array<std::uint8_t, 128> bytes{};

  std::size_t size_bytes() const { return two_bytes ? 128 : 64; }
  base::ByteView values() const { return {bytes.data(), size_bytes()}; }
  bool operator==(const QuantizationTable&) const = default;
};

/// By destination (Tq); luminance is 0, both chrominances are 1.
using QuantizationTables = std::array<std::optional<QuantizationTable>, 4>;

/// RFC 2435 s4.2: what the Q values below 128 stand for. 0 and 100 to 127, which are reserved, count as the
/// nearest ones that aren't.
QuantizationTables standard_quantization_tables(std::uint8_t q);

/// BITS and HUFFVAL, as in the DHT segment (ITU-T T.81 sB.2.4.2). By class (0 DC, 1 AC) * 4 + destination.
using HuffmanTables = std::array<base::Bytes, 8>;

/// Those of ITU-T T.81 Annex K.3: destinations 0 for luminance, 1 for chrominance.
HuffmanTables standard_huffman_tables();

}  // namespace retina::codec
