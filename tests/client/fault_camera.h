#pragma once

#include <cerrno>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "io/connector.h"
#include "support/check.h"
#include "support/fake_clock.h"
#include "support/rtsp_text.h"

/// A camera on a fake clock, behind an io::Connector, that does one thing wrong at one moment of the session.
namespace retina::test {

enum class Phase { kConnect, kOptions, kDescribe, kSetup, kPlay, kPlaying, kTeardown };

enum class Wrong {
  kEof,          ///< closes
  kReset,        ///< resets; at connect: refuses
  kStall,        ///< says nothing any more; at connect: doesn't answer
  kGarbage,      ///< 3000 bytes of garbage; in the dialogue instead of an answer
  kFlood,        ///< the same, and 2 MiB more
  kTrickle,      ///< a byte a second
  kHalfStall,    ///< half of what it should say, and then nothing any more
  kHalfEof,      ///< the same, and closes
  kDeaf,         ///< reads nothing any more; while playing it sends on
  kNotFound,     ///< answers 404; while playing: to the keep-alive
  kNoSession,    ///< answers 454
  kUnavailable,  ///< answers 503
};

struct Fault {
  Phase phase;
  Wrong wrong;
};

/// What a camera does on one connection. Frames are 40 ms apart.
struct FaultPlan {
  std::optional<Fault> fault;
  unsigned frames_before = 5;  ///< a fault of kPlaying
  bool recording = false;
};

/// What all connections of a camera have been asked.
struct Asked {
  std::map<std::string, unsigned> requests;
  std::function<void()> on_request;  // after each
};

class FaultConnection final : public io::Connection {
 public:
  FaultConnection(FakeClock& clock, FaultPlan plan, Asked& asked)
      : clock_(clock), plan_(plan), asked_(asked) {
    if (is(Phase::kConnect)) go_wrong("RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS, DESCRIBE\r\n\r\n", "1");
  }

  io::Transfer read(std::span<std::uint8_t> room) override {
    using Status = io::Transfer::Status;
    if (said_.empty() || said_.front().at > clock_.now()) return {};
    Item& next = said_.front();
    if (next.end != Status::kDone) return {next.end, 0, next.end == Status::kFailed ? ECONNRESET : 0};
    const std::size_t count = std::min(room.size(), next.bytes.size());
    std::memcpy(room.data(), next.bytes.data(), count);
    next.bytes.erase(0, count);
    if (next.bytes.empty()) said_.pop_front();
    return {Status::kDone, count, 0};
  }

  io::Transfer write(base::ByteView bytes) override {
    if (deaf_ || hears_no(base::as_text(bytes))) return {};
    reader_.append(base::as_text(bytes));
    while (const auto request = reader_.next())
      answer(*request);
    return {io::Transfer::Status::kDone, bytes.size(), 0};
  }

  void set_low_water(std::size_t) override {}

  io::WaitOutcome wait_with(bool, std::optional<base::TimePoint> deadline, base::TimePoint,
                            const io::Wakeup& wakeup, std::span<io::Watched>) override {
    if (wakeup.signalled()) return io::WaitOutcome::kWoken;
    if (said_.empty() && playing_) say_frame();
    if (!deadline && said_.empty()) ck_abort_msg("a wait that nothing would end");
    if (said_.empty() || (deadline && said_.front().at > *deadline)) {
      clock_.advance_to(*deadline);
      return io::WaitOutcome::kTimeout;
    }
    clock_.advance_to(said_.front().at);
    return io::WaitOutcome::kReady;
  }

  std::string peer() const override { return "camera"; }
  std::string local() const override { return "here"; }

 private:
  struct Item {
    base::TimePoint at;
    std::string bytes;
    io::Transfer::Status end = io::Transfer::Status::kDone;
  };

  /// From the request of the fault's phase on.
  bool hears_no(std::string_view request) {
    if (!plan_.fault || plan_.fault->wrong != Wrong::kDeaf) return false;
    const auto phase = phase_of(std::string(request.substr(0, request.find(' '))));
    deaf_ = phase && is(*phase);
    return deaf_;
  }
  static std::optional<Phase> phase_of(const std::string& method) {
    const std::map<std::string, Phase> phases = {{"OPTIONS", Phase::kOptions},
                                                 {"DESCRIBE", Phase::kDescribe},
                                                 {"SETUP", Phase::kSetup},
                                                 {"PLAY", Phase::kPlay},
                                                 {"TEARDOWN", Phase::kTeardown}};
    const auto found = phases.find(method);
    return found != phases.end() ? std::optional(found->second) : std::nullopt;
  }
  bool is(Phase phase) const { return plan_.fault && plan_.fault->phase == phase; }
  void say(std::string bytes) { said_.push_back({clock_.now(), std::move(bytes)}); }
  void end(io::Transfer::Status how) { said_.push_back({clock_.now(), {}, how}); }
  void fall_silent() {
    silent_ = true;
    playing_ = false;
  }

  static std::string garbage(std::size_t count) {
    std::string bytes;
    std::uint32_t random = 12345;
    while (bytes.size() < count) {
      random = random * 1664525 + 1013904223;
      bytes += static_cast<char>(random >> 24);
    }
    return bytes;
  }

