#include "io/websocket_connection.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace retina::io {
namespace {

/// RTSP's own output is far below it; a server that reads nothing gets no more.
constexpr std::size_t kMaxUnsent = std::size_t{256} * 1024;

}  // namespace

WebSocketConnection::WebSocketConnection(std::unique_ptr<Connection> below, base::ByteView early,
                                         std::uint64_t seed)
    : below_(std::move(below)), random_(seed), early_(early.begin(), early.end()) {}

Transfer WebSocketConnection::read(std::span<std::uint8_t> room) {
  if (!fault_.empty()) return {Transfer::Status::kFailed, 0, EIO};
  if (reader_.closed()) return {Transfer::Status::kClosed, 0, 0};
  Transfer got;
  if (early_.empty()) {
    got = below_->read(room);
    if (got.status != Transfer::Status::kDone) return got;
  } else {
    got = {Transfer::Status::kDone, std::min(early_.size(), room.size()), 0};
    std::copy_n(early_.begin(), got.bytes, room.begin());
    early_.erase(early_.begin(), early_.begin() + static_cast<std::ptrdiff_t>(got.bytes));
  }
  const std::size_t payload = reader_.take(room.first(got.bytes));
  if (const auto ping = reader_.take_ping(); ping && unsent_.size() < kMaxUnsent) {
    append(WebSocketOpcode::kPong, *ping);
    flush();
  }
  if (reader_.fault()) fault_ = std::string("what comes is no WebSocket (") + reader_.fault()->what + ")";
  if (payload > 0) return {Transfer::Status::kDone, payload, 0};
  if (!fault_.empty()) return {Transfer::Status::kFailed, 0, EIO};
  return reader_.closed() ? Transfer{Transfer::Status::kClosed, 0, 0} : Transfer();
}

void WebSocketConnection::append(WebSocketOpcode opcode, base::ByteView payload) {
  WebSocketMask mask{};
  base::store_be32(mask.data(), random_.next_32());
  append_websocket_frame(opcode, payload, mask, unsent_);
}

Transfer WebSocketConnection::write(base::ByteView bytes) {
  if (unsent_.size() >= kMaxUnsent) {
    const Transfer sent = flush();
    if (sent.status == Transfer::Status::kFailed || unsent_.size() >= kMaxUnsent) return sent;
  }
  append(WebSocketOpcode::kBinary, bytes);
  const Transfer sent = flush();
  if (sent.status == Transfer::Status::kFailed) return sent;
  return {Transfer::Status::kDone, bytes.size(), 0};
}

Transfer WebSocketConnection::flush() {
  while (!unsent_.empty()) {
    const Transfer sent = below_->write(unsent_);
    if (sent.status != Transfer::Status::kDone) return sent;
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(sent.bytes));
  }
  return {};
}

void WebSocketConnection::set_low_water(std::size_t bytes) {
  below_->set_low_water(bytes);  // the frames' heads make it a little less
}

WaitOutcome WebSocketConnection::wait_with(bool want_write, std::optional<base::TimePoint> deadline,
                                           base::TimePoint now, const Wakeup& wakeup,
                                           std::span<Watched> others) {
  flush();  // a failure shows in the read
  if (!early_.empty() || reader_.closed() || !fault_.empty()) {
    const WaitOutcome outcome = below_->wait_with(false, now, now, wakeup, others);
    return outcome == WaitOutcome::kWoken ? outcome : WaitOutcome::kReady;
  }
  return below_->wait_with(want_write || !unsent_.empty(), deadline, now, wakeup, others);
}

std::string WebSocketConnection::words_for(const Transfer& failed) const {
  return fault_.empty() ? below_->words_for(failed) : fault_;
}

}  // namespace retina::io
