#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

/// Values of RTSP headers (RFC 2326 s12), read as leniently as cameras write them: white space anywhere
/// between parts, names in any case, unknown and empty parts ignored, a part that can't be read counts as
/// absent.
namespace retina::rtsp {

/// RFC 2326 s12.37.
inline constexpr std::uint32_t kDefaultSessionTimeoutSeconds = 60;

struct SessionHeader {
  std::string id;  ///< verbatim but for the white space around it: servers want back what they gave
  /// Never 0; nullopt: not told, kDefaultSessionTimeoutSeconds then. Of several, the shortest.
  std::optional<std::uint32_t> timeout_seconds;
};
/// `id[;timeout=N][;…]`, with whatever stands behind N. kMalformed without an id.
base::Result<SessionHeader> parse_session(std::string_view value);

using PortPair = std::pair<std::uint16_t, std::uint16_t>;

/// RFC 2326 s12.39; the first transport where a server lists several.
struct TransportHeader {
  std::string protocol;  ///< such as "RTP/AVP/TCP", as written; empty when it is missing
  bool tcp = false;      ///< the protocol says TCP, or channels are given
  bool multicast = false;
  /// Of RTP and RTCP. `interleaved=n` alone means n and n + 1.
  std::optional<std::pair<std::uint8_t, std::uint8_t>> interleaved;
  /// As written: 0 is what some servers write for "not known yet".
  std::optional<std::uint32_t> ssrc;
  std::optional<PortPair> server_port;  ///< a single port n means n and n + 1, here and below
  std::optional<PortPair> client_port;
  std::optional<PortPair> port;  ///< multicast
  std::string source;            ///< host name or address, without brackets
  std::string destination;
  std::optional<int> ttl;
  std::string mode;  ///< without quotes
};
/// kMalformed when nothing in it can be read.
base::Result<TransportHeader> parse_transport(std::string_view value);

/// One stream of RTP-Info (RFC 2326 s12.33, RFC 7826 s18.45).
struct RtpInfo {
  std::string url;  ///< as written, without quotes; may be empty
  std::optional<std::uint16_t> seq;
  std::optional<std::uint32_t> rtptime;  ///< absent also for -1 and the like
  std::optional<std::uint32_t> ssrc;
};
inline constexpr std::size_t kMaxRtpInfos = 256;
/// Commas and semicolons inside URLs are told from separators by what follows or went before them.
std::vector<RtpInfo> parse_rtp_info(std::string_view value);

/// Public and Allow (RFC 2326 s12.28, s12.4): the methods, upper case, each once, in their order.
std::vector<std::string> parse_public(std::string_view value);

/// RFC 2326 s12.29.
struct RangeHeader {
  std::string unit;  ///< lower case: "npt", "clock", "smpte", "smpte-25", …
  bool now = false;  ///< npt=now-: live
  /// Normal play time; only for the unit npt.
  std::optional<base::Duration> start;
  std::optional<base::Duration> end;
  std::string start_text;  ///< in any unit, as written
  std::string end_text;
};
/// kMalformed without a unit and '='.
base::Result<RangeHeader> parse_range(std::string_view value);

}  // namespace retina::rtsp
