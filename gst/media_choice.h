#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "client/failure.h"
#include "sdp/description.h"
#include "settings.h"

namespace retina::gst {

/// The usable streams that `media` and `stream-index` ask for, in the order of the description; one that is
/// described several times, once.
std::vector<std::size_t> wanted_streams(const sdp::Description& description, const Settings& settings);

/// The one of them that a single source takes: video first, then audio, then application data.
std::optional<std::size_t> best_stream(const sdp::Description& description, const Settings& settings);

/// For when there is none: tells what the camera offers.
client::Failure no_such_stream(const sdp::Description& description);

}  // namespace retina::gst
