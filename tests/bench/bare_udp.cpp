// The yardstick of UDP: the same dialogue as any client, then recvmmsg() into memory that is thrown away,
// with the options that retinasrc's sockets have: so many messages with so much room, SO_RCVBUF, UDP_GRO
// unless told otherwise. Prints one JSON line.
//
// The phase that is measured begins when PLAY has been answered, and ends with the last datagram.

#include <arpa/inet.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <vector>

#include "arguments.h"
#include "bare_dialogue.h"
#include "json.h"
#include "usage.h"

namespace {

using namespace retina::bench;

constexpr std::size_t kMessages = 32;
constexpr std::size_t kMessageBytes = 65536;

/// A port, and the next, which the server's RTCP goes to unheard.
FileDescriptor open_socket(std::uint16_t& port, bool join) {
  FileDescriptor made(must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = static_cast<sockaddr*>(static_cast<void*>(&address));
  must(bind(made.get(), generic, sizeof address), "bind");
  socklen_t size = sizeof address;
  must(getsockname(made.get(), generic, &size), "getsockname");
  port = ntohs(address.sin_port);
  const int buffer = 2 << 20;
  setsockopt(made.get(), SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  const int on = 1;
  if (join) setsockopt(made.get(), IPPROTO_UDP, UDP_GRO, &on, sizeof on);
  const timeval patience{0, 50'000};
  setsockopt(made.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return made;
}

struct Counts {
  std::uint64_t bytes = 0;
  std::uint64_t reads = 0;
  std::uint64_t full_reads = 0;
  std::uint64_t messages = 0;
};

/// The server has sent everything: it says BYE on a port that is not listened to, and nothing comes any more.
Counts receive(int socket, Usage& last) {
  std::vector<std::uint8_t> memory(kMessages * kMessageBytes, 0xff);
  std::array<iovec, kMessages> parts{};
  std::array<std::array<unsigned char, 128>, kMessages> controls{};
  std::array<mmsghdr, kMessages> messages{};
  Counts counts;
  for (unsigned silences = 0; silences < (counts.reads == 0 ? 100U : 10U);) {
    for (std::size_t i = 0; i < kMessages; ++i) {
      parts[i] = {memory.data() + i * kMessageBytes, kMessageBytes};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      messages[i].msg_hdr.msg_control = controls[i].data();
      messages[i].msg_hdr.msg_controllen = controls[i].size();
    }
    const int got = recvmmsg(socket, messages.data(), kMessages, MSG_WAITFORONE, nullptr);
    if (got <= 0) {
      if (silences++ == 0) last = usage_now();
      continue;
    }
    silences = 0;
    ++counts.reads;
    counts.messages += static_cast<std::uint64_t>(got);
    if (got == static_cast<int>(kMessages)) ++counts.full_reads;
    for (int i = 0; i < got; ++i)
      counts.bytes += messages[static_cast<std::size_t>(i)].msg_len;
  }
  return counts;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv, {{"port", true}, {"no-join", false}, {"max-seconds", true}});
  limit_runtime(static_cast<unsigned>(arguments.number("max-seconds", 120, 1, 3600)));
  const auto port = static_cast<std::uint16_t>(arguments.number("port", 0, 1, 65535));
  std::uint16_t local = 0;
  const FileDescriptor socket = open_socket(local, !arguments.has("no-join"));
  const PlayingConnection playing = start_playing(port, local);
  const Usage begin = usage_now();
  Usage end = begin;
  const Counts counts = receive(socket.get(), end);
  JsonObject json;
  json.add("bytes", counts.bytes)
      .add("reads", counts.reads)
      .add("full_reads", counts.full_reads)
      .add("messages", counts.messages);
  add_usage(json, end - begin);
  json.add("max_rss_kb", max_rss_kb()).add("threads", thread_count());
  json.print();
  return 0;
}
