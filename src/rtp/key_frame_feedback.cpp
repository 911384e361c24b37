#include "rtp/key_frame_feedback.h"

#include <initializer_list>

#include "rtp/rtcp.h"

namespace retina::rtp {
namespace {

// In the five bits where reports count their blocks: RFC 4585 s6.3, RFC 5104 s4.3.
constexpr std::uint8_t kPictureLoss = 1;
constexpr std::uint8_t kFullIntraRequest = 4;

void append(base::Bytes& compound, std::uint8_t format, std::initializer_list<std::uint32_t> words) {
  append_rtcp_header(compound, format, kPayloadFeedbackType, words.size());
  for (const std::uint32_t word : words)
    base::append_be32(compound, word);
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
