// Joining groups: what of what is sent to them arrives, on the loopback interface.

#include "io/multicast.h"

#include <netinet/in.h>
#include <poll.h>

#include "io/datagram_batch.h"
#include "support/check.h"
#include "support/peer.h"

namespace {

using namespace retina;
using io::Address;
using io::UdpGroup;
using io::UdpPair;
using io::UdpSettings;

const Address kLoopback = *Address::parse("127.0.0.1", 0);

Address address(const char* literal, std::uint16_t port = 0) {
  return *Address::parse(literal, port);
}

/// Free now: another test may run beside this one.
std::uint16_t free_port() {
  auto pair = UdpPair::open(kLoopback, {});
  ck_assert(pair.has_value());
  return pair->rtp_port();
}

UdpPair join(const UdpGroup& group, const UdpSettings& settings = {}) {
  auto pair = UdpPair::join(group, kLoopback, settings);
  ck_assert_msg(pair.has_value(), "%s", pair.has_value() ? "" : pair.error().c_str());
  return std::move(pair).value();
}

/// Sends one byte to a group out of the loopback interface, from `local`.
void send_from(const char* local, const Address& group, char byte) {
  const test::Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const Address from = address(local);
  ck_assert_int_eq(bind(socket.get(), from.raw(), from.raw_size()), 0);
  io::send_to_group(socket.get(), AF_INET, 0, *io::multicast_interface("lo", from));
  ck_assert_int_eq(sendto(socket.get(), &byte, 1, 0, group.raw(), group.raw_size()), 1);
}

/// What has come so far: loopback delivers before sendto() returns.
std::string received(io::UdpSocket& socket) {
  io::DatagramBatch batch;
  std::string got;
  batch.receive(socket);
  while (!batch.empty())
    got += base::as_text(batch.next());
  return got;
}

LAW(what_is_sent_to_the_group_comes_to_everyone_who_has_joined) {
  const std::uint16_t port = free_port();
  const UdpGroup group{address("239.255.77.1", port), static_cast<std::uint16_t>(port + 1), 0, {}};
  UdpPair one = join(group);
  UdpPair two = join(group);
  send_from("127.0.0.1", group.address, 'a');
  send_from("127.0.0.2", group.address.with_port(group.rtcp_port), 'r');
  for (UdpPair* pair : {&one, &two}) {
    ASSERT_TEXT(received(pair->rtp()), "a");
    ASSERT_TEXT(received(pair->rtcp()), "r");
    ck_assert_uint_eq(pair->rtp_port(), port);
  }
}

LAW(what_is_sent_to_other_groups_or_to_the_port_alone_does_not_come) {
  const std::uint16_t port = free_port();
  UdpPair one = join({address("239.255.77.1", port), static_cast<std::uint16_t>(port + 1), 0, {}});
  UdpPair other = join({address("239.255.77.2", port), static_cast<std::uint16_t>(port + 1), 0, {}});
  send_from("127.0.0.1", address("239.255.77.2", port), 'x');
  send_from("127.0.0.1", address("127.0.0.1", port), 'y');
  ASSERT_TEXT(received(one.rtp()), "");
  ASSERT_TEXT(received(other.rtp()), "x");
}

LAW(of_a_source_specific_group_only_its_sources_are_heard) {
  const std::uint16_t port = free_port();
  const Address group = address("232.1.77.1", port);
  UdpPair pair =
      join({group, static_cast<std::uint16_t>(port + 1), 0, {address("127.0.0.2"), address("127.0.0.4")}});
  send_from("127.0.0.2", group, 'a');
  send_from("127.0.0.3", group, 'x');
  send_from("127.0.0.4", group, 'b');
  ASSERT_TEXT(received(pair.rtp()), "ab");
}

LAW(what_the_pair_sends_goes_to_the_group) {
  const std::uint16_t port = free_port();
  const UdpGroup group{address("239.255.77.3", port), static_cast<std::uint16_t>(port + 1), 0, {}};
  UdpPair sender = join(group);
  UdpPair other = join(group);
  const base::Bytes report{'r'};
  sender.rtcp().send(report);
  ASSERT_TEXT(received(other.rtcp()), "r");
  ASSERT_TEXT(received(other.rtp()), "");
}

LAW(the_interface_is_the_one_named_or_that_of_the_local_address) {
  const auto named = io::multicast_interface("lo", address("192.0.2.1"));
  const auto of_address = io::multicast_interface("", kLoopback);
  ck_assert(named && of_address && *named == *of_address && *named != 0);
  ck_assert_uint_eq(*io::multicast_interface("", address("192.0.2.77")), 0);
  const auto missing = io::multicast_interface("nosuch0", kLoopback);
  ck_assert(!missing);
  ck_assert(missing.error().find("nosuch0 (multicast-iface)") != std::string::npos);
  UdpSettings settings;
  settings.multicast_interface = "nosuch0";
  ck_assert(!UdpPair::join({address("239.255.77.1", 5004), 5005, 0, {}}, kLoopback, settings));
}

LAW(an_address_that_is_no_group_can_not_be_joined) {
  const auto pair = UdpPair::join({address("127.0.0.1", free_port()), 0, 0, {}}, kLoopback, {});
  ck_assert(!pair);
  ck_assert(pair.error().find("can't be joined") != std::string::npos);
}

LAW(groups_are_told_from_other_addresses) {
  for (const char* group : {"224.0.0.1", "239.255.255.255", "232.0.0.1", "ff02::1", "ff3e::1"})
    ck_assert_msg(address(group).is_multicast(), "%s", group);
  for (const char* other : {"223.255.255.255", "240.0.0.0", "127.0.0.1", "fe80::1", "::1"})
    ck_assert_msg(!address(other).is_multicast() && !address(other).is_source_specific(), "%s", other);
  for (const char* group : {"232.0.0.1", "232.255.0.1", "ff3e::1", "ff35::8000:1"})
    ck_assert_msg(address(group).is_source_specific(), "%s", group);
  for (const char* group : {"231.0.0.1", "233.0.0.1", "ff15::1", "ff3e:20:2001:db8::1"})
    ck_assert_msg(!address(group).is_source_specific(), "%s", group);
}

}  // namespace

int main() {
  return retina::test::run_laws("multicast");
}
