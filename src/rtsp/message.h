#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// RTSP/1.0 messages as values (RFC 2326 s4 to s7), and their text. Reading them is MessageParser's work.
namespace retina::rtsp {

/// Header fields in the order they were added or came in. Names compare without regard to case; a name may
/// stand several times. Values are free of the white space around them, otherwise as on the wire (not
/// necessarily UTF-8).
class Headers {
 public:
  struct Field {
    std::string name;
    std::string value;
  };

  void add(std::string name, std::string value);
  /// Replaces every field of that name by one, in the place of the first; adds it when there is none.
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);

  /// The first field of that name. The view lives until the headers change.
  std::optional<std::string_view> get(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  /// All of that name as one list, joined by ", " (RFC 2616 s4.2); nullopt when there is none.
  std::optional<std::string> joined(std::string_view name) const;

  /// A folded line: appended to the last value with one space between; without a field it is dropped.
  void extend_last(std::string_view text);

  bool empty() const { return fields_.empty(); }
  std::size_t size() const { return fields_.size(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

struct Request {
  std::string method;
  std::string uri;
  Headers headers;
  std::string body;
};

struct Response {
  int status = 0;
  std::string reason;
  Headers headers;
  std::string body;
};

using Message = std::variant<Response, Request>;

/// The text to send: CSeq first, then User-Agent, then the other headers as they were added, and
/// Content-Length exactly when there is a body. Nothing that the fields hold can start another header or
/// message: line ends and other control characters become spaces in values, fields whose name is no
/// token are left out, and the URI is written as wire_uri() says.
std::string serialise(const Request& request);
std::string serialise(const Response& response);

/// `uri` as it stands in a request line: bytes that would break the line (control characters, spaces,
/// non-ASCII) are percent-encoded, all else stays verbatim, because servers compare what comes with what they
/// gave out.
std::string wire_uri(std::string_view uri);

}  // namespace retina::rtsp
