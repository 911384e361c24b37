#pragma once

#include <gst/gst.h>

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bin_stream.h"
#include "camera.h"
#include "errands.h"
#include "sdp/description.h"

namespace retina::gst {

/// The streams of a retinabin: chosen from the camera's first description, and found again in each later one,
/// after a redirect or an outage. A stream that isn't described any more ends, and its pad goes once EOS has
/// passed it; one that is new gets a pad.
///
/// A stream keeps its number, among the camera's choices, for as long as it has a pad.
///
/// Threads: choose() by whichever drives the session, one at a time; what has to wait for a streaming thread,
/// or may start one, is done by errands. clear() once the errands have been stopped and nothing streams.
class BinStreams {
 public:
  /// `bin` and `errands` must outlive it.
  BinStreams(GstBin* bin, Errands& errands);

  /// As Camera::Chooser::choose().
  std::vector<client::Choice> choose(const std::shared_ptr<Camera>& camera,
                                     const sdp::Description& description);
  /// Those that don't run yet. By an errand.
  void start();
  /// Pictures and sound that have begun end together, as soon as they can. Null: there are none. Any thread.
  std::shared_ptr<CommonEnd> end_together();
  /// Those end that haven't. By an errand.
  void end_rest();
  /// All of them are forgotten, and what was chosen.
  void clear();

  /// Emits select-stream.
  static constexpr const char* kSelectStream = "select-stream";

 private:
  struct Slot {
    enum class State {
      kFree,
      kLive,
      kEnding,  ///< the stream's thread may be there still
    };
    State state = State::kFree;
    std::unique_ptr<BinStream> stream;
    std::string pad_name;
    sdp::Media media;  // as described at first
    client::Choice choice;
    bool started = false;
  };

  std::vector<client::Choice> choose_again(const sdp::Description& description);
  std::vector<std::size_t> live_slots();
  void keep_declined(const std::vector<std::optional<std::size_t>>& matches,
                     const sdp::Description& description);
  std::vector<client::Choice> choices();
  bool is_selected(std::size_t index, const sdp::Description& description);
  std::vector<std::size_t> make(const std::vector<std::size_t>& wanted, const sdp::Description& description);
  std::size_t free_slot();
  BinStream::Place place_of(std::size_t number, std::size_t media_index, const sdp::Description& description);
  bool show(const std::vector<std::size_t>& made);
  void end(std::size_t number);
  void remove(std::size_t number);

  GstBin* bin_;
  Errands& errands_;
  std::shared_ptr<Camera> camera_;
  StreamGroup group_;
  std::vector<sdp::Media> declined_;      // by the application
  std::map<std::size_t, unsigned> made_;  // streams of each media section, ever
  unsigned lacking_ = 0;                  // descriptions in a row that lacked a stream

  std::mutex mutex_;  // of what choose() and the errands share: which slots there are, their states and
                      // streams; a leaf
  std::deque<Slot> slots_;
};

}  // namespace retina::gst
