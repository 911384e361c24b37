// Cameras that nobody has seen: every mixture of tolerated faults is tolerated too. Each is drawn from the
// lists below, plays one stream, and comes to the same whether its bytes come whole, cut, or one by one.

#include "client/composed_camera.h"

namespace {

using namespace retina;
using namespace retina::test;

/// Numbers that follow from a seed, the same everywhere.
class Draw {
 public:
  explicit Draw(std::uint32_t seed) : state_(seed * 2654435761U + 1) {}
  std::size_t below(std::size_t n) {
    state_ = state_ * 1664525 + 1013904223;
    return (state_ >> 16) % n;
  }
  template <class List>
  auto from(const List& list) {
    return list[below(std::size(list))];
  }
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  std::uint32_t state_;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// One message, with its head in the handwriting of this camera.
std::string write(Draw& draw, std::string headers, const std::string& body = "") {
  constexpr const char* kFirstLines[] = {"RTSP/1.0 200 OK", "RTSP/1.0 200 OK", "RTSP/1.0 200 ",
                                         "RTSP/1.0 200",    "RTSP/2.0 200 OK", "rtsp/1.0  200  Fine"};
  constexpr const char* kCseqs[] = {
      "CSeq: 0\r\n", "CSeq: 0\r\n", "Cseq:0\r\n", "CSEQ:   0 \r\n", "cseq\t: 0\r\n", "", "CSeq: x\r\n"};
  constexpr const char* kMore[] = {"",
                                   "",
                                   "Server:\r\n",
                                   "Date: never, 99 Foo\r\n",
                                   "hello\r\n",
                                   "X-Note: gr\xFC\xDF\r\n",
                                   "Server: a,\r\n b,\r\n\tc\r\n"};
  if (!body.empty()) {
    const std::string length = std::to_string(body.size());
    const std::string lengths[] = {"Content-Length: " + length + "\r\n", "Content-length:" + length + " \r\n",
                                   "Content-Length: " + length + ", " + length + "\r\n",
                                   "Content-Length: " + length + ";\r\n"};
    headers += draw.from(lengths);
  }
  std::string head = std::string(draw.from(kFirstLines)) + "\r\n";
  const std::string cseq = draw.from(kCseqs);
  head += draw.one_in(2) ? cseq + headers : headers + cseq;
  head += draw.from(kMore);
  head += "\r\n";
  if (draw.one_in(4)) head = replaced(head, "\r\n", "\n");
  if (draw.one_in(4)) head = replaced(head, ": ", " :  ");
  if (draw.one_in(6)) head.insert(0, "\r\n\r\n");
  if (draw.one_in(6)) head.insert(0, "RTSP/1.0 100 Continue\r\n\r\n");
  return head + body;
}

std::string description(Draw& draw) {
  constexpr const char* kOrigins[] = {"", "o=- 1 1 IN IP4 10.0.0.1\r\n", "o=-\r\n", "o=- 1 2 3 IP IP4\r\n"};
  constexpr const char* kLines[] = {"",
                                    "s=\r\n",
                                    "s=x\r\nt=0 0\r\n",
                                    "t=\r\nc=IN\r\n",
                                    "b=AS:\r\ne=NONE\r\n",
                                    "i=\xFF\xFE\r\n",
                                    "nonsense\r\n=\r\n",
                                    "a=range:npt=now-\r\n",
                                    "a=range:x\r\n"};
  constexpr const char* kSessionControls[] = {"", "a=control:*\r\n"};
  constexpr const char* kMediaLines[] = {"m=video 0 RTP/AVP 96\r\n", "m=video 0 RTP/AVP 96\t \r\n",
                                         "m=video 554 RTP/AVP 97 96\r\na=rtpmap:97 rtx/90000\r\n",
                                         "m=VIDEO 0 RTP/AVP 96 96\r\n"};
  constexpr const char* kMaps[] = {"a=rtpmap:96 H264/90000\r\n", "a=rtpmap:96 H264/90000 \r\n",
                                   "a=rtpmap: 96  h264 / 90000\r\n", "a=rtpmap:96 H264\r\n",
                                   "a=rtpmap:96 H264/0\r\n"};
  constexpr const char* kFormats[] = {
      "", "a=fmtp:96\r\n", "a=fmtp:96 packetization-mode=1;\r\n",
      "a=fmtp:96 ;PACKETIZATION-MODE = 1 ; sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg ;\r\n",
      "a=fmtp:96 sprop-parameter-sets=\"!!\"\r\n"};
  constexpr const char* kHints[] = {
      "", "a=framerate:0S\r\n", "a=sendonly\r\n", "a=recvonly\r\n", "c=\r\nb=\r\n", "a=x-dimensions:,\r\n"};
  constexpr const char* kControls[] = {"a=control:track1\r\n", "a=control: track1 \r\n",
                                       "a=control:/track1\r\n", "a=control:rtsp://cam/stream/track1\r\n",
                                       "a=control:rtsp://user:pw@cam/stream/track1\r\n"};
  constexpr const char* kOthers[] = {"", "m=audio 0 RTP/AVP 99\r\n", "m=\r\n",
                                     "m=application/X 0 RTP/AVP smart/1\r\na=control:x\r\n"};
  constexpr const char* kEnds[] = {"\r\n", "\n", "\r"};
  std::string sdp = draw.one_in(8) ? "" : "v=0\r\n";
  sdp +=
      std::string(draw.from(kOrigins)) + draw.from(kLines) + draw.from(kLines) + draw.from(kSessionControls);
  std::string section = draw.from(kMaps);
  section.insert(draw.one_in(2) ? 0 : section.size(), std::string(draw.from(kFormats)) + draw.from(kHints));
  const std::string control = draw.from(kControls);
  section.insert(draw.one_in(2) ? 0 : section.size(), control);
  const std::string other = draw.from(kOthers);
  const bool first = draw.one_in(3);
  sdp += (first ? other : "") + draw.from(kMediaLines) + section + (first ? "" : other);
  sdp = replaced(sdp, "\r\n", draw.from(kEnds));
  if (draw.one_in(4)) sdp += draw.from(kEnds);
  return sdp;
}

std::string describe(Draw& draw) {
  constexpr const char* kTypes[] = {"Content-Type: application/sdp\r\n",
                                    "Content-type:Application/SDP; x\r\n", ""};
  constexpr const char* kBases[] = {"Content-Base: rtsp://cam/stream/\r\n",
                                    "Content-Base: rtsp://cam/stream\r\n",
                                    "Content-Base: cam/stream/\r\n",
                                    "Content-Base: rtsp://rtsp://cam/stream/\r\n",
                                    "Content-Base: rtsp://192.168.0.10/stream/\r\n",
                                    "Content-Base: rtsp://user:pw@cam/stream/\r\n",
                                    "Content-Base:\r\n",
                                    "",
                                    "Content-Location: rtsp://cam/stream/\r\n"};
  return write(draw, std::string(draw.from(kTypes)) + draw.from(kBases), description(draw));
}

std::string set_up(Draw& draw) {
  constexpr const char* kTransports[] = {
      "",
      "Transport:\r\n",
      "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n",
      "Transport: RTP/AVP/TCP; UNICAST ; Interleaved = 0 - 1 \r\n",
      "Transport: interleaved=0;ssrc= 0000CAFE\r\n",
      "Transport: ssrc=0;RTP/AVP/TCP;client_port=9-8;interleaved=0-1;source=cam.local;mode=\"PLAY\"\r\n",
      "transport:rtp/avp/tcp;unicast;\r\n interleaved=0-1;ssrc=0xCAFE\r\n"};
  constexpr const char* kSessions[] = {"Session: 1234\r\n", "Session:     1234;timeout=60\r\n",
                                       "SESSION: 1234 ; TimeOut = 60 ;x=y\r\n", "Session: 1234;timeout=\r\n"};
  return write(draw, std::string(draw.from(kTransports)) + draw.from(kSessions));
}

std::string play(Draw& draw) {
  constexpr const char* kInfos[] = {
      "",
      "RTP-Info: url=rtsp://cam/stream/track1;seq=100;rtptime=5\r\n",
      "RTP-Info: url=track1;seq=100;rtptime=-1;\r\n",
      "RTP-Info: url=rtsp://10.0.0.1:8554/a,b;c/x;seq=100\r\n",
      "RTP-Info: url=\"rtsp://cam/stream/track1\" ssrc=CAFE:seq=100;rtptime=5\r\n",
      "RTP-Info: url=rtsp://cam/stream/track1;seq=0;rtptime=0\r\n",
      "RTP-Info: ;;,\r\n"};
  constexpr const char* kSessions[] = {"", "Session: 1234\r\n", "Session: 9999\r\n"};
  return write(draw, std::string(draw.from(kInfos)) + draw.from(kSessions) + "Range: npt=now-\r\n");
}

/// Six frames, and what comes between them.
std::string media(Draw& draw) {
  const std::string between[] = {
      "",
      "\r\n",
      on_channel(7, rtp_packet(1, 0, "x")),
      on_channel(0, rtp_packet(9, 0, slice('x'), {true, 96, 0xBEEF})),
      on_channel(0, rtp_packet(100, 0, "x", {true, 50, 0xCAFE})),
      on_channel(0, std::string("\x80\xC9\0\1", 4) + be32(0xCAFE)),
      on_channel(1, "\x80\xC8"),
      on_channel(0, "\x80"),
      on_channel(0, rtp_packet(100, 0, slice('a'))),
      "RTSP/1.0 200 OK\r\nCSeq: 99\r\n\r\n",
      "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n",
      "SET_PARAMETER rtsp://cam/ RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 2\r\n\r\nab",
      std::string("\0\1garbage", 9)};
  std::string all;
  for (unsigned i = 0; i < 6; ++i) {
    all += on_channel(0, rtp_packet(100 + i, 3600 * i, slice(static_cast<char>('a' + i))));
    // What confirms a packet behind garbage must be beyond doubt.
    const bool quiet = i == 0 || i >= 4 || all.find("garbage") != std::string::npos;
    if (!quiet) all += draw.from(between);
  }
  return all;
}

LAW(any_mixture_of_faults_is_tolerated) {
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    Draw draw(seed);
    Composition composition;
    composition.replies = {{"OPTIONS", write(draw, draw.one_in(2) ? "Public: a, options\r\n" : "")},
                           {"DESCRIBE", describe(draw)},
                           {"SETUP", set_up(draw)},
                           {"PLAY", play(draw)}};
    composition.media = media(draw);
    if (draw.one_in(4)) composition.replies.back().bytes.swap(composition.media);
    ComposedSession whole(composition);
    const Transcript transcript = whole.play();
    ck_assert_msg(transcript.failure.empty(), "%u: %s", seed, transcript.text().c_str());
    ASSERT_TEXT(url_of(transcript.request("SETUP")), "rtsp://cam/stream/track1");
    ASSERT_TEXT(header_of(transcript.request("PLAY"), "Session"), "1234");
    ck_assert_msg(transcript.frames == "abcdef", "%u: %s", seed, transcript.text().c_str());
    const Transcript bytewise = ComposedSession(composition, ComposedSession::kWhole, 1).play();
    ck_assert_msg(bytewise == transcript, "%u: byte by byte\n%s\nand whole\n%s", seed,
                  bytewise.text().c_str(), transcript.text().c_str());
    const std::size_t cut = draw.below(whole.bytes_said());
    const Transcript parted = ComposedSession(composition, cut).play();
    ck_assert_msg(parted == transcript, "%u: cut at %zu\n%s\nand whole\n%s", seed, cut, parted.text().c_str(),
                  transcript.text().c_str());
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("mixed look-alikes", 60);
}
