// Whatever a description is, what comes out of it is bounded and consistent, and doesn't depend on its line
// ends.

#include <algorithm>
#include <string>

#include "fuzz/fuzz.h"
#include "sdp/description.h"
#include "sdp/sprop.h"

namespace {

using namespace retina;

void check_parameter_sets(const sdp::Media& media) {
  std::vector<std::string> notes;
  for (const base::Bytes& nal : sdp::sprop_parameter_sets(media, notes)) {
    FUZZ_REQUIRE(nal.size() >= 2 && nal.back() != 0);
    const std::uint8_t start_code[] = {0, 0, 1};
    FUZZ_REQUIRE(std::search(nal.begin(), nal.end(), start_code, start_code + 3) == nal.end());
  }
  FUZZ_REQUIRE(notes.size() <= sdp::kMaxNotes);
}

void check_media(const sdp::Media& media) {
  FUZZ_REQUIRE(media.payload_type <= 127);
  FUZZ_REQUIRE(media.attributes.size() <= sdp::kMaxAttributes);
  FUZZ_REQUIRE(media.format_parameters.size() <= sdp::kMaxFormatParameters);
  FUZZ_REQUIRE(!media.framerate || *media.framerate > 0);
  FUZZ_REQUIRE(!media.backchannel || media.kind == sdp::MediaKind::kAudio);
  FUZZ_REQUIRE(media.kind == sdp::MediaKind::kAudio || media.channels == 0);
  for (const sdp::Parameter& parameter : media.format_parameters) {
    FUZZ_REQUIRE(!parameter.name.empty() && media.format_parameter(parameter.name) != nullptr);
  }
  check_parameter_sets(media);
  if (!media.unusable.empty()) return;
  FUZZ_REQUIRE(media.clock_rate_hz > 0 && !media.encoding_name.empty());
  FUZZ_REQUIRE(media.kind != sdp::MediaKind::kAudio || media.channels > 0);
}

void check_same(const sdp::Description& a, const sdp::Description& b) {
  FUZZ_REQUIRE(a.notes == b.notes && a.control == b.control && a.media.size() == b.media.size());
  for (std::size_t i = 0; i < a.media.size(); ++i) {
    FUZZ_REQUIRE(a.media[i].unusable == b.media[i].unusable && a.media[i].control == b.media[i].control);
    FUZZ_REQUIRE(a.media[i].encoding_name == b.media[i].encoding_name);
    FUZZ_REQUIRE(a.media[i].payload_type == b.media[i].payload_type);
    FUZZ_REQUIRE(a.media[i].format_parameters.size() == b.media[i].format_parameters.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(base::as_text({data, size}));
  const auto description = sdp::parse(text);
  if (!description) return 0;
  FUZZ_REQUIRE(!description->media.empty() && description->media.size() <= sdp::kMaxMedia);
  FUZZ_REQUIRE(description->attributes.size() <= sdp::kMaxAttributes);
  FUZZ_REQUIRE(description->notes.size() <= sdp::kMaxNotes);
  const auto& range = description->range;
  FUZZ_REQUIRE(!range || !range->start || !range->end || *range->start <= *range->end);
  for (const sdp::Media& media : description->media) {
    check_media(media);
  }
  std::replace(text.begin(), text.end(), '\n', '\r');
  std::replace(text.begin(), text.end(), '\0', '\n');
  const auto again = sdp::parse(text);
  FUZZ_REQUIRE(again.has_value());
  check_same(*description, *again);
  return 0;
}
