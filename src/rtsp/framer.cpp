#include "rtsp/framer.h"

#include <algorithm>

#include "base/ascii.h"

namespace retina::rtsp {
namespace {

using base::ErrorCode;

constexpr std::string_view kRtsp = "RTSP/";
constexpr std::size_t kMinPacketBytes = 4;  // RTCP's smallest; RTP has 12

bool is_line_end(std::uint8_t byte) {
  return byte == '\r' || byte == '\n';
}

bool starts_with(base::ByteView bytes, std::string_view prefix) {
  return base::as_text(bytes).starts_with(prefix);
}

/// What answers there instead of an RTSP server.
const char* describe_stranger(base::ByteView bytes) {
  if (starts_with(bytes, "HTTP/")) return "an HTTP server answers";
  if (starts_with(bytes, "SSH-")) return "an SSH server answers";
  // RFC 8446 s5.1: an alert, because a TLS server makes nothing of a plain request.
  if (!bytes.empty() && bytes[0] == 0x15) return "a TLS server answers (rtsps:// may help)";
  return "no RTSP server answers";
}

}  // namespace

void Framer::set_known_channels(std::bitset<256> channels) {
  channels_known_ = channels.any();
  accepted_channels_ = channels_known_ ? channels : std::bitset<256>().set();
}

Framer::Step Framer::need(std::size_t consumed, std::size_t missing) {
  position_ += consumed;
  return {Step::Kind::kNeedMore, consumed, missing, {}};
}

base::Result<Framer::Step> Framer::give_up(base::Error error) {
  state_ = State::kFailed;
  error_ = error;
  return base::Unexpected(error);
}

base::Result<Framer::Step> Framer::next_slow(base::ByteView bytes) {
  switch (state_) {
    case State::kFailed:
      return base::Unexpected(error_);
    case State::kMessage:
      return continue_message(bytes, 0);
    case State::kLost:
      return find_framing(bytes);
    case State::kReady:
      break;
  }
  return read_front(bytes);
}

// --- in good framing ---

base::Result<Framer::Step> Framer::read_front(base::ByteView bytes) {
  const auto first = std::find_if_not(bytes.begin(), bytes.end(), is_line_end);
  const auto blank = static_cast<std::size_t>(first - bytes.begin());
  if (blank > 0) parser_.notes().add(Fault::kBlankLines);
  item_start_ = position_ + blank;
  if (blank == bytes.size()) return need(blank, 1);
  return bytes[blank] == '$' ? read_packet(bytes, blank) : read_start_line(bytes, blank);
}

/// `before` bytes of blank lines go first, here and below.
base::Result<Framer::Step> Framer::read_packet(base::ByteView bytes, std::size_t before) {
  const base::ByteView front = bytes.subspan(before);
  if (front.size() < kHeaderBytes) return need(before, kHeaderBytes - front.size());
  const std::size_t total = kHeaderBytes + base::load_be16(front.data() + 2);
  if (accepted_channels_[front[1]]) {
    return total <= front.size() ? packet(bytes, before, total) : need(before, total - front.size());
  }
  // Cameras send streams that nobody has asked for, on several channels in turns: here, where a packet is
  // due, a '$' at its end is enough.
  const Check check = check_behind(front, total, Channel::kAny);
  if (check.verdict == Verdict::kWait) return need(before, check.missing);
  if (check.verdict == Verdict::kYes) return packet(bytes, before, total);
  return lose_framing(bytes, before, 1);
}

base::Result<Framer::Step> Framer::read_start_line(base::ByteView bytes, std::size_t before) {
  const base::ByteView front = bytes.subspan(before);
  const auto verdict = scanner_.scan(front);
  if (verdict == StartLineScanner::Verdict::kWait) return need(before, 1);
  const std::size_t length = scanner_.length();
  scanner_.restart();
  if (verdict == StartLineScanner::Verdict::kNoLine) return lose_framing(bytes, before, 1);
  if (verdict == StartLineScanner::Verdict::kBroken) return lose_framing(bytes, before, length);

  const std::string_view line = base::as_text(front.first(length));
  auto message = parse_start_line(line);
  if (!message) return lose_framing(bytes, before, 1);
  if (std::holds_alternative<Response>(*message) && !line.starts_with("RTSP/1.0")) {
    parser_.notes().add(Fault::kOddVersion);
  }
  if (!line.ends_with("\r\n")) parser_.notes().add(Fault::kBareLineFeed);
  // Once media flows, control characters are media in the middle of a message; before, sloppiness.
  parser_.start(std::move(*message), length,
                channels_known_ ? MessageParser::Controls::kBreak : MessageParser::Controls::kDrop);
  item_start_ = position_ + before;
  state_ = State::kMessage;
  return continue_message(bytes, before + length);
}

/// `before` bytes have just gone into the parser.
base::Result<Framer::Step> Framer::continue_message(base::ByteView bytes, std::size_t before) {
  const auto progress = parser_.feed(bytes.subspan(before));
  const std::size_t consumed = before + progress.consumed;
  const std::size_t size = parser_.size();
  if (progress.too_large != nullptr && !channels_known_) {
    parser_.drop();
    return give_up({ErrorCode::kTooLarge, size, progress.too_large});
  }
  switch (progress.kind) {
    case MessageParser::Progress::Kind::kMore:
      return need(consumed, parser_.missing());
    case MessageParser::Progress::Kind::kDone:
      break;
    case MessageParser::Progress::Kind::kTooLarge:  // media go on behind it
    case MessageParser::Progress::Kind::kBroken:
      skipped_bytes_ += size;
      parser_.drop();
      return lose_framing(bytes, consumed, 0);
  }
  message_ = parser_.take();
  position_ += consumed;
  state_ = State::kReady;
  established_ = true;
  lost_ = false;
  return Step{Step::Kind::kMessage, consumed, 0, {}};
}

bool Framer::finish_message(std::size_t least_body_bytes) {
  if (state_ != State::kMessage || !parser_.end_body(least_body_bytes)) return false;
  message_ = parser_.take();
  state_ = State::kReady;
  established_ = true;
  lost_ = false;
  return true;
}

// --- in broken framing ---

/// Behind `before` there are `garbage` bytes that can't be the start of anything.
base::Result<Framer::Step> Framer::lose_framing(base::ByteView bytes, std::size_t before,
                                                std::size_t garbage) {
  item_start_ = position_ + before;
  if (!established_ && !channels_known_) {
    return give_up({ErrorCode::kMalformed, 0, describe_stranger(bytes.subspan(before))});
  }
  if (!lost_) {
    lost_ = true;
    skipped_in_row_ = 0;
    ++resyncs_;
    parser_.notes().add(Fault::kFramingLost);
  }
  return skip(bytes, before, garbage);
}

/// Throws away `garbage` bytes and all behind them up to what may be good.
base::Result<Framer::Step> Framer::skip(base::ByteView bytes, std::size_t before, std::size_t garbage) {
  state_ = State::kLost;
  scanner_.restart();
  std::size_t end = before + garbage;
  while (end < bytes.size() && !may_start_item(bytes.subspan(end)))
    ++end;
  const std::size_t skipped = end - before;
  position_ += end;
  skipped_in_row_ += skipped;
  skipped_bytes_ += skipped;
  if (skipped_in_row_ > kMaxSkipBytes) {
    return give_up({ErrorCode::kMalformed, 0, "no RTSP framing found in 1 MiB of garbage"});
  }
  return Step{Step::Kind::kSkipped, end, 0, {}};
}

/// A quick look at the front; what can't be told yet, may.
bool Framer::may_start_item(base::ByteView bytes) const {
  if (bytes[0] == '$') return bytes.size() < 2 || accepted_channels_[bytes[1]];
  return bytes[0] == 'R' && (bytes.size() < 2 || bytes[1] == 'T');
}

base::Result<Framer::Step> Framer::find_framing(base::ByteView bytes) {
  if (bytes.empty()) return need(0, 1);
  item_start_ = position_;
  if (bytes[0] == '$') {
    const Check check = check_packet(bytes);
    if (check.verdict == Verdict::kWait) return need(0, check.missing);
    if (check.verdict == Verdict::kNo) return skip(bytes, 0, 1);
    state_ = State::kReady;
    lost_ = false;
    return packet(bytes, 0, check.total);
  }
  const std::string_view front = base::as_text(bytes).substr(0, kRtsp.size());
  if (!kRtsp.starts_with(front)) return skip(bytes, 0, 1);
  if (front.size() < kRtsp.size()) return need(0, kRtsp.size() - front.size());
  return read_start_line(bytes, 0);
}

/// A packet that may be the first good one: it must look like one of ours, and so must what is behind it.
Framer::Check Framer::check_packet(base::ByteView bytes) const {
  constexpr Check kNo{Verdict::kNo};
  if (bytes.size() >= 2 && !accepted_channels_[bytes[1]]) return kNo;
  if (bytes.size() < kHeaderBytes) return {Verdict::kWait, 0, kHeaderBytes - bytes.size()};
  const std::size_t length = base::load_be16(bytes.data() + 2);
  if (length < kMinPacketBytes) return kNo;
  if (bytes.size() > kHeaderBytes && bytes[kHeaderBytes] >> 6 != 2) return kNo;
  const Check check = check_behind(bytes, kHeaderBytes + length, Channel::kKnown);
  return check.verdict == Verdict::kNo ? check_source(bytes, kHeaderBytes + length) : check;
}

/// Whether it is one of a known source's, with no more than stray bytes behind it.
Framer::Check Framer::check_source(base::ByteView bytes, std::size_t total) const {
  constexpr std::size_t kSsrcEnd = kHeaderBytes + 12;
  const auto is_from = [&](const Source& source) {
    return source.channel == bytes[1] && source.ssrc == base::load_be32(bytes.data() + kSsrcEnd - 4);
  };
  if (total < kSsrcEnd || std::none_of(sources_.begin(), sources_.end(), is_from)) return {Verdict::kNo};
  const base::ByteView behind = bytes.subspan(total);
  for (std::size_t i = 1; i <= kMaxStrayBytes; ++i) {
    if (i + 1 >= behind.size()) return {Verdict::kWait, 0, i + 2 - behind.size()};
    if (behind[i] == '$' && accepted_channels_[behind[i + 1]]) return {Verdict::kYes, total};
  }
  return {Verdict::kNo};
}

/// Whether '$' with such a channel (or that of the packet itself), a blank line, or four capitals of a method
/// or "RTSP" stand behind the packet.
Framer::Check Framer::check_behind(base::ByteView bytes, std::size_t total, Channel channel) const {
  if (bytes.size() <= total) return {Verdict::kWait, 0, total + 1 - bytes.size()};
  const base::ByteView behind = bytes.subspan(total);
  const auto decide = [&](std::size_t length, auto matches) -> Check {
    const std::size_t there = std::min(length, behind.size());
    for (std::size_t i = 0; i < there; ++i) {
      if (!matches(i, behind[i])) return {Verdict::kNo};
    }
    if (there < length) return {Verdict::kWait, 0, length - there};
    return {Verdict::kYes, total};
  };
  if (behind[0] == '$') {
    return decide(2, [&](std::size_t i, std::uint8_t byte) {
      return i == 0 || channel == Channel::kAny || accepted_channels_[byte] || byte == bytes[1];
    });
  }
  if (behind[0] == '\r') {
    return decide(2, [](std::size_t i, std::uint8_t byte) { return byte == (i == 0 ? 0x0DU : 0x0AU); });
  }
  return decide(4,
                [](std::size_t, std::uint8_t byte) { return (byte >= 'A' && byte <= 'Z') || byte == '_'; });
}

}  // namespace retina::rtsp
