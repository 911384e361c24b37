#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "support/peer.h"
#include "support/records.h"

namespace retina::test {

/// A tap in the control connection between the client under test and a real server: passes every byte on, and
/// keeps the messages of both sides. It listens on a port of its own and connects to the server's for each
/// client. One connection at a time, as they come.
class Tap {
 public:
  explicit Tap(std::uint16_t server_port);
  ~Tap();
  Tap(const Tap&) = delete;
  Tap& operator=(const Tap&) = delete;

  std::string url(const std::string& path, const std::string& credentials = "") const;

  /// What clients have asked, over all connections.
  std::vector<RtspRequest> requests() const { return client_.snapshot().requests; }
  /// What the server has answered: `url` is the status code.
  std::vector<RtspRequest> responses() const { return server_.snapshot().requests; }
  /// "OPTIONS 200 DESCRIBE 401 …": each request with the status of the response that has its CSeq.
  std::string dialogue() const;
  std::size_t count(const std::string& method) const;
  /// Waits until so many connections are over.
  bool wait_for_closed(std::size_t n) const;

 private:
  void run();
  void pass(const Descriptor& client, const Descriptor& server);

  std::uint16_t server_port_;
  std::uint16_t port_ = 0;
  Descriptor listener_;
  Descriptor stop_;
  Records client_;
  Records server_;
  std::thread thread_;
};

}  // namespace retina::test
