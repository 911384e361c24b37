#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "client/media_bytes.h"
#include "client/session_driver.h"

/// Whole sessions with cameras that are composed of their replies, fed whole and cut at every byte.
namespace retina::test {

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The value of a header of a request as this client writes it; "-" without one.
inline std::string header_of(const std::string& request, const std::string& name) {
  const std::size_t at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "-";
  const std::size_t value = at + name.size() + 4;
  return request.substr(value, request.find("\r\n", value) - value);
}

/// The URL in the first line of a request.
inline std::string url_of(const std::string& request) {
  const std::size_t at = request.find(' ') + 1;
  return request.substr(at, request.find(' ', at) - at);
}

/// One answer of a camera, byte for byte, except for the number behind its first "CSeq:", which becomes that
/// of the request.
struct ComposedReply {
  const char* method;  ///< the request that must have come
  std::string bytes;
};

struct Composition {
  std::string location = "rtsp://cam/stream";
  std::vector<ComposedReply> replies;  ///< up to the one to PLAY
  std::vector<std::size_t> streams;    ///< chosen once the camera has described them; none: all that can be
  std::string media;                   ///< follows the answer to PLAY
};

/// What a session did, in the order in which it did it.
struct Transcript {
  std::vector<std::string> requests;
  std::vector<std::string> streams;  ///< "96 H264/90000 track1", or "unusable track3"
  std::vector<std::string>
      tracks;  ///< "0-1 ssrc=30a98ee7 seq=47121 time=3475222385", "-" for what isn't known
  std::vector<std::string> notes;
  std::string tool;
  bool played = false;
  std::string frames;  ///< see take_frames()
  std::uint64_t packets = 0;
  std::uint64_t packets_lost = 0;
  std::uint64_t packets_invalid = 0;
  std::uint64_t resyncs = 0;
  std::string failure;
  std::string keepalive;  ///< the first request after 30 s of playing

  bool operator==(const Transcript&) const = default;
  std::string text() const {
    std::string all;
    for (const auto* list : {&requests, &streams, &tracks, &notes}) {
      for (const std::string& line : *list)
        all += line + "\n";
    }
    return all + "tool " + tool + (played ? ", played, frames " : ", not played, frames ") + frames +
           ", packets " + std::to_string(packets) + ", lost " + std::to_string(packets_lost) + ", invalid " +
           std::to_string(packets_invalid) + ", resyncs " + std::to_string(resyncs) + ", keep-alive " +
           keepalive + ", failure " + failure;
  }

  /// The n-th request of this method, from 0; "" when there is none.
  std::string request(const std::string& method, std::size_t n = 0) const {
    for (const std::string& text : requests) {
      if (text.starts_with(method + " ") && n-- == 0) return text;
    }
    return {};
  }
};

/// The number behind the first "CSeq" of the head becomes `cseq`, where there is one.
inline std::string renumber(std::string reply, const std::string& cseq) {
  const std::string lower = base::to_lower(reply);
  const std::size_t start = lower.find_first_not_of("\r\n");
  const std::size_t head_end = std::min(lower.find("\r\n\r\n", start), lower.size());
  const std::size_t name = lower.find("cseq", start);
  if (name == std::string::npos || name > head_end) return reply;
  const std::size_t at = std::min(reply.find_first_of("0123456789\n", name), reply.size());
  const std::size_t end = std::min(reply.find_first_not_of("0123456789", at), reply.size());
  return at == end || lower.substr(name, at - name).find_first_not_of("cseq: \t") != std::string::npos
             ? reply
             : reply.replace(at, end - at, cseq);
}

/// What SETUP and PLAY told of a stream.
inline std::string describe_track(const client::Track& track) {
  const auto number = [](const auto& value) { return value ? std::to_string(*value) : std::string("-"); };
  std::string ssrc = "-";
  if (track.ssrc) {
    ssrc.clear();
    for (int shift = 28; shift >= 0; shift -= 4)
      ssrc += "0123456789abcdef"[*track.ssrc >> shift & 0xF];
  }
  return std::to_string(track.rtp_channel) + "-" + std::to_string(track.rtcp_channel) + " ssrc=" + ssrc +
         " seq=" + number(track.first_sequence) + " time=" + number(track.first_timestamp);
}

/// Plays a composition once. `cut` is where the camera's bytes are cut in two, counted over all of them.
class ComposedSession {
 public:
  static constexpr std::size_t kWhole = static_cast<std::size_t>(-1);

  explicit ComposedSession(const Composition& composition, std::size_t cut = kWhole,
                           std::size_t piece = std::size_t{1} << 20)
      : composition_(composition), cut_(cut), camera_(composition.location, patient_options()) {
    camera_.set_piece(piece);
  }

  Transcript play() {
    for (const ComposedReply& reply : composition_.replies) {
      if (!take_requests(reply.method)) break;
      say(renumber(reply.bytes, header_of(transcript_.requests.back(), "CSeq")));
    }
    transcript_.played = camera_.take<client::Playing>().has_value();
    say(composition_.media);
    finish();
    return std::move(transcript_);
  }

  /// Of the camera's bytes, in the last play().
  std::size_t bytes_said() const { return said_; }

 private:
  static client::Options patient_options() {
    client::Options options;
    options.idle_timeout = std::chrono::seconds(0);
    return options;
  }

