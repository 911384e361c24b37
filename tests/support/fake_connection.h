#pragma once

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "io/connection.h"
#include "io/connector.h"
#include "support/check.h"
#include "support/fake_clock.h"

namespace retina::test {

/// One side of a connection in memory: what comes, piece by piece, and what was said.
struct FakeWire {
  std::deque<std::string> input;  ///< each read brings one at most
  bool closed = false;            ///< behind the input
  bool reset = false;             ///< likewise
  std::string output;
  std::size_t accepts = std::numeric_limits<std::size_t>::max();  ///< bytes that may still be written
  bool broken = false;                                            ///< writes fail
  bool open = false;                                              ///< a connection uses it
  FakeClock* clock = nullptr;                                     ///< moved on by waits that nothing ends
};

class FakeConnection final : public io::Connection {
 public:
  explicit FakeConnection(FakeWire& wire) : wire_(wire) { wire_.open = true; }
  ~FakeConnection() override { wire_.open = false; }

  io::Transfer read(std::span<std::uint8_t> room) override {
    if (wire_.input.empty() && wire_.reset) return {Status::kFailed, 0, ECONNRESET};
    if (wire_.input.empty()) return {wire_.closed ? Status::kClosed : Status::kWouldBlock, 0, 0};
    std::string& piece = wire_.input.front();
    const std::size_t count = std::min(piece.size(), room.size());
    std::copy_n(piece.begin(), count, room.begin());
    piece.erase(0, count);
    if (piece.empty()) wire_.input.pop_front();
    return {Status::kDone, count, 0};
  }
  io::Transfer write(base::ByteView bytes) override {
    if (wire_.broken) return {Status::kFailed, 0, EPIPE};
    const std::size_t count = std::min(bytes.size(), wire_.accepts);
    if (count == 0) return {};
    wire_.accepts -= count;
    wire_.output += base::as_text(bytes.first(count));
    return {Status::kDone, count, 0};
  }
  void set_low_water(std::size_t) override {}
  io::WaitOutcome wait_with(bool, std::optional<base::TimePoint> deadline, base::TimePoint,
                            const io::Wakeup& wakeup, std::span<io::Watched> others) override {
    if (wakeup.signalled()) return io::WaitOutcome::kWoken;
    if (!wire_.input.empty() || wire_.closed) return io::WaitOutcome::kReady;
    // Those are real.
    if (std::any_of(others.begin(), others.end(),
                    [](const io::Watched& other) { return wait_for(other.fd); }))
      return io::WaitOutcome::kOthersReady;
    if (deadline && wire_.clock != nullptr) wire_.clock->advance_to(*deadline);
    return io::WaitOutcome::kTimeout;
  }
  std::string peer() const override { return "camera"; }
  std::string local() const override { return "here"; }

 private:
  using Status = io::Transfer::Status;

  static bool wait_for(int fd) {
    pollfd waiting{fd, POLLIN, 0};
    return fd >= 0 && ::poll(&waiting, 1, 5000) == 1;
  }

  FakeWire& wire_;
};

/// Hands out connections on prepared wires, in their order; beyond them it refuses.
class FakeConnector final : public io::Connector {
 public:
  using Made = base::Result<std::unique_ptr<io::Connection>, io::ConnectError>;

  std::vector<std::unique_ptr<FakeWire>> wires;
  std::vector<std::string> asked;    ///< "host:port", with " tls" behind
  std::vector<std::string> started;  ///< the same, of TLS on a connection that was there

  FakeWire& add_wire(FakeClock* clock = nullptr) {
    wires.push_back(std::make_unique<FakeWire>());
    wires.back()->clock = clock;
    return *wires.back();
  }

  Made connect(const std::string& host, std::uint16_t port, base::Duration, const io::Wakeup&) override {
    return make(host + ":" + std::to_string(port));
  }
  Made connect_tls(const std::string& host, std::uint16_t port, base::Duration, const io::Wakeup&) override {
    return make(host + ":" + std::to_string(port) + " tls");
  }
  Made start_tls(std::unique_ptr<io::Connection> plain, const std::string& host, std::uint16_t port,
                 base::Duration, const io::Wakeup&) override {
    started.push_back(host + ":" + std::to_string(port));
    return plain;
  }

 private:
  Made make(std::string what) {
    asked.push_back(std::move(what));
    if (asked.size() > wires.size())
      return base::Unexpected<io::ConnectError>({io::ConnectError::Kind::kRefused, "refused"});
    return std::unique_ptr<io::Connection>(std::make_unique<FakeConnection>(*wires[asked.size() - 1]));
  }
};

}  // namespace retina::test
