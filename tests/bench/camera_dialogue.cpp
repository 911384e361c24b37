#include "camera_dialogue.h"

#include "base/ascii.h"
#include "media_ring.h"

namespace retina::bench {
namespace {

constexpr std::string_view kSession = "0B5E55ED";

/// The value of a header of `request`, or an empty view.
std::string_view header(std::string_view request, std::string_view name) {
  std::string_view lines = request;
  base::take_until(lines, '\n');
  while (!lines.empty()) {
    const auto [field, value] = base::split_once(base::take_until(lines, '\n'), ':');
    if (value.has_value() && base::equals_ignore_case(base::trim(field), name)) return base::trim(*value);
  }
  return {};
}

}  // namespace

bool CameraDialogue::push(base::ByteView bytes) {
  pending_ += base::as_text(bytes);
  for (;;) {
    const std::size_t size = take_message();
    if (size == 0) break;
    pending_.erase(0, size);
  }
  return !malformed_ && pending_.size() <= kMaxRequestBytes;
}

std::size_t CameraDialogue::take_message() {
  const base::ByteView bytes = base::as_bytes(pending_);
  if (pending_.starts_with('$')) {
    const std::size_t size = bytes.size() < 4 ? 4 : std::size_t{4} + base::load_be16(bytes.data() + 2);
    return bytes.size() < size ? 0 : size;
  }
  const std::size_t head = pending_.find("\r\n\r\n");
  if (head == std::string::npos) return 0;
  const std::string_view request = std::string_view(pending_).substr(0, head + 2);
  const auto body = base::parse_number<std::uint16_t>(header(request, "Content-Length")).value_or(0);
  if (bytes.size() < head + 4 + body) return 0;
  answer(request);
  return head + 4 + body;
}

void CameraDialogue::answer(std::string_view request) {
  std::string_view rest = request;
  const std::string_view method = base::take_until(rest, ' ');
  const std::string url(base::take_until(rest, ' '));
  sequence_ = std::string(header(request, "CSeq"));
  if (!rest.starts_with("RTSP/") || sequence_.empty()) {
    malformed_ = true;
  } else if (method == "OPTIONS") {
    reply("200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN\r\n");
  } else if (method == "DESCRIBE") {
    base_url_ = url + (url.ends_with('/') ? "" : "/");
    reply("200 OK", "Content-Type: application/sdp\r\nContent-Base: " + base_url_ + "\r\n", sdp_);
  } else if (method == "SETUP") {
    setup(url, request);
  } else if (method == "PLAY" && !set_up_) {
    reply("455 Method Not Valid in This State", "");
  } else if (method == "PLAY") {
    play();
  } else if (method == "GET_PARAMETER" || method == "SET_PARAMETER") {
    reply("200 OK", "");
  } else if (method == "TEARDOWN") {
    reply("200 OK", "");
    torn_down_ = true;
  } else {
    reply("501 Not Implemented", "");
  }
}

/// RFC 2326 s12.39: the client lists what it can do, separated by commas.
void CameraDialogue::setup(std::string_view url, std::string_view request) {
  constexpr std::string_view kTrack = "/track";
  const std::size_t name = url.rfind(kTrack);
  const auto number = name == std::string_view::npos
                          ? std::nullopt
                          : base::parse_number<std::uint8_t>(url.substr(name + kTrack.size()));
  if (number.value_or(0) == 0 || *number > channels_.size()) return reply("404 Not Found", "");
  Channels& channels = channels_[*number - 1U];
  std::string_view offers = header(request, "Transport");
  while (!offers.empty() && !channels.set_up) {
    std::string_view offer = base::take_until(offers, ',');
    const std::string_view transport = base::take_until(offer, ';');
    const bool wanted = udp_ ? base::equals_ignore_case(transport, "RTP/AVP") ||
                                   base::equals_ignore_case(transport, "RTP/AVP/UDP")
                             : base::equals_ignore_case(transport, "RTP/AVP/TCP");
    if (wanted) set_up_channels(channels, offer);
  }
  if (!channels.set_up) return reply("461 Unsupported Transport", "");
  if (udp_) {
    return reply("200 OK", "Transport: RTP/AVP;unicast;client_port=" + std::to_string(channels.client_port) +
                               "-" + std::to_string(channels.client_port + 1) + "\r\n");
  }
  reply("200 OK", "Transport: RTP/AVP/TCP;unicast;interleaved=" + std::to_string(channels.rtp) + "-" +
                      std::to_string(channels.rtcp) + "\r\n");
}

void CameraDialogue::set_up_channels(Channels& channels, std::string_view parameters) {
  set_up_ = channels.set_up = true;
  while (!parameters.empty()) {
    const auto [key, value] = base::split_once(base::take_until(parameters, ';'), '=');
    if (!value.has_value()) continue;
    const auto [first, second] = base::split_once(*value, '-');
    if (base::equals_ignore_case(key, "interleaved")) {
      channels.rtp = base::parse_number<std::uint8_t>(first).value_or(0);
      channels.rtcp = base::parse_number<std::uint8_t>(second.value_or("")).value_or(1);
    } else if (base::equals_ignore_case(key, "client_port")) {
      channels.client_port = base::parse_number<std::uint16_t>(first).value_or(0);
    }
  }
}

/// RFC 2326 s12.33: RTP-Info has the streams that are set up.
void CameraDialogue::play() {
  std::string info;
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    if (!channels_[i].set_up) continue;
    info += (info.empty() ? "RTP-Info: url=" : ",url=") + base_url_ + "track" + std::to_string(i + 1) +
            ";seq=" + std::to_string(MediaRing::kFirstSequence) +
            ";rtptime=" + std::to_string(first_timestamps_[i]);
  }
  reply("200 OK", "Range: npt=0-\r\n" + info + "\r\n");
  playing_ = true;
}

void CameraDialogue::reply(std::string_view status, std::string_view headers, std::string_view body) {
  replies_ += "RTSP/1.0 ";
  replies_ += status;
  replies_ += "\r\nCSeq: " + sequence_ + "\r\n";
  if (set_up_) replies_ += "Session: " + std::string(kSession) + ";timeout=60\r\n";
  replies_ += headers;
  if (!body.empty()) replies_ += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  replies_ += "\r\n";
  replies_ += body;
}

std::string CameraDialogue::take_replies() {
  std::string taken;
  taken.swap(replies_);
  return taken;
}

}  // namespace retina::bench
