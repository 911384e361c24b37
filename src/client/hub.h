#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/counter.h"
#include "base/time.h"
#include "client/event.h"
#include "client/event_source.h"
#include "client/frame_queue.h"

namespace retina::client {

/// Gives the streams of one session to threads of their own, without an I/O thread: whichever thread needs
/// something becomes the leader, drives the session, and files the others' frames in their queues, until its
/// own stream has one; then another waiting thread takes the lead.
///
/// A stream whose thread comes too late never stops the others: with its queue full, the leader gives it a
/// moment (a recording that comes faster than it is used must not lose frames for it), and from then on drops
/// what it doesn't take, whole groups of pictures, until its thread comes again. Nor does a leader read far
/// ahead of a thread that is about to take what was read: frames wait in the CPU's cache, not in memory.
///
/// While the frames of one stream come in a flood, its thread keeps the lead and takes them without a queue,
/// and the other threads do rounds: they come by themselves every millisecond, and take the lead where nobody
/// has had it meanwhile.
///
/// While the streams are paused, what comes is thrown away; threads that are in next() meanwhile stay there
/// and drive the session, and where none is, because all are held up downstream, another one is needed that
/// does: it calls next(idler()).
///
/// Streams come and go: what drives the source may find other ones after an outage.
///
/// Threads: next() by one thread a stream; everything else by any. One lock, taken once a frame, not held
/// while the source is driven.
class Hub {
 public:
  struct Limits {
    std::size_t queue_bytes = std::size_t{8} * 1024 * 1024;  ///< of frames, for each stream
    base::Duration patience{};                               ///< with a stream whose queue is full
    /// With a stream whose thread has frames to take, before more is read.
    base::Duration catch_up_time = std::chrono::milliseconds(1);
    /// How often threads look after their streams while another stream's frames come in a flood.
    base::Duration round_time = std::chrono::milliseconds(1);
  };

  /// `streams`: how many there are at first; `source` and `dropped` (frames for which a queue had no room)
  /// must outlive the hub.
  Hub(EventSource& source, std::size_t streams, Limits limits, base::Counter& dropped);

  /// Blocks until there is something for `stream`: its next frame, or the end, its own (StreamEnded) or that
  /// of all, which every stream is told, or an event that concerns the session as a whole, which any one of
  /// them gets. Nullopt: the stream is interrupted.
  std::optional<Event> next(std::size_t stream);

  /// A stream without frames.
  static constexpr std::size_t idler() { return kIdler; }

  /// One more stream: number `stream`, which is the next one, or one that has ended and whose thread comes no
  /// more. From the source's next() also.
  void open_stream(std::size_t stream);
  /// What is queued is the last of the stream. From the source's next() also.
  void end_stream(std::size_t stream);

  /// Makes next(stream) return at once, and from then on, until resume(stream). The others go on.
  void interrupt(std::size_t stream);
  /// What has been queued meanwhile is dropped; nothing is, where nothing was interrupted.
  void resume(std::size_t stream);

  /// All streams: what is queued and what comes is thrown away until play().
  void pause();
  void play();

  /// Tells every stream that the session is over, as Ended from the source does.
  void end(Ended ended);

 private:
  static constexpr std::size_t kIdler = static_cast<std::size_t>(-1);

  /// What one stream's thread and the leader share.
  struct Lane {
    std::condition_variable ready;  // a frame, the lead, the end, an interrupt
    FrameQueue frames;
    std::size_t bytes = 0;
    std::size_t burst = 0;   // of bytes since the source was waited for
    bool waiting = false;    // its thread, for any of these
    bool on_rounds = false;  // it waits, but looks by itself from time to time
    bool interrupted = false;
    unsigned interrupts = 0;  // ever: one may be over before the thread has noticed it
    bool given_up = false;    // its thread has been waited for in vain, and hasn't come since
    bool held_up = false;     // the same, for a moment only
    bool broken = false;      // frames were dropped: go on with a key frame
    bool ended = false;       // what is queued is the last of it
    bool gap = false;         // frames were thrown away: the next one doesn't join the one before
    /// Of frames that were thrown away: the next one needs them.
    std::shared_ptr<const codec::ParameterSets> parameters;
  };
  using Lock = std::unique_lock<std::mutex>;

  Lane& lane(std::size_t stream) { return stream == kIdler ? idle_ : *lanes_[stream]; }
  /// One stream: its frames go to its thread without a queue.
  bool single() const { return lanes_.size() == 1; }
  Event take(Lane& lane);
  std::optional<Event> lead(std::size_t stream, Lock& lock);
  bool batch_is_full(const Lane& lane) const;
  std::optional<Event> advance(bool served, Lock& lock);
  void let_catch_up(Lock& lock);
  void step_down();
  void wait(Lane& lane, Lock& lock) const;
  bool wait_a_round(Lane& lane, Lock& lock) const;
  void look_for_flood();
  static void wake(Lane& lane);
  void wake_served();
  void file(FrameReady ready, Lock& lock);
  bool has_room(const Lane& lane, std::size_t bytes) const;
  void wait_for_room(Lane& lane, std::size_t bytes, Lock& lock);
  bool wait_for_level(const Lane& lane, std::size_t bytes, base::Duration patience, Lock& lock);
  void drop(Lane& lane);
  static void throw_away(Lane& lane);
  static void keep_parameters(Lane& lane, const codec::Frame& frame);
  static void end(Lane& lane);
  void end_with(Ended ended);

  EventSource& source_;
  const Limits limits_;
  base::Counter& dropped_;  // written under the lock

  std::mutex mutex_;
  std::vector<std::unique_ptr<Lane>> lanes_;  // of the streams
  Lane idle_;
  std::optional<std::size_t> leader_;
  unsigned leads_ = 0;                        // ever
  std::optional<std::size_t> flooded_;        // the stream whose frames come in a flood
  bool source_interrupted_ = false;           // on behalf of the leader
  std::condition_variable room_;              // in a queue
  std::optional<std::size_t> awaited_level_;  // of bytes in it
  bool paused_ = false;
  std::optional<Ended> ended_;
};

}  // namespace retina::client
