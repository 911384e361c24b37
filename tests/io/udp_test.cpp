// Pairs of UDP sockets and what is read from them in batches, on the loopback interface.

#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>

#include <string>
#include <vector>

#include "io/datagram_batch.h"
#include "support/check.h"

namespace {

using namespace retina;
using io::Address;
using io::DatagramBatch;
using io::UdpPair;
using io::UdpSettings;

const Address kLoopback = *Address::parse("127.0.0.1", 0);

UdpPair open_pair(const UdpSettings& settings = {}, const Address& local = kLoopback) {
  auto pair = UdpPair::open(local, settings);
  ck_assert_msg(pair.has_value(), "%s", pair.has_value() ? "" : pair.error().c_str());
  return std::move(pair).value();
}

base::Bytes pattern(std::size_t size, unsigned start) {
  base::Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::uint8_t>(start + i * 7);
  return bytes;
}

/// Two pairs that know each other: `camera` sends, `client` receives.
struct Line {
  explicit Line(const UdpSettings& settings = {}, const Address& local = kLoopback)
      : camera(open_pair(settings, local)), client(open_pair(settings, local)) {
    camera.rtp().set_peers({local.with_port(client.rtp_port())}, true);
    client.rtp().set_peers({local.with_port(camera.rtp_port())}, true);
  }
  UdpPair camera;
  UdpPair client;
};

void wait_readable(const io::UdpSocket& socket) {
  pollfd descriptor{socket.fd(), POLLIN, 0};
  ck_assert_int_eq(poll(&descriptor, 1, 5000), 1);
}

/// As many datagrams as are expected, over as many reads as it takes.
std::vector<base::Bytes> receive(io::UdpSocket& socket, std::size_t count) {
  DatagramBatch batch;
  std::vector<base::Bytes> got;
  while (got.size() < count) {
    wait_readable(socket);
    const auto received = batch.receive(socket);
    ck_assert_uint_le(received.messages, DatagramBatch::kMessages);
    while (!batch.empty()) {
      const base::ByteView datagram = batch.next();
      got.emplace_back(datagram.begin(), datagram.end());
    }
  }
  return got;
}

LAW(a_pair_has_an_even_port_and_the_next_one_within_the_range) {
  UdpSettings settings;
  settings.ports = {23401, 23411};
  const UdpPair first = open_pair(settings);
  const UdpPair second = open_pair(settings);
  ck_assert_uint_eq(first.rtp_port() % 2, 0);
  ck_assert_uint_ge(first.rtp_port(), 23402);
  ck_assert_uint_gt(second.rtp_port(), first.rtp_port());
  ck_assert_uint_le(second.rtp_port(), 23410);
}

LAW(a_range_that_is_all_taken_is_a_sentence_that_names_it) {
  UdpSettings settings;
  settings.ports = {23420, 23423};
  const UdpPair first = open_pair(settings);
  const UdpPair second = open_pair(settings);
  const auto third = UdpPair::open(kLoopback, settings);
  ck_assert(!third.has_value());
  ck_assert(third.error().find("23420") != std::string::npos);
  ck_assert(third.error().find("port-range") != std::string::npos);
}

LAW(any_range_takes_what_the_system_gives) {
  ck_assert_uint_eq(open_pair().rtp_port() % 2, 0);
}

LAW(an_address_that_is_not_ours_is_a_sentence) {
  const auto pair = UdpPair::open(*Address::parse("192.0.2.1", 0), {});
  ck_assert(!pair.has_value());
  ck_assert(pair.error().find("192.0.2.1") != std::string::npos);
}

LAW(datagrams_of_every_size_come_whole_and_in_order_with_and_without_gro) {
  for (const bool gro : {true, false}) {
    for (const char* host : {"127.0.0.1", "::1"}) {
      UdpSettings settings;
      settings.gro = gro;
      Line line(settings, *Address::parse(host, 0));
      std::vector<base::Bytes> sent;
      for (const std::size_t size : {1U, 12U, 1400U, 1500U, 9000U, 65000U, 65507U, 20U}) {
        sent.push_back(pattern(size, static_cast<unsigned>(size)));
        line.camera.rtp().send(sent.back());
      }
      ck_assert(receive(line.client.rtp(), sent.size()) == sent);
    }
  }
}

LAW(more_datagrams_than_a_batch_has_places_for_come_with_the_next_ones) {
  Line line;
  std::vector<base::Bytes> sent;
  for (unsigned i = 0; i < 100; ++i) {
    sent.push_back(pattern(100 + i, i));
    line.camera.rtp().send(sent.back());
  }
  ck_assert(receive(line.client.rtp(), sent.size()) == sent);
}

/// One send of many datagrams, which the loopback interface hands over as one (UDP_SEGMENT, Linux 4.18).
bool send_segments(const io::UdpSocket& socket, const base::Bytes& bytes, std::uint16_t segment) {
  const int size = segment;
  if (setsockopt(socket.fd(), IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size) != 0) return false;
  socket.send(bytes);
  return true;
}

LAW(what_the_kernel_hands_over_as_one_is_split_where_it_was) {
  Line line;
  const base::Bytes bytes = pattern(10 * 1400 + 77, 3);
  if (!send_segments(line.camera.rtp(), bytes, 1400)) return;  // a kernel without it has no GRO either
  const auto got = receive(line.client.rtp(), 11);
  ck_assert_uint_eq(got.size(), 11);
  base::Bytes joined;
  for (std::size_t i = 0; i < got.size(); ++i) {
    ck_assert_uint_eq(got[i].size(), i < 10 ? 1400 : 77);
    joined.insert(joined.end(), got[i].begin(), got[i].end());
  }
  ck_assert(joined == bytes);
}

LAW(datagrams_of_other_hosts_and_ports_are_not_taken) {
  Line line;
  // Another port of the camera's host: the kernel's check. Where the port isn't known, it is good.
  UdpPair stranger = open_pair();
  stranger.rtp().set_peers({kLoopback.with_port(line.client.rtp_port())}, true);
  stranger.rtp().send(pattern(10, 1));
  line.camera.rtp().send(pattern(10, 2));
  ck_assert(receive(line.client.rtp(), 1) == std::vector<base::Bytes>{pattern(10, 2)});

  UdpPair lenient = open_pair();
  lenient.rtp().set_peers({kLoopback}, true);
  stranger.rtp().set_peers({kLoopback.with_port(lenient.rtp_port())}, false);
  stranger.rtp().send(pattern(10, 3));
  ck_assert(receive(lenient.rtp(), 1) == std::vector<base::Bytes>{pattern(10, 3)});

  // Another host.
  UdpPair elsewhere = open_pair({}, *Address::parse("127.0.0.2", 0));
  elsewhere.rtp().set_peers({kLoopback.with_port(lenient.rtp_port())}, false);
  elsewhere.rtp().send(pattern(10, 4));
  wait_readable(lenient.rtp());
  DatagramBatch batch;
  ck_assert_uint_eq(batch.receive(lenient.rtp()).refused, 1);
  ck_assert(batch.empty());
}

LAW(what_came_before_the_peer_was_known_is_checked_too) {
  UdpPair client = open_pair();
  UdpPair elsewhere = open_pair({}, *Address::parse("127.0.0.2", 0));
  elsewhere.rtp().set_peers({kLoopback.with_port(client.rtp_port())}, false);
  elsewhere.rtp().send(pattern(10, 4));
  wait_readable(client.rtp());
  client.rtp().set_peers({kLoopback.with_port(9)}, true);
  DatagramBatch batch;
  ck_assert_uint_eq(batch.receive(client.rtp()).refused, 1);
}

LAW(a_peer_that_does_not_listen_yet_costs_nothing) {
  Line line;
  const std::uint16_t port = line.camera.rtp_port();
  line.camera = open_pair();  // the old one is closed: what is sent there comes back as an ICMP error
  line.client.rtp().send(pattern(12, 0));
  DatagramBatch batch;
  ck_assert_uint_eq(batch.receive(line.client.rtp()).messages, 0);
  UdpSettings settings;
  settings.ports = {port, static_cast<std::uint16_t>(port + 1)};
  line.camera = open_pair(settings);
  line.camera.rtp().set_peers({kLoopback.with_port(line.client.rtp_port())}, true);
  line.camera.rtp().send(pattern(50, 5));
  ck_assert(receive(line.client.rtp(), 1) == std::vector<base::Bytes>{pattern(50, 5)});
}

LAW(what_the_kernel_had_no_room_for_is_counted) {
  UdpSettings settings;
  settings.buffer_bytes = 4096;
  settings.gro = false;
  Line line(settings);
  for (unsigned i = 0; i < 200; ++i)
    line.camera.rtp().send(pattern(1400, i));
  DatagramBatch batch;
  std::size_t came = batch.receive(line.client.rtp()).messages;
  ck_assert_uint_lt(came, 200);
  // The count comes with the next datagram that there is room for.
  line.camera.rtp().send(pattern(1400, 0));
  wait_readable(line.client.rtp());
  const auto last = batch.receive(line.client.rtp());
  ck_assert_uint_eq(came + last.messages + last.dropped, 201);
}

LAW(the_receive_buffer_is_as_large_as_asked_for_or_what_the_system_allows) {
  UdpSettings settings;
  settings.buffer_bytes = 100'000;
  ck_assert_int_ge(open_pair(settings).buffer_bytes(), 100'000);
  settings.buffer_bytes = 1 << 30;
  const int allowed = open_pair(settings).buffer_bytes();
  ck_assert_int_gt(allowed, 0);
  ck_assert_int_lt(allowed, 1 << 30);
}

LAW(addresses_are_read_and_written) {
  ck_assert(!Address::parse("camera.local", 1) && !Address::parse("", 1) && !Address::parse("1.2.3", 1));
  ASSERT_TEXT(Address::parse("192.0.2.1", 554)->text(), "192.0.2.1:554");
  ASSERT_TEXT(Address::parse("2001:db8::1", 554)->with_port(7).text(), "[2001:db8::1]:7");
  ck_assert(Address::parse("::1", 1)->same_host(*Address::parse("::1", 2)));
  ck_assert(!Address::parse("::1", 1)->same_host(*Address::parse("::2", 1)));
  ck_assert(!Address::parse("127.0.0.1", 1)->same_host(*Address::parse("::1", 1)));
}

}  // namespace

int main() {
  return retina::test::run_laws("udp");
}
