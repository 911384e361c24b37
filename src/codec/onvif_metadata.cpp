#include "codec/onvif_metadata.h"

#include <string_view>

#include "base/ascii.h"

namespace retina::codec {
namespace {

constexpr std::string_view kEncodingName = "vnd.onvif.metadata";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
/// ONVIF 1.0 wrote MetaDataStream.
constexpr std::string_view kRootElement = "MetadataStream";
constexpr std::string_view kDeclaration = "<?xml";
constexpr std::string_view kExiCookie = "$EXI";
/// An element's name with its prefix is looked for in no more than this.
constexpr std::size_t kMaxNameBytes = 128;

std::string_view without_byte_order_mark(base::ByteView payload) {
  std::string_view text = base::as_text(payload);
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
  while (!text.empty() && base::is_space(text.front()))
    text.remove_prefix(1);
  return text;
}

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

/// `<tt:MetadataStream`, with any prefix or none. Sees the text from its first `<` on.
bool starts_with_root_element(std::string_view text) {
  if (text.empty() || text.front() != '<') return false;
  text = text.substr(1, kMaxNameBytes);
  text = text.substr(0, text.find_first_of(" \t\r\n/>"));
  const std::size_t colon = text.find(':');
  return base::equals_ignore_case(text.substr(colon == std::string_view::npos ? 0 : colon + 1), kRootElement);
}

/// RFC 1952 s2.3: magic, method "deflate", reserved flags 0.
bool starts_with_gzip_header(base::ByteView payload) {
  return payload.size() >= 4 && payload[0] == 0x1F && payload[1] == 0x8B && payload[2] == 8 &&
         (payload[3] & 0xE0) == 0;
}

/// EXI s5.2: the distinguishing bits 10 come first, or behind the cookie.
bool may_be_exi(base::ByteView payload) {
  return starts_with(base::as_text(payload), kExiCookie) || (payload[0] & 0xC0) == 0x80;
}

}  // namespace

std::optional<OnvifCompression> onvif_compression(const sdp::Media& media) {
  if (!base::starts_with_ignore_case(media.encoding_name, kEncodingName)) return std::nullopt;
  const std::string_view suffix = std::string_view(media.encoding_name).substr(kEncodingName.size());
  if (suffix.empty()) return OnvifCompression::kNone;
  if (base::equals_ignore_case(suffix, ".gzip")) return OnvifCompression::kGzip;
  if (base::equals_ignore_case(suffix, ".exi.onvif")) return OnvifCompression::kExiOnvif;
  if (base::equals_ignore_case(suffix, ".exi.ext")) return OnvifCompression::kExiExt;
  return std::nullopt;
}

bool OnvifMetadataDepacketizer::certainly_begins(base::ByteView payload) const {
  if (is_exi()) return starts_with(base::as_text(payload), kExiCookie);
  if (compression_ == OnvifCompression::kGzip) return starts_with_gzip_header(payload);
  const std::string_view text = without_byte_order_mark(payload);
  return starts_with(text, kDeclaration) || (!declared_ && starts_with_root_element(text));
}

bool OnvifMetadataDepacketizer::begins(base::ByteView payload, Place place) {
  bool begins = place == Place::kAfterEnd || certainly_begins(payload);
  if (compression_ == OnvifCompression::kNone) {
    const std::string_view text = without_byte_order_mark(payload);
    if (place == Place::kStart) begins = starts_with(text, "<") && !starts_with(text, "</");
    declared_ = declared_ || starts_with(text, kDeclaration);
  } else if (is_exi() && place == Place::kStart) {
    begins = may_be_exi(payload);
  }
  return begins;
}

bool OnvifMetadataDepacketizer::ends_before(base::ByteView payload, bool jumped) const {
  // Inside of compressed data anything can stand.
  if (compression_ != OnvifCompression::kNone && !jumped) return false;
  return certainly_begins(payload) || (is_exi() && !marker_seen());
}

bool OnvifMetadataDepacketizer::looks_whole(base::ByteView message) const {
  if (compression_ != OnvifCompression::kNone) return true;
  const std::string_view text = base::trim(base::as_text(message));
  return !text.empty() && text.back() == '>';
}

}  // namespace retina::codec
