#include "encodings.h"

#include <algorithm>

#include "codec/h265_syntax.h"
#include "h264_stream.h"

namespace retina::bench {
namespace {

constexpr std::size_t kAuHeaderBytes = 4;  // RFC 3640 s3.2.1: the headers' length, and one of 13 + 3 bits
constexpr std::size_t kMaxAccessUnit = 8191;
constexpr const char* kAacHbr =
    "streamtype=5;profile-level-id=41;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3\r\n";

/// Main, level 4, 1920x1080.
test::HevcSyntax hevc_syntax(unsigned frames_per_second) {
  test::HevcSyntax syntax;
  syntax.level = 120;
  syntax.width = 1920;
  syntax.height = 1088;
  syntax.crop_bottom = 4;
  syntax.vui = true;
  syntax.time_scale = frames_per_second;
  return syntax;
}

/// The H.264 slice's noise behind the two bytes of a header: IDR_W_RADL or TRAIL_R, first slice of its
/// picture.
base::Bytes make_hevc_slice(unsigned number, std::size_t size) {
  base::Bytes nal = make_slice(number, size);
  const std::uint8_t type = number == 0 ? 19 : 1;
  nal[0] = static_cast<std::uint8_t>(type << 1);
  nal[1] = 1;
  nal[2] |= 0x80;
  return nal;
}

/// RFC 6184 s5.6 and s5.8, RFC 7798 s4.4.1 and s4.4.3.
void add_nal(Encoding encoding, const base::Bytes& nal, std::size_t payload_bytes,
             std::vector<base::Bytes>& to) {
  if (nal.size() <= payload_bytes) {
    to.push_back(nal);
    return;
  }
  const bool hevc = encoding == Encoding::kH265;
  const std::size_t header = hevc ? 2 : 1;
  const auto type = static_cast<std::uint8_t>(hevc ? (nal[0] >> 1) & 0x3f : nal[0] & 0x1f);
  base::Bytes head(nal.begin(), nal.begin() + static_cast<std::ptrdiff_t>(header));
  head[0] = static_cast<std::uint8_t>(hevc ? (nal[0] & 0x81) | (49 << 1) : (nal[0] & 0xe0) | 28);
  const std::size_t fragment = payload_bytes - header - 1;
  for (std::size_t at = header; at < nal.size(); at += fragment) {
    const std::size_t size = std::min(fragment, nal.size() - at);
    base::Bytes payload = head;
    const int marks = (at == header ? 0x80 : 0) | (at + size == nal.size() ? 0x40 : 0);
    payload.push_back(static_cast<std::uint8_t>(type | marks));
    const auto from = nal.begin() + static_cast<std::ptrdiff_t>(at);
    payload.insert(payload.end(), from, from + static_cast<std::ptrdiff_t>(size));
    to.push_back(std::move(payload));
  }
}

std::vector<base::Bytes> video_payloads(Encoding encoding, unsigned number, unsigned frames_per_second,
                                        std::size_t size, std::size_t payload_bytes) {
  const bool hevc = encoding == Encoding::kH265;
  std::vector<base::Bytes> payloads;
  if (number == 0 && hevc) {
    const test::HevcSyntax syntax = hevc_syntax(frames_per_second);
    payloads = {make_hevc_vps(syntax), make_hevc_sps(syntax), make_hevc_pps(syntax)};
  } else if (number == 0) {
    payloads = {make_sps(frames_per_second), make_pps()};
  }
  // The stamp must not straddle two packets: no last fragment that is shorter.
  const std::size_t header = hevc ? 2 : 1;
  const std::size_t fragment = payload_bytes - header - 1;
  size = std::max<std::size_t>(size, 64);
  const std::size_t rest = (size - header) % fragment;
  if (rest != 0 && rest < kStampBytes) size += kStampBytes;
  add_nal(encoding, hevc ? make_hevc_slice(number, size) : make_slice(number, size), payload_bytes, payloads);
  return payloads;
}

/// RFC 3640 s3.2.1 with sizelength=13, indexlength=3.
base::Bytes audio_payload(unsigned number, std::size_t size, std::size_t payload_bytes) {
  size = std::min({std::max<std::size_t>(size, 64), payload_bytes - kAuHeaderBytes, kMaxAccessUnit});
  base::Bytes payload{0, 16, 0, 0};
  base::store_be16(&payload[2], static_cast<std::uint16_t>(size << 3));
  const base::Bytes unit = make_slice(number % 250, size);
  payload.insert(payload.end(), unit.begin(), unit.end());
  return payload;
}

}  // namespace

bool is_video(Encoding encoding) {
  return encoding == Encoding::kH264 || encoding == Encoding::kH265;
}

std::uint32_t clock_rate_hz(Encoding encoding) {
  if (is_video(encoding)) return 90'000;
  return encoding == Encoding::kAac ? 48'000 : 16'000;
}

std::vector<base::Bytes> make_payloads(Encoding encoding, unsigned number, unsigned frames_per_second,
                                       std::size_t size, std::size_t payload_bytes) {
  if (is_video(encoding)) return video_payloads(encoding, number, frames_per_second, size, payload_bytes);
  return {audio_payload(number, size, payload_bytes)};
}

std::string make_media_section(Encoding encoding, int payload_type, unsigned frames_per_second,
                               std::uint64_t bits_per_second) {
  const std::string type = std::to_string(payload_type);
  const std::string head = std::string(is_video(encoding) ? "m=video" : "m=audio") + " 0 RTP/AVP " + type +
                           "\r\nb=AS:" + std::to_string(bits_per_second / 1000) + "\r\na=rtpmap:" + type +
                           " ";
  const std::string format = "\r\na=fmtp:" + type + " ";
  const std::string rate = "\r\na=framerate:" + std::to_string(frames_per_second) + "\r\n";
  switch (encoding) {
    case Encoding::kH264:
      return head + "H264/90000" + format +
             "packetization-mode=1;profile-level-id=4D0028;sprop-parameter-sets=" +
             encode_base64(make_sps(frames_per_second)) + "," + encode_base64(make_pps()) + rate;
    case Encoding::kH265: {
      const test::HevcSyntax syntax = hevc_syntax(frames_per_second);
      return head + "H265/90000" + format + "sprop-vps=" + encode_base64(make_hevc_vps(syntax)) +
             ";sprop-sps=" + encode_base64(make_hevc_sps(syntax)) +
             ";sprop-pps=" + encode_base64(make_hevc_pps(syntax)) + rate;
    }
    case Encoding::kAac:
      return head + "MPEG4-GENERIC/48000/2" + format + "config=1190;" + kAacHbr;
    case Encoding::kAac16:
      return head + "MPEG4-GENERIC/16000/1" + format + "config=1408;" + kAacHbr;
  }
  return {};
}

}  // namespace retina::bench
