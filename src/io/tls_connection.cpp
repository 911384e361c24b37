#include "io/tls_connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "io/tls_errors.h"

namespace retina::io {
namespace {

GIOStream* io_stream(GTlsConnection* tls) {
  return static_cast<GIOStream*>(static_cast<void*>(tls));
}

template <class T>
T* pollable(void* stream) {
  return static_cast<T*>(stream);
}

bool is_would_block(const GError* error) {
  return g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) != FALSE;
}

}  // namespace

TlsConnection::TlsConnection(ObjectRef<GSocketConnection> socket, RecordStream records,
                             ObjectRef<GTlsConnection> tls, bool certificate_missed)
    : socket_(std::move(socket)),
      records_(std::move(records)),
      tls_(std::move(tls)),
      input_(pollable<GPollableInputStream>(g_io_stream_get_input_stream(io_stream(tls_.get())))),
      output_(pollable<GPollableOutputStream>(g_io_stream_get_output_stream(io_stream(tls_.get())))),
      certificate_missed_(certificate_missed),
      // What came with the end of the handshake.
      pending_(records_.has_record()) {}

TlsConnection::~TlsConnection() {
  // Closing, GIO says close_notify and waits until it is sent; and for a handshake that the server has begun
  // and doesn't end. Neither must last.
  pollfd writable{socket_.fd(), POLLOUT, 0};
  const bool has_room = ::poll(&writable, 1, 0) == 1 && (writable.revents & POLLOUT) != 0;
  ::shutdown(socket_.fd(), has_room ? SHUT_RD : SHUT_RDWR);
}

Transfer TlsConnection::read(std::span<std::uint8_t> room) {
  if (end_) return *end_;
  records_.permit_read(room.size());
  const std::size_t got = decrypt(room);
  pending_ = end_.has_value() || got == room.size();
  if (certificate_missed_ && end_) {
    failure_ = words_for_missing_certificate();
    end_ = Transfer{Transfer::Status::kFailed, 0, EIO};
  }
  certificate_missed_ = certificate_missed_ && got == 0;
  if (got > 0) return {Transfer::Status::kDone, got, 0};
  return end_.value_or(Transfer());
}

/// All that is there, or fits.
std::size_t TlsConnection::decrypt(std::span<std::uint8_t> room) {
  std::size_t got = 0;
  std::size_t held = records_.held();
  while (got < room.size()) {
    GError* error = nullptr;
    const gssize count = g_pollable_input_stream_read_nonblocking(input_, room.data() + got,
                                                                  room.size() - got, nullptr, &error);
    if (count > 0) {
      got += static_cast<std::size_t>(count);
      continue;
    }
    // A record without media (a session ticket, say) is told of as if nothing had come.
    const bool more = is_would_block(error) && records_.has_record() &&
                      std::exchange(held, records_.held()) > records_.held();
    if (more) {
      g_clear_error(&error);
      continue;
    }
    if (count == 0) {
      end_ = Transfer{Transfer::Status::kClosed, 0, 0};
    } else if (!is_would_block(error)) {
      end_ = failed(*error);
    }
    g_clear_error(&error);
    break;
  }
  return got;
}

Transfer TlsConnection::write(base::ByteView bytes) {
  GError* error = nullptr;
  const gssize count =
      g_pollable_output_stream_write_nonblocking(output_, bytes.data(), bytes.size(), nullptr, &error);
  if (count > 0) return {Transfer::Status::kDone, static_cast<std::size_t>(count), 0};
  Transfer transfer;
  if (error != nullptr && !is_would_block(error)) transfer = failed(*error);
  g_clear_error(&error);
  return transfer;
}

Transfer TlsConnection::failed(const GError& error) {
  failure_ = words_for_tls(error);
  return {Transfer::Status::kFailed, 0, EIO};
}

std::string TlsConnection::words_for(const Transfer&) const {
  return failure_;
}

/// Of the bytes, which are longer encrypted, those count that are in here already.
void TlsConnection::set_low_water(std::size_t bytes) {
  const std::size_t held = records_.held();
  socket_.set_low_water(bytes > held ? bytes - held : 1);
}

WaitOutcome TlsConnection::wait_with(bool want_write, std::optional<base::TimePoint> deadline,
                                     base::TimePoint now, const Wakeup& wakeup, std::span<Watched> others) {
  const WaitOutcome outcome = socket_.wait_with(want_write, pending_ ? now : deadline, now, wakeup, others);
  return pending_ && outcome != WaitOutcome::kWoken ? WaitOutcome::kReady : outcome;
}

}  // namespace retina::io
