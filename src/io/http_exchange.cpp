#include "io/http_exchange.h"

#include <array>

#include "base/ascii.h"

namespace retina::io {
namespace {

using Kind = ConnectError::Kind;

constexpr std::size_t kMaxReason = 60;
constexpr int kMaxInterim = 8;

/// 101 is none: behind it comes another protocol.
bool is_interim(const HttpResponseReader& reader) {
  return reader.done() && reader.response().status < 200 && reader.response().status != 101;
}

base::Unexpected<ConnectError> fail(Kind kind, std::string text) {
  return base::Unexpected<ConnectError>({kind, std::move(text)});
}

}  // namespace

std::string words_for_http(const HttpResponse& response) {
  const std::string reason = base::printable(response.reason, kMaxReason);
  return "HTTP " + std::to_string(response.status) + (reason.empty() ? "" : " " + reason);
}

base::Result<HttpExchange, ConnectError> exchange_http(Connection& connection, std::string_view request,
                                                       base::TimePoint deadline, const base::Clock& clock,
                                                       const Wakeup& wakeup) {
  using Status = Transfer::Status;
  HttpResponseReader reader;
  int interim = 0;
  std::array<std::uint8_t, 4096> room{};
  connection.set_low_water(1);
  for (;;) {
    const Transfer sent = request.empty() ? Transfer() : connection.write(base::as_bytes(request));
    request.remove_prefix(sent.bytes);
    const Transfer got = connection.read(room);
    if (got.status == Status::kDone) {
      base::ByteView bytes = base::ByteView(room).first(got.bytes);
      while (!bytes.empty() && !reader.done()) {
        const auto used = reader.take(bytes);
        if (!used) return fail(Kind::kOther, "what answers there is no HTTP server");
        bytes = bytes.subspan(*used);
        // RFC 9110 s15.2: they announce the answer.
        if (is_interim(reader) && ++interim <= kMaxInterim) reader = HttpResponseReader();
      }
      if (!reader.done()) continue;
      return HttpExchange{reader.response(), base::Bytes(bytes.begin(), bytes.end())};
    }
    if (got.status == Status::kClosed) return fail(Kind::kOther, "closed without an answer to HTTP");
    if (got.status == Status::kFailed) return fail(Kind::kOther, connection.words_for(got));
    const base::TimePoint now = clock.now();
    if (wakeup.signalled()) return fail(Kind::kWoken, "interrupted");
    if (now >= deadline) return fail(Kind::kTimeout, "no answer to HTTP");
    // A write that has failed shows in the next read, with what the server has said before.
    if (sent.status != Status::kDone) connection.wait(!request.empty(), deadline, now, wakeup);
  }
}

}  // namespace retina::io
