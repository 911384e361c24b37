#pragma once

#include <gst/gst.h>

#include "base/counter.h"
#include "base/time.h"
#include "client/statistics.h"

namespace retina::gst {

/// What one stream's arrivals tell of the camera's clock. One thread writes, any thread reads.
struct ClockStatistics {
  base::Counter jitter_ns;
  base::Counter drift_ppb;  ///< a signed number

  void set(double drift, base::Duration jitter);
  /// The larger of the jitters, the larger of the drifts either way.
  void take_worse(const ClockStatistics& other);
};

/// `application/x-retina-stats`, as docs/elements.md lists its fields. Transfer full.
GstStructure* stats_structure(const client::Statistics& statistics);
/// Adds what is of one stream.
void add_clock_statistics(GstStructure* structure, const ClockStatistics& clock);

}  // namespace retina::gst
