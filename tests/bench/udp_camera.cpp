// The load of the benchmark of UDP: an RTSP server on 127.0.0.1 that sends one client's H.264 to its ports,
// at a rate, for so long; many datagrams with one call, and joined (UDP_SEGMENT) unless told otherwise.
// Prints one JSON line with its port when it listens, and one with its totals when it ends: after its client,
// or --max-seconds.

#include <arpa/inet.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "arguments.h"
#include "camera_dialogue.h"
#include "json.h"
#include "load_connection.h"
#include "usage.h"

namespace {

using namespace retina::bench;
using retina::base::Bytes;
using retina::base::ByteView;

constexpr std::size_t kFramingBytes = 4;
/// What one call may join: UDP_MAX_SEGMENTS, and a datagram's largest size.
constexpr std::size_t kMaxJoined = 64;
constexpr std::size_t kMaxJoinedBytes = 65'000;
constexpr std::size_t kMaxCalls = 8;  // of sendmsg(), in one of sendmmsg()

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

sockaddr* generic(sockaddr_in& address) {
  return static_cast<sockaddr*>(static_cast<void*>(&address));
}

struct Totals {
  std::uint64_t media_bytes = 0;  ///< RTP and RTCP
  std::uint64_t packets = 0;
  std::uint64_t sends = 0;
};

/// Gathers datagrams, and sends them together.
class Batch {
 public:
  Batch(int socket, bool join, Totals& totals) : socket_(socket), join_(join), totals_(totals) {}

  /// `packet` stays where it is until flush().
  void add(ByteView packet) {
    const bool joins = join_ && calls_ > 0 && packet.size() <= sizes_[calls_ - 1] && !closed_ &&
                       counts_[calls_ - 1] < kMaxJoined && bytes_ + packet.size() <= kMaxJoinedBytes;
    if (!joins) {
      if (calls_ == kMaxCalls) flush();
      sizes_[calls_] = packet.size();
      counts_[calls_] = 0;
      bytes_ = 0;
      closed_ = false;
      ++calls_;
    }
    const std::size_t call = calls_ - 1;
    // A shorter one ends a run of joined ones.
    closed_ = packet.size() < sizes_[call];
    parts_[call][counts_[call]++] = {const_cast<std::uint8_t*>(packet.data()), packet.size()};
    bytes_ += packet.size();
    totals_.media_bytes += packet.size();
    ++totals_.packets;
  }

  void flush() {
    std::array<mmsghdr, kMaxCalls> messages{};
    for (std::size_t i = 0; i < calls_; ++i) {
      msghdr& message = messages[i].msg_hdr;
      message.msg_iov = parts_[i].data();
      message.msg_iovlen = counts_[i];
      if (counts_[i] == 1) continue;
      message.msg_control = controls_[i].data();
      message.msg_controllen = CMSG_SPACE(sizeof(std::uint16_t));
      cmsghdr* control = CMSG_FIRSTHDR(&message);
      control->cmsg_level = IPPROTO_UDP;
      control->cmsg_type = UDP_SEGMENT;
      control->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
      const auto size = static_cast<std::uint16_t>(sizes_[i]);
      std::memcpy(CMSG_DATA(control), &size, sizeof size);
    }
    for (std::size_t sent = 0; sent < calls_;) {
      const int count = sendmmsg(socket_, &messages[sent], static_cast<unsigned>(calls_ - sent), 0);
      if (count < 0 && errno != EAGAIN && errno != EINTR) break;  // the client has gone
      if (count > 0) sent += static_cast<std::size_t>(count);
      ++totals_.sends;
    }
    calls_ = 0;
  }

