#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "support/records.h"
#include "support/rtsp_text.h"

namespace retina::test {

/// A descriptor that is closed by its scope.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const { return fd_; }
  void close();

 private:
  int fd_;
};

/// How bytes are cut into writes. Each piece is a segment of its own on the wire (TCP_NODELAY), but a client
/// that is slow may still read several at once; with a `pause` after each piece it reads them one by one.
struct Delivery {
  std::vector<std::size_t> cuts;  ///< ascending offsets; none: one write
  bool byte_by_byte = false;
  base::Duration pause{0};

  static Delivery single_bytes() { return {{}, true, {}}; }
  static Delivery split_at(std::vector<std::size_t> cuts, base::Duration pause = {}) {
    return {std::move(cuts), false, pause};
  }
  std::vector<std::string_view> pieces(std::string_view bytes) const;
};

/// The camera's end of one connection. Thread-bound. Every wait also ends when the camera is destroyed.
class Peer {
 public:
  enum class Event {
    kRequest,   ///< take_request() has one
    kWritable,  ///< what was offered has gone out
    kDeadline,
    kClosed,  ///< by the client, or broken
    kStopped  ///< the camera is being destroyed
  };

  /// `stop` is readable once the camera is being destroyed; it and `records` outlive the peer.
  Peer(Descriptor socket, int stop, std::size_t index, Records& records);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// Waits for what comes first. kWritable is reported only while something that was offered is still unsent.
  Event wait(base::TimePoint deadline);

  /// Requests are recorded as they are taken, also those that no step asked for.
  std::optional<RtspRequest> take_request();

  /// Sends everything, and waits until the kernel has it; false if the client went away or kPatience is over.
  bool send(std::string_view bytes, const Delivery& delivery = {});

  /// Sends what the socket takes now and keeps the rest, which wait() sends on. For media: never blocks.
  void offer(base::ByteView bytes);
  bool has_unsent() const { return !unsent_.empty(); }

  /// Lets time pass without reading; false if the camera was stopped.
  bool pause(base::Duration duration);
  /// Answers nothing, until the client closes (true) or the camera is destroyed. Still records requests.
  bool stall();
  /// Reads nothing more: the client's window closes. Until the connection breaks or the camera is destroyed.
  void stop_reading();
  void close();       ///< FIN; RST if the client's bytes weren't all read, as kernels do
  void reset();       ///< RST
  void half_close();  ///< FIN, but goes on reading

  /// Of the camera's end, for placeholders: "127.0.0.1:4242", "[::1]:4242".
  const std::string& local_address() const { return local_address_; }
  int fd() const { return socket_.get(); }
  std::size_t index() const { return index_; }
  void problem(const std::string& text);

 private:
  bool flush();
  bool read_available();
  bool parse();

  Descriptor socket_;
  int stop_;
  std::size_t index_;
  Records& records_;
  RtspReader reader_;
  std::optional<RtspRequest> ready_;
  std::string unsent_;
  std::string local_address_;
  bool client_closed_ = false;
};

}  // namespace retina::test
