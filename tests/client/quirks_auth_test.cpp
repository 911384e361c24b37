// How cameras ask for credentials. One law per behaviour that was seen; docs/cameras.md lists them. The
// camera here computes each digest itself and lets nobody in whose isn't right.

#include "client/composed_camera.h"
#include "rtsp/hash.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;
using client::Failure;
using rtsp::HashAlgorithm;

/// The value of `name=` in a header, without quotes; "-" without one.
std::string parameter(const std::string& header, const std::string& name) {
  for (std::size_t at = header.find(name + "="); at != std::string::npos;
       at = header.find(name + "=", at + 1)) {
    if (header[at - 1] != ' ' && header[at - 1] != ',') continue;
    const std::size_t value = at + name.size() + 1;
    if (header[value] == '"') return header.substr(value + 1, header.find('"', value + 1) - value - 1);
    return header.substr(value, std::min(header.find(',', value), header.size()) - value);
  }
  return "-";
}

struct Expected {
  std::string realm = "r";
  std::string nonce = "n";
  HashAlgorithm algorithm = HashAlgorithm::kMd5;
  bool relative = false;
};

/// Whether `request` has a Digest of user "user" with password "pw", for its own method and URL.
bool is_let_in(const std::string& request, const Expected& expected) {
  const std::string value = header_of(request, "Authorization");
  if (!value.starts_with("Digest ")) return false;
  const auto hash = [&](const std::string& text) { return rtsp::hex_hash(expected.algorithm, text); };
  const std::string url = url_of(request);
  const std::string uri = expected.relative ? url.substr(url.find('/', 7)) : url;
  const std::string method = request.substr(0, request.find(' '));
  const std::string ha1 = hash("user:" + expected.realm + ":pw");
  const std::string qop = parameter(value, "qop");
  std::string ha2 = method + ":" + uri;
  if (qop == "auth-int") ha2 += ":" + hash("");
  std::string text = ha1 + ":" + expected.nonce + ":";
  if (qop != "-") text += parameter(value, "nc") + ":" + parameter(value, "cnonce") + ":" + qop + ":";
  return parameter(value, "username") == "user" && parameter(value, "realm") == expected.realm &&
         parameter(value, "nonce") == expected.nonce && parameter(value, "uri") == uri &&
         parameter(value, "response") == hash(text + hash(ha2));
}

const std::string kUnauthorized = "401 Unauthorized";

std::string challenge(const std::string& value) {
  return "WWW-Authenticate: " + value + "\r\n";
}

SessionDriver camera_with_credentials() {
  client::Options options;
  options.idle_timeout = 0s;
  return SessionDriver("rtsp://user:pw@cam/stream", options);
}

/// Through the whole dialogue, with a challenge at OPTIONS; every request behind it must be let in.
void check_let_in(const std::string& headers, const Expected& expected) {
  SessionDriver camera = camera_with_credentials();
  ck_assert(!is_let_in(camera.request("OPTIONS"), expected));
  camera.reply(kUnauthorized, headers);
  const auto enter = [&](const char* method) {
    const std::string request = camera.request(method);
    ck_assert_msg(is_let_in(request, expected), "%s\n%s", headers.c_str(), request.c_str());
  };
  enter("OPTIONS");
  camera.reply("200 OK", "Public: GET_PARAMETER\r\n");
  enter("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\n", kH264Sdp);
  camera.choose({0});
  enter("SETUP");
  camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  enter("PLAY");
  camera.reply("200 OK");
  camera.advance(30s);
  enter("GET_PARAMETER");
  camera.reply("200 OK");
  camera.session().teardown(camera.clock().now());
  enter("TEARDOWN");
  ck_assert(camera.notes().empty());
}

LAW(digest_comes_with_sha_256_only) {  // go2rtc#2344
  check_let_in(challenge("Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256"),
               {"r", "n", HashAlgorithm::kSha256});
  check_let_in(challenge("Digest realm=\"r\", nonce=\"n\", algorithm=\"SHA-256\", qop=\"auth\""),
               {"r", "n", HashAlgorithm::kSha256});
  check_let_in(challenge("Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256, qop=auth"),
               {"r", "n", HashAlgorithm::kSha512_256});
}

