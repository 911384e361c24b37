#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/counter.h"

namespace retina::bench {

struct GstUnref {
  void operator()(void* object) const { gst_object_unref(object); }
};
using ElementRef = std::unique_ptr<GstElement, GstUnref>;

/// The fields of `stats` (application/x-retina-stats), summed over the branches: numbers, and arrays of
/// numbers.
struct SourceStats {
  std::map<std::string, double> numbers;
  std::map<std::string, std::vector<std::uint64_t>> arrays;
  std::map<std::string, std::string> texts;  ///< the last branch's

  bool empty() const { return numbers.empty() && arrays.empty(); }
};

/// One copy of the pipeline that is measured, with a probe on each sink's pad.
class PipelineBranch {
 public:
  /// Prints the reason and ends the program when the description can't be made a pipeline with a sink.
  PipelineBranch(const std::string& description, std::atomic<std::uint64_t>& started_branches);
  ~PipelineBranch();
  PipelineBranch(const PipelineBranch&) = delete;
  PipelineBranch& operator=(const PipelineBranch&) = delete;

  GstElement* pipeline() const { return pipeline_.get(); }
  /// Adds this branch's fields to `sum`; nothing when no element has such statistics.
  void add_stats(SourceStats& sum) const;

  /// What has come to the sinks so far.
  struct Arrived {
    std::uint64_t buffers = 0;
    std::uint64_t bytes = 0;
    std::uint64_t frames = 0;  ///< buffers that end with a stamp: whole frames, or last slices of frames
  };
  Arrived arrived() const;
  /// From the stamp (the last packet of the frame is handed to the kernel) to the sink's pad, of every frame
  /// since `record_latencies`, sink by sink. Read them when the pipeline has stopped.
  std::vector<std::uint64_t> latencies_ns() const;
  void record_latencies() { recording_.store(true, std::memory_order_relaxed); }

 private:
  /// Counts at one sink; written by its streaming thread.
  struct Tap {
    PipelineBranch& branch;
    base::Counter buffers;
    base::Counter bytes;
    base::Counter frames;
    std::vector<std::uint64_t> latencies_ns;

    void on_buffer(GstBuffer* buffer);
  };

  static GstPadProbeReturn on_data(GstPad* pad, GstPadProbeInfo* info, gpointer tap);
  void watch_sinks();
  void find_source();

  ElementRef pipeline_;
  ElementRef source_;
  std::atomic<std::uint64_t>& started_branches_;
  std::atomic<bool> recording_{false};
  std::atomic<std::size_t> silent_sinks_{0};  // that have had no buffer yet
  std::vector<std::unique_ptr<Tap>> taps_;
};

}  // namespace retina::bench
