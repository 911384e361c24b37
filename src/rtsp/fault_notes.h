#pragma once

#include <bitset>
#include <cstddef>
#include <string>
#include <vector>

namespace retina::rtsp {

/// Faults of a peer that are tolerated on the control connection.
enum class Fault : std::size_t {
  kBareLineFeed,
  kBlankLines,
  kOddVersion,
  kSpaceBeforeColon,
  kNoColon,
  kNotAscii,
  kControlCharacters,
  kBadContentLength,
  kContentLengthsDiffer,
  kNoBlankLine,
  kBodyCutShort,
  kFramingLost,
  kCount
};

/// Collects faults as sentences for people, each kind once: the bound is the number of kinds.
class FaultNotes {
 public:
  void add(Fault fault);
  bool has_fresh() const { return !fresh_.empty(); }
  /// What came since the last call.
  std::vector<std::string> take();

 private:
  std::bitset<static_cast<std::size_t>(Fault::kCount)> seen_;
  std::vector<std::string> fresh_;
};

}  // namespace retina::rtsp
