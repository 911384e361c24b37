#include "support/h264_interleaver.h"

#include <algorithm>

namespace retina::test {
namespace {

void append_number(base::Bytes& bytes, std::uint32_t value, unsigned width) {
  for (unsigned i = width; i-- > 0;)
    bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

base::Bytes mtap(std::uint8_t type, unsigned offset_bytes, std::uint16_t number,
                 const std::vector<TimedUnit>& units) {
  base::Bytes bytes{static_cast<std::uint8_t>(0x60 | type)};
  append_number(bytes, number, 2);
  for (const TimedUnit& unit : units) {
    append_number(bytes, static_cast<std::uint32_t>(unit.nal.size()), 2);
    append_number(bytes, unit.difference, 1);
    append_number(bytes, unit.offset, offset_bytes);
    bytes.insert(bytes.end(), unit.nal.begin(), unit.nal.end());
  }
  return bytes;
}

/// How many units from `first` on can go into one MTAP24, and what its base number is then.
struct Group {
  std::size_t count = 0;
  std::uint16_t number = 0;
  std::uint32_t timestamp = 0;
};
Group group_from(const std::vector<NumberedUnit>& units, std::size_t first, std::size_t most) {
  Group group{0, units[first].number, units[first].timestamp};
  std::size_t bytes = 3;
  for (std::size_t i = first; i < units.size(); ++i) {
    bytes += 6 + units[i].nal.size();
    if (bytes > most) break;
    Group with = group;
    // Numbers wrap; they lie close together.
    if (static_cast<std::int16_t>(units[i].number - with.number) < 0) with.number = units[i].number;
    with.timestamp = std::min(with.timestamp, units[i].timestamp);
    const bool fits = std::all_of(units.begin() + static_cast<std::ptrdiff_t>(first),
                                  units.begin() + static_cast<std::ptrdiff_t>(i) + 1, [&](const auto& unit) {
                                    return static_cast<std::uint16_t>(unit.number - with.number) <= 255 &&
                                           unit.timestamp - with.timestamp <= 0xFFFFFF;
                                  });
    if (!fits) break;
    with.count = i - first + 1;
    group = with;
  }
  return group;
}

TimedPayload aggregate(const std::vector<NumberedUnit>& units, std::size_t first, const Group& group) {
  std::vector<TimedUnit> timed;
  bool consecutive = true;
  std::uint32_t latest = 0;
  for (std::size_t i = first; i < first + group.count; ++i) {
    const auto difference = static_cast<std::uint8_t>(units[i].number - group.number);
    const std::uint32_t offset = units[i].timestamp - group.timestamp;
    timed.push_back({units[i].nal, difference, offset});
    consecutive = consecutive && offset == 0 && difference == i - first;
    latest = std::max(latest, offset);
  }
  if (consecutive) {
    std::vector<base::Bytes> nals;
    for (const TimedUnit& unit : timed)
      nals.push_back(unit.nal);
    return {stap_b(group.number, nals), group.timestamp, false};
  }
  return {latest <= 0xFFFF ? mtap16(group.number, timed) : mtap24(group.number, timed), group.timestamp,
          false};
}

}  // namespace

base::Bytes stap_b(std::uint16_t number, const std::vector<base::Bytes>& nals) {
  base::Bytes bytes{0x79};
  append_number(bytes, number, 2);
  for (const base::Bytes& nal : nals) {
    append_number(bytes, static_cast<std::uint32_t>(nal.size()), 2);
    bytes.insert(bytes.end(), nal.begin(), nal.end());
  }
  return bytes;
}

base::Bytes mtap16(std::uint16_t number, const std::vector<TimedUnit>& units) {
  return mtap(26, 2, number, units);
}
base::Bytes mtap24(std::uint16_t number, const std::vector<TimedUnit>& units) {
  return mtap(27, 3, number, units);
}

std::vector<H264Payload> fragments_b(std::uint16_t number, const base::Bytes& nal, std::size_t most) {
  std::vector<H264Payload> payloads;
  const auto at = [&nal](std::size_t i) { return nal.begin() + static_cast<std::ptrdiff_t>(i); };
  const auto type = static_cast<std::uint8_t>(nal[0] & 0x1F);
  const auto importance = static_cast<std::uint8_t>(nal[0] & 0xE0);
  std::size_t done = std::min(1 + (most - 4), nal.size() - 1);
  base::Bytes bytes{static_cast<std::uint8_t>(importance | 29), static_cast<std::uint8_t>(0x80 | type)};
  append_number(bytes, number, 2);
  bytes.insert(bytes.end(), at(1), at(done));
  payloads.push_back({std::move(bytes), false});
  while (done < nal.size()) {
    const std::size_t end = std::min(nal.size(), done + most - 2);
    const std::uint8_t last = end == nal.size() ? 0x40 : 0;
    base::Bytes next{static_cast<std::uint8_t>(importance | 28), static_cast<std::uint8_t>(last | type)};
    next.insert(next.end(), at(done), at(end));
    payloads.push_back({std::move(next), false});
    done = end;
  }
  return payloads;
}

std::vector<NumberedUnit> numbered(const std::vector<AccessUnit>& stream, std::uint16_t first) {
  std::vector<NumberedUnit> units;
  for (const AccessUnit& unit : stream) {
    for (const base::Bytes& nal : unit.nals)
      units.push_back({nal, first++, unit.timestamp});
  }
  return units;
}

std::vector<TimedPayload> packetize_interleaved(const std::vector<NumberedUnit>& units, std::size_t most) {
  std::vector<TimedPayload> payloads;
  for (std::size_t i = 0; i < units.size();) {
    const Group group = group_from(units, i, most);
    if (group.count > 0) {
      payloads.push_back(aggregate(units, i, group));
      i += group.count;
    } else {
      for (H264Payload& fragment : fragments_b(units[i].number, units[i].nal, most))
        payloads.push_back({std::move(fragment.bytes), units[i].timestamp, false});
      ++i;
    }
    // The marker is that of the last NAL unit in the packet.
    const std::uint32_t timestamp = units[i - 1].timestamp;
    payloads.back().marker =
        std::none_of(units.begin() + static_cast<std::ptrdiff_t>(i), units.end(),
                     [timestamp](const NumberedUnit& unit) { return unit.timestamp == timestamp; });
  }
  return payloads;
}

}  // namespace retina::test
