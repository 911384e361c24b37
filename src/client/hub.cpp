#include "client/hub.h"

#include <algorithm>
#include <utility>

namespace retina::client {
namespace {

/// So many frames of its own, or bytes of them, a leader files at most before it hands the first of them out.
/// More of them would take fresh memory, where these go round.
constexpr std::size_t kBatchFrames = 32;
constexpr std::size_t kBatchBytes = 256 * 1024;
/// So much isn't read ahead of a thread that has frames to take: it would fall out of the CPU's cache.
constexpr std::size_t kAheadBytes = 512 * 1024;
/// So many bytes of a stream's frames between two waits for the source are a flood.
constexpr std::size_t kFloodBytes = 128 * 1024;

}  // namespace

Hub::Hub(EventSource& source, std::size_t streams, Limits limits, base::Counter& dropped)
    : source_(source), limits_(limits), dropped_(dropped) {
  for (std::size_t i = 0; i < streams; ++i)
    lanes_.push_back(std::make_unique<Lane>());
}

std::optional<Event> Hub::next(std::size_t stream) {
  Lock lock(mutex_);
  Lane& lane = this->lane(stream);
  const unsigned interrupts = lane.interrupts;
  lane.given_up = lane.held_up = false;
  bool rounds = true;
  for (;;) {
    if (lane.interrupted || lane.interrupts != interrupts) return std::nullopt;
    if (!lane.frames.empty()) return take(lane);
    if (ended_) return *ended_;
    if (lane.ended) return StreamEnded{stream};
    if (rounds && flooded_ && flooded_ != stream) {
      rounds = wait_a_round(lane, lock);
    } else if (leader_) {
      wait(lane, lock);
    } else {
      return lead(stream, lock);
    }
  }
}

void Hub::wait(Lane& lane, Lock& lock) const {
  lane.waiting = true;
  lane.ready.wait(lock, [&lane] { return !lane.waiting; });
}

/// False: nobody has taken the lead meanwhile.
bool Hub::wait_a_round(Lane& lane, Lock& lock) const {
  const unsigned leads = leads_;
  lane.waiting = lane.on_rounds = true;
  lane.ready.wait_for(lock, limits_.round_time, [&lane] { return !lane.waiting; });
  lane.waiting = lane.on_rounds = false;
  return leads_ != leads;
}

Event Hub::take(Lane& lane) {
  FrameReady frame = lane.frames.pop();
  lane.bytes -= frame.frame.size_bytes;
  if (awaited_level_ && lane.bytes <= *awaited_level_) room_.notify_one();
  return frame;
}

// --- leading ---

std::optional<Event> Hub::lead(std::size_t stream, Lock& lock) {
  /// Steps down on every way out, an exception (no memory) included.
  struct Lead {
    Hub& hub;
    Lock& lock;
    ~Lead() {
      if (!lock.owns_lock()) lock.lock();
      hub.step_down();
    }
  };
  Lane& own = lane(stream);
  const unsigned interrupts = own.interrupts;
  leader_ = stream;
  ++leads_;
  const Lead lead{*this, lock};
  while (own.interrupts == interrupts) {
    // What one read has brought is filed by one leader: changing it costs more than filing a frame.
    const bool served = !own.frames.empty();
    if (served && (own.ended || batch_is_full(own))) return take(own);
    if (own.ended) return StreamEnded{stream};
    std::optional<Event> event = advance(served, lock);
    if (event && std::holds_alternative<Ended>(*event)) end_with(std::move(std::get<Ended>(*event)));
    if (!event || ended_) {
      // pause() may have emptied the queue meanwhile.
      if (!own.frames.empty()) return take(own);
      if (ended_) return *ended_;
      if (served) continue;
      return std::nullopt;
    }
    if (const auto* stream_ended = std::get_if<StreamEnded>(&*event)) {
      end(lane(stream_ended->stream));
      continue;
    }
    auto* frame = std::get_if<FrameReady>(&*event);
    if (frame == nullptr) return event;
    const bool at_once = single() || (flooded_ == stream && !served);
    if (at_once && frame->stream == stream && !paused_ && !own.gap && !own.broken) {
      own.burst += frame->frame.size_bytes;
      return event;
    }
    file(std::move(*frame), lock);
  }
  return std::nullopt;
}

bool Hub::batch_is_full(const Lane& lane) const {
  if (single()) return true;
  return lane.frames.size() >= kBatchFrames || lane.bytes >= std::min(kBatchBytes, limits_.queue_bytes);
}

/// The source's next event. While the source has events at hand, nobody is woken: those whose frames are
/// filed find many of them at once.
std::optional<Event> Hub::advance(bool served, Lock& lock) {
  if (!single()) {
    lock.unlock();
    std::optional<Event> event = source_.poll();
    lock.lock();
    if (event || served) return event;
    look_for_flood();
    wake_served();
    let_catch_up(lock);
  }
  lock.unlock();
  std::optional<Event> event = source_.next();
  lock.lock();
  return event;
}

/// A thread that doesn't come in time is held up, and isn't waited for again until it has come.
void Hub::let_catch_up(Lock& lock) {
  const Lane& own = lane(*leader_);
  for (const auto& lane : lanes_) {
    if (lane.get() == &own || lane->bytes < kAheadBytes || lane->held_up || lane->given_up ||
        lane->interrupted)
      continue;
    lane->held_up = !wait_for_level(*lane, kAheadBytes / 2, limits_.catch_up_time, lock);
  }
}

void Hub::step_down() {
  leader_.reset();
  if (std::exchange(source_interrupted_, false)) source_.resume();
  wake_served();
  Lane* next = &idle_;
  for (const auto& lane : lanes_) {
    if (lane->on_rounds) return;
    if (lane->waiting && next == &idle_) next = lane.get();
  }
  wake(*next);
}

/// While frames come in a flood, the thread of the stream that has most of them keeps the lead, and the other
/// threads do rounds: waking them for every read, and taking turns, would cost more than the frames do.
void Hub::look_for_flood() {
  flooded_.reset();
  std::size_t most = kFloodBytes;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const std::size_t burst = std::exchange(lanes_[i]->burst, 0);
    if (burst < most) continue;
    flooded_ = i;
    most = burst;
  }
}

