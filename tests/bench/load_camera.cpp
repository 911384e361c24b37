// The load of the benchmarks: an RTSP server on 127.0.0.1 that serves a stream, or video and audio, to any
// number of connections from one thread. Prints one JSON line with its port when it listens, and one with its
// totals when it ends: on SIGTERM or SIGINT, and after --max-seconds in any case.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "arguments.h"
#include "json.h"
#include "load_connection.h"
#include "usage.h"

namespace {

using namespace retina::bench;

/// --media: h264, h265, aac, aac16, or video and audio, such as h264+aac. --fps and --bitrate are the first
/// track's.
std::vector<TrackShape> tracks_from(const Arguments& arguments) {
  const std::map<std::string, Encoding> encodings = {{"h264", Encoding::kH264},
                                                     {"h265", Encoding::kH265},
                                                     {"aac", Encoding::kAac},
                                                     {"aac16", Encoding::kAac16}};
  std::vector<TrackShape> tracks;
  std::istringstream names(arguments.text("media", "h264"));
  for (std::string name; std::getline(names, name, '+');) {
    const auto found = encodings.find(name);
    if (found == encodings.end()) must(-1, "--media");
    TrackShape track{found->second, 25, 8'000'000};
    if (found->second == Encoding::kAac) track = {found->second, 47, 320'000};
    if (found->second == Encoding::kAac16) track = {found->second, 16, 64'000};
    if (tracks.empty()) {
      track.frames_per_second =
          static_cast<unsigned>(arguments.number("fps", track.frames_per_second, 2, 120));
      track.bits_per_second = arguments.number("bitrate", track.bits_per_second, 100'000, 1'000'000'000);
    }
    tracks.push_back(track);
  }
  if (arguments.has("paced") && tracks.size() != 1) must(-1, "--paced takes one track");
  return tracks;
}

Load load_from(const Arguments& arguments) {
  Load load;
  load.shape.tracks = tracks_from(arguments);
  load.shape.payload_bytes = arguments.number("payload", 1400, 100, 60'000);
  load.flood_bytes = arguments.number("bytes", 2'000'000'000, 1, 1'000'000'000'000);
  load.paced_seconds = arguments.seconds("duration", 30);
  const std::string shape = arguments.text("shape", "burst");
  if (!arguments.has("paced")) return load;
  load.pace = shape == "spread" ? Pace::kSpread : (shape == "link" ? Pace::kLink : Pace::kBurst);
  return load;
}

/// The one thread: accepts, reads requests, and pumps every connection when its socket or its schedule says
/// so.
class LoadServer {
 public:
  LoadServer(const Load& load, std::uint16_t port)
      : load_(load),
        epoll_(must(epoll_create1(EPOLL_CLOEXEC), "epoll")),
        listener_(must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket")),
        timer_(must(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd")) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    signals_ = FileDescriptor(must(signalfd(-1, &signals, SFD_CLOEXEC), "signalfd"));
    listen_on(port);
    for (const int fd : {listener_.get(), timer_.get(), signals_.get()})
      watch(fd, EPOLLIN, EPOLL_CTL_ADD);
  }

  std::uint16_t port() const { return port_; }
  const LoadTotals& totals() const { return totals_; }

  void run(std::uint64_t end_ns) {
    for (;;) {
      const std::uint64_t now = monotonic_ns();
      if (now >= end_ns) return;
      epoll_event events[64];
      const auto timeout_ms = static_cast<int>((end_ns - now) / 1'000'000 + 1);
      const int count = epoll_wait(epoll_.get(), events, 64, timeout_ms);
      for (int i = 0; i < count; ++i) {
        const int fd = events[i].data.fd;
        if (fd == signals_.get()) return;
        if (fd == listener_.get()) accept_all();
        if (fd == timer_.get()) on_timer();
        on_socket(fd, events[i].events);
      }
      arm_timer();
    }
  }

 private:
  using Connections = std::map<int, std::unique_ptr<LoadConnection>>;

  void listen_on(std::uint16_t port) {
    const int on = 1;
    setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    auto* generic = static_cast<sockaddr*>(static_cast<void*>(&address));
    must(bind(listener_.get(), generic, sizeof address), "bind");
    must(listen(listener_.get(), 256), "listen");
    socklen_t size = sizeof address;
    must(getsockname(listener_.get(), generic, &size), "getsockname");
    port_ = ntohs(address.sin_port);
  }

  void watch(int fd, std::uint32_t events, int operation) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    must(epoll_ctl(epoll_.get(), operation, fd, &event), "epoll_ctl");
  }

  void accept_all() {
    for (;;) {
      FileDescriptor client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      const int fd = client.get();
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      connections_[fd] = std::make_unique<LoadConnection>(
          std::move(client), load_, static_cast<unsigned>(totals_.connections++), totals_);
      watch(fd, EPOLLIN, EPOLL_CTL_ADD);
    }
  }

  void on_socket(int fd, std::uint32_t events) {
    const auto found = connections_.find(fd);
    if (found == connections_.end()) return;
    const bool readable = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
    const std::uint64_t now = monotonic_ns();
    settle(found, readable ? found->second->read(now) : found->second->pump(now));
  }

  void on_timer() {
    std::uint64_t expirations = 0;
    if (::read(timer_.get(), &expirations, sizeof expirations) < 0) return;
    const std::uint64_t now = monotonic_ns();
    for (auto next = connections_.begin(); next != connections_.end();) {
      const auto current = next++;
      if (current->second->due_ns() <= now) settle(current, current->second->pump(now));
    }
  }

  /// Watches for room to write only while there is something to write.
  void settle(Connections::iterator connection, bool alive) {
    if (!alive) {
      writers_.erase(connection->first);
      connections_.erase(connection);
      return;
    }
    const int fd = connection->first;
    const bool wanted = connection->second->wants_write();
    if (wanted != (writers_.count(fd) != 0)) {
      watch(fd, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
      if (wanted) writers_.insert(fd);
      if (!wanted) writers_.erase(fd);
    }
  }

  void arm_timer() {
    std::uint64_t due = LoadConnection::kNever;
    for (const auto& [fd, connection] : connections_)
      due = std::min(due, connection->due_ns());
    if (due == armed_ns_) return;
    armed_ns_ = due;
    itimerspec when{};
    if (due != LoadConnection::kNever) {
      when.it_value.tv_sec = static_cast<time_t>(due / 1'000'000'000);
      when.it_value.tv_nsec = static_cast<long>(due % 1'000'000'000);
    }
    must(timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr), "timerfd_settime");
  }

  Load load_;
  FileDescriptor epoll_;
  FileDescriptor listener_;
  FileDescriptor timer_;
  FileDescriptor signals_;
  std::uint16_t port_ = 0;
  std::uint64_t armed_ns_ = LoadConnection::kNever;
  LoadTotals totals_;
  Connections connections_;
  std::set<int> writers_;  // watched for EPOLLOUT
};

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv,
                            {{"port", true},
                             {"flood", false},
                             {"paced", false},
                             {"bytes", true},
                             {"duration", true},
                             {"shape", true},
                             {"media", true},
                             {"bitrate", true},
                             {"fps", true},
                             {"payload", true},
                             {"max-seconds", true}});
  const Load load = load_from(arguments);
  LoadServer server(load, static_cast<std::uint16_t>(arguments.number("port", 0, 0, 65535)));
  JsonObject().add("port", server.port()).print();

  const Usage begin = usage_now();
  server.run(monotonic_ns() + arguments.number("max-seconds", 120, 1, 3600) * 1'000'000'000);
  const LoadTotals& totals = server.totals();
  JsonObject summary;
  summary.add("connections", totals.connections)
      .add("completed", totals.completed)
      .add("media_bytes", totals.media_bytes)
      .add("packets", totals.packets)
      .add("frames", totals.frames)
      .add("sends", totals.sends)
      .add("max_late_ns", totals.max_late_ns);
  add_usage(summary, usage_now() - begin);
  summary.print();
  return 0;
}
