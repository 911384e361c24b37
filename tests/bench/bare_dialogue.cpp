#include "bare_dialogue.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/ascii.h"

namespace retina::bench {
namespace {

constexpr std::size_t kMaxReplyBytes = 65536;

[[noreturn]] void give_up(const char* why) {
  std::fprintf(stderr, "the dialogue with the load generator failed: %s\n", why);
  std::exit(1);
}

/// The size of the reply at the start of `text`, 0 while it isn't complete.
std::size_t reply_size(std::string_view text) {
  const std::size_t head = text.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  constexpr std::string_view kLength = "Content-Length:";
  const std::size_t length = text.substr(0, head).find(kLength);
  if (length == std::string_view::npos) return head + 4;
  std::string_view value = text.substr(length + kLength.size());
  const auto body = base::parse_number<std::uint32_t>(base::take_until(value, '\n'));
  if (!body.has_value() || *body > kMaxReplyBytes) give_up("Content-Length");
  return text.size() < head + 4 + *body ? 0 : head + 4 + *body;
}

/// Leaves in `received` what came after the reply, which it returns.
std::string request(int socket, const std::string& text, std::string& received) {
  if (send(socket, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
    give_up("send");
  std::size_t size = 0;
  while ((size = reply_size(received)) == 0) {
    char buffer[4096];
    const ssize_t got = recv(socket, buffer, sizeof buffer, 0);
    if (got <= 0 || received.size() > kMaxReplyBytes) give_up("reply");
    received.append(buffer, static_cast<std::size_t>(got));
  }
  if (!received.starts_with("RTSP/1.0 200")) give_up(received.c_str());
  std::string reply = received.substr(0, size);
  received.erase(0, size);
  return reply;
}

}  // namespace

PlayingConnection start_playing(std::uint16_t port, std::uint16_t client_port) {
  FileDescriptor socket(must(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  must(connect(socket.get(), static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address),
       "connect");

  const std::string url = "rtsp://127.0.0.1:" + std::to_string(port) + "/bench";
  std::string received;
  const std::string description = request(
      socket.get(), "DESCRIBE " + url + " RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n", received);
  unsigned track = 0;
  for (std::size_t at = 0; (at = description.find("\nm=", at)) != std::string::npos; ++at) {
    const std::string channels = std::to_string(2 * track) + "-" + std::to_string(2 * track + 1);
    ++track;
    request(socket.get(),
            "SETUP " + url + "/track" + std::to_string(track) + " RTSP/1.0\r\nCSeq: 2\r\n" +
                (client_port != 0 ? "Transport: RTP/AVP;unicast;client_port=" + std::to_string(client_port) +
                                        "-" + std::to_string(client_port + 1)
                                  : "Transport: RTP/AVP/TCP;unicast;interleaved=" + channels) +
                "\r\n\r\n",
            received);
  }
  request(socket.get(), "PLAY " + url + "/ RTSP/1.0\r\nCSeq: 3\r\nSession: 0B5E55ED\r\n\r\n", received);
  const base::ByteView media = base::as_bytes(received);
  return {std::move(socket), base::Bytes(media.begin(), media.end())};
}

}  // namespace retina::bench
