#pragma once

#include <gst/gst.h>

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "gst/recorded_file.h"

namespace retina::test {

/// `retinabin ! BRANCH ! MUXER ! filesink`, linked as its pads come, as programs do it, with the times of
/// every frame that the bin gives out kept. A branch for video can be put in between: a parser, say.
class BinRecorder {
 public:
  /// `properties`: of the bin, as gst-launch takes them. The file is removed by the destructor.
  BinRecorder(const std::string& properties, const std::string& muxer, std::string video_branch = "");
  ~BinRecorder();
  BinRecorder(const BinRecorder&) = delete;
  BinRecorder& operator=(const BinRecorder&) = delete;

  const std::string& file() const { return file_; }
  /// Records until the camera ends its streams and the file is complete; at most `limit`.
  void record(GstClockTime limit);
  /// Records until so many frames of video have come, and ends the file as a user does.
  void record_frames(std::size_t count, GstClockTime limit);

  std::vector<StoredFrame> frames(const std::string& pad) const {
    const std::lock_guard lock(mutex_);
    const auto found = frames_.find(pad);
    return found == frames_.end() ? std::vector<StoredFrame>() : found->second;
  }

 private:
  void link(GstPad* pad);
  void keep(GstPad* pad, const GstBuffer* buffer);
  void wait_for_end(GstClockTime end);

  std::string file_;
  std::string video_branch_;
  GstElement* pipeline_ = nullptr;
  GstElement* muxer_ = nullptr;  // of the pipeline
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<StoredFrame>> frames_;
};

}  // namespace retina::test
