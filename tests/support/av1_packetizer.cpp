#include "support/av1_packetizer.h"

#include <algorithm>
#include <cassert>

namespace retina::test {
namespace {

void append(base::Bytes& out, const base::Bytes& bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

/// One packet while it fills.
struct Packet {
  std::vector<base::Bytes> elements;
  bool continues = false;
  bool goes_on = false;

  std::size_t bytes() const {
    std::size_t total = 1;
    for (const base::Bytes& element : elements)
      total += element.size() + leb128(element.size()).size();
    return total;
  }
  base::Bytes write(const Av1Packing& packing, bool new_sequence) const {
    const std::size_t count = packing.count_elements && elements.size() <= 3 ? elements.size() : 0;
    base::Bytes out{static_cast<std::uint8_t>((continues ? 0x80 : 0) | (goes_on ? 0x40 : 0) | (count << 4) |
                                              (new_sequence ? 0x08 : 0))};
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (count == 0 || i + 1 < count) append(out, leb128(elements[i].size()));
      append(out, elements[i]);
    }
    return out;
  }
};

class Packetizer {
 public:
  explicit Packetizer(const Av1Packing& packing) : packing_(packing) {}

  void add(const base::Bytes& obu) {
    if (!packing_.aggregate && !packet_.elements.empty()) finish();
    std::size_t at = 0;
    while (at < obu.size()) {
      constexpr std::size_t kSizeField = 3;
      std::size_t used = packet_.bytes();
      if (used + kSizeField + 1 > packing_.most_bytes && !packet_.elements.empty()) {
        packet_.goes_on = at > 0;
        finish();
        packet_.continues = at > 0;
        used = 1;
      }
      // A packet whose first element alone is too large for a size field goes without.
      const std::size_t overhead = used == 1 && packing_.count_elements ? 0 : kSizeField;
      const std::size_t room = std::max<std::size_t>(
          packing_.most_bytes > used + overhead ? packing_.most_bytes - used - overhead : 1, 1);
      const std::size_t size = std::min(room, obu.size() - at);
      const auto from = obu.begin() + static_cast<std::ptrdiff_t>(at);
      packet_.elements.emplace_back(from, from + static_cast<std::ptrdiff_t>(size));
      at += size;
      if (at == obu.size()) break;
      packet_.goes_on = true;
      finish();
      packet_.continues = true;
    }
  }
  std::vector<Packet> take() {
    if (!packet_.elements.empty()) finish();
    return std::move(packets_);
  }

 private:
  void finish() {
    packets_.push_back(std::move(packet_));
    packet_ = Packet();
  }

  Av1Packing packing_;
  Packet packet_;
  std::vector<Packet> packets_;
};

}  // namespace

base::Bytes leb128(std::uint64_t value, std::size_t size_bytes) {
  base::Bytes bytes;
  do {
    bytes.push_back(static_cast<std::uint8_t>(value & 0x7F));
    value >>= 7;
  } while (value != 0 || bytes.size() < size_bytes);
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i)
    bytes[i] |= 0x80;
  return bytes;
}

base::Bytes Av1Unit::bytes(bool with_size) const {
  base::Bytes out{static_cast<std::uint8_t>((type << 3) | (extension ? 4 : 0) | (with_size ? 2 : 0))};
  if (extension) out.push_back(*extension);
  if (with_size) append(out, leb128(payload.size()));
  append(out, payload);
  return out;
}

base::Bytes join_av1(const std::vector<Av1Unit>& units, bool with_sizes) {
  base::Bytes out;
  for (const Av1Unit& unit : units)
    append(out, unit.bytes(with_sizes));
  return out;
}

std::vector<Av1Unit> split_av1(base::ByteView stream) {
  std::vector<Av1Unit> units;
  for (std::size_t at = 0; at < stream.size();) {
    const std::uint8_t header = stream[at++];
    assert((header & 0x82) == 2);
    Av1Unit unit;
    unit.type = (header >> 3) & 15;
    if ((header & 4) != 0) unit.extension = stream[at++];
    std::size_t size = 0;
    for (unsigned shift = 0;; shift += 7) {
      const std::uint8_t byte = stream[at++];
      size |= std::size_t{byte & 0x7FU} << shift;
      if ((byte & 0x80) == 0) break;
    }
    const base::ByteView payload = stream.subspan(at, size);
    unit.payload.assign(payload.begin(), payload.end());
    at += size;
    units.push_back(std::move(unit));
  }
  return units;
}

std::vector<Av1Payload> packetize_av1(const std::vector<Av1Unit>& units, bool new_sequence,
                                      const Av1Packing& packing) {
  Packetizer packetizer(packing);
  for (const Av1Unit& unit : units) {
    const bool left_out = unit.type == 2 || unit.type == 8;
    if (!left_out) packetizer.add(unit.bytes(packing.obu_sizes));
  }
  const std::vector<Packet> packets = packetizer.take();
  std::vector<Av1Payload> payloads;
  for (std::size_t i = 0; i < packets.size(); ++i)
    payloads.push_back({packets[i].write(packing, new_sequence && i == 0), i + 1 == packets.size()});
  return payloads;
}

}  // namespace retina::test
