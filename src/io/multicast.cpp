#include "io/multicast.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace retina::io {
namespace {

#ifndef IP_MULTICAST_ALL
constexpr int IP_MULTICAST_ALL = 49;  // linux/in.h
#endif
#ifndef IPV6_MULTICAST_ALL
constexpr int IPV6_MULTICAST_ALL = 29;  // linux/in6.h, Linux 4.20
#endif

int level_of(int family) {
  return family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
}

void store(sockaddr_storage& storage, const Address& address) {
  std::memcpy(&storage, address.raw(), address.raw_size());
}

bool has_address(const ifaddrs& item, const Address& address) {
  if (item.ifa_addr == nullptr || item.ifa_addr->sa_family != address.family()) return false;
  Address own;
  std::memcpy(own.raw(), item.ifa_addr, address.raw_size());
  return own.same_host(address);
}

}  // namespace

base::Result<unsigned, std::string> multicast_interface(const std::string& name, const Address& local) {
  if (!name.empty()) {
    const unsigned index = ::if_nametoindex(name.c_str());
    if (index != 0) return index;
    return base::Unexpected("There is no network interface " + name +
                            " (multicast-iface). Its name is one of those that ip link shows.");
  }
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return 0U;
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, ::freeifaddrs);
  for (const ifaddrs* item = list; item != nullptr; item = item->ifa_next) {
    if (has_address(*item, local)) return ::if_nametoindex(item->ifa_name);
  }
  return 0U;
}

int join_group(int fd, const Address& group, const std::vector<Address>& sources, unsigned interface) {
  const int level = level_of(group.family());
  // Without it Linux delivers what any other program's groups bring to this port.
  const int off = 0;
  ::setsockopt(fd, level, group.family() == AF_INET6 ? IPV6_MULTICAST_ALL : IP_MULTICAST_ALL, &off,
               sizeof off);
  if (sources.empty()) {
    group_req request{};
    request.gr_interface = interface;
    store(request.gr_group, group);
    return ::setsockopt(fd, level, MCAST_JOIN_GROUP, &request, sizeof request) == 0 ? 0 : errno;
  }
  for (const Address& source : sources) {
    group_source_req request{};
    request.gsr_interface = interface;
    store(request.gsr_group, group);
    store(request.gsr_source, source);
    if (::setsockopt(fd, level, MCAST_JOIN_SOURCE_GROUP, &request, sizeof request) != 0) return errno;
  }
  return 0;
}

void send_to_group(int fd, int family, std::optional<int> ttl, unsigned interface) {
  const int level = level_of(family);
  if (family == AF_INET6) {
    const int index = static_cast<int>(interface);
    ::setsockopt(fd, level, IPV6_MULTICAST_IF, &index, sizeof index);
  } else {
    ip_mreqn request{};
    request.imr_ifindex = static_cast<int>(interface);
    ::setsockopt(fd, level, IP_MULTICAST_IF, &request, sizeof request);
  }
  if (ttl)
    ::setsockopt(fd, level, family == AF_INET6 ? IPV6_MULTICAST_HOPS : IP_MULTICAST_TTL, &*ttl, sizeof *ttl);
}

}  // namespace retina::io
