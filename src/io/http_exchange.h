#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "io/connection.h"
#include "io/connector.h"
#include "io/http_response.h"
#include "io/wakeup.h"

/// One request and the head of its answer, for tunnels.
namespace retina::io {

/// Words for what a server of a tunnel has done: "HTTP 404 Not Found".
std::string words_for_http(const HttpResponse& response);

struct HttpExchange {
  HttpResponse response;
  base::Bytes early;  ///< what has come behind the head
};

/// Sends `request` and waits for the head of the answer, past interim ones (RFC 9110 s15.2), until `deadline`
/// or `wakeup`. Errors: kTimeout, kWoken, kOther with a text that says what came instead.
base::Result<HttpExchange, ConnectError> exchange_http(Connection& connection, std::string_view request,
                                                       base::TimePoint deadline, const base::Clock& clock,
                                                       const Wakeup& wakeup);

}  // namespace retina::io
