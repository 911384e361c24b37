#include "codec/stream_faults.h"

#include <bit>

namespace retina::codec {
namespace {

/// Behind "The media of stream 0".
const char* predicate(StreamFault fault) {
  switch (fault) {
    case StreamFault::kStartCodes:
      return "has start codes within NAL units (Annex B); split at them.";
    case StreamFault::kFragmentType:
      return "changes the type of a NAL unit between its fragments; the first one counts.";
    case StreamFault::kWholeFragment:
      return "has fragments that are start and end at once; taken as whole NAL units.";
    case StreamFault::kEmptyFragment:
      return "has empty fragments; skipped.";
    case StreamFault::kReservedBit:
      return "sets the reserved bit of fragments; ignored.";
    case StreamFault::kNoEnd:
      return "has NAL units whose last fragment is not marked as the end; taken to end at the marker.";
    case StreamFault::kCutFragments:
      return "begins a NAL unit before the last fragment of the one before; that one is taken as incomplete.";
    case StreamFault::kEarlyMarker:
      return "has a marker before the slices of a picture; taken to go on.";
    case StreamFault::kForeignTimestamp:
      return "gives parameter sets or SEI another timestamp than their picture; taken with the next one.";
    case StreamFault::kSharedTimestamp:
      return "has several pictures with one timestamp; told apart all the same.";
    case StreamFault::kMarkedSlices:
      return "has a marker on every slice; pictures are told apart without it.";
    case StreamFault::kUnspecifiedUnit:
      return "has NAL units of unspecified types; left out.";
    case StreamFault::kCount:
      break;
  }
  return "";
}

}  // namespace

std::string sentence_of(StreamFault fault, const std::string& stream) {
  return "The media of " + stream + " " + predicate(fault);
}

std::optional<StreamFault> StreamFaults::take() {
  if (fresh_ == 0) return std::nullopt;
  const int bit = std::countr_zero(fresh_);
  fresh_ &= fresh_ - 1;
  return static_cast<StreamFault>(bit);
}

}  // namespace retina::codec
