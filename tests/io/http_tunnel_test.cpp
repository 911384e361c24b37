// RTSP through HTTP, once both sides are open: what is read, what is said, and a POST that ends.

#include "io/http_tunnel.h"

#include <array>
#include <future>
#include <string>
#include <vector>

#include "support/check.h"
#include "support/fake_connection.h"

namespace {

using namespace retina;
using Status = io::Transfer::Status;

/// A tunnel of which the GET's answer and the first POST are there; further POSTs wait for `permission`.
struct Tunnel {
  test::FakeWire get;
  test::FakeWire post;
  test::FakeWire second;
  test::FakeWire third;
  std::promise<void> permission;
  bool permitted = false;
  bool refuse = false;
  int connects = 0;
  std::vector<unsigned> statuses;  ///< of the POSTs that were over
  std::string verdict;             ///< on one that was refused
  std::unique_ptr<io::HttpTunnel> connection;

  explicit Tunnel(const std::string& early = "") {
    io::HttpTunnel::Sides sides;
    sides.get = std::make_unique<test::FakeConnection>(get);
    const auto bytes = base::as_bytes(early);
    sides.early.assign(bytes.begin(), bytes.end());
    sides.post = std::make_unique<test::FakeConnection>(post);
    sides.connect = [this, ready = permission.get_future().share()](
                        const io::Wakeup& wakeup) -> io::BackgroundConnect::Made {
      while (!wakeup.signalled() &&
             ready.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
      }
      if (wakeup.signalled() || refuse)
        return base::Unexpected<io::ConnectError>({io::ConnectError::Kind::kRefused, "refused"});
      return std::unique_ptr<io::Connection>(
          std::make_unique<test::FakeConnection>(++connects == 1 ? second : third));
    };
    sides.on_post_end = [this](const io::HttpResponse& answer) {
      statuses.push_back(answer.status);
      return answer.status == 401 ? verdict : "";
    };
    sides.post_head = [] { return std::string("HEAD\n"); };
    connection = std::make_unique<io::HttpTunnel>(std::move(sides));
  }

