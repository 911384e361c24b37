// The yardstick: what it costs to receive a stream at all. The same dialogue as any client, then recv() into
// one buffer that is thrown away: blocking for one connection, behind poll() for several. Prints one JSON
// line.
//
// The phase that is measured begins when the last connection's PLAY has been answered (plus --warm-up
// seconds) and ends with the last connection's end of stream, or after --duration seconds.

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "arguments.h"
#include "bare_dialogue.h"
#include "json.h"
#include "stream_checker.h"
#include "usage.h"

namespace {

using namespace retina::bench;
using retina::base::Bytes;
using retina::base::ByteView;

struct Counts {
  std::uint64_t bytes = 0;
  std::uint64_t reads = 0;
  std::uint64_t full_reads = 0;
  std::uint64_t wakeups = 0;  ///< waits that ended: recv() itself for one connection, poll() for several
};

struct Connection {
  FileDescriptor socket;
  StreamChecker checker;
};

class BareReceiver {
 public:
  BareReceiver(std::size_t read_size, bool verify) : buffer_(read_size, 0xff), verify_(verify) {}

  void open(std::uint16_t port) {
    PlayingConnection playing = start_playing(port);
    counts_.bytes += playing.media.size();
    connections_.push_back({std::move(playing.socket), StreamChecker()});
    if (verify_) connections_.back().checker.push(playing.media);
  }

  const Counts& counts() const { return counts_; }
  const std::vector<Connection>& connections() const { return connections_; }

  /// Until the end of all streams or until `end_ns`. True at the end of all streams.
  bool run(std::uint64_t end_ns) { return connections_.size() == 1 ? run_one(end_ns) : run_many(end_ns); }

  int receive_buffer_bytes() const {
    int bytes = 0;
    socklen_t size = sizeof bytes;
    getsockopt(connections_.front().socket.get(), SOL_SOCKET, SO_RCVBUF, &bytes, &size);
    return bytes;
  }

 private:
  bool run_one(std::uint64_t end_ns) {
    const bool bounded = end_ns != ~std::uint64_t{0};
    const int socket = connections_.front().socket.get();
    for (;;) {
      const ssize_t got = recv(socket, buffer_.data(), buffer_.size(), 0);
      if (got <= 0) return true;
      ++counts_.wakeups;
      count(connections_.front(), static_cast<std::size_t>(got));
      if (bounded && monotonic_ns() >= end_ns) return false;
    }
  }

  bool run_many(std::uint64_t end_ns) {
    std::vector<pollfd> waiting;
    for (const Connection& connection : connections_)
      waiting.push_back({connection.socket.get(), POLLIN, 0});
    std::size_t open = waiting.size();
    while (open > 0) {
      poll(waiting.data(), waiting.size(), 1000);
      ++counts_.wakeups;
      for (std::size_t i = 0; i < waiting.size(); ++i) {
        if (waiting[i].revents == 0) continue;
        const ssize_t got = recv(waiting[i].fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (got > 0) count(connections_[i], static_cast<std::size_t>(got));
        if (got > 0 || (got < 0 && errno == EAGAIN)) continue;
        waiting[i].fd = -1;  // poll() ignores it from now on
        --open;
      }
      if (monotonic_ns() >= end_ns) return false;
    }
    return true;
  }

  void count(Connection& connection, std::size_t size) {
    ++counts_.reads;
    counts_.bytes += size;
    if (size == buffer_.size()) ++counts_.full_reads;
    if (verify_) connection.checker.push(ByteView(buffer_).first(size));
  }

  Bytes buffer_;  // written once by the constructor, so that no page is touched first inside of the phase
  bool verify_;
  Counts counts_;
  std::vector<Connection> connections_;
};

/// Adds what the checkers found; false when there is an error.
bool report_verification(const std::vector<Connection>& connections, JsonObject& json) {
  StreamChecker sum;
  std::uint64_t errors = 0;
  for (const Connection& connection : connections) {
    const StreamChecker& checker = connection.checker;
    sum.packets += checker.packets;
    sum.frames += checker.frames;
    sum.reports += checker.reports;
    sum.goodbyes += checker.goodbyes;
    sum.framing_errors += checker.framing_errors;
    sum.rtp_errors += checker.rtp_errors;
    sum.sequence_gaps += checker.sequence_gaps;
    sum.fragment_errors += checker.fragment_errors;
    sum.stamp_errors += checker.stamp_errors;
    errors += checker.errors();
  }
  json.add("packets", sum.packets)
      .add("frames", sum.frames)
      .add("reports", sum.reports)
      .add("goodbyes", sum.goodbyes)
      .add("framing_errors", sum.framing_errors)
      .add("rtp_errors", sum.rtp_errors)
      .add("sequence_gaps", sum.sequence_gaps)
      .add("fragment_errors", sum.fragment_errors)
      .add("stamp_errors", sum.stamp_errors)
      .add("errors", errors);
  return errors == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argc, argv,
                            {{"port", true},
                             {"connections", true},
                             {"read-size", true},
                             {"verify", false},
                             {"warm-up", true},
                             {"duration", true},
                             {"max-seconds", true}});
  limit_runtime(static_cast<unsigned>(arguments.number("max-seconds", 120, 1, 3600)));
  const auto port = static_cast<std::uint16_t>(arguments.number("port", 0, 1, 65535));
  const std::uint64_t connections = arguments.number("connections", 1, 1, 1000);
  const bool verify = arguments.has("verify");
  BareReceiver receiver(arguments.number("read-size", 1 << 20, 1, 64 << 20), verify);
  for (std::uint64_t i = 0; i < connections; ++i)
    receiver.open(port);

  const auto deadline = [&arguments](const char* name) {
    return monotonic_ns() + static_cast<std::uint64_t>(arguments.seconds(name, 0) * 1e9);
  };
  if (arguments.has("warm-up")) receiver.run(deadline("warm-up"));
  const Counts before = arguments.has("warm-up") ? receiver.counts() : Counts{};
  const Usage begin = usage_now();
  const bool ended = receiver.run(arguments.has("duration") ? deadline("duration") : ~std::uint64_t{0});
  const Usage phase = usage_now() - begin;
  const Counts& after = receiver.counts();

  JsonObject json;
  json.add("ended", ended)
      .add("bytes", after.bytes - before.bytes)
      .add("reads", after.reads - before.reads)
      .add("full_reads", after.full_reads - before.full_reads)
      .add("wakeups", after.wakeups - before.wakeups);
  add_usage(json, phase);
  json.add("max_rss_kb", max_rss_kb())
      .add("threads", thread_count())
      .add("receive_buffer_bytes", receiver.receive_buffer_bytes());
  const bool good = !verify || report_verification(receiver.connections(), json);
  json.print();
  return good ? 0 : 1;
}
