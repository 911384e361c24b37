#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace retina::codec {

/// Walks the NAL units of a byte stream (ITU-T H.264 Annex B): start codes 00 00 01 separate them; zeros
/// before a start code and at the end belong to none. Bytes without any start code are one NAL unit.
class AnnexBReader {
 public:
  explicit AnnexBReader(base::ByteView bytes) : rest_(bytes) {}

  /// The next NAL unit, never empty; an empty view at the end. Views see the bytes given to the constructor.
  base::ByteView next();

 private:
  base::ByteView rest_;
};

/// Whether a start code stands anywhere in `bytes`. Inside a legal NAL unit it can't (emulation prevention).
bool has_start_code(base::ByteView bytes);

}  // namespace retina::codec
