#pragma once

#include <gst/gst.h>

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "support/check.h"

namespace retina::test {

/// What came out of one pad of a retinabin.
struct PadRecord {
  std::vector<base::Bytes> frames;
  std::vector<GstClockTime> times;
  std::vector<bool> discont;
  std::string caps;
  std::string stream_id;
  guint group_id = 0;
  unsigned streams_in_collection = 0;
  bool collection_first = false;  ///< it came before the first frame
  bool ended = false;
};

/// A retinabin whose pads are linked to fakesinks, or left alone, as the test says, with everything that goes
/// through kept. The destructor stops it, and fails the test if that takes longer than a few seconds.
class BinRunner {
 public:
  /// What to do with a new pad of this name; the pad goes to a fakesink unless it says false.
  using Linker = std::function<bool(GstPad* pad, const std::string& name)>;

  explicit BinRunner(const std::string& location, Linker linker = {});
  ~BinRunner();
  BinRunner(const BinRunner&) = delete;
  BinRunner& operator=(const BinRunner&) = delete;

  GstElement* bin() const { return bin_; }
  void set_state(GstState state) { gst_element_set_state(pipeline_, state); }
  void stop();

  /// Waits until so many pads have ended; false: an error came, or nothing did for 15 s.
  bool wait_for_ended(std::size_t pads);
  bool wait_for_frames(const std::string& pad, std::size_t count);
  /// Until signalled() has this in it.
  bool wait_for_signalled(const std::string& text);
  /// Waits for an error, and returns its text; "": none came.
  std::string wait_for_error();
  /// Errors that the bus has had.
  unsigned errors() const { return errors_; }
  /// Waits for so many warnings, and returns their texts.
  std::vector<std::string> wait_for_warnings(std::size_t count);
  /// Waits for the end of a progress message's step: "open", say.
  bool wait_for_progress(const std::string& code);
  std::uint64_t stat(const char* name) const;

  std::map<std::string, PadRecord> pads() const {
    const std::lock_guard lock(mutex_);
    return pads_;
  }
  /// "video_0 audio_0 no-more-pads -audio_0 ": what the bin signalled, in order; "-": the pad has been
  /// removed, unless that was because the bin has stopped.
  std::string signalled() const {
    const std::lock_guard lock(mutex_);
    return signalled_;
  }

 private:
  bool wait_until(const std::function<bool()>& done);
  void on_pad(GstPad* pad);
  void on_pad_removed(const std::string& name);
  void on_buffer(const std::string& name, GstPad* pad, GstBuffer* buffer);
  void on_event(const std::string& name, GstEvent* event);
  void wake();

  Linker linker_;
  GstElement* pipeline_ = nullptr;
  GstElement* bin_ = nullptr;
  mutable std::mutex mutex_;
  std::map<std::string, PadRecord> pads_;
  std::string signalled_;
  std::string error_;
  unsigned errors_ = 0;
  std::vector<std::string> warnings_;
  std::set<std::string> completed_;  // codes of progress messages
};

}  // namespace retina::test
