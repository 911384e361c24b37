#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "codec/byte_writer.h"
#include "codec/depacketizer.h"

namespace retina::codec {

/// What ONVIF metadata and KLV have in common: messages that extend over any number of packets, the last of
/// which has the marker. A derived class knows how a message of its kind is told to begin.
///
/// A message comes out whole or not at all, whatever the format says: after a loss nothing is taken until one
/// certainly begins, so that the end of a message never passes for a message. Every one is a key frame; it
/// has the timestamp of its first packet and the arrival of its last, and no duration.
///
/// Errors: kTooLarge for a message above FrameWriter::kMaxFrameBytes, which is dropped.
class MessageDepacketizer : public Depacketizer {
 public:
  base::Result<void> push(const MediaPacket& packet) final;
  std::optional<Frame> pull() final;
  void reset() final;
  void flush() final;
  FrameProgress progress() const final { return {writer_.size(), writer_.size() > 0}; }
  void set_format(FrameFormat) final {}
  std::shared_ptr<const ParameterSets> parameters() const final { return nullptr; }
  std::uint64_t frames_dropped() const final { return frames_dropped_; }

 protected:
  /// What is known of the place in the stream where a packet stands that continues no message.
  enum class Place {
    kStart,     ///< the very first packet: servers begin with a whole message, but not all of them
    kAfterEnd,  ///< the message before has ended, and nothing was lost since
    kAfterLoss  ///< anything was lost: the end of a message, the begin of this one
  };

  /// `allocator` must outlive this.
  explicit MessageDepacketizer(FrameAllocator& allocator) : writer_(allocator) {}

  /// Does a message begin with this payload, which isn't empty?
  virtual bool begins(base::ByteView payload, Place place) = 0;

  /// No packet was lost and no marker came since the message's last packet: does another message begin with
  /// this payload all the same? `jumped`: its timestamp is another one than that of the last packet.
  virtual bool ends_before(base::ByteView payload, bool jumped) const = 0;

  /// Can this be a whole message, where no marker says so?
  virtual bool looks_whole(base::ByteView message) const = 0;

  bool marker_seen() const { return marker_seen_; }

 private:
  enum class State {
    kBetween,    // no message is open
    kGathering,  // one is, and whole so far
    kSkipping    // one is, and given up
  };

  void on_loss(std::uint32_t packets);
  base::Result<void> take(const MediaPacket& packet);
  void begin(const MediaPacket& packet);
  void end(bool whole);
  void give_up();

  ByteWriter writer_;
  State state_ = State::kBetween;
  Place place_ = Place::kStart;       // while kBetween
  std::int64_t first_timestamp_ = 0;  // of the open message
  std::int64_t latest_timestamp_ = 0;
  base::TimePoint latest_arrival_{};
  bool given_up_ = false;     // the open message, or the one that was cut by the latest loss; it is counted
  bool marker_seen_ = false;  // ever
  bool discontinuity_ = false;
  std::uint64_t packets_lost_ = 0;  // since the last message that was finished
  std::uint64_t frames_dropped_ = 0;
  std::deque<Frame> finished_;  // at most two: pull() comes after each push()
};

}  // namespace retina::codec
