#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "rtsp/message.h"
#include "rtsp/message_parser.h"
#include "rtsp/start_line.h"

namespace retina::rtsp {

/// A packet between the messages: RFC 2326 s10.12.
struct Interleaved {
  std::uint8_t channel = 0;
  base::ByteView payload;  ///< within the bytes given to Framer::next()
};

/// Cuts a connection's bytes into interleaved packets and messages. No I/O; the bytes stay with the caller,
/// who shows them from the first that isn't consumed yet. The result depends on the bytes only, not on how
/// they were cut.
///
/// Broken framing: what is neither '$', nor a start line, nor a blank line means that the peer has lost or
/// mixed up bytes (partial writes, bodies of another length than announced). Then all is skipped up to
///  - '$', a known channel, and an RTP or RTCP header (version 2), if behind that packet there stands the
///    start of a packet or of a message: a packet is not given out before its end is confirmed so; where its
///    SSRC is known too (set_sources()), a few stray bytes may stand between; or
///  - a status line.
/// A '$' with an unknown channel needs the confirmation too, also in good framing, once channels are known;
/// there a '$' with any channel confirms it.
/// Before the first packet or message, garbage is an error: the peer isn't an RTSP server.
///
/// An error is final. Cost is O(1) per packet and O(n) over any garbage. Thread-bound.
class Framer {
 public:
  using Interleaved = rtsp::Interleaved;

  /// So much is skipped in one go before the connection is given up.
  static constexpr std::size_t kMaxSkipBytes = 1024 * 1024;
  /// Of what cameras put between packets: padding, line ends.
  static constexpr std::size_t kMaxStrayBytes = 16;

  struct Step {
    enum class Kind : std::uint8_t {
      kNeedMore,
      kInterleaved,
      kMessage,  ///< take_message() has it
      kSkipped   ///< garbage, or a message that broke off; may consume nothing when all of that was consumed
                 ///< before
    };
    Kind kind = Kind::kNeedMore;
    std::size_t consumed = 0;  ///< to be dropped from the front, also with kNeedMore
    std::size_t missing = 0;   ///< kNeedMore: bytes that must follow at least behind those given, >= 1
    Interleaved interleaved;   ///< kInterleaved
  };

  /// Examines the front of `bytes`. Room for kMaxLookahead bytes is enough for every packet and message.
  /// Errors: kMalformed, kTooLarge; their offset counts from offset().
  base::Result<Step> next(base::ByteView bytes) {
    if (state_ == State::kReady && bytes.size() >= kHeaderBytes && bytes[0] == '$') {
      const std::size_t total = kHeaderBytes + base::load_be16(bytes.data() + 2);
      if (total <= bytes.size() && accepted_channels_[bytes[1]]) return packet(bytes, 0, total);
    }
    return next_slow(bytes);
  }

  /// The message of the last kMessage step; call once.
  Message take_message() { return std::exchange(message_, Message()); }

  /// Nothing more of the message comes that is being read: where its head and so much of its body are there,
  /// take_message() has it. Cameras exist whose Content-Length is too large. False: there is no such message.
  bool finish_message(std::size_t least_body_bytes);

  /// Which channels SETUP has assigned. None: any channel is taken.
  void set_known_channels(std::bitset<256> channels);

  /// Whose packets come on which channel, as far as that is known.
  struct Source {
    std::uint8_t channel = 0;
    std::uint32_t ssrc = 0;
  };
  void set_sources(std::vector<Source> sources) { sources_ = std::move(sources); }

  /// Where in the connection's stream the packet or message starts that was given out last, or is being read,
  /// or the bytes that an error is about.
  std::uint64_t offset() const { return item_start_; }
  /// Part of a message has been consumed: the end of the connection cuts it.
  bool in_message() const { return parser_.active(); }
  /// How often framing was lost, and what that cost.
  std::uint64_t resyncs() const { return resyncs_; }
  std::uint64_t skipped_bytes() const { return skipped_bytes_; }
  /// In the latest loss of framing.
  std::size_t skipped_in_row() const { return skipped_in_row_; }

  /// Faults of the peer that were tolerated, since the last call; each kind once in the framer's life.
  std::vector<std::string> take_notes() { return parser_.notes().take(); }
  bool has_notes() const { return parser_.notes().has_fresh(); }

  /// The most that the caller must be able to hold: the largest packet and what confirms it.
  static constexpr std::size_t kMaxLookahead = 4 + 65535 + kMaxStrayBytes + 2;

 private:
  static constexpr std::size_t kHeaderBytes = 4;
  enum class State : std::uint8_t { kReady, kMessage, kLost, kFailed };
  enum class Verdict { kYes, kNo, kWait };
  struct Check {
    Verdict verdict = Verdict::kWait;
    std::size_t total = 0;    // kYes: of the packet
    std::size_t missing = 0;  // kWait
  };

  Step packet(base::ByteView bytes, std::size_t before, std::size_t total) {
    item_start_ = position_ + before;
    position_ += before + total;
    established_ = true;
    return {Step::Kind::kInterleaved,
            before + total,
            0,
            {bytes[before + 1], bytes.subspan(before + kHeaderBytes, total - kHeaderBytes)}};
  }

  base::Result<Step> next_slow(base::ByteView bytes);
  base::Result<Step> read_front(base::ByteView bytes);
  base::Result<Step> read_packet(base::ByteView bytes, std::size_t before);
  base::Result<Step> read_start_line(base::ByteView bytes, std::size_t before);
  base::Result<Step> continue_message(base::ByteView bytes, std::size_t before);
  base::Result<Step> find_framing(base::ByteView bytes);
  base::Result<Step> lose_framing(base::ByteView bytes, std::size_t before, std::size_t garbage);
  base::Result<Step> skip(base::ByteView bytes, std::size_t before, std::size_t garbage);
  base::Result<Step> give_up(base::Error error);

  Check check_packet(base::ByteView bytes) const;
  /// What a '$' behind the packet must have for its channel.
  enum class Channel { kKnown, kAny };
  Check check_behind(base::ByteView bytes, std::size_t total, Channel channel) const;
  Check check_source(base::ByteView bytes, std::size_t total) const;
  bool may_start_item(base::ByteView bytes) const;
  Step need(std::size_t consumed, std::size_t missing);

  State state_ = State::kReady;
  bool established_ = false;  // a packet or a message has come: the peer does speak RTSP
  bool channels_known_ = false;
  std::bitset<256> accepted_channels_ = std::bitset<256>().set();

  std::uint64_t position_ = 0;  // consumed so far
  std::uint64_t item_start_ = 0;
  StartLineScanner scanner_;  // at the front of the bytes, while these may be a start line
  MessageParser parser_;
  Message message_;

  std::vector<Source> sources_;
  bool lost_ = false;  // nothing good has come since framing was lost
  std::size_t skipped_in_row_ = 0;
  std::uint64_t resyncs_ = 0;
  std::uint64_t skipped_bytes_ = 0;
  base::Error error_;  // kFailed
};

}  // namespace retina::rtsp
