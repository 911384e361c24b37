#include "support/scripted_camera.h"

#include <fcntl.h>

#include <cerrno>

#include "support/check.h"
#include "support/fake_clock.h"
#include "support/raw_client.h"

namespace {

using namespace retina::test;
using retina::base::Bytes;

constexpr const char* kSdp =
    "v=0\nm=video 0 RTP/AVP 96\na=control:trackID=0\na=rtpmap:96 H264/90000\n"
    "m=audio 0 RTP/AVP 0\na=control:trackID=1\n";

/// A packet with sequence number `n` and timestamp 1000 n.
MediaPacket packet(unsigned stream, std::uint8_t n) {
  Bytes bytes{0x80, 96, 0, n, 0, 0, 0, 0, 0, 0, 0, 9, 'x'};
  retina::base::store_be32(bytes.data() + 4, 1000U * n);
  return {stream, false, bytes, {}};
}

StandardCamera two_streams() {
  StandardCamera camera;
  camera.sdp = kSdp;
  camera.media.packets = {packet(0, 7), packet(1, 8)};
  return camera;
}

std::string setup(RawClient& client, const ScriptedCamera& camera, unsigned stream, const char* transport) {
  return client.ask("SETUP", camera.url() + "/trackID=" + std::to_string(stream),
                    "Transport: " + std::string(transport) + "\r\n");
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

LAW(a_reader_finds_the_same_messages_and_packets_at_every_split_point) {
  const std::string first = "SET_PARAMETER rtsp://c/ RTSP/1.0\r\ncseq : 4\r\nContent-Length: 3\r\n\r\na\nb";
  const Bytes rtcp = interleave(1, retina::base::as_bytes("RTCP"));
  const std::string all =
      first + std::string(retina::base::as_text(rtcp)) + "TEARDOWN * RTSP/1.0\nCSeq:5\n\n";
  for (std::size_t split = 0; split <= all.size(); ++split) {
    RtspReader reader;
    std::vector<RtspRequest> found;
    for (const std::string& part : {all.substr(0, split), all.substr(split)}) {
      reader.append(part);
      while (auto request = reader.next())
        found.push_back(*request);
    }
    ck_assert_uint_eq(found.size(), 2);
    ASSERT_TEXT(found[0].header_or_empty("CSeq"), "4");
    ASSERT_TEXT(found[0].body, "a\nb");
    ASSERT_TEXT(found[0].text, first);
    ASSERT_TEXT(found[1].method + found[1].url + found[1].header_or_empty("CSEQ"), "TEARDOWN*5");
    ck_assert(reader.take_packets() == std::vector<Bytes>{rtcp});
    ck_assert_uint_eq(reader.unread(), 0);
  }
}

LAW(templates_replace_what_they_know_and_keep_the_rest) {
  ASSERT_TEXT(expand("a{b}{c}{", {{"b", "{c}"}, {"x", "y"}}), "a{c}{c}{");
  ASSERT_TEXT(finish_message("A 1\nB: 2\n", "xy"), "A 1\r\nB: 2\r\nContent-Length: 2\r\n\r\nxy");
  ASSERT_TEXT(finish_message("A\nB:\r\n\r\n", ""), "A\nB:\r\n\r\n");
}

LAW(a_standard_camera_holds_a_whole_dialogue_and_sends_its_media) {
  ScriptedCamera camera(two_streams());
  RawClient client(camera.port());
  ck_assert(contains(client.ask("OPTIONS", camera.url()), "Public: OPTIONS, DESCRIBE"));
  const std::string described = client.ask("DESCRIBE", camera.url());
  ck_assert(contains(described, "CSeq: 2\r\nContent-Base: " + camera.url() + "/\r\n"));
  ASSERT_TEXT(client.read(std::string(kSdp).size()), kSdp);
  ck_assert(contains(setup(client, camera, 0, "RTP/AVP/TCP;unicast;interleaved=4-5"), "interleaved=4-5\r\n"));
  ck_assert(contains(setup(client, camera, 1, "RTP/AVP/TCP;unicast;interleaved=0-1"),
                     "Session: 4A3B2C1D;timeout=60"));
  const std::string played = client.ask("PLAY", camera.url(), "Session: 4A3B2C1D\r\n");
  ck_assert(contains(played, "RTP-Info: url=" + camera.url() + "/trackID=0;seq=7;rtptime=7000,url=" +
                                 camera.url() + "/trackID=1;seq=8;rtptime=8000\r\n"));
  ASSERT_TEXT(client.read(17), retina::base::as_text(interleave(4, packet(0, 7).bytes)));
  ASSERT_TEXT(client.read(17), retina::base::as_text(interleave(0, packet(1, 8).bytes)));
  client.send(retina::base::as_text(interleave(5, retina::base::as_bytes("report"))));
  ck_assert(camera.wait_for_client_packets(1));
  ck_assert(contains(client.ask("TEARDOWN", camera.url(), "Session: 4A3B2C1D\r\n"), "200 OK"));
  ck_assert(contains(client.ask("PLAY", camera.url(), "Session: 4A3B2C1D\r\n"), "454"));
  client.close();
  ck_assert(camera.wait_for_closed(1));
  ASSERT_TEXT(camera.methods(), "OPTIONS DESCRIBE SETUP SETUP PLAY TEARDOWN PLAY ");
  ASSERT_TEXT(camera.problems(), "");
}

LAW(looped_media_goes_on_in_sequence_and_time) {
  StandardCamera standard = two_streams();
  standard.media.loop = true;
  standard.media.loop_ticks = {500, 0};
  ScriptedCamera camera(standard);
  RawClient client(camera.port());
  setup(client, camera, 0, "RTP/AVP/TCP;interleaved=0-1");
  client.ask("PLAY", camera.url(), "Session: 4A3B2C1D\r\n");
  for (unsigned round = 0; round < 1000; ++round) {
    const std::string framed = client.read(17);
    ck_assert_uint_eq(framed.size(), 17);
    const std::uint8_t* rtp = retina::base::as_bytes(framed).data() + 4;
    ck_assert_uint_eq(retina::base::load_be16(rtp + 2), 7 + round);
    ck_assert_uint_eq(retina::base::load_be32(rtp + 4), 7000 + 500 * round);
  }
  client.send("TEARDOWN " + camera.url() + " RTSP/1.0\r\nCSeq: 9\r\nSession: 4A3B2C1D\r\n\r\n");
  ck_assert(camera.wait_for("TEARDOWN"));
}

LAW(a_sender_report_moves_with_its_round) {
  Bytes report(28);
  report[1] = 200;
  retina::base::store_be32(report.data() + 12, 0x80000000);  // half a second
  Media media{{{0, true, report, {}}}, true, std::chrono::milliseconds(1500), {135000}};
  MediaCursor cursor(media, {});
  cursor.next();
  ck_assert(cursor.due().time_since_epoch() == std::chrono::milliseconds(1500));
  const Bytes second = cursor.next().bytes;
  ck_assert_uint_eq(retina::base::load_be32(second.data() + 8), 2);
  ck_assert_uint_eq(retina::base::load_be32(second.data() + 12), 0);
  ck_assert_uint_eq(retina::base::load_be32(second.data() + 16), 135000);
}

LAW(media_goes_over_udp_when_the_client_asks) {
  ScriptedCamera camera(two_streams());
  RawClient client(camera.port());
  const Descriptor receiver(socket(AF_INET, SOCK_DGRAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = static_cast<sockaddr*>(static_cast<void*>(&address));
  ck_assert(bind(receiver.get(), generic, size) == 0 && getsockname(receiver.get(), generic, &size) == 0);
  const int port = ntohs(address.sin_port);
  const std::string transport =
      "RTP/AVP;unicast;client_port=" + std::to_string(port) + "-" + std::to_string(port + 1);
  ck_assert(contains(setup(client, camera, 0, transport.c_str()), ";server_port="));
  client.ask("PLAY", camera.url(), "Session: 4A3B2C1D\r\n");
  std::array<char, 100> datagram{};
  pollfd waiting{receiver.get(), POLLIN, 0};
  ck_assert_int_eq(poll(&waiting, 1, 10'000), 1);
  ck_assert_int_eq(recv(receiver.get(), datagram.data(), datagram.size(), 0), 13);
}

LAW(a_transport_that_is_not_offered_is_refused) {
  StandardCamera standard = two_streams();
  standard.tcp = false;
  ScriptedCamera camera(standard);
  RawClient client(camera.port());
  ck_assert(contains(setup(client, camera, 0, "RTP/AVP/TCP;interleaved=0-1"), "RTSP/1.0 461 "));
}

LAW(replies_arrive_whole_however_they_are_cut) {
  const Delivery cases[] = {{}, Delivery::single_bytes(), Delivery::split_at({1, 9, 10, 4000})};
  for (const Delivery& delivery : cases) {
    ScriptedCamera camera(
        Script().expect("OPTIONS").ok("Public: {method}\n", "body {cseq}", delivery).stall());
    RawClient client(camera.port());
    ASSERT_TEXT(client.ask("OPTIONS", "*"),
                "RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS\r\nContent-Length: 6\r\n\r\n");
    ASSERT_TEXT(client.read(6), "body 1");
  }
}

LAW(every_piece_of_a_paused_delivery_comes_by_itself) {
  const Delivery delivery = Delivery::split_at({2, 3}, std::chrono::milliseconds(1));
  const auto pieces = delivery.pieces("abcde");
  ck_assert_uint_eq(pieces.size(), 3);
  ASSERT_TEXT(std::string(pieces[0]) + "|" + std::string(pieces[1]) + "|" + std::string(pieces[2]),
              "ab|c|de");
}

LAW(an_override_applies_to_the_occurrences_it_names) {
  StandardCamera standard = two_streams();
  standard.on("DESCRIBE", Script().status(503, "Busy"), 1, 1)
      .on("DESCRIBE", Script().send("$").standard(), 1, 2);
  ScriptedCamera camera(standard);
  RawClient client(camera.port());
  ck_assert(contains(client.ask("DESCRIBE", camera.url()), "200 OK"));
  client.read(std::string(kSdp).size());
  ck_assert(contains(client.ask("DESCRIBE", camera.url()), "503 Busy"));
  ck_assert(client.ask("DESCRIBE", camera.url()).starts_with("$RTSP/1.0 200 OK"));
}

LAW(a_lost_reply_still_changes_the_state) {
  StandardCamera standard = two_streams();
  standard.on("PLAY", Script().standard_unanswered());
  standard.after_media.send("end").close();
  ScriptedCamera camera(standard);
  RawClient client(camera.port());
  setup(client, camera, 0, "RTP/AVP/TCP;interleaved=0-1");
  const std::string rest = client.ask("PLAY", camera.url(), "Session: 4A3B2C1D\r\n");
  ASSERT_TEXT(rest, std::string(retina::base::as_text(interleave(0, packet(0, 7).bytes))) + "end");
}

LAW(connections_play_their_scripts_in_order_and_then_the_last) {
  ScriptedCamera camera({playing(Script().send("one")), playing(Script().send("two"))});
  for (const char* expected : {"one", "two", "two"}) {
    RawClient client(camera.port());
    ASSERT_TEXT(client.read_until("end"), expected);
  }
  ck_assert_uint_eq(camera.connections(), 3);
}

LAW(closing_resetting_and_half_closing_look_as_they_are_called) {
  {
    ScriptedCamera camera(Script().close());
    RawClient client(camera.port());
    ck_assert_int_eq(client.read_to_end(), 0);
  }
  {
    ScriptedCamera camera(Script().expect("OPTIONS").reset());
    RawClient client(camera.port());
    client.send("OPTIONS * RTSP/1.0\r\n\r\n");
    ck_assert_int_eq(client.read_to_end(), -1);
    ck_assert_int_eq(errno, ECONNRESET);
  }
  ScriptedCamera camera(Script().half_close().expect("OPTIONS"));
  RawClient client(camera.port());
  ck_assert_int_eq(client.read_to_end(), 0);
  ck_assert(client.send("OPTIONS * RTSP/1.0\r\n\r\n"));
  ck_assert(camera.wait_for("OPTIONS"));
}

LAW(a_camera_that_does_not_read_fills_the_clients_window) {
  ScriptedCamera camera(Script().stop_reading());
  RawClient client(camera.port());
  const int small = 4096;
  setsockopt(client.fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  fcntl(client.fd(), F_SETFL, O_NONBLOCK);
  const std::string much(1 << 20, 'x');
  std::size_t sent = 0;
  pollfd writable{client.fd(), POLLOUT, 0};
  while (poll(&writable, 1, 200) == 1 && sent < (64U << 20)) {
    const ssize_t count = send(client.fd(), much.data(), much.size(), MSG_NOSIGNAL);
    if (count > 0) sent += static_cast<std::size_t>(count);
  }
  ck_assert_uint_gt(sent, 0);
  ck_assert_uint_lt(sent, 64U << 20);
}

LAW(what_was_not_expected_is_a_problem_and_ends_the_connection) {
  const RequestCheck has_agent = [](const RtspRequest& request) {
    return request.header("User-Agent") ? "" : "no User-Agent";
  };
  ScriptedCamera camera(
      {playing(Script().expect("DESCRIBE").stall()), playing(Script().expect("", has_agent).stall())});
  for (const char* complaint :
       {"connection 0: expected DESCRIBE, got OPTIONS\n", "a request: no User-Agent\n"}) {
    RawClient client(camera.port());
    ASSERT_TEXT(client.ask("OPTIONS", "*"), "");
    ck_assert_msg(contains(camera.problems(), complaint), "%s", camera.problems().c_str());
  }
}

LAW(a_camera_ends_at_once_whatever_its_clients_do) {
  StandardCamera endless = two_streams();
  endless.media.loop = true;
  std::vector<std::unique_ptr<RawClient>> clients;
  ScriptedCamera camera({playing(Script().stall()), playing(Script().stop_reading()),
                         playing(Script().expect("X")), playing(Script().pause(std::chrono::hours(1))),
                         playing(Script().send(std::string(64U << 20, 'x'))), serving(endless)});
  for (int i = 0; i < 6; ++i)
    clients.push_back(std::make_unique<RawClient>(camera.port()));
  setup(*clients.back(), camera, 0, "RTP/AVP/TCP;interleaved=0-1");
  clients.back()->ask("PLAY", camera.url(), "Session: 4A3B2C1D\r\n");  // and never reads: the media backs up
  ck_assert(camera.wait_for_connections(6));
}

LAW(basic_credentials_are_checked) {
  StandardCamera standard = two_streams();
  standard.credentials = {AuthScheme::kBasic, "Aladdin", "open sesame", "camera", false};
  ScriptedCamera camera(standard);
  RawClient client(camera.port());
  ck_assert(contains(client.ask("DESCRIBE", camera.url()),
                     "401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm=\"camera\""));
  ck_assert(
      contains(client.ask("DESCRIBE", camera.url(), "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"),
               " 200 "));
  client.read(std::string(kSdp).size());
  ck_assert(
      contains(client.ask("DESCRIBE", camera.url(), "Authorization: Basic QWxhZGRpbjpvcGVu\r\n"), " 401 "));
}

// The values of RFC 2617 s3.5.
LAW(digest_credentials_are_checked_as_the_rfc_computes_them) {
  const Credentials credentials{AuthScheme::kDigest, "Mufasa", "Circle Of Life", "testrealm@host.com", true};
  const std::string nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
  const std::string fields = "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"" + nonce +
                             "\", uri=\"/dir/index.html\", qop=auth, nc=00000001, cnonce=\"0a4f113b\", "
                             "response=\"6629fae49393a05397450978507c4ef1\"";
  RtspRequest request;
  request.method = "GET";
  request.headers = {{"authorization", fields}};
  ck_assert(authorized(credentials, nonce, request));
  ck_assert(!authorized(credentials, "other", request));
  request.method = "PUT";
  ck_assert(!authorized(credentials, nonce, request));
  ASSERT_TEXT(challenge(credentials, "n", true),
              "Digest realm=\"testrealm@host.com\", nonce=\"n\", qop=\"auth\", stale=true");
}

LAW(a_nonce_goes_stale_after_its_uses) {
  StandardCamera standard = two_streams();
  standard.credentials = {AuthScheme::kDigest, "u", "p", "r", false};
  standard.nonce_requests = 1;
  ScriptedCamera camera(standard);
  RawClient client(camera.port());
  // MD5(MD5("u:r:p"):nonce1:MD5("DESCRIBE:x"))
  const std::string proof =
      "Authorization: Digest username=\"u\", realm=\"r\", nonce=\"nonce1\", uri=\"x\", "
      "response=\"05ecdef3f079d16a45686a991d7e1c86\"\r\n";
  ck_assert(contains(client.ask("DESCRIBE", "x", proof), " 200 "));
  client.read(std::string(kSdp).size());
  ck_assert(contains(client.ask("DESCRIBE", "x", proof), "nonce=\"nonce2\", stale=true"));
}

LAW(connecting_to_a_full_queue_neither_succeeds_nor_fails) {
  HangingListener listener;
  const Descriptor client(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(listener.port());
  ck_assert_int_eq(
      connect(client.get(), static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address), -1);
  ck_assert_int_eq(errno, EINPROGRESS);
  pollfd waiting{client.get(), POLLIN | POLLOUT, 0};
  ck_assert_int_eq(poll(&waiting, 1, 50), 0);
}

LAW(a_camera_on_ipv6_says_so_in_its_url) {
  StandardCamera standard = two_streams();
  standard.describe_headers = "Content-Base: {base}/x/\n";
  ScriptedCamera camera({serving(standard)}, IpFamily::k6);
  const std::string authority = "rtsp://[::1]:" + std::to_string(camera.port());
  ASSERT_TEXT(camera.url("/x"), authority + "/x");
  const Descriptor client(socket(AF_INET6, SOCK_STREAM, 0));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(camera.port());
  ck_assert_int_eq(
      connect(client.get(), static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address), 0);
  const std::string request = "DESCRIBE x RTSP/1.0\r\nCSeq: 7\r\n\r\n";
  send(client.get(), request.data(), request.size(), MSG_NOSIGNAL);
  std::array<char, 100> reply{};
  const ssize_t size = recv(client.get(), reply.data(), reply.size(), MSG_WAITALL);
  const std::string expected = "RTSP/1.0 200 OK\r\nCSeq: 7\r\nContent-Base: " + authority + "/x/\r\n";
  ck_assert_int_eq(size, static_cast<ssize_t>(reply.size()));
  ASSERT_TEXT(std::string(reply.data(), expected.size()), expected);
}

LAW(a_fake_clock_moves_only_when_told) {
  FakeClock clock;
  const auto start = clock.now();
  clock.advance(std::chrono::seconds(2));
  clock.advance_to(start);
  ck_assert((clock.now() - start) == std::chrono::seconds(2));
}

}  // namespace

int main() {
  return run_laws("scripted_camera");
}