 private:
  int socket_;
  bool join_;
  Totals& totals_;
  std::size_t calls_ = 0;
  std::size_t bytes_ = 0;
  bool closed_ = false;
  std::array<std::size_t, kMaxCalls> sizes_{};
  std::array<std::size_t, kMaxCalls> counts_{};
  std::array<std::array<iovec, kMaxJoined>, kMaxCalls> parts_{};
  alignas(cmsghdr)
      std::array<std::array<unsigned char, CMSG_SPACE(sizeof(std::uint16_t))>, kMaxCalls> controls_{};
};

/// Sleeps where there is time for it: nothing wakes up to the microsecond.
void wait_until(std::uint64_t due_ns) {
  constexpr std::uint64_t kSleepNs = 200'000;
  const std::uint64_t now = monotonic_ns();
  if (due_ns > now + kSleepNs) {
    const timespec rest{static_cast<time_t>((due_ns - now - kSleepNs / 2) / 1'000'000'000),
                        static_cast<long>((due_ns - now - kSleepNs / 2) % 1'000'000'000)};
    nanosleep(&rest, nullptr);
  }
  while (monotonic_ns() < due_ns) {
  }
}

class UdpCamera {
 public:
  UdpCamera(const Load& load, bool join, std::uint64_t rate)
      : load_(load), ring_(load.shape), join_(join), rate_(rate) {
    listener_ = FileDescriptor(must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    sockaddr_in address = loopback(0);
    must(bind(listener_.get(), generic(address), sizeof address), "bind");
    must(listen(listener_.get(), 4), "listen");
    socklen_t size = sizeof address;
    must(getsockname(listener_.get(), generic(address), &size), "getsockname");
    port_ = ntohs(address.sin_port);
    ring_.set_ssrc(0xBE7C4000);
  }

  std::uint16_t port() const { return port_; }
  const Totals& totals() const { return totals_; }
  std::uint64_t frames() const { return ring_.frames(); }
  bool completed() const { return completed_; }

  void run() {
    const FileDescriptor client(must(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept"));
    CameraDialogue dialogue(make_sdp(ring_, load_), first_timestamps(ring_), true);
    while (!dialogue.playing()) {
      if (!converse(client.get(), dialogue)) return;
    }
    stream(dialogue);
    // Its TEARDOWN, and its end.
    while (converse(client.get(), dialogue)) {
    }
  }

 private:
  /// Blocks for what comes next. False: it was the end.
  static bool converse(int client, CameraDialogue& dialogue) {
    std::array<std::uint8_t, 4096> room{};
    const ssize_t got = recv(client, room.data(), room.size(), 0);
    if (got <= 0 || !dialogue.push(ByteView(room).first(static_cast<std::size_t>(got)))) return false;
    const std::string replies = dialogue.take_replies();
    return send(client, replies.data(), replies.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(replies.size());
  }

  static FileDescriptor connected_to(std::uint16_t port) {
    FileDescriptor made(must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"));
    sockaddr_in address = loopback(port);
    must(connect(made.get(), generic(address), sizeof address), "connect");
    const int buffer = 8 << 20;
    setsockopt(made.get(), SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    return made;
  }

  void stream(const CameraDialogue& dialogue) {
    const std::uint16_t client_port = dialogue.channels().front().client_port;
    const FileDescriptor rtp = connected_to(client_port);
    const FileDescriptor rtcp = connected_to(static_cast<std::uint16_t>(client_port + 1));
    Batch batch(rtp.get(), join_, totals_);
    const std::uint64_t start = monotonic_ns();
    while (totals_.media_bytes < load_.flood_bytes) {
      ring_.begin_frame();
      for (std::size_t i = 0; i < ring_.packet_count(); ++i) {
        const ByteView packet = ring_.packets(i, 1);
        if (packet[1] == 1) {
          send(rtcp.get(), packet.data() + kFramingBytes, packet.size() - kFramingBytes, 0);
          continue;
        }
        batch.add(packet.subspan(kFramingBytes));
        // As a camera's network lets them through: a few at a time.
        if (i % kMaxJoined == kMaxJoined - 1) pace(batch, start);
      }
      pace(batch, start);
    }
    // Behind what is still on its way.
    wait_until(monotonic_ns() + 100'000'000);
    const Bytes bye = ring_.goodbye();
    send(rtcp.get(), bye.data() + kFramingBytes, bye.size() - kFramingBytes, 0);
    completed_ = true;
  }

  void pace(Batch& batch, std::uint64_t start) {
    batch.flush();
    wait_until(start + totals_.media_bytes * 1000 / rate_ * 1'000'000);
  }

  Load load_;
  MediaRing ring_;
  bool join_;
  std::uint64_t rate_;
  FileDescriptor listener_;
  std::uint16_t port_ = 0;
  Totals totals_;
  bool completed_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(
      argc, argv,
      {{"rate", true}, {"bytes", true}, {"payload", true}, {"no-join", false}, {"max-seconds", true}});
  limit_runtime(static_cast<unsigned>(arguments.number("max-seconds", 120, 1, 3600)));
  Load load;
  load.shape.payload_bytes = arguments.number("payload", 1400, 100, 60'000);
  load.flood_bytes = arguments.number("bytes", 100'000'000, 1, 1'000'000'000'000);
  const std::uint64_t rate = arguments.number("rate", 30'000'000, 100'000, 100'000'000'000);
  UdpCamera camera(load, !arguments.has("no-join"), rate);
  JsonObject().add("port", camera.port()).print();

  const Usage begin = usage_now();
  camera.run();
  JsonObject summary;
  summary.add("completed", camera.completed() ? 1U : 0U)
      .add("media_bytes", camera.totals().media_bytes)
      .add("packets", camera.totals().packets)
      .add("frames", camera.frames())
      .add("sends", camera.totals().sends);
  add_usage(summary, usage_now() - begin);
  summary.print();
  return 0;
}
