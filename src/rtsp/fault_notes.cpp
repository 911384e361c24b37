#include "rtsp/fault_notes.h"

#include <utility>

namespace retina::rtsp {
namespace {

const char* sentence(Fault fault) {
  switch (fault) {
    case Fault::kBareLineFeed:
      return "Lines of the camera's messages end with LF instead of CR LF; read all the same.";
    case Fault::kBlankLines:
      return "Blank lines stand before the camera's messages; skipped.";
    case Fault::kOddVersion:
      return "The camera answers in another version than RTSP/1.0; read as 1.0.";
    case Fault::kSpaceBeforeColon:
      return "A header of the camera has white space before its colon; taken without it.";
    case Fault::kNoColon:
      return "A header line of the camera has no colon; ignored.";
    case Fault::kNotAscii:
      return "A header of the camera has characters outside of ASCII; kept as they are.";
    case Fault::kControlCharacters:
      return "A header of the camera has control characters; left out.";
    case Fault::kBadContentLength:
      return "The camera's Content-Length is no number; taken as 0.";
    case Fault::kContentLengthsDiffer:
      return "The camera sends several Content-Lengths that differ; the first one counts.";
    case Fault::kNoBlankLine:
      return "A message of the camera ends without a blank line; taken to end where media starts.";
    case Fault::kBodyCutShort:
      return "A message of the camera is shorter than its Content-Length says; taken as it is.";
    case Fault::kFramingLost:
      return "The camera sent bytes that are neither a message nor media; skipped up to where one starts.";
    case Fault::kCount:
      break;
  }
  return "";
}

}  // namespace

void FaultNotes::add(Fault fault) {
  const auto kind = static_cast<std::size_t>(fault);
  if (seen_[kind]) return;
  seen_.set(kind);
  fresh_.emplace_back(sentence(fault));
}

std::vector<std::string> FaultNotes::take() {
  return std::exchange(fresh_, {});
}

}  // namespace retina::rtsp