LAW(several_challenges_come_at_once) {
  const std::string md5 = "Digest realm=\"r\", nonce=\"n\", algorithm=MD5";
  const std::string sha256 = "Digest realm=\"s\", nonce=\"m\", algorithm=SHA-256";
  const Expected strong = {"s", "m", HashAlgorithm::kSha256};
  check_let_in(challenge(md5) + challenge(sha256), strong);
  check_let_in(challenge(sha256) + challenge("Basic realm=\"r\"") + challenge(md5), strong);
  check_let_in(challenge("Basic realm=\"r\", " + md5 + ", " + sha256), strong);
  check_let_in(challenge("Digest realm=\"x\", nonce=\"x\", algorithm=SHA3-512") + challenge(md5), {});
}

LAW(qop_offers_auth_auth_int_both_or_nothing) {
  for (const char* qop : {"qop=\"auth,auth-int\"", "qop=\"auth-int, auth\"", "qop=auth", "qop=\"auth-int\"",
                          "qop=\"\"", "qop=AUTH"}) {
    check_let_in(challenge("Digest realm=\"r\", nonce=\"n\", " + std::string(qop)), {});
  }
}

LAW(the_algorithm_is_written_in_odd_case) {
  for (const char* algorithm : {"md5", "Md5", "\"MD5\"", "\"md5\"", "\"\""})
    check_let_in(challenge("Digest realm=\"r\", nonce=\"n\", algorithm=" + std::string(algorithm)), {});
  for (const char* algorithm : {"sha-256", "SHA256", "\"sha256\""}) {
    check_let_in(challenge("Digest realm=\"r\", nonce=\"n\", algorithm=" + std::string(algorithm)),
                 {"r", "n", HashAlgorithm::kSha256});
  }
}

LAW(realm_and_nonce_are_unquoted_or_empty) {
  struct {
    const char* header;
    Expected expected;
  } const cases[] = {
      {"Digest realm=IP Camera 5, nonce=ab+/c==", {"IP Camera 5", "ab+/c=="}},
      {"Digest realm=r nonce=n", {}},
      {"Digest realm=\"\", nonce=\"\"", {"", ""}},
      {"Digest realm=, nonce=n", {"", "n"}},
      {"Digest nonce=\"n\"", {"", "n"}},
      {"DIGEST  REALM = \"r\" ,NONCE = \"n\",", {}},
      {"Digest realm=\"a, b=c\", nonce=\"n\"", {"a, b=c", "n"}},
  };
  for (const auto& c : cases)
    check_let_in(challenge(c.header), c.expected);
}

LAW(basic_is_written_with_odd_spacing) {
  for (const char* header :
       {"Basic realm=\"r\"", "basic  realm = \"r\"", "BASIC", " Basic realm=r ", "Basic realm="}) {
    SessionDriver camera = camera_with_credentials();
    camera.request("OPTIONS");
    camera.reply(kUnauthorized, challenge(header));
    ASSERT_TEXT(header_of(camera.request("OPTIONS"), "Authorization"), "Basic dXNlcjpwdw==");
  }
}

LAW(the_uri_of_the_digest_is_expected_relative) {  // gortsplib#1118
  SessionDriver camera = camera_with_credentials();
  camera.request("OPTIONS");
  camera.reply(kUnauthorized, challenge("Digest realm=\"r\", nonce=\"n1\""));
  ck_assert(is_let_in(camera.request("OPTIONS"), {"r", "n1", HashAlgorithm::kMd5, false}));
  camera.reply(kUnauthorized, challenge("Digest realm=\"r\", nonce=\"n2\""));
  ck_assert(is_let_in(camera.request("OPTIONS"), {"r", "n2", HashAlgorithm::kMd5, true}));
  camera.reply("200 OK");
  // What was learnt stays.
  ck_assert(is_let_in(camera.request("DESCRIBE"), {"r", "n2", HashAlgorithm::kMd5, true}));
}