  void say(const std::string& text) {
    const io::Transfer sent = connection->write(base::as_bytes(text));
    ck_assert(sent.status == Status::kDone);
    ck_assert_uint_eq(sent.bytes, text.size());
  }
  void permit() {
    if (!std::exchange(permitted, true)) permission.set_value();
  }
  void wait() {
    const io::Wakeup never;
    connection->wait(false, base::TimePoint{}, base::TimePoint{}, never);
  }
  /// Waits until the other connection has been made, and lets the tunnel take it.
  void let_connect() {
    permit();
    wait();
    wait();
  }
  std::string read() {
    std::array<std::uint8_t, 64> room{};
    const io::Transfer got = connection->read(room);
    return std::string(base::as_text(base::ByteView(room).first(got.bytes)));
  }
};

LAW(what_came_behind_the_answers_head_is_read_first) {
  Tunnel tunnel("RTSP/1.0 ");
  tunnel.get.input = {"200 OK"};
  ASSERT_TEXT(tunnel.read(), "RTSP/1.0 ");
  ASSERT_TEXT(tunnel.read(), "200 OK");
  ASSERT_TEXT(tunnel.read(), "");
}

LAW(early_bytes_are_read_in_pieces_of_any_size) {
  Tunnel tunnel("abcdefgh");
  std::array<std::uint8_t, 3> room{};
  std::string got;
  for (int i = 0; i < 3; ++i)
    got += base::as_text(base::ByteView(room).first(tunnel.connection->read(room).bytes));
  ASSERT_TEXT(got, "abcdefgh");
}

LAW(what_is_said_goes_out_in_base64_behind_one_head) {
  Tunnel tunnel;
  tunnel.say("OPTIONS");
  tunnel.say("$\x01");
  ASSERT_TEXT(tunnel.post.output, "HEAD\nT1BUSU9OUw==JAE=");
  ASSERT_TEXT(tunnel.get.output, "");
}

LAW(a_post_that_takes_little_gets_the_rest_later_at_every_split_point) {
  const std::string whole = "HEAD\nT1BUSU9OUw==JAE=";
  for (std::size_t split = 0; split <= whole.size(); ++split) {
    Tunnel tunnel;
    tunnel.post.accepts = split;
    tunnel.say("OPTIONS");
    tunnel.say("$\x01");
    ASSERT_TEXT(tunnel.post.output, whole.substr(0, split));
    tunnel.post.accepts = 1000;
    tunnel.wait();
    ASSERT_TEXT(tunnel.post.output, whole);
  }
}

LAW(a_post_that_takes_nothing_any_more_is_told_to_wait) {
  Tunnel tunnel;
  tunnel.post.accepts = 0;
  const std::string much(100'000, 'x');
  tunnel.say(much);
  tunnel.say(much);
  ck_assert(tunnel.connection->write(base::as_bytes(much)).status == Status::kWouldBlock);
}

LAW(a_post_that_the_server_has_ended_is_followed_by_another_with_the_same_head) {
  Tunnel tunnel;
  tunnel.say("one");
  tunnel.post.input = {"HTTP/1.0 200 OK\r\n\r\n"};
  tunnel.post.closed = true;
  tunnel.say("two");
  ASSERT_TEXT(tunnel.post.output, "HEAD\nb25l");  // nothing more to those who don't listen
  tunnel.let_connect();
  ASSERT_TEXT(tunnel.second.output, "HEAD\ndHdv");
}

LAW(a_post_is_over_when_it_is_refused_or_closed) {
  const struct {
    const char* answer;
    bool closed;
    std::vector<unsigned> statuses;
    const char* said_then;
  } kCases[] = {
      {"HTTP/1.0 401 Unauthorized\r\n\r\n", false, {401}, "b25ldHdv"},
      {"HTTP/1.0 401 Unauthorized\r\n\r\nNo.", true, {401}, "b25ldHdv"},
      {"HTTP/1.0 200 OK\r\n\r\n", false, {}, ""},
      {"HTTP/1.0 200 OK\r\n\r\n", true, {200}, "dHdv"},
      {"HTTP/1.0 40", false, {}, ""},
      {"HTTP/1.0 40", true, {0}, "dHdv"},
      {"\r\nnonsense", true, {0}, "dHdv"},
  };
  for (const auto& c : kCases) {
    Tunnel tunnel;
    tunnel.say("one");
    for (const char* byte = c.answer; *byte != 0; ++byte)
      if (tunnel.post.input.size() < 15)
        tunnel.post.input.push_back(std::string(1, *byte));
      else
        tunnel.post.input.back() += *byte;
    tunnel.post.closed = c.closed;
    tunnel.say("two");
    ck_assert_msg(tunnel.statuses == c.statuses, "%s", c.answer);
    if (c.statuses.empty()) continue;
    tunnel.let_connect();
    ASSERT_TEXT(tunnel.second.output, std::string("HEAD\n") + c.said_then);
  }
}

LAW(what_a_reset_post_was_told_last_is_said_again) {
  Tunnel tunnel;
  tunnel.say("one");
  tunnel.say("two");
  tunnel.post.reset = true;
  tunnel.say("three");
  ASSERT_TEXT(tunnel.post.output, "HEAD\nb25ldHdv");
  tunnel.let_connect();
  ASSERT_TEXT(tunnel.second.output, "HEAD\ndHdvdGhyZWU=");
}

LAW(a_refusal_that_nothing_can_be_done_about_ends_the_tunnel_with_its_reason) {
  Tunnel tunnel;
  tunnel.say("one");
  tunnel.post.input = {"HTTP/1.0 401 Unauthorized\r\n\r\n"};
  tunnel.verdict = "refused";
  const io::Transfer said = tunnel.connection->write(base::as_bytes(std::string_view("two")));
  ck_assert(said.status == Status::kFailed);
  ASSERT_TEXT(tunnel.connection->words_for(said), "refused");
  ck_assert_int_eq(tunnel.connects, 0);
}

LAW(media_goes_on_while_another_post_is_on_its_way) {
  Tunnel tunnel;
  tunnel.post.closed = true;
  tunnel.say("two");
  tunnel.get.input = {"media"};
  ASSERT_TEXT(tunnel.read(), "media");
  tunnel.say("three");
  tunnel.let_connect();
  ASSERT_TEXT(tunnel.second.output, "HEAD\ndHdvdGhyZWU=");
}

LAW(what_a_broken_post_got_in_part_is_said_again_and_what_it_got_whole_is_not) {
  Tunnel tunnel;
  tunnel.post.accepts = 5 + 4 + 2;
  tunnel.say("one");
  tunnel.say("two");
  ASSERT_TEXT(tunnel.post.output, "HEAD\nb25ldH");
  tunnel.post.broken = true;
  tunnel.permit();
  tunnel.wait();
  tunnel.let_connect();
  ASSERT_TEXT(tunnel.second.output, "HEAD\ndHdv");
}

LAW(no_other_post_ends_the_tunnel_with_its_reason) {
  Tunnel tunnel;
  tunnel.refuse = true;
  tunnel.post.closed = true;
  tunnel.say("two");
  tunnel.permit();
  std::array<std::uint8_t, 8> room{};
  io::Transfer got;
  for (int i = 0; i < 10 && got.status != Status::kFailed; ++i) {
    tunnel.wait();
    got = tunnel.connection->read(room);
  }
  ck_assert(got.status == Status::kFailed);
  ASSERT_TEXT(tunnel.connection->words_for(got),
              "the tunnel's POST side has ended, and there is no other (refused)");
  ck_assert(tunnel.connection->write(base::as_bytes(std::string_view("x"))).status == Status::kFailed);
}

LAW(a_server_that_breaks_every_post_is_given_up) {
  Tunnel tunnel;
  tunnel.post.broken = tunnel.second.broken = tunnel.third.broken = true;
  tunnel.say("x");
  tunnel.permit();
  std::array<std::uint8_t, 8> room{};
  io::Transfer got;
  for (int i = 0; i < 10 && got.status != Status::kFailed; ++i) {
    tunnel.wait();
    got = tunnel.connection->read(room);
  }
  ASSERT_TEXT(tunnel.connection->words_for(got), "the server ends the tunnel's POST side again and again");
  ck_assert_int_eq(tunnel.connects, 3);
}

LAW(leaving_while_another_post_is_on_its_way_does_not_wait_for_it) {
  Tunnel tunnel;
  tunnel.post.closed = true;
  tunnel.say("two");
  tunnel.connection.reset();  // nothing permits it to connect: it would never end
}

}  // namespace

int main() {
  return retina::test::run_laws("http_tunnel");
}
