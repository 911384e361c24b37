#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/time.h"
#include "client/hub.h"
#include "client/lasting_client.h"
#include "frame_pool.h"
#include "io/connector.h"
#include "report.h"
#include "settings.h"
#include "signals.h"

namespace retina::gst {

/// One session with a camera, as one retinasrc or the sources of a retinabin share it: drives the client on
/// the threads that want frames, and tells the application how it goes, in the name of the element that it
/// belongs to (progress, warnings, errors, signals).
///
/// Threads: open(), close(), pause() and play() by whoever changes the element's state; next() by one thread
/// a stream; interrupt(), resume(), request_key_frame() and statistics() by any.
class Camera {
 public:
  /// Which streams are wanted.
  class Chooser {
   public:
    /// The description is there: after a redirect again. Called on the thread that drives the session. Empty:
    /// the session is of no use, and why has been told with Camera::fail() or as an element error.
    virtual std::vector<client::Choice> choose(const sdp::Description& description) = 0;

   protected:
    ~Chooser() = default;
  };

  /// The arguments must outlive the camera, but for statistics().
  Camera(GstElement* owner, Signals& signals, Chooser& chooser);
  ~Camera();
  Camera(const Camera&) = delete;
  Camera& operator=(const Camera&) = delete;

  /// Checks the settings; connects nothing yet. False: the error has been posted.
  bool open(const Settings& settings);
  /// Ends the session on the camera, within teardown-timeout. Nobody is in next() or describe() any more.
  void close();

  /// Drives the session until the streams have been chosen. Otherwise as next().
  GstFlowReturn describe();
  /// The next frame of the stream that choose() gave as number `stream`. FLUSHING: interrupted; EOS: the
  /// media has ended in order, or the camera doesn't give this stream; ERROR: the session has failed, and the
  /// error has been posted, once.
  GstFlowReturn next(std::size_t stream, client::FrameReady& frame);

  /// As GstBaseSrc's unlock() and unlock_stop(), for each stream; before there are any, for describe().
  void interrupt(std::size_t stream);
  void resume(std::size_t stream);

  /// Breaks off describe(), for good.
  void interrupt_opening() { client_->interrupt(); }

  /// Between pause() and play() the media is thrown away, so that what comes afterwards is fresh, and the
  /// session is kept alive: where all streams are held up downstream, by a thread of its own.
  void pause();
  void play();

  /// Asks for a key frame of a stream, at most one each half second. False: the camera doesn't offer it.
  bool request_key_frame(std::size_t stream) { return client_->request_key_frame(stream); }

  /// For the thread that drives the session, or before any does: each session has one of its own.
  const sdp::Description& description() const { return client_->description(); }
  const client::Statistics& statistics() const { return client_->statistics(); }
  const Settings& settings() const { return settings_; }
  /// Memory for the frames; lives as long as the camera.
  FramePool& pool() { return pool_; }

  /// For the chooser, after the first time: a stream that the next choices have besides, under a new number
  /// or that of one that has ended and whose thread comes no more.
  void open_stream(std::size_t stream) { hub()->open_stream(stream); }
  /// Likewise: a stream that is absent in the next choices and in all later ones. Its thread still gets what
  /// is queued.
  void end_stream(std::size_t stream) { hub()->end_stream(stream); }

  /// For whoever chooses among the streams of a description, and finds none: at first an error; after an
  /// outage a camera may be starting still, and is asked again.
  void refuse(const client::Failure& failure);

  /// Posts the error, unless one has been posted, and ends the session for all streams. Returns ERROR.
  GstFlowReturn fail(const client::Failure& failure);
  /// As fail(), where the error has been posted already.
  GstFlowReturn give_up();

 private:
  /// What the hub drives: the client, and the choice of streams once more after a redirect or an outage. That
  /// must not wait until a stream's thread sees the event: by then another one may drive the client.
  class Driven final : public client::EventSource {
   public:
    explicit Driven(Camera& camera) : camera_(camera) {}
    std::optional<client::Event> next() override { return pass(&client::LastingClient::next); }
    std::optional<client::Event> poll() override { return pass(&client::LastingClient::poll); }
    void interrupt() override { camera_.client_->interrupt(); }
    void resume() override { camera_.client_->resume(); }

   private:
    std::optional<client::Event> pass(std::optional<client::Event> (client::LastingClient::*take)());

    Camera& camera_;
  };

  std::optional<GstFlowReturn> handle(const client::Event& event);
  bool on_described();
  GstFlowReturn on_ended(const client::Ended& event);
  void on_requesting(const client::Requesting& event);
  void on_connecting();
  void on_playing();
  void end_step(GstProgressType type, const std::string& text);
  void on_reconnecting(const client::Reconnecting& event);
  void on_reconnected(const client::Reconnected& event);
  void start_idling();
  void idle();
  client::Hub* hub() const { return hub_ready_; }

  GstElement* owner_;
  Signals& signals_;
  Chooser& chooser_;
  DebugLog log_;
  base::MonotonicClock clock_;
  std::unique_ptr<io::Connector> connector_;
  FramePool pool_;
  Settings settings_;
  std::shared_ptr<client::LastingClient> client_;
  Driven driven_{*this};
  std::unique_ptr<client::Hub> hub_;  // once the streams are chosen
  std::atomic<client::Hub*> hub_ready_ = nullptr;
  std::optional<client::Failure> refusal_;
  std::atomic<bool> opening_interrupted_ = false;  // before there was a hub

  /// Which progress message has started and not ended. "open" ends with the description: programs that wait
  /// for the end before they go on to PLAYING (gst-launch-1.0 does) must not wait for what only PLAYING
  /// brings.
  enum class Step { kNone, kOpen, kRequest };
  std::atomic<Step> step_ = Step::kNone;
  std::atomic<bool> failed_ = false;  // and the error has been posted
  std::atomic<bool> given_up_ = false;
  /// Held while the idling thread is started or joined, which takes none of our locks.
  std::mutex pausing_;
  bool paused_ = false;
  std::thread idler_;
};

}  // namespace retina::gst
