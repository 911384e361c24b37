#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

/// The head of a HTTP response (RFC 9112), as servers of tunnels and proxies write it.
namespace retina::io {

inline constexpr std::size_t kMaxHttpHeadBytes = 16 * 1024;
inline constexpr std::size_t kMaxHttpHeaders = 128;

struct HttpResponse {
  unsigned status = 0;                                       ///< 100 to 599
  std::string reason;                                        ///< may be empty
  std::vector<std::pair<std::string, std::string>> headers;  ///< values trimmed, in their order

  /// The first of this name, in any case.
  std::optional<std::string_view> find(std::string_view name) const;
  std::vector<std::string_view> find_all(std::string_view name) const;
};

/// Takes the head of one response off a byte stream that may be cut anywhere. A line may end in LF alone; a
/// line without a colon is skipped, as is what goes on with a folded line (RFC 9112 s5.2) of it. Bytes after
/// the head's empty line are not touched: through a tunnel they are the stream.
class HttpResponseReader {
 public:
  /// How much of `bytes` belongs to the head: all, until done(). After an error nothing more may be taken.
  /// Errors: kMalformed for what doesn't begin with a HTTP/1.x status line, kTooLarge over a bound.
  base::Result<std::size_t> take(base::ByteView bytes);

  bool done() const { return done_; }
  /// Complete when done().
  const HttpResponse& response() const { return response_; }

 private:
  base::Result<void> end_line();
  base::Result<void> status_line(std::string_view line);
  base::Result<void> header_line(std::string_view line);

  std::string line_;
  std::size_t offset_ = 0;
  bool started_ = false;
  bool folds_ = false;  // a folded line would belong to the last header
  bool done_ = false;
  HttpResponse response_;
};

}  // namespace retina::io
