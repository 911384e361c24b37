#include "sdp/feedback.h"

#include "base/ascii.h"
#include "sdp/fmtp.h"
#include "sdp/lines.h"

namespace retina::sdp {
namespace {

/// RFC 4585 s4.2: `<payload type or *> nack`, `… nack pli`; RFC 5104 s7.1: `… ccm fir`. Whatever the profile
/// is: cameras that say RTP/AVP mean it too.
void read_offer(std::string_view value, Media& media) {
  const std::string_view whose = take_word(value);
  if (whose != "*" && base::parse_number<std::uint8_t>(whose) != media.payload_type) return;
  const std::string_view type = take_word(value);
  const std::string_view parameter = take_word(value);
  const auto is = [&](const char* wanted_type, const char* wanted_parameter) {
    return base::equals_ignore_case(type, wanted_type) &&
           base::equals_ignore_case(parameter, wanted_parameter);
  };
  media.feedback.pli = media.feedback.pli || is("nack", "pli");
  media.feedback.fir = media.feedback.fir || is("ccm", "fir");
  media.retransmission.nack = media.retransmission.nack || is("nack", "");
}

/// RFC 8866 s6.6: `97 rtx/90000`.
bool is_rtx(std::string_view rtpmap, std::uint8_t payload_type) {
  if (base::parse_number<std::uint8_t>(take_word(rtpmap)) != payload_type) return false;
  return base::equals_ignore_case(base::take_until(rtpmap, '/'), "rtx");
}

/// RFC 4588 s8.6: `a=fmtp:97 apt=96;rtx-time=3000`.
std::optional<std::uint8_t> retransmits(std::string_view fmtp, std::uint8_t payload_type) {
  const auto line = split_format_line(fmtp);
  if (!line || !line->payload_type) return std::nullopt;
  for (const Parameter& parameter : parse_format_parameters(line->parameters).parameters) {
    if (base::equals_ignore_case(parameter.name, "apt") &&
        base::parse_number<std::uint8_t>(parameter.value) == payload_type)
      return line->payload_type;
  }
  return std::nullopt;
}

/// RFC 5576 s4.2: `FID <SSRC of the media> <SSRC of its retransmissions>`.
std::optional<std::uint32_t> second_source(std::string_view group) {
  if (!base::equals_ignore_case(take_word(group), "FID")) return std::nullopt;
  take_word(group);
  return base::parse_number<std::uint32_t>(take_word(group));
}

}  // namespace

void read_feedback(Media& media) {
  Retransmission& retransmission = media.retransmission;
  const auto is_mapped = [&](std::uint8_t payload_type) {
    for (const Attribute& attribute : media.attributes) {
      if (base::equals_ignore_case(attribute.name, "rtpmap") && is_rtx(attribute.value, payload_type))
        return true;
    }
    return false;
  };
  for (const Attribute& attribute : media.attributes) {
    if (base::equals_ignore_case(attribute.name, "rtcp-fb")) {
      read_offer(attribute.value, media);
    } else if (base::equals_ignore_case(attribute.name, "ssrc-group")) {
      if (const auto ssrc = second_source(attribute.value)) retransmission.ssrc = ssrc;
    } else if (base::equals_ignore_case(attribute.name, "fmtp") && !retransmission.payload_type) {
      const auto payload_type = retransmits(attribute.value, media.payload_type);
      if (payload_type && is_mapped(*payload_type)) retransmission.payload_type = payload_type;
    }
  }
}

}  // namespace retina::sdp
