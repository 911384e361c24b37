#include "client/lasting_client.h"

#include <poll.h>

#include <algorithm>
#include <random>

namespace retina::client {
namespace {

constexpr std::size_t kMaxNotesKept = 256;  // and told: one session has 32 at most
/// So often in a row the camera may refuse a stream that has played before the others go on without it.
constexpr unsigned kMaxMissedStreams = 5;

}  // namespace

base::Result<std::shared_ptr<LastingClient>, Failure> LastingClient::create(
    Options options, const Reconnection::Options& reconnection, base::Log& log, const base::Clock& clock,
    io::Connector& connector) {
  std::shared_ptr<LastingClient> made(
      new LastingClient(std::move(options), reconnection, log, clock, connector));
  if (auto opened = made->open(); !opened) return base::Unexpected(std::move(opened.error()));
  return made;
}

LastingClient::LastingClient(Options options, const Reconnection::Options& reconnection, base::Log& log,
                             const base::Clock& clock, io::Connector& connector)
    : options_(std::move(options)),
      log_(log),
      clock_(clock),
      connector_(connector),
      statistics_(std::make_shared<Statistics>()),
      reconnection_(reconnection, std::random_device()()) {}

base::Result<void, Failure> LastingClient::open() {
  if (client_) {
    options_.closing_keepalives = client_->closing_keepalives();
    missed_streams_ = client_->stream_missed() ? missed_streams_ + 1 : missed_streams_;
  }
  options_.keep_streams = played_ && missed_streams_ < kMaxMissedStreams;
  auto created = Client::create(options_, log_, clock_, connector_, statistics_);
  if (!created) return base::Unexpected(std::move(created.error()));
  client_ = std::move(created).value();
  *current_.lock() = client_;
  // An interrupt() that came before was for the client before.
  if (interrupted_) client_->interrupt();
  return {};
}

void LastingClient::choose(const std::vector<Choice>& choices) {
  // Another stream may get the number of one that isn't there any more.
  std::erase_if(options_.left_out, [&](std::size_t stream) { return choices[stream].absent; });
  client_->choose(choices);
}

// --- events ---

std::optional<Event> LastingClient::next() {
  if (pending_) return std::exchange(pending_, std::nullopt);
  if (attempt_at_) {
    if (!wait_for_attempt()) return std::nullopt;
    attempt_at_.reset();
    if (auto opened = open(); !opened) return Ended{std::move(opened.error())};
  }
  auto event = client_->next();
  while (event && is_repeated(*event))
    event = client_->next();
  if (!event) return event;
  return on_event(std::move(*event));
}

std::optional<Event> LastingClient::poll() {
  if (pending_) return std::exchange(pending_, std::nullopt);
  if (attempt_at_) return std::nullopt;
  auto event = client_->poll();
  while (event && is_repeated(*event))
    event = client_->poll();
  if (!event) return event;
  return on_event(std::move(*event));
}

/// A camera that is lost often has its faults each time: the user has been told.
bool LastingClient::is_repeated(const Event& event) {
  const auto* note = std::get_if<Note>(&event);
  if (note == nullptr) return false;
  return noted_.size() >= kMaxNotesKept || !noted_.insert(note->text).second;
}

Event LastingClient::on_event(Event event) {
  if (auto* ended = std::get_if<Ended>(&event)) return on_ended(std::move(*ended));
  if (const auto* left_out = std::get_if<StreamEnded>(&event)) options_.left_out.push_back(left_out->stream);
  auto* ready = std::get_if<FrameReady>(&event);
  if (ready == nullptr) return event;
  missed_streams_ = 0;
  played_ = true;
  recording_ = is_recording();
  options_.first_transport = static_cast<Transport>(statistics_->transport.get());
  if (lost_at_) {
    const base::Duration outage = clock_.now() - *std::exchange(lost_at_, std::nullopt);
    reconnection_.succeeded();
    mark(*ready);
    pending_ = std::move(event);
    return Reconnected{outage};
  }
  mark(*ready);
  return event;
}

/// The first frame of each stream of a new session doesn't join what came before.
void LastingClient::mark(FrameReady& ready) {
  if (fresh_ == 0) return;
  const std::uint64_t stream = std::uint64_t{1} << std::min<std::size_t>(ready.stream, 63);
  if ((fresh_ & stream) == 0) return;
  fresh_ &= ~stream;
  ready.frame.discontinuity = true;
  ready.times.jumped = true;
}

Event LastingClient::on_ended(Ended ended) {
  if (over_ || !played_ || recording_) return ended;
  // Nobody has told a live camera to end: it restarts, or its encoder does.
  const Failure reason = ended.failure.value_or(
      Failure{Failure::Kind::kClosed, "The camera has ended its live media (BYE, TEARDOWN).", 0, ""});
  const auto delay = reconnection_.next_delay(reason.kind);
  over_ = !delay;
  if (!delay) return ended;
  const base::TimePoint now = clock_.now();
  // The transport that has worked is tried first, but once: the way to the camera may be another now.
  if (lost_at_) options_.first_transport = Transport::kTcp;
  if (!lost_at_) lost_at_ = now;
  attempt_at_ = now + *delay;
  fresh_ = ~std::uint64_t{0};
  statistics_->reconnects.add();
  return Reconnecting{reconnection_.attempt(), *delay, reason};
}

bool LastingClient::is_recording() const {
  const auto& range = client_->description().range;
  return range && !range->live && range->end;
}

// --- waiting ---

/// False: interrupted.
bool LastingClient::wait_for_attempt() {
  while (!interrupted_) {
    const base::Duration left = *attempt_at_ - clock_.now();
    if (left <= base::Duration::zero()) return true;
    wakeup_.clear();
    if (interrupted_) break;
    pollfd awaited{wakeup_.fd(), POLLIN, 0};
    const auto limit = std::chrono::ceil<std::chrono::milliseconds>(left);
    ::poll(&awaited, 1, static_cast<int>(std::min<std::int64_t>(limit.count(), 60'000)));
  }
  return false;
}

void LastingClient::interrupt() {
  interrupted_ = true;
  wakeup_.signal();
  const auto client = *current_.lock();
  client->interrupt();
}

void LastingClient::resume() {
  interrupted_ = false;
  const auto client = *current_.lock();
  client->resume();
}

void LastingClient::submit(UserRequest request) {
  const auto client = *current_.lock();
  client->submit(std::move(request));
}

bool LastingClient::request_key_frame(std::size_t stream) {
  const auto client = *current_.lock();
  return client->request_key_frame(stream);
}

}  // namespace retina::client
