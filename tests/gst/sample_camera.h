#pragma once

#include <string>

#include "support/scripted_camera.h"

namespace retina::test {

/// H.264, with parameter sets of 240x160 in the SDP.
inline constexpr const char* kSampleSdp =
    "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=Front door\nt=0 0\na=control:*\n"
    "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
    "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==\n"
    "a=control:track1\n";

/// `count` frames of one packet each, 40 ms of RTP time apart, the first an IDR slice; sent in one burst.
inline Media sample_media(unsigned count) {
  Media media;
  for (unsigned i = 0; i < count; ++i) {
    base::Bytes packet{0x80, 0xE0, 0, 0, 0, 0, 0, 0, 0, 0, 0xCA, 0xFE};
    base::store_be16(packet.data() + 2, static_cast<std::uint16_t>(100 + i));
    base::store_be32(packet.data() + 4, 5000 + i * 3600);
    packet.push_back(i == 0 ? 0x65 : 0x41);
    packet.push_back(0x88);  // the first slice of its picture
    packet.insert(packet.end(), 39, static_cast<std::uint8_t>('a' + i % 26));
    MediaPacket media_packet;
    media_packet.bytes = std::move(packet);
    media.packets.push_back(std::move(media_packet));
  }
  return media;
}

/// RTCP: an empty receiver report and the BYE of sample_media's source.
inline std::string sample_bye() {
  const base::Bytes bye{0x80, 0xC9, 0, 1, 0, 0, 0xCA, 0xFE, 0x81, 0xCB, 0, 1, 0, 0, 0xCA, 0xFE};
  return std::string(base::as_text(interleave(1, bye)));
}

/// A camera that does everything right, and says BYE after its frames.
inline StandardCamera sample_camera(unsigned frames = 10) {
  StandardCamera camera;
  camera.sdp = kSampleSdp;
  camera.media = sample_media(frames);
  camera.after_media.send(sample_bye());
  return camera;
}

}  // namespace retina::test
