#include "sdp/payload_types.h"

#include <algorithm>
#include <iterator>

#include "base/ascii.h"

namespace retina::sdp {
namespace {

struct StaticEncoding {
  std::uint8_t payload_type = 0;
  MediaKind kind = MediaKind::kOther;
  Encoding encoding;
};

constexpr StaticEncoding kStaticEncodings[] = {
    {0, MediaKind::kAudio, {"PCMU", 8000, 1}},
    {3, MediaKind::kAudio, {"GSM", 8000, 1}},
    {4, MediaKind::kAudio, {"G723", 8000, 1}},
    {5, MediaKind::kAudio, {"DVI4", 8000, 1}},
    {6, MediaKind::kAudio, {"DVI4", 16000, 1}},
    {7, MediaKind::kAudio, {"LPC", 8000, 1}},
    {8, MediaKind::kAudio, {"PCMA", 8000, 1}},
    {9, MediaKind::kAudio, {"G722", 8000, 1}},  // sampled at 16 kHz; the clock is a historic error (s4.5.2)
    {10, MediaKind::kAudio, {"L16", 44100, 2}},
    {11, MediaKind::kAudio, {"L16", 44100, 1}},
    {12, MediaKind::kAudio, {"QCELP", 8000, 1}},
    {13, MediaKind::kAudio, {"CN", 8000, 1}},
    {14, MediaKind::kAudio, {"MPA", 90000, 1}},
    {15, MediaKind::kAudio, {"G728", 8000, 1}},
    {16, MediaKind::kAudio, {"DVI4", 11025, 1}},
    {17, MediaKind::kAudio, {"DVI4", 22050, 1}},
    {18, MediaKind::kAudio, {"G729", 8000, 1}},
    {25, MediaKind::kVideo, {"CelB", 90000, 0}},
    {26, MediaKind::kVideo, {"JPEG", 90000, 0}},
    {28, MediaKind::kVideo, {"nv", 90000, 0}},
    {31, MediaKind::kVideo, {"H261", 90000, 0}},
    {32, MediaKind::kVideo, {"MPV", 90000, 0}},
    {33, MediaKind::kVideo, {"MP2T", 90000, 0}},
    {33, MediaKind::kAudio, {"MP2T", 90000, 1}},  // "AV": both
    {34, MediaKind::kVideo, {"H263", 90000, 0}},
};

constexpr Encoding kDefaultClockRates[] = {
    {"H264", 90000},        {"H265", 90000},        {"H266", 90000},           {"JPEG", 90000},
    {"MP4V-ES", 90000},     {"H263-1998", 90000},   {"H263-2000", 90000},      {"VP8", 90000},
    {"VP9", 90000},         {"AV1", 90000},         {"opus", 48000},           {"G726-16", 8000},
    {"G726-24", 8000},      {"G726-32", 8000},      {"G726-40", 8000},         {"AMR", 8000},
    {"AMR-WB", 16000},      {"iLBC", 8000},         {"telephone-event", 8000}, {"AAL2-G726-16", 8000},
    {"AAL2-G726-24", 8000}, {"AAL2-G726-32", 8000}, {"AAL2-G726-40", 8000},    {"multiopus", 48000},
};

/// vnd.onvif.metadata, and .gzip, .exi.onvif, .exi.ext (ONVIF Streaming Specification s5.1.2.1.1).
constexpr std::string_view kOnvifMetadata = "vnd.onvif.metadata";

}  // namespace

const Encoding* static_encoding(std::uint8_t payload_type, MediaKind kind) {
  for (const StaticEncoding& entry : kStaticEncodings) {
    if (entry.payload_type == payload_type && entry.kind == kind) return &entry.encoding;
  }
  return nullptr;
}

std::uint32_t default_clock_rate(std::string_view encoding_name) {
  if (base::starts_with_ignore_case(encoding_name, kOnvifMetadata)) return 90000;
  for (const Encoding& entry : kDefaultClockRates) {
    if (base::equals_ignore_case(entry.name, encoding_name)) return entry.clock_rate_hz;
  }
  // L16 and DVI4 come with any rate; the other static encodings have just one.
  if (base::equals_ignore_case(encoding_name, "L16") || base::equals_ignore_case(encoding_name, "DVI4"))
    return 0;
  for (const StaticEncoding& entry : kStaticEncodings) {
    if (base::equals_ignore_case(entry.encoding.name, encoding_name)) return entry.encoding.clock_rate_hz;
  }
  return 0;
}

bool is_auxiliary(std::string_view encoding_name) {
  constexpr std::string_view kAuxiliary[] = {"rtx",       "red", "ulpfec",         "flexfec",
                                             "parityfec", "CN",  "telephone-event"};
  return std::any_of(std::begin(kAuxiliary), std::end(kAuxiliary),
                     [=](std::string_view name) { return base::equals_ignore_case(name, encoding_name); });
}

}  // namespace retina::sdp
