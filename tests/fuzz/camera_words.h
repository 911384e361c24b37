#pragma once

#include <array>
#include <cstdint>
#include <string>

/// What the fuzzed cameras can say with one byte of input: whole replies and packets.
namespace retina::fuzz {

inline constexpr const char* kSdp =
    "v=0\r\ns=x\r\nt=0 0\r\na=tool:LIVE555 Streaming Media v2013.04.08\r\nm=video 0 RTP/AVP 96\r\n"
    "a=rtpmap:96 H264/90000\r\na=control:track1\r\nm=audio 0 RTP/AVP 0\r\na=control:track2\r\n";
inline constexpr const char* kShortSdp = "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=range:npt=0-9\n";

/// "{c}" becomes the number of the latest request, "{n}" one that is new each time.
inline constexpr std::array kReplies = {
    "RTSP/1.0 200 OK\r\nCSeq: {c}\r\nPublic: OPTIONS, GET_PARAMETER, SET_PARAMETER\r\n\r\n",
    "{sdp}",
    "RTSP/1.0 200 OK\r\nCSeq: {c}\r\nSession: 1;timeout=10\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n",
    "RTSP/1.0 200 OK\r\nCSeq: {c}\r\nSession: 1\r\nTransport: RTP/AVP/TCP;interleaved=2-3\r\n\r\n",
    "RTSP/1.0 200 OK\r\nCSeq: {c}\r\nRTP-Info: url=track1;seq=5;rtptime=7,url=track2;seq=6;rtptime=8\r\n\r\n",
    "RTSP/1.0 401 Unauthorized\r\nCSeq: {c}\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"{n}\"\r\n\r\n",
    "RTSP/1.0 401 Unauthorized\r\nCSeq: {c}\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", "
    "stale=true, qop=\"auth\"\r\n\r\n",
    "RTSP/1.0 401 Unauthorized\r\nCSeq: {c}\r\nWWW-Authenticate: Basic realm=\"r\"\r\n\r\n",
    "RTSP/1.0 401 Unauthorized\r\nCSeq: {c}\r\n\r\n",
    "RTSP/1.0 302 Found\r\nCSeq: {c}\r\nLocation: rtsp://cam/{n}\r\n\r\n",
    "RTSP/1.0 301 Moved\r\nCSeq: {c}\r\nLocation: rtsp://other:8554/\r\n\r\n",
    "RTSP/1.0 100 Continue\r\nCSeq: {c}\r\n\r\n",
    "RTSP/1.0 404 Not Found\r\nCSeq: {c}\r\n\r\n",
    "RTSP/1.0 454 Session Not Found\r\nCSeq: {c}\r\n\r\n",
    "RTSP/1.0 405 Method Not Allowed\r\n\r\n",
    "RTSP/1.0 461 Unsupported Transport\r\nCSeq: {c}\r\n\r\n",
    "RTSP/1.0 200 OK\r\nCSeq: {n}\r\nSession: 2\r\n\r\n",
    "OPTIONS * RTSP/1.0\r\nCSeq: {n}\r\n\r\n",
    "REDIRECT * RTSP/1.0\r\nCSeq: {n}\r\nLocation: rtsp://cam/{n}\r\n\r\n",
    "REDIRECT * RTSP/1.0\r\nCSeq: {n}\r\n\r\n",
    "TEARDOWN * RTSP/1.0\r\nCSeq: {n}\r\n\r\n",
    "SET_PARAMETER * RTSP/1.0\r\nContent-Length: 3\r\n\r\nabc",
    "{short sdp}",
    "RTSP/1.0 200 OK\r\nCSeq: {c}\r\nContent-Length: 1000\r\n\r\nv=0\r\nm=video 0 RTP/AVP 96\r\n",
    "\r\n",
    "RTSP/1.0 200 OK\r\nCSeq: {c}\r\n",
    "RTSP/1.0 200 OK\r\nCSeq: {c}\r\nSession: 3\r\nTransport: RTP/AVP;unicast;server_port=6000-6001\r\n\r\n",
    "RTSP/1.0 400 Bad Request\r\nCSeq: {c}\r\n\r\n",
};

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

inline std::string with_sdp(const std::string& sdp) {
  return "RTSP/1.0 200 OK\r\nCSeq: {c}\r\nContent-Type: application/sdp\r\nContent-Length: " +
         std::to_string(sdp.size()) + "\r\n\r\n" + sdp;
}

/// `text` with what stands in braces filled in.
inline std::string reply_of(std::string text, unsigned long cseq, unsigned number) {
  text = replaced(std::move(text), "{sdp}", with_sdp(kSdp));
  text = replaced(std::move(text), "{short sdp}", with_sdp(kShortSdp));
  text = replaced(std::move(text), "{c}", std::to_string(cseq));
  return replaced(std::move(text), "{n}", std::to_string(number));
}

/// RTP of three sources with single NAL units, parameter sets and fragments, or RTCP.
inline std::string packet_of(std::uint8_t kind, std::uint8_t sequence) {
  static constexpr std::array<const char*, 4> kPayloads = {"\x41\x88", "\x65\x88", "\x5C\x81",
                                                           "\x67\x42\xC0\x1E"};
  std::string packet("\x80\xE0\0\0\0\0\0\0\0\0\0\1", 12);
  packet[3] = static_cast<char>(sequence);
  packet[7] = static_cast<char>(sequence / 2);
  packet[11] = static_cast<char>(kind % 9 == 8 ? 2 : 1);
  packet += kPayloads[kind % kPayloads.size()];
  packet += "some more";
  if (kind % 7 == 6) packet = std::string("\x81\xCB\0\1\0\0\0\1", 8);
  if (kind % 11 == 10) packet.resize(3);
  return packet;
}

/// 0 to 3.
inline std::uint8_t channel_of(std::uint8_t kind) {
  return static_cast<std::uint8_t>(kind % 5 == 4 ? 3 : kind % 5 == 3 ? 2 : 0);
}

inline std::string interleaved(std::uint8_t channel, const std::string& packet) {
  std::string framed = "$";
  framed += static_cast<char>(channel);
  framed += static_cast<char>(packet.size() >> 8);
  framed += static_cast<char>(packet.size());
  return framed + packet;
}

}  // namespace retina::fuzz