LAW(options_needs_no_credentials_but_describe_does) {
  SessionDriver camera = camera_with_credentials();
  ASSERT_TEXT(header_of(camera.request("OPTIONS"), "Authorization"), "-");
  camera.reply("200 OK");
  ASSERT_TEXT(header_of(camera.request("DESCRIBE"), "Authorization"), "-");
  camera.reply(kUnauthorized, challenge("Digest realm=\"r\", nonce=\"n\""));
  ck_assert(is_let_in(camera.request("DESCRIBE"), {}));
}

LAW(the_camera_closes_the_connection_after_the_401) {  // retina#45
  for (const char* step : {"OPTIONS", "DESCRIBE", "SETUP"}) {
    SessionDriver camera = camera_with_credentials();
    if (step != std::string("OPTIONS")) camera.reach_describe();
    if (step == std::string("SETUP")) {
      camera.request("DESCRIBE");
      camera.reply("200 OK", "Content-Type: application/sdp\r\n", kH264Sdp);
      camera.choose({0});
    }
    camera.request(step);
    camera.reply(kUnauthorized, challenge("Digest realm=\"r\", nonce=\"n\"") + "Connection: close\r\n");
    camera.request(step);
    camera.clear_events();
    camera.close();
    ck_assert_msg(camera.take<client::ConnectionNeeded>().has_value(), "%s", step);
    camera.reconnect();
    ck_assert_msg(is_let_in(camera.request(step), {}), "%s", step);
    ck_assert_uint_eq(camera.notes().size(), 1);
  }
}

LAW(the_nonce_goes_stale_in_mid_session) {  // RETINA 8.19
  for (const char* stale : {", stale=true", ", stale=\"TRUE\"", ""}) {
    SessionDriver camera = camera_with_credentials();
    camera.request("OPTIONS");
    camera.reply(kUnauthorized, challenge("Digest realm=\"r\", nonce=\"n1\""));
    camera.reach_playing();
    for (const char* nonce : {"n2", "n3", "n4"}) {
      camera.advance(30s);
      camera.request("GET_PARAMETER");
      camera.reply(kUnauthorized,
                   challenge("Digest realm=\"r\", nonce=\"" + std::string(nonce) + "\"" + stale));
      const std::string again = camera.request("GET_PARAMETER");
      ck_assert_msg(is_let_in(again, {"r", nonce}), "%s", again.c_str());
      ASSERT_TEXT(header_of(again, "Session"), "12345678");
      camera.reply("200 OK");
    }
    ck_assert(!camera.session().ended() && camera.notes().empty());
  }
}

LAW(a_keep_alive_refused_for_good_does_not_end_what_plays) {
  SessionDriver camera = camera_with_credentials();
  camera.request("OPTIONS");
  camera.reply(kUnauthorized, challenge("Digest realm=\"r\", nonce=\"n\""));
  camera.reach_playing();
  for (unsigned i = 0; i < 5; ++i) {
    camera.advance(30s);
    for (int tries = 0; !camera.silent(); ++tries) {
      ck_assert_int_lt(tries, 4);
      camera.request("GET_PARAMETER");
      camera.reply(kUnauthorized, challenge("Digest realm=\"r\", nonce=\"x\""));
    }
    camera.feed(on_channel(0, rtp_packet(i, i * 3600, slice('a'))));
  }
  ASSERT_TEXT(take_frames(camera), "aaaaa");
  ck_assert_uint_eq(camera.notes().size(), 1);
}

LAW(a_wrong_password_is_given_up_soon_whatever_the_camera_says) {
  // Cameras lock users out after a few failures.
  for (const char* stale : {"", ", stale=true"}) {
    for (const bool new_nonces : {false, true}) {
      SessionDriver camera = camera_with_credentials();
      int sent = 0;
      for (int i = 0; i < 10 && !camera.session().ended(); ++i) {
        const std::string value = header_of(camera.request("OPTIONS"), "Authorization");
        sent += value == "-" ? 0 : 1;
        const std::string nonce = new_nonces ? std::to_string(i) : "n";
        camera.reply(kUnauthorized, challenge("Digest realm=\"r\", nonce=\"" + nonce + "\"" + stale));
      }
      camera.failure(Failure::Kind::kNotAuthorized);
      ck_assert_int_le(sent, 2);
    }
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("quirks of authentication");
}
