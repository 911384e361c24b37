#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <system_error>

#include "base/bytes.h"
#include "base/time.h"
#include "io/address.h"
#include "io/wakeup.h"

namespace retina::io {

/// How a read or write ended.
struct Transfer {
  enum class Status {
    kDone,        ///< `bytes` > 0 were moved
    kWouldBlock,  ///< nothing now; wait
    kClosed,      ///< the peer has closed its side in order
    kFailed       ///< reset, timed out, …: `error_number` is the errno
  };
  Status status = Status::kWouldBlock;
  std::size_t bytes = 0;
  int error_number = 0;
};

/// What a wait ended for.
enum class WaitOutcome {
  kReady,        ///< the connection can be read (or written), and perhaps others too
  kOthersReady,  ///< only others are readable
  kTimeout,
  kWoken
};

/// A descriptor besides the connection's that a wait looks at.
struct Watched {
  int fd = -1;               ///< -1 never becomes ready
  bool readable = false;     ///< set by the wait, both ways
  bool for_writing = false;  ///< it's `readable` when it can be written
};

/// A byte stream to a camera. Neither read() nor write() blocks; wait() blocks until there is something to
/// do, the deadline passes or the Wakeup is signalled. Thread-bound.
class Connection {
 public:
  virtual ~Connection() = default;

  virtual Transfer read(std::span<std::uint8_t> room) = 0;
  virtual Transfer write(base::ByteView bytes) = 0;

  /// wait() reports the connection readable only from this many bytes on (SO_RCVLOWAT), at its end, or on an
  /// error.
  virtual void set_low_water(std::size_t bytes) = 0;

  /// What was written and isn't acknowledged, or can't be sent on because the peer takes nothing, for so long
  /// breaks the connection (RFC 5482), where the system can tell.
  virtual void set_write_timeout(base::Duration) {}

  /// Until readable (or, with `want_write`, writable), or until one of `others` is readable: kMaxWatched of
  /// them at most are looked at. No deadline: without end.
  virtual WaitOutcome wait_with(bool want_write, std::optional<base::TimePoint> deadline, base::TimePoint now,
                                const Wakeup& wakeup, std::span<Watched> others) = 0;
  WaitOutcome wait(bool want_write, std::optional<base::TimePoint> deadline, base::TimePoint now,
                   const Wakeup& wakeup) {
    return wait_with(want_write, deadline, now, wakeup, {});
  }
  static constexpr std::size_t kMaxWatched = 64;

  /// For others to watch; -1: there is none.
  virtual int fd() const { return -1; }

  /// Of a transfer that has failed, for messages: the system's words for the errno, or those of a layer
  /// above.
  virtual std::string words_for(const Transfer& failed) const {
    return std::generic_category().message(failed.error_number);
  }
  /// "192.0.2.1:554", for messages.
  virtual std::string peer() const = 0;
  virtual std::string local() const = 0;
  /// The same for other sockets to bind and to send to. Nullopt: not known, or no internet addresses.
  virtual std::optional<Address> peer_address() const { return std::nullopt; }
  virtual std::optional<Address> local_address() const { return std::nullopt; }
};

}  // namespace retina::io