void Hub::wake_served() {
  for (const auto& lane : lanes_) {
    if (!lane->waiting || lane->frames.empty()) continue;
    if (!lane->on_rounds || lane->bytes >= kFloodBytes) wake(*lane);
  }
}

void Hub::wake(Lane& lane) {
  if (std::exchange(lane.waiting, false)) lane.ready.notify_one();
}

// --- queues ---

void Hub::file(FrameReady ready, Lock& lock) {
  Lane& lane = this->lane(ready.stream);
  codec::Frame& frame = ready.frame;
  // Another session may give again what one before it has refused; nobody comes for it any more.
  if (lane.ended) return;
  if (!has_room(lane, frame.size_bytes) && ready.stream != leader_)
    wait_for_room(lane, frame.size_bytes, lock);
  if (paused_) {
    keep_parameters(lane, frame);
    lane.gap = true;
    return;
  }
  if (lane.interrupted || (lane.given_up && !has_room(lane, frame.size_bytes))) drop(lane);
  if (lane.interrupted || (lane.broken && !frame.key_frame)) {
    keep_parameters(lane, frame);
    lane.broken = true;
    dropped_.add();
    return;
  }
  const bool gap = std::exchange(lane.gap, false);
  if (std::exchange(lane.broken, false) || gap) frame.discontinuity = true;
  if (lane.parameters && !frame.parameters) frame.parameters = std::move(lane.parameters);
  lane.parameters.reset();
  lane.bytes += frame.size_bytes;
  lane.burst += frame.size_bytes;
  lane.frames.push(std::move(ready));
}

void Hub::keep_parameters(Lane& lane, const codec::Frame& frame) {
  if (frame.parameters) lane.parameters = frame.parameters;
}

/// What is queued.
void Hub::throw_away(Lane& lane) {
  while (!lane.frames.empty())
    keep_parameters(lane, lane.frames.pop().frame);
  lane.frames.clear();
  lane.bytes = 0;
}

bool Hub::has_room(const Lane& lane, std::size_t bytes) const {
  return lane.frames.empty() || lane.bytes + bytes <= limits_.queue_bytes;
}

/// Afterwards there is room, or the lane is given up or interrupted, or the leader is interrupted: then the
/// frame goes in all the same, and the next leader waits.
void Hub::wait_for_room(Lane& lane, std::size_t bytes, Lock& lock) {
  if (lane.given_up || lane.interrupted || paused_) return;
  wake(lane);
  const std::size_t level = limits_.queue_bytes - std::min(limits_.queue_bytes, bytes);
  lane.given_up = !wait_for_level(lane, level, limits_.patience, lock);
}

/// False: the lane's thread has not taken so much in this time.
bool Hub::wait_for_level(const Lane& lane, std::size_t bytes, base::Duration patience, Lock& lock) {
  const Lane& own = this->lane(*leader_);
  awaited_level_ = bytes;
  const bool came = room_.wait_for(
      lock, patience, [&] { return lane.bytes <= bytes || lane.interrupted || own.interrupted || paused_; });
  awaited_level_.reset();
  return came;
}

void Hub::drop(Lane& lane) {
  if (lane.frames.empty()) return;
  dropped_.add(lane.frames.size());
  throw_away(lane);
  lane.broken = true;
}

// --- from other threads ---

void Hub::interrupt(std::size_t stream) {
  const Lock lock(mutex_);
  Lane& lane = this->lane(stream);
  lane.interrupted = true;
  ++lane.interrupts;
  wake(lane);
  room_.notify_all();
  if (leader_ == stream) {
    source_interrupted_ = true;
    source_.interrupt();
  }
}

void Hub::resume(std::size_t stream) {
  const Lock lock(mutex_);
  Lane& lane = this->lane(stream);
  if (std::exchange(lane.interrupted, false)) drop(lane);
}

void Hub::pause() {
  const Lock lock(mutex_);
  paused_ = true;
  room_.notify_all();
  for (const auto& lane : lanes_) {
    lane->gap = lane->gap || !lane->frames.empty();
    throw_away(*lane);
  }
}

void Hub::play() {
  const Lock lock(mutex_);
  paused_ = false;
}

void Hub::end(Ended ended) {
  const Lock lock(mutex_);
  end_with(std::move(ended));
}

void Hub::open_stream(std::size_t stream) {
  const Lock lock(mutex_);
  if (stream == lanes_.size()) {
    lanes_.push_back(std::make_unique<Lane>());
  } else {
    lanes_[stream] = std::make_unique<Lane>();
  }
}

void Hub::end_stream(std::size_t stream) {
  const Lock lock(mutex_);
  end(lane(stream));
}

void Hub::end(Lane& lane) {
  lane.ended = true;
  wake(lane);
}

void Hub::end_with(Ended ended) {
  if (!ended_) ended_ = std::move(ended);
  for (const auto& lane : lanes_)
    wake(*lane);
  wake(idle_);
}

}  // namespace retina::client
