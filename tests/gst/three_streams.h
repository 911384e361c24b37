#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "gst/bin_runner.h"
#include "gst/sample_camera.h"

/// A camera with a picture, a sound and a document every 40 ms.
namespace retina::test {

inline constexpr const char* kThreeStreams =
    "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=Front door\nt=0 0\na=control:*\n"
    "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
    "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==\n"
    "a=control:track1\n"
    "m=audio 0 RTP/AVP 8\na=control:track2\n"
    "m=application 0 RTP/AVP 107\na=rtpmap:107 vnd.onvif.metadata/90000\na=control:track3\n";

inline base::Bytes packet_of(std::uint8_t payload_type, std::uint32_t ssrc, unsigned number,
                             std::uint32_t ticks, const base::Bytes& payload) {
  base::Bytes packet(12 + payload.size());
  packet[0] = 0x80;
  packet[1] = static_cast<std::uint8_t>(0x80 | payload_type);
  base::store_be16(packet.data() + 2, static_cast<std::uint16_t>(100 + number));
  base::store_be32(packet.data() + 4, 5000 + number * ticks);
  base::store_be32(packet.data() + 8, ssrc);
  std::copy(payload.begin(), payload.end(), packet.begin() + 12);
  return packet;
}

inline base::Bytes picture(unsigned number) {
  base::Bytes slice(60, static_cast<std::uint8_t>('a' + number % 26));
  slice[0] = number == 0 ? 0x65 : 0x41;
  slice[1] = 0x88;
  return slice;
}

inline base::Bytes sound(unsigned number) {
  return base::Bytes(320, static_cast<std::uint8_t>(number));
}

inline base::Bytes document(unsigned number) {
  const std::string text = "<tt:MetadataStream>" + std::to_string(number) + "</tt:MetadataStream>";
  return {text.begin(), text.end()};
}

/// `first` and on of each of the three streams, 40 ms apart.
inline Media three_streams(unsigned count, unsigned first = 0) {
  Media media;
  for (unsigned i = first; i < first + count; ++i) {
    media.packets.push_back({0, false, packet_of(96, 0xCAFE, i, 3600, picture(i)), {}});
    media.packets.push_back({1, false, packet_of(8, 0xBEEF, i, 320, sound(i)), {}});
    media.packets.push_back({2, false, packet_of(107, 0xD0C, i, 3600, document(i)), {}});
  }
  return media;
}

inline std::string bye(unsigned stream, std::uint32_t ssrc) {
  base::Bytes bytes{0x80, 0xC9, 0, 1, 0, 0, 0, 0, 0x81, 0xCB, 0, 1, 0, 0, 0, 0};
  base::store_be32(bytes.data() + 4, ssrc);
  base::store_be32(bytes.data() + 12, ssrc);
  return std::string(base::as_text(interleave(static_cast<std::uint8_t>(2 * stream + 1), bytes)));
}

inline StandardCamera camera_of_three(unsigned frames) {
  StandardCamera camera;
  camera.sdp = kThreeStreams;
  camera.media = three_streams(frames);
  camera.after_media.send(bye(0, 0xCAFE)).send(bye(1, 0xBEEF)).send(bye(2, 0xD0C));
  return camera;
}

inline base::Bytes avc(const base::Bytes& nal) {
  base::Bytes framed(4 + nal.size());
  base::store_be32(framed.data(), static_cast<std::uint32_t>(nal.size()));
  std::copy(nal.begin(), nal.end(), framed.begin() + 4);
  return framed;
}

inline void expect_all(const std::map<std::string, PadRecord>& pads, unsigned frames) {
  for (const auto& [name, record] : pads) {
    ck_assert_msg(record.frames.size() == frames, "%s: %zu frames", name.c_str(), record.frames.size());
    for (unsigned i = 0; i < frames; ++i) {
      const base::Bytes expected = name == "video_0"   ? avc(picture(i))
                                   : name == "audio_0" ? sound(i)
                                                       : document(i);
      ck_assert_msg(record.frames[i] == expected, "%s: frame %u", name.c_str(), i);
      if (i > 0) ck_assert_uint_eq(record.times[i] - record.times[i - 1], 40 * GST_MSECOND);
    }
  }
}

}  // namespace retina::test
