#pragma once

#include <gst/gst.h>

#include "client/statistics.h"

namespace retina::gst {

/// `application/x-retina-stats`, as docs/elements.md lists its fields. Transfer full.
GstStructure* stats_structure(const client::Statistics& statistics);

}  // namespace retina::gst
