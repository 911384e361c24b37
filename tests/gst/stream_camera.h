#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gst/sample_camera.h"

namespace retina::test {

/// A stream of any format, to be played once: its section of the SDP, and its packets.
struct Stream {
  static constexpr std::uint8_t kPayloadType = 96;

  std::string media;                      ///< "video"
  std::string rtpmap;                     ///< "AV1/90000"
  std::string attributes = {};            ///< further lines of the section
  std::vector<base::Bytes> packets = {};  ///< an empty one is lost

  void add(const base::Bytes& payload, std::uint32_t timestamp, bool marker) {
    base::Bytes packet{0x80, static_cast<std::uint8_t>(kPayloadType | (marker ? 0x80 : 0))};
    packet.resize(12);
    base::store_be32(packet.data() + 4, timestamp);
    packet.insert(packet.end(), payload.begin(), payload.end());
    packets.push_back(std::move(packet));
  }
};

/// Plays it and says BYE. Sequence numbers and the source are the camera's own.
inline StandardCamera camera_of(const Stream& stream) {
  StandardCamera camera;
  const std::string type = std::to_string(Stream::kPayloadType);
  camera.sdp = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nt=0 0\na=control:*\nm=" + stream.media + " 0 RTP/AVP " +
               type + "\na=rtpmap:" + type + " " + stream.rtpmap + "\n" + stream.attributes +
               "a=control:track1\n";
  std::uint16_t sequence = 65530;
  for (const base::Bytes& packet : stream.packets) {
    const std::uint16_t number = sequence++;
    if (packet.empty()) continue;
    MediaPacket sent;
    sent.bytes = packet;
    base::store_be16(sent.bytes.data() + 2, number);
    base::store_be32(sent.bytes.data() + 8, 0xCAFE);
    camera.media.packets.push_back(std::move(sent));
  }
  camera.after_media.send(sample_bye());
  return camera;
}

}  // namespace retina::test
