#include "rtp/key_frame_feedback.h"

#include <initializer_list>

#include "rtp/packet.h"
#include "rtp/rtcp.h"

namespace retina::rtp {
namespace {

// In the five bits where reports count their blocks: RFC 4585 s6.3, RFC 5104 s4.3.
constexpr std::uint32_t kPictureLoss = 1;
constexpr std::uint32_t kFullIntraRequest = 4;

/// `words` behind the header.
void append(base::Bytes& compound, std::uint32_t format, std::initializer_list<std::uint32_t> words) {
  const auto append_32 = [&compound](std::uint32_t value) {
    compound.resize(compound.size() + 4);
    base::store_be32(compound.data() + compound.size() - 4, value);
  };
  append_32(std::uint32_t{kVersion} << 30 | format << 24 | std::uint32_t{kPayloadFeedbackType} << 16 |
            static_cast<std::uint32_t>(words.size()));
  for (const std::uint32_t word : words)
    append_32(word);
}

}  // namespace

void append_picture_loss(base::Bytes& compound, std::uint32_t sender, std::uint32_t media) {
  append(compound, kPictureLoss, {sender, media});
}

void append_full_intra_request(base::Bytes& compound, std::uint32_t sender, std::uint32_t media,
                               std::uint8_t sequence) {
  // s4.3.1.2: the source is named in the entry, and 0 in the head.
  append(compound, kFullIntraRequest, {sender, 0, media, std::uint32_t{sequence} << 24});
}

}  // namespace retina::rtp
