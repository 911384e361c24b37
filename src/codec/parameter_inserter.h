#pragma once

#include <cstddef>
#include <memory>

#include "codec/depacketizer.h"
#include "codec/frame_writer.h"

namespace retina::codec {

/// Puts parameter sets into the frames that are to have them (see ParameterSetInsertion). Besides what that
/// says, a change always goes in, also before a picture that is no key frame: without it that couldn't be
/// decoded.
class ParameterInserter {
 public:
  /// Once a frame, when it is known whether it is a key frame. `place`: behind its access unit delimiter.
  /// `known`: null: nothing is. False: the frame has grown too large.
  [[nodiscard]] bool insert(FrameWriter& writer, std::size_t place,
                            const std::shared_ptr<const ParameterSets>& known, ParameterSetInsertion when,
                            bool key_frame);

  /// The frame has gone out, or will not: what went into it is with the consumer, or isn't.
  void on_finished() {
    if (pending_) inserted_ = std::move(pending_);
    pending_.reset();
  }
  void on_dropped() { pending_.reset(); }

 private:
  std::shared_ptr<const ParameterSets> inserted_;  // latest that went into a frame that was finished
  std::shared_ptr<const ParameterSets> pending_;   // went into the frame at hand
};

}  // namespace retina::codec
