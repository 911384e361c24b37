#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace retina::codec {

/// recovery_frame_cnt of the recovery point in an SEI NAL unit (ITU-T H.264 s7.3.2.3, sD.1.8, sD.2.8): so
/// many pictures after this one, a decoder that starts here shows what it should. Nullopt: there is none in
/// the first kMaxSeiBytes, or the messages can't be read. `nal` has its header.
std::optional<std::uint32_t> recovery_point(base::ByteView nal);

/// Messages behind this aren't looked at: cameras put pictures of their own into them.
inline constexpr std::size_t kMaxSeiBytes = 4096;

}  // namespace retina::codec
