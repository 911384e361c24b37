#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "codec/depacketizer.h"
#include "support/check.h"

namespace retina::test {

/// What a depacketizer has told until its end; each kind must have been told once.
template <class Feeder>
std::set<codec::StreamFault> faults_of(Feeder& feeder, codec::Depacketizer& depacketizer) {
  feeder.flush();
  std::set<codec::StreamFault> faults;
  while (const auto fault = depacketizer.faults().take())
    ck_assert_msg(faults.insert(*fault).second, "told twice: %s", codec::sentence_of(*fault, "x").c_str());
  return faults;
}

inline std::string names_of(const std::set<codec::StreamFault>& faults) {
  std::string names;
  for (const codec::StreamFault fault : faults)
    names += codec::sentence_of(fault, "x") + "\n";
  return names.empty() ? "none" : names;
}

inline void assert_faults(const std::set<codec::StreamFault>& faults,
                          const std::set<codec::StreamFault>& expected, const std::string& label) {
  ck_assert_msg(faults == expected, "%s: told\n%sinstead of\n%s", label.c_str(), names_of(faults).c_str(),
                names_of(expected).c_str());
}

/// The packets of a stream, of which every `nth` is lost, beginning with `phase`.
struct Packet {
  base::Bytes payload;
  std::int64_t timestamp;
  bool marker;
};
template <class Feeder>
void feed_with_losses(Feeder& feeder, const std::vector<Packet>& packets, std::size_t nth,
                      std::size_t phase) {
  std::uint32_t lost = 0;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (i % nth == phase) {
      ++lost;
      continue;
    }
    feeder.push(packets[i].payload, packets[i].timestamp, packets[i].marker, std::exchange(lost, 0));
  }
}

template <class Unit>
std::vector<Packet> packets_of(const std::vector<Unit>& stream, std::size_t most) {
  std::vector<Packet> packets;
  for (const Unit& unit : stream) {
    for (const auto& payload : packetize(unit, most))
      packets.push_back({payload.bytes, unit.timestamp, payload.marker});
  }
  return packets;
}

}  // namespace retina::test
