#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace retina::test {

/// An OBU before it is packetized.
struct Av1Unit {
  std::uint8_t type = 6;
  std::optional<std::uint8_t> extension;  ///< temporal_id << 5 | spatial_id << 3
  base::Bytes payload;

  /// As in a low-overhead bitstream (AV1 s5.3.1); without its size field if that isn't wanted.
  base::Bytes bytes(bool with_size = true) const;
};

/// The OBUs of a low-overhead bitstream, which must be well-formed.
std::vector<Av1Unit> split_av1(base::ByteView stream);
base::Bytes join_av1(const std::vector<Av1Unit>& units, bool with_sizes = true);

struct Av1Payload {
  base::Bytes bytes;
  bool marker = false;
};

/// How a sender may pack, within what RTP Payload Format For AV1 allows.
struct Av1Packing {
  std::size_t most_bytes = 1200;  ///< of a payload, at least 4
  bool count_elements = true;     ///< the W field, where it can: up to three elements
  bool aggregate = true;          ///< several OBUs in a packet
  bool obu_sizes = false;         ///< the OBUs keep size fields of their own
};

/// The packets of one temporal unit, written from the specification. Temporal delimiters and tile lists are
/// left out, as senders should. `new_sequence`: N on the first packet.
std::vector<Av1Payload> packetize_av1(const std::vector<Av1Unit>& units, bool new_sequence,
                                      const Av1Packing& packing);

base::Bytes leb128(std::uint64_t value, std::size_t size_bytes = 0);

}  // namespace retina::test
