#include "io/http_tunnel.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "io/glib_text.h"

namespace retina::io {
namespace {

using Status = Transfer::Status;

/// RTSP's own output is far below it; a server that reads nothing gets no more.
constexpr std::size_t kMaxUnsent = std::size_t{256} * 1024;
/// POSTs in a row through which nothing could be said.
constexpr int kMaxRenewals = 3;
/// How often the same is said again, when each time the POST breaks behind it.
constexpr int kMaxRepeats = 2;

}  // namespace

HttpTunnel::HttpTunnel(Sides sides) : sides_(std::move(sides)), head_(sides_.post_head()) {}

Transfer HttpTunnel::read(std::span<std::uint8_t> room) {
  if (!failure_.empty()) return {Status::kFailed, 0, EIO};
  base::Bytes& early = sides_.early;
  if (early.empty()) return sides_.get->read(room);
  const std::size_t count = std::min(early.size(), room.size());
  std::copy_n(early.begin(), count, room.begin());
  early.erase(early.begin(), early.begin() + static_cast<std::ptrdiff_t>(count));
  return {Status::kDone, count, 0};
}

Transfer HttpTunnel::write(base::ByteView bytes) {
  if (!failure_.empty()) return {Status::kFailed, 0, EIO};
  flush();
  if (unsent_bytes_ >= kMaxUnsent) return {};
  // Found out before something is said that nobody hears.
  if (pieces_.empty() && !connecting_) {
    look_at_post();
    if (post_over_ && !connecting_) replace_post();
    if (!failure_.empty()) return {Status::kFailed, 0, EIO};
  }
  repeats_ = 0;
  pieces_.push_back(encode_base64(bytes));
  unsent_bytes_ += pieces_.back().size();
  flush();
  return {Status::kDone, bytes.size(), 0};
}

/// A server that has ended it has said so, or has closed, or wants credentials. What it says otherwise
/// doesn't matter. Where it wants credentials, or has closed without having read everything (TCP tells that
/// by a reset), it hasn't heard what was said last.
void HttpTunnel::look_at_post() {
  const Transfer last = read_answer();
  const bool refused = answer_.done() && answer_.response().status == 401;
  const bool reset = last.status == Status::kFailed;
  post_over_ = refused || reset || last.status == Status::kClosed;
  if (!(refused || reset) || unheard_.empty() || repeats_ == kMaxRepeats) return;
  ++repeats_;
  unsent_bytes_ += unheard_.size();
  pieces_.push_front(std::exchange(unheard_, std::string()));
  replace_post();
}

/// Until there is nothing more at the moment, or at all.
Transfer HttpTunnel::read_answer() {
  std::array<std::uint8_t, 1024> room{};
  Transfer got;
  for (int i = 0; i < 16; ++i) {
    got = sides_.post->read(room);
    if (got.status != Status::kDone) break;
    if (!answer_unusable_) answer_unusable_ = !answer_.take(base::ByteView(room).first(got.bytes));
  }
  return got;
}

void HttpTunnel::replace_post() {
  failure_ = sides_.on_post_end(answer_.done() ? answer_.response() : HttpResponse());
  if (failure_.empty()) renew_post();
}

void HttpTunnel::flush() {
  if (connecting_ && connecting_->done()) take_post();
  if (connecting_ || !failure_.empty()) return;
  head_.erase(0, send(head_));
  while (head_.empty() && !pieces_.empty() && !connecting_) {
    const std::string& piece = pieces_.front();
    sent_ += send(std::string_view(piece).substr(sent_));
    if (sent_ < piece.size()) return;
    unsent_bytes_ -= piece.size();
    unheard_ = std::move(pieces_.front());
    pieces_.pop_front();
    sent_ = 0;
    renewals_ = 0;
  }
}

/// How much of it has gone; where the POST has ended, another one is on its way afterwards.
std::size_t HttpTunnel::send(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size()) {
    const Transfer sent = sides_.post->write(base::as_bytes(text.substr(count)));
    count += sent.bytes;
    if (sent.status == Status::kDone) continue;
    if (sent.status != Status::kWouldBlock) renew_post();
    break;
  }
  return count;
}

void HttpTunnel::renew_post() {
  if (++renewals_ > kMaxRenewals) {
    failure_ = "the server ends the tunnel's POST side again and again";
    return;
  }
  sent_ = 0;  // half of a piece is nothing
  connecting_ = std::make_unique<BackgroundConnect>(sides_.connect);
}

void HttpTunnel::take_post() {
  auto made = connecting_->take();
  connecting_.reset();
  if (!made) {
    failure_ = "the tunnel's POST side has ended, and there is no other (" + made.error().text + ")";
    return;
  }
  sides_.post = std::move(made).value();
  if (write_timeout_) sides_.post->set_write_timeout(*write_timeout_);
  head_ = sides_.post_head();
  answer_ = HttpResponseReader();
  answer_unusable_ = post_over_ = false;
}

void HttpTunnel::set_write_timeout(base::Duration timeout) {
  write_timeout_ = timeout;
  sides_.get->set_write_timeout(timeout);
  sides_.post->set_write_timeout(timeout);
}

WaitOutcome HttpTunnel::wait_with(bool want_write, std::optional<base::TimePoint> deadline,
                                  base::TimePoint now, const Wakeup& wakeup, std::span<Watched> others) {
  flush();
  if (!sides_.early.empty() || !failure_.empty()) {
    const WaitOutcome outcome = sides_.get->wait_with(false, now, now, wakeup, others);
    return outcome == WaitOutcome::kWoken ? outcome : WaitOutcome::kReady;
  }
  if (connecting_ || want_write || has_unsent() || !post_over_)
    return wait_beside_post(deadline, now, wakeup, others);
  return sides_.get->wait_with(false, deadline, now, wakeup, others);
}

/// For the GET side, and for the POST side or the connection that becomes it.
WaitOutcome HttpTunnel::wait_beside_post(std::optional<base::TimePoint> deadline, base::TimePoint now,
                                         const Wakeup& wakeup, std::span<Watched> others) {
  watched_.assign(others.begin(), others.end());
  if (connecting_) {
    watched_.push_back({.fd = connecting_->fd()});
  } else {
    if (has_unsent()) watched_.push_back({.fd = sides_.post->fd(), .for_writing = true});
    if (!post_over_) watched_.push_back({.fd = sides_.post->fd()});
  }
  const WaitOutcome outcome = sides_.get->wait_with(false, deadline, now, wakeup, watched_);
  std::copy_n(watched_.begin(), others.size(), others.begin());
  if (!connecting_ && !post_over_ && watched_.back().readable) look_at_post();
  return outcome;
}

std::string HttpTunnel::words_for(const Transfer& failed) const {
  return failure_.empty() ? sides_.get->words_for(failed) : failure_;
}

}  // namespace retina::io
