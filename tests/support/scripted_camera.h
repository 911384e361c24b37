#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/records.h"
#include "support/script.h"
#include "support/standard_camera.h"

namespace retina::test {

/// How the camera behaves on one connection; when it returns, the connection is closed.
using Behaviour = std::function<void(Peer&)>;

/// One connection of a StandardCamera. Copies of the result share their state (what "the first DESCRIBE" is).
Behaviour serving(StandardCamera camera);
/// One connection that plays this script, and then closes.
Behaviour playing(Script script);

enum class IpFamily { k4, k6 };

/// An RTSP server on a free port of the loopback interface that does as it is told: the nth connection gets
/// the nth behaviour, and those beyond the list get the last.
///
/// One thread accepts, and each connection has its own. The destructor closes everything and joins them,
/// whatever the client does. All members are thread-safe.
class ScriptedCamera {
 public:
  explicit ScriptedCamera(std::vector<Behaviour> behaviours, IpFamily family = IpFamily::k4);
  explicit ScriptedCamera(Script script)
      : ScriptedCamera(std::vector<Behaviour>{playing(std::move(script))}) {}
  explicit ScriptedCamera(StandardCamera camera)
      : ScriptedCamera(std::vector<Behaviour>{serving(std::move(camera))}) {}
  ~ScriptedCamera();
  ScriptedCamera(const ScriptedCamera&) = delete;
  ScriptedCamera& operator=(const ScriptedCamera&) = delete;

  std::uint16_t port() const { return port_; }
  /// "rtsp://127.0.0.1:PORT" and `path`.
  std::string url(const std::string& path = "/stream") const;

  std::vector<RtspRequest> requests() const { return records_.snapshot().requests; }
  /// The methods of all requests, with a space after each: what a whole dialogue was, in one comparison.
  std::string methods() const;
  std::size_t count(const std::string& method) const;
  std::vector<base::Bytes> client_packets() const { return records_.snapshot().client_packets; }
  /// Expectations that weren't met, a line each; "" is what a test wants.
  std::string problems() const;
  std::size_t connections() const { return records_.snapshot().opened; }

  /// Each returns whether it came true within kPatience.
  bool wait_for_requests(std::size_t n) const;
  bool wait_for(const std::string& method, std::size_t times = 1) const;
  bool wait_for_connections(std::size_t n) const;
  bool wait_for_closed(std::size_t n) const;
  bool wait_for_client_packets(std::size_t n) const;

 private:
  void accept_connections();

  std::vector<Behaviour> behaviours_;
  IpFamily family_;
  std::uint16_t port_ = 0;
  Descriptor listener_;
  Descriptor stop_;
  Records records_;
  std::vector<std::thread> connections_;  // of the acceptor, until it is joined
  std::thread acceptor_;
};

/// A port whose queue of connections is full: connecting to it neither succeeds nor fails.
class HangingListener {
 public:
  HangingListener();

  std::string url(const std::string& path = "/stream") const;
  std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_ = 0;
  Descriptor listener_;
  std::vector<Descriptor> queue_;
};

}  // namespace retina::test
