#include "client/client.h"

#include <algorithm>

#include "client/farewell.h"
#include "client/tunnel.h"

namespace retina::client {
namespace {

/// What the system knows of an answer that doesn't come says less than the session does, at tcp-timeout.
constexpr base::Duration kSystemsPatience = std::chrono::seconds(1);

/// So often it is seen what is due, while what one read has brought is parsed.
constexpr base::Duration kDeadlineInterval = std::chrono::milliseconds(10);

Failure failure_of(const io::ConnectError& error, const std::string& peer) {
  using Kind = io::ConnectError::Kind;
  switch (error.kind) {
    case Kind::kNameNotFound:
      return {Failure::Kind::kNotFound, "The host of " + peer + " can't be found (" + error.text + ").", 0,
              ""};
    case Kind::kTimeout:
      return {
          Failure::Kind::kTimeout,
          "No connection to " + peer + " in time (" + error.text + "). Is the camera on, and the port right?",
          0, ""};
    case Kind::kRefused:
      return {Failure::Kind::kConnect,
              peer + " refused the connection. Check the port, and that RTSP is enabled.", 0, ""};
    case Kind::kCertificate:
      return {Failure::Kind::kConnect, "The certificate of " + peer + " is refused: " + error.text + ".", 0,
              ""};
    case Kind::kTls:
      return {Failure::Kind::kConnect, "No TLS connection to " + peer + ": " + error.text + ".", 0, ""};
    case Kind::kProxy:
      return {Failure::Kind::kConnect, "No connection to " + peer + " through the proxy: " + error.text + ".",
              0, ""};
    case Kind::kProxyUnauthorized:
      return {Failure::Kind::kNotAuthorized,
              "No connection to " + peer + " through the proxy: " + error.text + ".", 0, ""};
    case Kind::kTunnel:
      return {Failure::Kind::kConnect, "No tunnel through " + peer + ": " + error.text + ".", 0, ""};
    case Kind::kUnauthorized:
      return {Failure::Kind::kNotAuthorized, "No tunnel through " + peer + ": " + error.text + ".", 0, ""};
    case Kind::kUnreachable:
    case Kind::kWoken:
    case Kind::kOther:
      break;
  }
  return {Failure::Kind::kConnect, "No connection to " + peer + ": " + error.text + ".", 0, ""};
}

}  // namespace

base::Result<rtsp::Url, Failure> Client::url_of(const Options& options) {
  const auto refuse = [](std::string text) {
    return base::Unexpected<Failure>({Failure::Kind::kSettings, std::move(text), 0, ""});
  };
  if (options.location.empty())
    return refuse("No location is set. Give an URL such as rtsp://camera/stream.");
  auto url = rtsp::parse_url(options.location);
  if (!url) return refuse(std::string("The location is not a usable RTSP URL: ") + url.error().what + ".");
  if (!options.websocket_uri.empty()) {
    if (const auto websocket = rtsp::parse_websocket_url(options.websocket_uri); !websocket)
      return refuse(std::string("websocket-uri is not usable: ") + websocket.error().what + ".");
    if (url->scheme != "rtsp" && url->scheme != "rtspt") {
      return refuse("With websocket-uri the location begins with rtsp://, not with " + url->scheme +
                    "://; a WebSocket over TLS is one of wss://.");
    }
    if (!options.transports.tcp) return refuse("RTSP over WebSocket needs tcp in protocols.");
  }
  if (!narrowed(options.transports, url->scheme).any()) {
    return refuse(
        "No transport is left to try: protocols allows none that the scheme " + url->scheme +
        " stands for and this version can do (tcp, udp, udp-mcast; with rtsps, rtsph and rtspsh tcp, with "
        "rtspsu udp).");
  }
  if (!io::parse_port_range(options.port_range)) {
    return refuse("port-range is no range of ports with an even one and the next: 5000-5100, say.");
  }
  return std::move(url).value();
}

base::Result<std::unique_ptr<Client>, Failure> Client::create(Options options, base::Log& log,
                                                              const base::Clock& clock,
                                                              io::Connector& connector,
                                                              std::shared_ptr<Statistics> statistics) {
  auto url = url_of(options);
  if (!url) return base::Unexpected(std::move(url.error()));
  if (!statistics) statistics = std::make_shared<Statistics>();
  return std::unique_ptr<Client>(
      new Client(std::move(options), std::move(url).value(), log, clock, connector, std::move(statistics)));
}

Client::Client(Options options, rtsp::Url url, base::Log& log, const base::Clock& clock,
               io::Connector& connector, std::shared_ptr<Statistics> statistics)
    : options_(std::move(options)),
      log_(log),
      clock_(clock),
      connector_(connector),
      shared_statistics_(std::move(statistics)),
      statistics_(*shared_statistics_),
      session_(options_, std::move(url), log_, statistics_),
      udp_(options_, statistics_),
      sizer_(options_.read_size_min, std::min(options_.read_size_max, io::cached_read_bytes())) {}

std::optional<Event> Client::take_event() {
  while (auto event = session_.next_event()) {
    if (!handle(*event)) return event;
  }
  return std::nullopt;
}

std::optional<Event> Client::poll() {
  for (;;) {
    if (auto event = take_event()) return event;
    if (parsable_) {
      parse();
    } else if (udp_.has_datagrams()) {
      udp_.step(session_, clock_);
    } else {
      return std::nullopt;
    }
  }
}

std::optional<Event> Client::next() {
  for (;;) {
    if (auto event = take_event()) return event;
    if (wakeup_.signalled() && !on_wakeup()) return std::nullopt;
    if (session_.ended()) return Ended{};
    if (connection_needed_) {
      connect();
      continue;
    }
    flush();
    if (parsable_) {
      parse();
    } else if (readable_) {
      read();
    } else if (udp_.busy()) {
      udp_.step(session_, clock_);
    } else {
      sleep(wakeup_, std::nullopt, udp_.watched());
    }
  }
}

/// True: it was for the pump alone.
bool Client::handle(const Event& event) {
  if (std::holds_alternative<FrameReady>(event)) {
    if (statistics_.first_frame_time_ns.get() == 0) note_first_frame();
  } else if (const auto* connection = std::get_if<ConnectionNeeded>(&event)) {
    connection_needed_ = true;
    return connection->playing;
  } else if (std::holds_alternative<Playing>(event)) {
    key_frame_offers_ = session_.key_frame_offers();
  } else if (std::holds_alternative<Ended>(event)) {
    flush();  // the last words: an answer, or TEARDOWN
    leave();
  } else if (const auto* needed = std::get_if<PortsNeeded>(&event)) {
    udp_.open(needed->stream, connection_.get(), session_, clock_.now());
    return true;
  } else if (const auto* peer = std::get_if<PeerKnown>(&event)) {
    udp_.set_peer(*peer, connection_.get());
    return true;
  } else if (const auto* known = std::get_if<GroupKnown>(&event)) {
    udp_.join(*known, connection_.get(), session_, clock_.now());
    return true;
  } else if (std::holds_alternative<PortsReleased>(event)) {
    udp_.close();
    return true;
  }
  return false;
}

void Client::note_first_frame() {
  if (started_)
    statistics_.first_frame_time_ns.set(static_cast<std::uint64_t>((clock_.now() - *started_).count()));
}

/// False: interrupted.
bool Client::on_wakeup() {
  if (interrupted_) return false;
  wakeup_.clear();
  // The signal of an interrupt() since the line before the last one must not be lost.
  if (interrupted_) wakeup_.signal();
  take_requests();
  return true;
}

void Client::submit(UserRequest request) {
  requests_.lock()->push_back(std::move(request));
  // connect() is not to be broken off; it looks for requests at its end.
  if (!connecting_) wakeup_.signal();
}

bool Client::request_key_frame(std::size_t stream) {
  if (stream >= 64 || (key_frame_offers_ >> stream & 1) == 0) return false;
  key_frames_wanted_ |= std::uint64_t{1} << stream;
  if (!connecting_) wakeup_.signal();
  return true;
}

void Client::take_requests() {
  const base::TimePoint now = clock_.now();
  const std::uint64_t key_frames = key_frames_wanted_.exchange(0);
  for (std::size_t i = 0; key_frames != 0 && i < 64; ++i) {
    if ((key_frames >> i & 1) != 0) session_.request_key_frame(i, now);
  }
  std::vector<UserRequest> requests = std::exchange(*requests_.lock(), {});
  for (UserRequest& request : requests)
    session_.submit(std::move(request), now);
}

void Client::leave() {
  key_frame_offers_ = 0;
  udp_.close();
  auto connection = std::move(connection_);
  auto rest = session_.take_unfinished_teardown(clock_.now());
  if (!rest || !options_.farewell) return;
  rest->connection = std::move(connection);
  rest->unsent = session_.output();
  rest->unread.assign(arena_.readable().begin(), arena_.readable().end());
  options_.farewell->add(std::move(*rest));
}

void Client::connect() {
  if (!started_) started_ = clock_.now();
  flush();  // where the server has sent us elsewhere: what there is left to say
  drop_connection();
  connecting_ = true;
  const base::Duration limit = session_.connect_timeout();
  Endpoint endpoint = session_.endpoint();
  const std::string peer = endpoint.url.host + ":" + std::to_string(rtsp::port_of(endpoint.url));
  auto connection = connect_to_endpoint(connector_, std::move(endpoint), limit, clock_, wakeup_);
  connecting_ = false;
  take_requests();
  if (!connection) {
    if (connection.error().kind == io::ConnectError::Kind::kWoken) return;
    session_.failed(failure_of(connection.error(), peer));
  } else {
    connection_ = std::move(connection).value();
    connection_->set_write_timeout(options_.tcp_timeout + kSystemsPatience);
    const base::TimePoint now = clock_.now();
    if (statistics_.connect_time_ns.get() == 0) {
      statistics_.connect_time_ns.set(static_cast<std::uint64_t>((now - *started_).count()));
    }
    session_.connected(now);
  }
  connection_needed_ = false;
}

/// With what was read of it, and what was not sent.
void Client::drop_connection() {
  connection_.reset();
  arena_.clear();
  parsable_ = readable_ = false;
  unwritable_since_.reset();
}

void Client::flush() {
  if (!session_.datagrams().empty()) udp_.send(session_.datagrams());
  std::string& output = session_.output();
  while (!output.empty() && connection_) {
    const io::Transfer sent = connection_->write(base::as_bytes(output));
    if (sent.status == io::Transfer::Status::kDone) {
      output.erase(0, sent.bytes);
      unwritable_since_.reset();
    } else if (sent.status == io::Transfer::Status::kWouldBlock) {
      if (!unwritable_since_) unwritable_since_ = clock_.now();
      return;
    } else {
      // What the camera said before it closed may still be read, and says more than EPIPE does.
      output.clear();
      readable_ = true;
    }
  }
  unwritable_since_.reset();
}

std::optional<base::TimePoint> Client::write_deadline() const {
  if (!unwritable_since_) return std::nullopt;
  return *unwritable_since_ + options_.tcp_timeout;
}

/// A camera that reads nothing any more, or is no longer there. It never hears of a keep-alive, whatever it
/// sends.
void Client::on_write_time(base::TimePoint now) {
  const auto deadline = write_deadline();
  if (!deadline || now < *deadline || !connection_ || session_.ended()) return;
  drop_connection();
  session_.connection_lost("the camera takes nothing of what is sent to it (tcp-timeout)", false, now);
}

void Client::parse() {
  const base::TimePoint now = clock_.now();
  const std::size_t used = session_.receive(arena_.readable(), read_timed_out_, now);
  arena_.consume(used);
  // Nothing used up and no event: the rest of a packet is missing.
  parsable_ = (used > 0 || session_.has_event()) && !arena_.readable().empty();
  if (!parsable_ || now - deadline_seen_ >= kDeadlineInterval) {
    // Where there is always something to read no wait ever ends at its deadline; keep-alives are due all the
    // same.
    if (const auto deadline = session_.deadline(); deadline && now >= *deadline) session_.on_time(now);
    deadline_seen_ = now;
  }
  if (unwritable_since_) on_write_time(now);
}

std::size_t Client::next_room() const {
  // What was waited for is there, and more has come meanwhile: a read of just that much would be a full one.
  const std::size_t spacious = awaited_bytes_ + awaited_bytes_ / 2 + options_.read_size_min;
  return std::max(sizer_.room(), std::min(spacious, options_.read_size_max));
}

void Client::read() {
  const std::size_t room = next_room();
  const io::Transfer got = connection_->read(arena_.prepare(room));
  // More may be there already. But behind bytes that were waited for comes the next wait's business.
  readable_ = got.status == io::Transfer::Status::kDone &&
              (awaited_bytes_ > 1 ? got.bytes == room : got.bytes >= room / 4);
  switch (got.status) {
    case io::Transfer::Status::kDone:
      arena_.commit(got.bytes);
      sizer_.on_read(room, got.bytes);
      statistics_.reads.on_read(room, got.bytes);
      statistics_.reads.read_size.set(room);
      parsable_ = true;
      return;
    case io::Transfer::Status::kWouldBlock:
      return;
    case io::Transfer::Status::kClosed:
    case io::Transfer::Status::kFailed:
      lose_connection(got);
      return;
  }
}

void Client::lose_connection(const io::Transfer& transfer) {
  const bool failed = transfer.status == io::Transfer::Status::kFailed;
  const std::string words = failed ? connection_->words_for(transfer) : std::string();
  connection_.reset();
  session_.connection_lost(words, !arena_.readable().empty(), clock_.now());
}

void Client::sleep(const io::Wakeup& wakeup, std::optional<base::TimePoint> limit,
                   std::span<io::Watched> others) {
  const base::TimePoint now = clock_.now();
  const auto deadline = base::sooner(session_.deadline(), base::sooner(limit, write_deadline()));

  const auto plan = session_.plan_wait(arena_.readable().size(), now);
  const bool coalescing = plan && (!deadline || plan->deadline < *deadline);
  awaited_bytes_ = plan ? std::min(plan->bytes, options_.read_size_max / 2) : 1;
  connection_->set_low_water(std::max<std::size_t>(awaited_bytes_, 1));

  const io::WaitOutcome outcome = connection_->wait_with(
      !session_.output().empty(), coalescing ? plan->deadline : deadline, now, wakeup, others);
  statistics_.reads.wakeups.add();
  read_timed_out_ = coalescing && outcome == io::WaitOutcome::kTimeout;
  if (outcome == io::WaitOutcome::kWoken || outcome == io::WaitOutcome::kOthersReady) return;
  if (outcome == io::WaitOutcome::kReady || coalescing) {
    readable_ = true;
  } else {
    const base::TimePoint then = clock_.now();
    session_.on_time(then);
    on_write_time(then);
  }
}

void Client::close(base::Duration limit) {
  const base::TimePoint end = clock_.now() + limit;
  const io::Wakeup never;
  session_.teardown(clock_.now());
  flush();
  while (connection_ && !session_.ended() && clock_.now() < end) {
    flush();
    // Media that still comes is parsed, and dropped: the answer stands behind it.
    while (session_.next_event()) {
    }
    if (parsable_) {
      parse();
    } else if (readable_) {
      read();
    } else {
      sleep(never, end, {});  // datagrams are left where they are
    }
  }
  leave();
}

}  // namespace retina::client
