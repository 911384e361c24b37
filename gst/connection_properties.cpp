// The properties that say where the camera is, and how to reach it.

#include "policy_types.h"
#include "property_row.h"
#include "rtsp/url.h"

namespace retina::gst {
namespace {

/// The location without credentials: what was set is never shown again.
void get_location(const Settings& settings, GValue* value) {
  if (settings.location.empty()) return g_value_set_string(value, nullptr);
  const auto url = rtsp::parse_url(settings.location);
  g_value_set_string(value, url ? url->redacted().c_str() : "(not a usable URL)");
}

void get_websocket_uri(const Settings& settings, GValue* value) {
  if (settings.websocket_uri.empty()) return g_value_set_string(value, nullptr);
  const auto url = rtsp::parse_websocket_url(settings.websocket_uri);
  g_value_set_string(value, url ? url->redacted().c_str() : "(not a usable URL)");
}

void get_proxy(const Settings& settings, GValue* value) {
  std::string text = settings.proxy.address;
  const std::size_t scheme = text.find("://");
  const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t at = text.rfind('@');
  if (at != std::string::npos && at >= begin) text.erase(begin, at + 1 - begin);
  store(text, value);
}

const PropertyRow kRows[] = {
    {[] {
       return g_param_spec_string("location", "Location",
                                  "URL of the stream: rtsp://[user:password@]host[:port]/path. Credentials "
                                  "in it are used, and not shown when the property is read",
                                  nullptr, kSettable);
     },
     set<&Settings::location>, get_location},
    {[] {
       return g_param_spec_string("user-id", "User name",
                                  "User name; takes the place of the one in the location", nullptr,
                                  kSettable);
     },
     set<&Settings::user_id>, get<&Settings::user_id>},
    {[] {
       return g_param_spec_string("user-pw", "Password",
                                  "Password that goes with user-id; not shown when it is read", nullptr,
                                  kSettable);
     },
     set<&Settings::user_pw>, get_nothing},
    {[] {
       return g_param_spec_string("user-agent", "User-Agent", "What the client calls itself in every request",
                                  "gst-retina/" RETINA_VERSION, kSettable);
     },
     set<&Settings::user_agent>, get<&Settings::user_agent>},
    {[] {
       return g_param_spec_string(
           "websocket-uri", "WebSocket URI",
           "Reach the location through RTSP over WebSocket (ONVIF: RTSPWebSocketUri) at this URL: "
           "ws://host[:port]/path, or wss:// with TLS. Not shown with credentials when it is read",
           nullptr, kSettable);
     },
     set<&Settings::websocket_uri>, get_websocket_uri},
    {[] {
       return g_param_spec_string("proxy", "Proxy",
                                  "Proxy to connect through, media over TCP only: [http://]host[:port] for "
                                  "one that knows CONNECT, port 8080 unless given; or socks5://, socks4a:// "
                                  "or socks4://, port 1080. Without credentials when it is read",
                                  nullptr, kSettable);
     },
     set<&Settings::proxy, &io::ProxySettings::address>, get_proxy},
    {[] {
       return g_param_spec_string("proxy-id", "Proxy user name",
                                  "User name for the proxy; an HTTP proxy is told by Digest or Basic",
                                  nullptr, kSettable);
     },
     set<&Settings::proxy, &io::ProxySettings::user>, get<&Settings::proxy, &io::ProxySettings::user>},
    {[] {
       return g_param_spec_string("proxy-pw", "Proxy password",
                                  "Password that goes with proxy-id; not shown when it is read", nullptr,
                                  kSettable);
     },
     set<&Settings::proxy, &io::ProxySettings::password>, get_nothing},
    {[] {
       return g_param_spec_flags("protocols", "Protocols",
                                 "Transports that are allowed: TCP is tried first, then UDP unicast, then "
                                 "multicast. The location's scheme narrows it: rtspt, rtsps, rtspst, rtsph "
                                 "and rtspsh to TCP, rtspu and rtspsu to UDP",
                                 GST_TYPE_RTSP_LOWER_TRANS, Settings().protocols, kSettable);
     },
     set_flags<&Settings::protocols>, get_flags<&Settings::protocols>},
    {[] {
       return g_param_spec_uint64("timeout", "UDP timeout",
                                  "UDP that brings nothing for so long from PLAY on is given up for TCP, "
                                  "where that is allowed, in microseconds (0: never)",
                                  0, G_MAXINT64 / 1000, 5'000'000, kSettable);
     },
     set<&Settings::udp_timeout_us>, get<&Settings::udp_timeout_us>},
    {[] {
       return g_param_spec_string("port-range", "Port range",
                                  "Local UDP ports that pairs are taken from, such as 5000-5100; NULL: any",
                                  "5000-5100", kSettable);
     },
     set<&Settings::port_range>, get<&Settings::port_range>},
    {[] {
       return g_param_spec_string("multicast-iface", "Multicast interface",
                                  "Network interface on which multicast groups are joined, such as eth0; "
                                  "NULL: the one that the camera is reached by",
                                  nullptr, kSettable);
     },
     set<&Settings::multicast_interface>, get<&Settings::multicast_interface>},
    {[] {
       return g_param_spec_int("udp-buffer-size", "UDP buffer size",
                               "Receive buffer of each UDP socket, in bytes (0: 2 MiB); as far as the system "
                               "(net.core.rmem_max) allows it",
                               0, G_MAXINT / 2, 0, kSettable);
     },
     set<&Settings::udp_buffer_size>, get<&Settings::udp_buffer_size>},
    {[] {
       return g_param_spec_enum("nat-method", "NAT method",
                                "How to get the camera's UDP packets through NAT and firewalls",
                                nat_method_type(), 1, kSettable);
     },
     [](Settings& s, const GValue* v) { s.punch_holes = g_value_get_enum(v) != 0; },
     [](const Settings& s, GValue* v) { g_value_set_enum(v, s.punch_holes ? 1 : 0); }},
    {[] {
       return g_param_spec_uint("reorder-time", "Reorder time",
                                "How long an RTP packet that came over UDP before its turn waits for those "
                                "before it, in ms (0: not at all). Packets in order never wait",
                                0, 10'000, 20, kSettable);
     },
     set<&Settings::reorder_time_ms>, get<&Settings::reorder_time_ms>},
    {[] {
       return g_param_spec_uint("reorder-packets", "Reorder packets",
                                "A missing RTP packet is given up once one comes over UDP that is so many "
                                "ahead of it (0: at once)",
                                0, 2048, 64, kSettable);
     },
     set<&Settings::reorder_packets>, get<&Settings::reorder_packets>},
    {[] {
       return g_param_spec_flags("tls-validation-flags", "TLS validation flags",
                                 "Faults of the camera's certificate that refuse it",
                                 G_TYPE_TLS_CERTIFICATE_FLAGS, G_TLS_CERTIFICATE_VALIDATE_ALL, kSettable);
     },
     set_flags<&Settings::tls, &io::TlsSettings::validation>,
     get_flags<&Settings::tls, &io::TlsSettings::validation>},
    {[] {
       return g_param_spec_object(
           "tls-database", "TLS database",
           "Authorities that may vouch for the camera's certificate; NULL: those that the system trusts",
           G_TYPE_TLS_DATABASE, kSettable);
     },
     set<&Settings::tls, &io::TlsSettings::database>, get<&Settings::tls, &io::TlsSettings::database>},
    {[] {
       return g_param_spec_object(
           "tls-interaction", "TLS interaction",
           "Asked for the client certificate, and its password, where the camera demands one",
           G_TYPE_TLS_INTERACTION, kSettable);
     },
     set<&Settings::tls, &io::TlsSettings::interaction>, get<&Settings::tls, &io::TlsSettings::interaction>},
};

}  // namespace

std::span<const PropertyRow> connection_properties() {
  return kRows;
}

}  // namespace retina::gst
