#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/log.h"
#include "base/time.h"
#include "client/event_source.h"
#include "client/options.h"
#include "client/session.h"
#include "client/statistics.h"
#include "client/udp_transport.h"
#include "io/connector.h"
#include "io/read_arena.h"
#include "io/read_sizer.h"
#include "io/wakeup.h"

namespace retina::client {

/// The pump that joins a Session to a connection, and to UDP sockets where its media comes so: reads large
/// pieces into an arena, lets the session parse them in place, sends what it has to say, sleeps no longer
/// than its deadlines. No thread of its own: next() does the work on the caller's. Thread-bound, but for
/// submit(), request_key_frame(), interrupt(), resume() and statistics().
class Client final : public EventSource {
 public:
  /// Fails for an unusable `options.location`. The references must outlive the client. `statistics`: those of
  /// a client before, to count on; null: new ones.
  static base::Result<std::unique_ptr<Client>, Failure> create(
      Options options, base::Log& log, const base::Clock& clock, io::Connector& connector,
      std::shared_ptr<Statistics> statistics = nullptr);

  /// Blocks until the session has something for the caller. Nullopt: interrupted; the session is as it was,
  /// and a later call goes on. ConnectionNeeded is handled in here, and passed on to tell of the progress;
  /// what concerns ports is handled in here too, and not passed on, nor is a connection while media goes on.
  std::optional<Event> next() override;
  std::optional<Event> poll() override;

  const sdp::Description& description() const { return session_.description(); }
  const std::vector<std::string>& closing_keepalives() const { return session_.closing_keepalives(); }
  bool stream_missed() const { return session_.stream_missed(); }
  void choose(const std::vector<Choice>& choices) { session_.choose(choices, clock_.now()); }
  /// Instead of choose(): the session ends with this failure.
  void refuse(Failure failure) { session_.failed(std::move(failure)); }

  /// A request of the user's own; see Session::submit(). From any thread: it wakes the one in next(), which
  /// sends it. Without anybody in next(), and after Ended or close(), it gets no answer.
  void submit(UserRequest request);

  /// Asks the camera for a key frame of a stream, at most one each half second. From any thread, without a
  /// lock. False: the camera doesn't offer it, or the session doesn't play.
  bool request_key_frame(std::size_t stream);

  /// Ends the session on the server, waiting for its answer at most `limit`; then closes. What is left to be
  /// done then is up to Options::farewell. Works while interrupted.
  void close(base::Duration limit);

  /// Makes next() return at once, and from then on, until resume(). From any thread.
  void interrupt() override {
    interrupted_ = true;
    wakeup_.signal();
  }
  void resume() override { interrupted_ = false; }

  const Statistics& statistics() const { return statistics_; }

 private:
  Client(Options options, rtsp::Url url, base::Log& log, const base::Clock& clock, io::Connector& connector,
         std::shared_ptr<Statistics> statistics);
  static base::Result<rtsp::Url, Failure> url_of(const Options& options);

  std::optional<Event> take_event();
  bool handle(const Event& event);
  bool on_wakeup();
  void take_requests();
  void leave();
  void connect();
  void flush();
  void parse();
  void read();
  void sleep(const io::Wakeup& wakeup, std::optional<base::TimePoint> limit, std::span<io::Watched> others);
  std::size_t next_room() const;
  void drop_connection();
  void lose_connection(const io::Transfer& transfer);
  std::optional<base::TimePoint> write_deadline() const;
  void on_write_time(base::TimePoint now);
  void note_first_frame();

  Options options_;
  base::Log& log_;
  const base::Clock& clock_;
  io::Connector& connector_;
  io::Wakeup wakeup_;  // interrupted, or a request has come in
  std::atomic<bool> interrupted_ = false;
  std::atomic<bool> connecting_ = false;  // requests don't wake
  base::Guarded<std::vector<UserRequest>> requests_;
  std::atomic<std::uint64_t> key_frame_offers_ = 0;   // Session::key_frame_offers(), while it plays
  std::atomic<std::uint64_t> key_frames_wanted_ = 0;  // likewise: of these streams
  std::shared_ptr<Statistics> shared_statistics_;
  Statistics& statistics_;
  Session session_;
  std::unique_ptr<io::Connection> connection_;
  UdpTransport udp_;
  io::ReadArena arena_;
  io::ReadSizer sizer_;
  bool connection_needed_ = false;
  bool readable_ = false;  // the next read may bring something without a wait before it
  bool parsable_ = false;  // the arena may hold something that the session hasn't looked at
  base::TimePoint deadline_seen_{};
  bool read_timed_out_ = false;    // the latest wait was a coalescing one and reached its deadline
  std::size_t awaited_bytes_ = 0;  // what the latest wait was for, at most
  std::optional<base::TimePoint> unwritable_since_;  // there is something to send, and nothing of it is taken
  std::optional<base::TimePoint> started_;
};

}  // namespace retina::client