  /// Instead of `good`, which it should say.
  void go_wrong(const std::string& good, const std::string& cseq) {
    const Wrong wrong = plan_.fault->wrong;
    const bool playing = plan_.fault->phase == Phase::kPlaying;
    const auto refuse = [&](const char* status) {
      say(std::string("RTSP/1.0 ") + status + "\r\nCSeq: " + cseq + "\r\n\r\n");
    };
    switch (wrong) {
      case Wrong::kNotFound:
        return refuse("404 Not Found");
      case Wrong::kNoSession:
        return refuse("454 Session Not Found");
      case Wrong::kUnavailable:
        return refuse("503 Service Unavailable");
      case Wrong::kGarbage:
        say(garbage(3000));
        if (playing) return;  // and goes on
        break;
      case Wrong::kFlood:
        say(garbage(3000 + 2 * 1024 * 1024));
        if (playing) return;
        break;
      case Wrong::kTrickle:
        for (std::size_t i = 0; i < good.size(); ++i)
          said_.push_back({clock_.now() + std::chrono::seconds(i + 1), good.substr(i, 1)});
        break;
      case Wrong::kHalfStall:
      case Wrong::kHalfEof:
        say(good.substr(0, good.size() / 2));
        break;
      case Wrong::kDeaf:
        deaf_ = true;
        if (playing) return;
        break;
      case Wrong::kEof:
      case Wrong::kReset:
      case Wrong::kStall:
        break;
    }
    fall_silent();
    if (wrong == Wrong::kEof || wrong == Wrong::kHalfEof) end(io::Transfer::Status::kClosed);
    if (wrong == Wrong::kReset) end(io::Transfer::Status::kFailed);
  }

  void answer(const RtspRequest& request) {
    ++asked_.requests[request.method];
    if (asked_.on_request) asked_.on_request();
    if (silent_ || request.method == "RESPONSE") return;
    const std::string cseq = request.header_or_empty("CSeq");
    const std::string good = standard(request.method, cseq);
    const auto phase = phase_of(request.method);
    const bool keep_alive = playing_ && request.method != "TEARDOWN";
    const bool refused = plan_.fault && plan_.fault->wrong >= Wrong::kNotFound;
    if (keep_alive ? is(Phase::kPlaying) && refused : phase && is(*phase)) {
      go_wrong(good, cseq);
    } else {
      say(good);
      if (request.method == "PLAY") playing_ = true;
    }
  }

  std::string standard(const std::string& method, const std::string& cseq) const {
    const std::string ok = "RTSP/1.0 200 OK\r\nCSeq: " + cseq + "\r\n";
    if (method == "OPTIONS") return ok + "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n";
    if (method == "SETUP")
      return ok + "Session: 1;timeout=60\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n";
    if (method != "DESCRIBE") return ok + "Session: 1\r\n\r\n";
    const std::string sdp =
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\n" +
        std::string(plan_.recording ? "a=range:npt=0-3600\r\n" : "") +
        "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;"
        "sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==\r\na=control:t\r\n";
    return ok + "Content-Type: application/sdp\r\nContent-Length: " + std::to_string(sdp.size()) +
           "\r\n\r\n" + sdp;
  }

  void say_frame() {
    const unsigned number = frames_++;
    base::Bytes packet{0x80, 0xE0, 0, 0, 0, 0, 0, 0, 0, 0, 0xCA, 0xFE, number == 0 ? kIdr : kSlice, 0x88};
    base::store_be16(packet.data() + 2, static_cast<std::uint16_t>(number));
    base::store_be32(packet.data() + 4, number * 3600);
    packet.insert(packet.end(), 40, static_cast<std::uint8_t>('a' + number % 26));
    const std::string bytes(base::as_text(interleave(0, packet)));
    const bool refuses = is(Phase::kPlaying) && plan_.fault->wrong >= Wrong::kNotFound;
    if (is(Phase::kPlaying) && !refuses && number == plan_.frames_before) {
      go_wrong(bytes, "1");
      if (!said_.empty() || silent_) return;
    }
    said_.push_back({clock_.now() + std::chrono::milliseconds(40), bytes});
  }

  static constexpr std::uint8_t kIdr = 0x65;
  static constexpr std::uint8_t kSlice = 0x41;

  FakeClock& clock_;
  FaultPlan plan_;
  Asked& asked_;
  std::deque<Item> said_;
  RtspReader reader_;
  bool silent_ = false;
  bool deaf_ = false;
  bool playing_ = false;
  unsigned frames_ = 0;
};

/// The nth connection goes by the nth plan, and those beyond the list do nothing wrong.
class FaultCamera final : public io::Connector {
 public:
  FaultCamera(FakeClock& clock, std::vector<FaultPlan> plans) : clock_(clock), plans_(std::move(plans)) {}

  base::Result<std::unique_ptr<io::Connection>, io::ConnectError> connect(const std::string&, std::uint16_t,
                                                                          base::Duration timeout,
                                                                          const io::Wakeup&) override {
    using Kind = io::ConnectError::Kind;
    const FaultPlan plan = connections_ < plans_.size() ? plans_[connections_] : FaultPlan{};
    ++connections_;
    if (plan.fault && plan.fault->phase == Phase::kConnect) {
      if (plan.fault->wrong == Wrong::kReset) return base::Unexpected<io::ConnectError>({Kind::kRefused, ""});
      if (plan.fault->wrong == Wrong::kStall) {
        clock_.advance(timeout);
        return base::Unexpected<io::ConnectError>({Kind::kTimeout, "timed out"});
      }
    }
    return std::unique_ptr<io::Connection>(std::make_unique<FaultConnection>(clock_, plan, asked));
  }

  std::size_t connections() const { return connections_; }
  unsigned count(const std::string& method) { return asked.requests[method]; }

  Asked asked;

 private:
  FakeClock& clock_;
  std::vector<FaultPlan> plans_;
  std::size_t connections_ = 0;
};

}  // namespace retina::test
