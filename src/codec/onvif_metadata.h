#pragma once

#include <optional>

#include "codec/message.h"
#include "sdp/description.h"

namespace retina::codec {

/// How the documents are written (ONVIF Streaming Specification s5.1.2.1.1). They are passed on as they come.
enum class OnvifCompression {
  kNone,      ///< vnd.onvif.metadata: XML
  kGzip,      ///< vnd.onvif.metadata.gzip (RFC 1952)
  kExiOnvif,  ///< vnd.onvif.metadata.exi.onvif: EXI with ONVIF's own grammar
  kExiExt     ///< vnd.onvif.metadata.exi.ext: EXI with a grammar that the SDP names
};

/// Nullopt: the section is none of ONVIF metadata.
std::optional<OnvifCompression> onvif_compression(const sdp::Media& media);

/// ONVIF metadata: one document a frame.
///
/// A document ends with the marker. Its packets' timestamps mean nothing by the specification, so one that
/// changes ends nothing; but for cameras that set no markers, a document also ends where another one begins
/// in full view: with an XML declaration or the root element MetadataStream, a gzip header (and another
/// timestamp), an EXI cookie (and another timestamp).
///
/// The same signs let it go on after a loss. XML without a declaration is told by its root element only as
/// long as no document of the stream has had one; EXI without a cookie waits for the document after the next
/// marker.
class OnvifMetadataDepacketizer final : public MessageDepacketizer {
 public:
  OnvifMetadataDepacketizer(OnvifCompression compression, FrameAllocator& allocator)
      : MessageDepacketizer(allocator), compression_(compression) {}

 protected:
  bool begins(base::ByteView payload, Place place) override;
  bool ends_before(base::ByteView payload, bool jumped) const override;
  bool looks_whole(base::ByteView message) const override;

 private:
  bool is_exi() const {
    return compression_ == OnvifCompression::kExiOnvif || compression_ == OnvifCompression::kExiExt;
  }
  bool certainly_begins(base::ByteView payload) const;

  OnvifCompression compression_;
  bool declared_ = false;  // a document began with an XML declaration
};

}  // namespace retina::codec
