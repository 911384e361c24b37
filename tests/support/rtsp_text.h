#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

/// RTSP text for the server's side of tests. It shares no parser with the client that it tests.
namespace retina::test {

/// One message from a client. HTTP requests (tunnels) have the same shape.
struct RtspRequest {
  std::string
      method;  ///< "RESPONSE" when the client answers a request of ours: then `url` is its status code
  std::string url;
  std::string version;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names as written, values trimmed
  std::string body;
  std::string text;            ///< the whole message as it came
  std::size_t connection = 0;  ///< which connection of the camera, from 0

  /// The first header of this name, in any case; nullopt if there is none.
  std::optional<std::string> header(std::string_view name) const;
  /// The same, or "".
  std::string header_or_empty(std::string_view name) const;
};

/// Cuts a client's bytes into messages and interleaved packets, however they were split.
class RtspReader {
 public:
  void append(std::string_view bytes) { buffer_.append(bytes); }

  /// The next whole message; nullopt if there is none yet. Packets before it move to `packets()`.
  std::optional<RtspRequest> next();

  /// Interleaved packets ('$', channel, length, payload) since the last call.
  std::vector<base::Bytes> take_packets() { return std::exchange(packets_, {}); }

  /// What waits for its rest.
  std::size_t unread() const { return buffer_.size(); }

 private:
  bool skip_packet();

  std::string buffer_;
  std::vector<base::Bytes> packets_;
};

/// Values for `{name}` in a template.
using Placeholders = std::vector<std::pair<std::string, std::string>>;

/// `text` with every `{name}` that `values` has replaced; other braces stay.
std::string expand(std::string_view text, const Placeholders& values);

/// `text` up to the blank line: every line end becomes CR LF, `Content-Length` is added when there is a body,
/// and the blank line and the body follow. Text that contains a blank line already is returned as it is.
std::string finish_message(std::string_view text, std::string_view body);

/// `$`, channel, length, payload: RFC 2326 s10.12.
base::Bytes interleave(std::uint8_t channel, base::ByteView payload);

/// The value of `name=value` in a header of `;`- or `,`-separated parameters, without quotes; nullopt without
/// one.
std::optional<std::string> parameter(std::string_view header, std::string_view name, char separator = ';');

}  // namespace retina::test
