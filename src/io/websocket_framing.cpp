#include "io/websocket_framing.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace retina::io {

namespace {

using base::ErrorCode;

constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kReserved = 0x70;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;

bool is_control(WebSocketOpcode opcode) {
  return (static_cast<std::uint8_t>(opcode) & 0x8) != 0;
}

std::size_t header_size(std::uint8_t length) {
  if (length == kLength16) return 4;
  return length == kLength64 ? 10 : 2;
}

void append_length(std::size_t size, base::Bytes& out) {
  if (size < kLength16) {
    out.push_back(static_cast<std::uint8_t>(kMasked | size));
    return;
  }
  const bool wide = size > 0xffff;
  out.push_back(kMasked | (wide ? kLength64 : kLength16));
  for (int shift = wide ? 56 : 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(std::uint64_t{size} >> shift));
  }
}

}  // namespace

void append_websocket_frame(WebSocketOpcode opcode, base::ByteView payload, const WebSocketMask& mask,
                            base::Bytes& out) {
  assert(!is_control(opcode) || payload.size() <= kMaxWebSocketControlBytes);
  out.push_back(static_cast<std::uint8_t>(kFinal | static_cast<std::uint8_t>(opcode)));
  append_length(payload.size(), out);
  out.insert(out.end(), mask.begin(), mask.end());
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out.push_back(static_cast<std::uint8_t>(payload[i] ^ mask[i % mask.size()]));
  }
}

std::size_t WebSocketReader::take(std::span<std::uint8_t> bytes) {
  std::size_t kept = 0;
  std::size_t at = 0;
  while (at < bytes.size() && !closed_ && !fault_) {
    if (!in_payload_) {
      header_[header_bytes_++] = bytes[at++];
      ++offset_;
      if (header_bytes_ == 2) header_needed_ = header_size(header_[1] & 0x7f);
      if (header_bytes_ < header_needed_) continue;
      if (auto begun = begin_frame(); !begun) fault_ = begun.error();
      continue;
    }
    const std::size_t count =
        static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, bytes.size() - at));
    if (is_control(opcode_)) {
      std::memcpy(control_.data() + control_bytes_, bytes.data() + at, count);
      control_bytes_ += count;
    } else {
      if (kept != at) std::memmove(bytes.data() + kept, bytes.data() + at, count);
      kept += count;
    }
    at += count;
    offset_ += count;
    payload_left_ -= count;
    if (payload_left_ == 0) end_frame();
  }
  return kept;
}

base::Result<void> WebSocketReader::begin_frame() {
  const std::size_t start = offset_ - header_bytes_;
  if ((header_[0] & kReserved) != 0)
    return base::fail(ErrorCode::kMalformed, start, "WebSocket reserved bits");
  // s5.1: a server's frames are never masked.
  if ((header_[1] & kMasked) != 0) return base::fail(ErrorCode::kMalformed, start, "masked WebSocket frame");
  opcode_ = static_cast<WebSocketOpcode>(header_[0] & 0x0f);
  CHECK_OK(check_order((header_[0] & kFinal) != 0));
  payload_left_ = header_[1] & 0x7f;
  if (header_needed_ > 2) {
    payload_left_ = 0;
    for (std::size_t i = 2; i < header_needed_; ++i)
      payload_left_ = (payload_left_ << 8) | header_[i];
  }
  const std::uint64_t bound = is_control(opcode_) ? kMaxWebSocketControlBytes : kMaxWebSocketFrameBytes;
  if (payload_left_ > bound) return base::fail(ErrorCode::kTooLarge, start, "WebSocket frame");
  control_bytes_ = 0;
  in_payload_ = true;
  if (payload_left_ == 0) end_frame();
  return {};
}

/// s5.4: fragments of one message aren't mixed with those of another; control frames may come between them.
base::Result<void> WebSocketReader::check_order(bool final) {
  const std::size_t start = offset_ - header_bytes_;
  switch (opcode_) {
    case WebSocketOpcode::kContinuation:
      if (!in_message_) return base::fail(ErrorCode::kMalformed, start, "WebSocket continuation of nothing");
      in_message_ = !final;
      return {};
    case WebSocketOpcode::kText:
    case WebSocketOpcode::kBinary:
      if (in_message_) return base::fail(ErrorCode::kMalformed, start, "WebSocket message inside another");
      in_message_ = !final;
      return {};
    case WebSocketOpcode::kClose:
    case WebSocketOpcode::kPing:
    case WebSocketOpcode::kPong:
      if (!final) return base::fail(ErrorCode::kMalformed, start, "fragmented WebSocket control frame");
      return {};
  }
  return base::fail(ErrorCode::kMalformed, start, "WebSocket opcode");
}

void WebSocketReader::end_frame() {
  in_payload_ = false;
  header_bytes_ = 0;
  header_needed_ = 2;
  if (opcode_ == WebSocketOpcode::kPing) {
    ping_.emplace(control_.data(), control_.data() + control_bytes_);
  } else if (opcode_ == WebSocketOpcode::kClose) {
    closed_ = true;
    if (control_bytes_ >= 2) close_status_ = base::load_be16(control_.data());
  }
}

std::optional<base::Bytes> WebSocketReader::take_ping() {
  return std::exchange(ping_, std::nullopt);
}

}  // namespace retina::io
