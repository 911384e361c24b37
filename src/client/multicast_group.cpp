#include "client/multicast_group.h"

#include <algorithm>

#include "base/ascii.h"

namespace retina::client {
namespace {

std::optional<io::Address> group_address(const std::string& text) {
  const auto address = io::Address::parse(text, 0);
  return address && address->is_multicast() ? address : std::nullopt;
}

/// RFC 4570 s3: `incl IN IP4 <group or *> <source> …`. Names aren't looked up.
void add_sources(const std::vector<sdp::Attribute>& attributes, MulticastGroup& group) {
  for (const sdp::Attribute& attribute : attributes) {
    if (!base::equals_ignore_case(attribute.name, "source-filter")) continue;
    std::string_view rest = attribute.value;
    const auto word = [&rest] {
      rest = base::trim(rest);
      const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
      const std::string_view taken = rest.substr(0, end);
      rest.remove_prefix(end);
      return std::string(taken);
    };
    if (!base::equals_ignore_case(word(), "incl") || word() != "IN") continue;
    word();
    const std::string destination = word();
    const auto of = io::Address::parse(destination, 0);
    if (destination != "*" && !(of && of->same_host(group.address))) continue;
    for (std::string source = word(); !source.empty() && group.sources.size() < kMaxSources;
         source = word()) {
      const auto address = io::Address::parse(source, 0);
      if (address && address->family() == group.address.family() && !address->is_multicast())
        group.sources.push_back(*address);
    }
  }
}

}  // namespace

base::Result<MulticastGroup, std::string> multicast_group(const rtsp::TransportHeader& transport,
                                                          const sdp::Description& description,
                                                          const sdp::Media& media) {
  const auto refuse = [](const char* text) { return base::Unexpected<std::string>(text); };
  auto address = group_address(transport.destination);
  if (!address) address = group_address(media.connection_address);
  if (!address)
    return refuse(
        "The camera was asked for multicast, and named no group of addresses to join. Allow tcp or udp in "
        "protocols.");
  rtsp::PortPair ports = transport.port.value_or(rtsp::PortPair(0, 0));
  if (ports.first == 0 && media.port != 0) ports = {media.port, static_cast<std::uint16_t>(media.port + 1)};
  // Some servers say what is the group's port as that of one of the two ends.
  for (const auto& other : {transport.client_port, transport.server_port}) {
    if (ports.first == 0 && other) ports = *other;
  }
  if (ports.first == 0)
    return refuse(
        "The camera was asked for multicast, and named no port of the group. Allow tcp or udp in protocols.");
  MulticastGroup group;
  group.address = address->with_port(ports.first);
  group.rtcp_port = ports.second;
  group.ttl = transport.ttl;
  add_sources(media.attributes, group);
  if (group.sources.empty()) add_sources(description.attributes, group);
  const auto source = io::Address::parse(transport.source, 0);
  if (group.sources.empty() && address->is_source_specific() && source &&
      source->family() == address->family()) {
    group.sources.push_back(*source);
  }
  return group;
}

}  // namespace retina::client
