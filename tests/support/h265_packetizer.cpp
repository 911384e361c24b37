#include "support/h265_packetizer.h"

#include <algorithm>

namespace retina::test {
namespace {

/// splitmix32: the same bytes everywhere.
std::uint32_t next_random(std::uint32_t& state) {
  state += 0x9E3779B9U;
  std::uint32_t z = state;
  z = (z ^ (z >> 16)) * 0x85EBCA6BU;
  z = (z ^ (z >> 13)) * 0xC2B2AE35U;
  return z ^ (z >> 16);
}

void append_be16(base::Bytes& bytes, std::size_t value) {
  bytes.push_back(static_cast<std::uint8_t>(value >> 8));
  bytes.push_back(static_cast<std::uint8_t>(value));
}

std::uint8_t with_type(std::uint8_t first, unsigned type) {
  return static_cast<std::uint8_t>((first & 0x81) | (type << 1));
}

std::optional<std::uint16_t> later(std::optional<std::uint16_t> don, std::size_t units) {
  if (don) *don = static_cast<std::uint16_t>(*don + units);
  return don;
}

base::Bytes single(const base::Bytes& nal, std::optional<std::uint16_t> don) {
  if (!don) return nal;
  base::Bytes bytes{nal[0], nal[1]};
  append_be16(bytes, *don);
  bytes.insert(bytes.end(), nal.begin() + 2, nal.end());
  return bytes;
}

}  // namespace

base::Bytes hevc_nal(const NalShape& shape) {
  base::Bytes nal{static_cast<std::uint8_t>((shape.type << 1) | (shape.layer >> 5)),
                  static_cast<std::uint8_t>((shape.layer << 3) | (shape.temporal_id + 1))};
  std::uint32_t random = shape.seed * 131 + shape.type;
  while (nal.size() < shape.size)
    nal.push_back(static_cast<std::uint8_t>(next_random(random) % 255 + 1));
  if (shape.type < 32)
    nal[2] = static_cast<std::uint8_t>((nal[2] & 0x7F) | 1 | (shape.first_slice ? 0x80 : 0));
  return nal;
}

std::vector<HevcUnit> hevc_stream(std::size_t pictures, std::size_t size, std::size_t gop) {
  std::vector<HevcUnit> stream;
  std::uint32_t random = 1;
  for (std::size_t i = 0; i < pictures; ++i) {
    HevcUnit unit;
    unit.timestamp = static_cast<std::uint32_t>(i) * 3600;
    unit.key_frame = i % gop == 0;
    NalShape slice{.type = unit.key_frame ? 19U : 1U,
                   .size = unit.key_frame ? size * 6 : size * 3 / 4 + next_random(random) % (size / 2 + 1),
                   .seed = next_random(random)};
    if (i % 3 == 1) unit.nals.push_back(hevc_nal({.type = 39, .size = 9, .seed = slice.seed}));
    unit.nals.push_back(hevc_nal(slice));
    if (i % 4 == 2) {
      slice.first_slice = false;
      slice.size = slice.size / 2 + 8;
      unit.nals.push_back(hevc_nal(slice));
    }
    if (i % 5 == 3) unit.nals.push_back(hevc_nal({.type = 40, .size = 21, .seed = slice.seed}));
    stream.push_back(std::move(unit));
  }
  return stream;
}

base::Bytes hevc_framed(const std::vector<base::Bytes>& nals, bool length_prefixed) {
  base::Bytes bytes;
  for (const base::Bytes& nal : nals) {
    std::uint8_t prefix[4];
    base::store_be32(prefix, length_prefixed ? static_cast<std::uint32_t>(nal.size()) : 1U);
    bytes.insert(bytes.end(), prefix, prefix + 4);
    bytes.insert(bytes.end(), nal.begin(), nal.end());
  }
  return bytes;
}

std::vector<base::Bytes> hevc_fragments(const base::Bytes& nal, std::size_t most,
                                        std::optional<std::uint16_t> don) {
  std::vector<base::Bytes> fragments;
  const std::size_t payload = nal.size() - 2;
  const std::size_t room = std::min(most - 3, (payload + 1) / 2);
  for (std::size_t at = 2; at < nal.size();) {
    const bool start = at == 2;
    const std::size_t end =
        std::min(nal.size(), at + (start && don ? std::max<std::size_t>(room, 3) - 2 : room));
    base::Bytes bytes{with_type(nal[0], 49), nal[1],
                      static_cast<std::uint8_t>((start ? 0x80 : 0) | (end == nal.size() ? 0x40 : 0) |
                                                ((nal[0] >> 1) & 0x3F))};
    if (start && don) append_be16(bytes, *don);
    bytes.insert(bytes.end(), nal.begin() + static_cast<std::ptrdiff_t>(at),
                 nal.begin() + static_cast<std::ptrdiff_t>(end));
    fragments.push_back(std::move(bytes));
    at = end;
  }
  return fragments;
}

base::Bytes hevc_aggregate(const std::vector<base::Bytes>& nals, std::optional<std::uint16_t> don) {
  base::Bytes bytes{with_type(nals.front()[0], 48), nals.front()[1]};
  for (const base::Bytes& nal : nals) {
    if (don && &nal == &nals.front()) append_be16(bytes, *don);
    if (don && &nal != &nals.front()) bytes.push_back(0);
    append_be16(bytes, nal.size());
    bytes.insert(bytes.end(), nal.begin(), nal.end());
  }
  return bytes;
}

base::Bytes hevc_paci(const base::Bytes& payload, std::size_t extension_bytes) {
  base::Bytes bytes{with_type(payload[0], 50), payload[1]};
  const unsigned type = (payload[0] >> 1) & 0x3FU;
  // F0: the extension is the one on temporal scalability.
  append_be16(bytes, ((payload[0] & 0x80U) << 8) | (type << 9) | (extension_bytes << 4) | 8U);
  bytes.resize(bytes.size() + extension_bytes, 0xEE);
  bytes.insert(bytes.end(), payload.begin() + 2, payload.end());
  return bytes;
}

std::vector<HevcPayload> packetize(const HevcUnit& unit, std::size_t most, bool aggregate,
                                   std::optional<std::uint16_t> don) {
  std::vector<HevcPayload> payloads;
  for (std::size_t i = 0; i < unit.nals.size();) {
    std::size_t end = i;
    std::size_t together = 4;
    while (aggregate && end < unit.nals.size() && together + 3 + unit.nals[end].size() <= most)
      together += 3 + unit.nals[end++].size();
    const auto first = later(don, i);
    if (end > i + 1) {
      const auto at = unit.nals.begin();
      payloads.push_back({hevc_aggregate(
          {at + static_cast<std::ptrdiff_t>(i), at + static_cast<std::ptrdiff_t>(end)}, first)});
      i = end;
      continue;
    }
    const base::Bytes& nal = unit.nals[i++];
    if (nal.size() + (don ? 2 : 0) <= most) {
      payloads.push_back({single(nal, first)});
    } else {
      for (base::Bytes& bytes : hevc_fragments(nal, most, first))
        payloads.push_back({std::move(bytes)});
    }
  }
  payloads.back().marker = true;
  return payloads;
}

}  // namespace retina::test
