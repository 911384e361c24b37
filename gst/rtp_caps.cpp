#include "rtp_caps.h"

#include <gst/sdp/gstsdpmessage.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "base/ascii.h"

namespace retina::gst {
namespace {

struct FreeMedia {
  void operator()(GstSDPMedia* media) const { gst_sdp_media_free(media); }
};
using MediaRef = std::unique_ptr<GstSDPMedia, FreeMedia>;

MediaRef new_media() {
  GstSDPMedia* media = nullptr;
  gst_sdp_media_new(&media);
  return MediaRef(media);
}

bool equals_any(std::string_view name, const std::string_view* begin, const std::string_view* end) {
  return std::any_of(begin, end, [=](std::string_view one) { return base::equals_ignore_case(name, one); });
}

/// What a caps field may be called so that caps can be printed and parsed again.
bool is_field_name(std::string_view name) {
  constexpr std::size_t kMaxBytes = 64;
  return !name.empty() && name.size() <= kMaxBytes && base::is_alpha(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return base::is_alpha(c) || base::is_digit(c) || c == '-' || c == '_' || c == '.';
         });
}

bool is_text(std::string_view text) {
  return g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr) != FALSE;
}

/// Fields that rtspsrc, rtpbin, srtpdec or we set, and what a depayloader would take for a header extension.
bool is_ours(std::string_view name) {
  constexpr std::string_view kNames[] = {
      "media",      "payload",          "clock-rate",    "encoding-name", "encoding-params",
      "ssrc",       "clock-base",       "seqnum-base",   "npt-start",     "npt-stop",
      "play-speed", "play-scale",       "onvif-mode",    "roc",           "mki",
      "key-mgmt",   "timestamp-offset", "seqnum-offset", "profile"};
  constexpr std::string_view kPrefixes[] = {"srtp-", "srtcp-", "extmap-", "rtcp-fb-", "ssrc-", "rid-", "a-"};
  return equals_any(name, std::begin(kNames), std::end(kNames)) ||
         std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                     [=](std::string_view prefix) { return base::starts_with_ignore_case(name, prefix); });
}

/// Attributes that are said otherwise, or that would make the camera's word a key for decryption.
bool is_passed(const sdp::Attribute& attribute) {
  constexpr std::string_view kElsewhere[] = {"rtpmap", "fmtp", "key-mgmt", "crypto", "rid"};
  const std::string_view name = attribute.name;
  if (!is_field_name(name) || !is_text(attribute.value) || base::may_hold_userinfo(attribute.value) ||
      equals_any(name, std::begin(kElsewhere), std::end(kElsewhere))) {
    return false;
  }
  // These two make field names of their values.
  std::string_view made;
  if (name == "rtcp-fb") made = attribute.value;
  if (name == "ssrc") made = base::split_once(attribute.value, ':').head;
  return std::all_of(made.begin(), made.end(), [](char c) {
    return base::is_alpha(c) || base::is_digit(c) || c == '-' || c == '_' || c == ' ' || c == '*';
  });
}

void add_attributes(GstSDPMedia* to, const std::vector<sdp::Attribute>& attributes) {
  for (const sdp::Attribute& attribute : attributes) {
    if (is_passed(attribute))
      gst_sdp_media_add_attribute(to, attribute.name.c_str(), attribute.value.c_str());
  }
}

/// `96 MPEG4-GENERIC/48000/2`, of what was made of the SDP. How many channels is only said where the SDP says
/// so, or where it isn't one.
std::string rtpmap(const sdp::Media& media) {
  const std::string* told = media.attribute("rtpmap");
  const bool told_channels =
      told != nullptr && std::count(told->begin(), told->end(), '/') > 1 && media.channels > 0;
  std::string map = std::to_string(media.payload_type) + ' ' + media.encoding_name + '/' +
                    std::to_string(media.clock_rate_hz);
  if (told_channels || media.channels > 1) map += '/' + std::to_string(media.channels);
  return map;
}

/// A parameter without `=` is a switch, and on; one that is empty behind it stays so.
bool is_switch(const sdp::Media& media, const sdp::Parameter& parameter) {
  if (!parameter.value.empty()) return false;
  for (const sdp::Attribute& attribute : media.attributes) {
    if (!base::equals_ignore_case(attribute.name, "fmtp")) continue;
    const std::size_t at = attribute.value.find(parameter.name);
    if (at == std::string::npos) continue;
    const std::string_view behind =
        base::trim(std::string_view(attribute.value).substr(at + parameter.name.size()));
    if (!behind.empty() && behind.front() == '=') return false;
  }
  return true;
}

/// The first of two parameters of one name is the one that counts.
void set_parameters(GstCaps* caps, const sdp::Media& media) {
  for (auto it = media.format_parameters.rbegin(); it != media.format_parameters.rend(); ++it) {
    if (!is_field_name(it->name) || is_ours(it->name) || !is_text(it->value)) continue;
    const std::string name = base::to_lower(it->name);
    const char* value = is_switch(media, *it) ? "1" : it->value.c_str();
    gst_caps_set_simple(caps, name.c_str(), G_TYPE_STRING, value, nullptr);
  }
}

void set_details(GstCaps* caps, const RtpCapsDetails& details) {
  if (details.ssrc) gst_caps_set_simple(caps, "ssrc", G_TYPE_UINT, *details.ssrc, nullptr);
  if (details.clock_base) gst_caps_set_simple(caps, "clock-base", G_TYPE_UINT, *details.clock_base, nullptr);
  if (details.seqnum_base)
    gst_caps_set_simple(caps, "seqnum-base", G_TYPE_UINT, guint{*details.seqnum_base}, nullptr);
  if (details.npt_start && details.npt_start->count() >= 0) {
    gst_caps_set_simple(caps, "npt-start", G_TYPE_UINT64, static_cast<guint64>(details.npt_start->count()),
                        nullptr);
  }
}

}  // namespace

CapsRef rtp_caps(const sdp::Media& media, const std::vector<sdp::Attribute>& session_attributes,
                 const RtpCapsDetails& details) {
  if (media.clock_rate_hz == 0 ||
      media.clock_rate_hz > static_cast<std::uint32_t>(std::numeric_limits<gint>::max()) ||
      !is_text(media.kind_text) || !is_text(media.encoding_name)) {
    return nullptr;
  }
  // GStreamer's own mapping does the rest, on a section that says what we made of the camera's.
  const MediaRef section = new_media();
  gst_sdp_media_set_media(section.get(), media.kind_text.c_str());
  gst_sdp_media_add_attribute(section.get(), "rtpmap", rtpmap(media).c_str());
  add_attributes(section.get(), media.attributes);
  CapsRef caps(gst_sdp_media_get_caps_from_media(section.get(), media.payload_type));
  if (!caps) return nullptr;
  gst_structure_set_name(gst_caps_get_structure(caps.get(), 0), "application/x-rtp");
  set_parameters(caps.get(), media);

  const MediaRef session = new_media();
  add_attributes(session.get(), session_attributes);
  gst_sdp_media_attributes_to_caps(session.get(), caps.get());
  gst_sdp_media_attributes_to_caps(section.get(), caps.get());
  set_details(caps.get(), details);
  return caps;
}

}  // namespace retina::gst
