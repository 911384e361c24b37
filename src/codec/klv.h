#pragma once

#include "codec/message.h"
#include "sdp/description.h"

namespace retina::codec {

/// The section is KLV metadata: SMPTE336M.
bool is_klv(const sdp::Media& media);

/// KLV (SMPTE ST 336) out of RTP (RFC 6597): one KLV unit a frame, that is all items of one moment, one after
/// the other.
///
/// A unit ends with the marker, or with another timestamp (s4.2). After a loss all up to the next end is
/// dropped: a packet that begins with a key may well be the second item of a unit whose first was lost. The
/// first unit of a stream must begin with a universal label, else the stream was joined within it.
class KlvDepacketizer final : public MessageDepacketizer {
 public:
  explicit KlvDepacketizer(FrameAllocator& allocator) : MessageDepacketizer(allocator) {}

 protected:
  bool begins(base::ByteView payload, Place place) override;
  bool ends_before(base::ByteView payload, bool jumped) const override;
  bool looks_whole(base::ByteView message) const override;
};

}  // namespace retina::codec