  void say(const std::string& bytes) {
    const std::size_t begin = said_;
    said_ += bytes.size();
    if (cut_ > begin && cut_ < said_) {
      camera_.feed(bytes.substr(0, cut_ - begin));
      camera_.feed(bytes.substr(cut_ - begin));
    } else {
      camera_.feed(bytes);
    }
    if (camera_.take<client::Described>()) choose();
    if (camera_.take<client::ConnectionNeeded>()) camera_.reconnect();
  }

  void choose() {
    std::vector<std::size_t> usable;
    const auto& media = camera_.session().description().media;
    for (std::size_t i = 0; i < media.size(); ++i) {
      const std::string what = media[i].unusable.empty()
                                   ? std::to_string(media[i].payload_type) + " " + media[i].encoding_name +
                                         "/" + std::to_string(media[i].clock_rate_hz)
                                   : "unusable";
      transcript_.streams.push_back(what + " " + media[i].control);
      if (media[i].unusable.empty()) usable.push_back(i);
    }
    transcript_.tool = camera_.session().description().tool;
    camera_.choose(composition_.streams.empty() ? usable : composition_.streams);
  }

  /// The requests that have been sent; the last must be `method`.
  bool take_requests(const std::string& method) {
    std::string& output = camera_.session().output();
    for (std::size_t end = output.find("\r\n\r\n"); end != std::string::npos; end = output.find("\r\n\r\n")) {
      transcript_.requests.push_back(output.substr(0, end + 4));
      output.erase(0, end + 4);
    }
    const bool right = !transcript_.requests.empty() && transcript_.requests.size() > answered_ &&
                       transcript_.requests.back().starts_with(method + " ");
    answered_ = transcript_.requests.size();
    if (!right) transcript_.failure = "no request " + method + " came";
    return right;
  }

  void finish() {
    for (const client::Track& track : camera_.session().tracks())
      transcript_.tracks.push_back(describe_track(track));
    transcript_.frames = take_frames(camera_);
    transcript_.notes = camera_.notes();
    transcript_.packets = camera_.statistics().packets.get();
    transcript_.packets_lost = camera_.statistics().packets_lost.get();
    transcript_.packets_invalid = camera_.statistics().packets_invalid.get();
    transcript_.resyncs = camera_.statistics().resyncs.get();
    if (const auto ended = camera_.take<client::Ended>()) {
      transcript_.failure = ended->failure ? ended->failure->text : "ended in order";
      return;
    }
    if (!transcript_.played) return;
    camera_.session().output().clear();
    camera_.advance(std::chrono::seconds(30));
    const std::string& output = camera_.session().output();
    transcript_.keepalive = output.substr(0, output.find(' '));
  }

  const Composition& composition_;
  std::size_t cut_;
  SessionDriver camera_;
  Transcript transcript_;
  std::size_t said_ = 0;
  std::size_t answered_ = 0;
};

/// Plays it whole, cut at every byte, and byte by byte: all must come to the same, which is returned.
inline Transcript play_at_every_split(const Composition& composition, const std::string& name) {
  ComposedSession whole(composition);
  Transcript expected = whole.play();
  for (std::size_t cut = 1; cut < whole.bytes_said(); ++cut) {
    const Transcript got = ComposedSession(composition, cut).play();
    ck_assert_msg(got == expected, "%s: it matters that its bytes are cut at %zu:\n%s\nand whole:\n%s",
                  name.c_str(), cut, got.text().c_str(), expected.text().c_str());
  }
  const Transcript bytewise = ComposedSession(composition, ComposedSession::kWhole, 1).play();
  ck_assert_msg(bytewise == expected, "%s: it matters that it comes byte by byte:\n%s\nand whole:\n%s",
                name.c_str(), bytewise.text().c_str(), expected.text().c_str());
  return expected;
}

inline void assert_list(const std::vector<std::string>& actual, const std::vector<std::string>& expected) {
  const auto joined = [](const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
      text += line + "\n";
    return text;
  };
  ASSERT_TEXT(joined(actual), joined(expected));
}

// --- what a camera answers that does everything right ---

inline std::string good_options() {
  return "RTSP/1.0 200 OK\r\nCSeq: 0\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n"
         "\r\n";
}
inline std::string good_describe(const std::string& sdp, const std::string& base = "") {
  return "RTSP/1.0 200 OK\r\nCSeq: 0\r\nContent-Type: application/sdp\r\n" +
         (base.empty() ? "" : "Content-Base: " + base + "\r\n") +
         "Content-Length: " + std::to_string(sdp.size()) + "\r\n\r\n" + sdp;
}
inline std::string good_setup(unsigned channel = 0) {
  return "RTSP/1.0 200 OK\r\nCSeq: 0\r\nSession: 12345678;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;"
         "interleaved=" +
         std::to_string(channel) + "-" + std::to_string(channel + 1) + "\r\n\r\n";
}
inline std::string good_play() {
  return "RTSP/1.0 200 OK\r\nCSeq: 0\r\nSession: 12345678\r\nRange: npt=0.000-\r\n\r\n";
}

/// The replies to OPTIONS, DESCRIBE, one SETUP for each stream, and PLAY.
inline std::vector<ComposedReply> dialogue(const std::string& describe,
                                           const std::vector<std::string>& setups, const std::string& play,
                                           const std::string& options = good_options()) {
  std::vector<ComposedReply> replies = {{"OPTIONS", options}, {"DESCRIBE", describe}};
  for (const std::string& setup : setups)
    replies.push_back({"SETUP", setup});
  replies.push_back({"PLAY", play});
  return replies;
}

}  // namespace retina::test
