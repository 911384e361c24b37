#pragma once

#include <algorithm>
#include <random>

#include "codec/h264_feeder.h"
#include "codec/h264_interleaved.h"
#include "support/h264_interleaver.h"

/// Streams of the interleaved mode in any order of transmission.
namespace retina::test {

inline codec::H264Interleaving depth(std::uint32_t slices) {
  codec::H264Interleaving announced;
  announced.depth = slices;
  return announced;
}

inline H264Feeder feeder_for(const codec::H264Interleaving& announced) {
  return H264Feeder(start_codes(codec::ParameterSetInsertion::kNever), {}, announced);
}

/// A slice that is a picture of its own: `number` tells it from others.
inline base::Bytes picture(unsigned number) {
  return sample_slice(false, 20 + number % 7, number + 1);
}

inline std::vector<AccessUnit> pictures(unsigned count, std::uint32_t ticks = 3600) {
  std::vector<AccessUnit> stream(count);
  for (unsigned i = 0; i < count; ++i) {
    stream[i].nals = {picture(i)};
    stream[i].timestamp = i * ticks;
  }
  return stream;
}

inline void push(H264Feeder& feeder, const std::vector<TimedPayload>& packets) {
  for (const TimedPayload& packet : packets)
    ck_assert(feeder.push(packet.bytes, packet.timestamp, packet.marker));
}

inline void check_stream(const H264Feeder& feeder, const std::vector<AccessUnit>& stream, const char* what) {
  ck_assert_msg(feeder.frames.size() == stream.size(), "%s: %zu frames", what, feeder.frames.size());
  for (std::size_t i = 0; i < stream.size(); ++i) {
    ck_assert_msg(feeder.frames[i].bytes == framed(stream[i], false, false), "%s: frame %zu", what, i);
    ck_assert_int_eq(feeder.frames[i].meta.timestamp, stream[i].timestamp);
    ck_assert(!feeder.frames[i].meta.discontinuity);
  }
}

/// The sprop-interleaving-depth of an order of transmission (RFC 6184 s8.1), as it defines it.
inline std::uint32_t depth_of(const std::vector<NumberedUnit>& sent,
                              const std::vector<NumberedUnit>& decoded) {
  const auto rank = [&decoded](const NumberedUnit& unit) {
    return std::find_if(decoded.begin(), decoded.end(),
                        [&unit](const NumberedUnit& other) { return other.number == unit.number; }) -
           decoded.begin();
  };
  std::uint32_t most = 0;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const auto ahead = std::count_if(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(i),
                                     [&](const NumberedUnit& before) {
                                       const unsigned type = before.nal[0] & 0x1F;
                                       return type >= 1 && type <= 5 && rank(before) > rank(sent[i]);
                                     });
    most = std::max(most, static_cast<std::uint32_t>(ahead));
  }
  return most;
}

/// Moves each unit back by at most `reach` places.
inline std::vector<NumberedUnit> shuffled(const std::vector<NumberedUnit>& units, std::size_t reach,
                                          std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::pair<std::size_t, NumberedUnit>> keyed;
  for (std::size_t i = 0; i < units.size(); ++i)
    keyed.emplace_back(i + random() % (reach + 1), units[i]);
  std::stable_sort(keyed.begin(), keyed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<NumberedUnit> sent;
  for (auto& [key, unit] : keyed)
    sent.push_back(std::move(unit));
  return sent;
}

}  // namespace retina::test
