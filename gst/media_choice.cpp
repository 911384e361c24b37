#include "media_choice.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"
#include "client/session.h"
#include "stream_matching.h"

namespace retina::gst {
namespace {

/// What a kind of stream counts as, `any` for one that has no name here.
MediaChoice kind_of(const sdp::Media& media) {
  switch (media.kind) {
    case sdp::MediaKind::kVideo:
    case sdp::MediaKind::kImage:  // JPEG, for some
      return MediaChoice::kVideo;
    case sdp::MediaKind::kAudio:
      return MediaChoice::kAudio;
    case sdp::MediaKind::kApplication:
      return MediaChoice::kApplication;
    default:
      return MediaChoice::kAny;
  }
}

/// The lower the better.
int rank_of(const sdp::Media& media) {
  switch (kind_of(media)) {
    case MediaChoice::kVideo:
      return 0;
    case MediaChoice::kAudio:
      return 1;
    case MediaChoice::kApplication:
      return 2;
    case MediaChoice::kAny:
      break;
  }
  return 3;
}

bool is_wanted(const sdp::Media& media, std::size_t index, const Settings& settings) {
  if (settings.stream_index >= 0) return index == static_cast<std::size_t>(settings.stream_index);
  return settings.media == MediaChoice::kAny || settings.media == kind_of(media);
}

/// gst-rtsp-server describes a stream once for each of its profiles (RTP/AVP, RTP/AVPF).
bool is_same_stream(const sdp::Media& one, const sdp::Media& other) {
  return !one.control.empty() && one.control == other.control && one.payload_type == other.payload_type &&
         same_form(one, other);
}

}  // namespace

std::vector<std::size_t> wanted_streams(const sdp::Description& description, const Settings& settings) {
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < description.media.size(); ++i) {
    const sdp::Media& media = description.media[i];
    if (!is_wanted(media, i, settings) || !client::obstacle(media).empty()) continue;
    const bool again = std::any_of(wanted.begin(), wanted.end(), [&](std::size_t before) {
      return is_same_stream(description.media[before], media);
    });
    if (!again) wanted.push_back(i);
  }
  return wanted;
}

std::optional<std::size_t> best_stream(const sdp::Description& description, const Settings& settings) {
  std::optional<std::size_t> best;
  for (const std::size_t index : wanted_streams(description, settings)) {
    if (!best || rank_of(description.media[index]) < rank_of(description.media[*best])) best = index;
  }
  return best;
}

client::Failure no_such_stream(const sdp::Description& description) {
  std::string offered;
  for (std::size_t i = 0; i < description.media.size(); ++i) {
    const sdp::Media& media = description.media[i];
    const std::string why_not = client::obstacle(media);
    offered += " " + std::to_string(i) + ": " +
               base::printable(media.kind_text + " " + media.encoding_name, 60) +
               (why_not.empty() ? "" : " (" + why_not + ")") + ";";
  }
  return {client::Failure::Kind::kNotFound,
          "The camera has no stream as asked for (media, stream-index). It offers:" + offered, 0, ""};
}

}  // namespace retina::gst
