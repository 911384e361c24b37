#include "rtsp/auth.h"

#include "rtsp/hash.h"
#include "support/check.h"

namespace {

using namespace retina;
using rtsp::Authenticator;
using rtsp::Headers;
using rtsp::hex_hash;
using Outcome = Authenticator::Outcome;

const rtsp::HashAlgorithm kMd5 = rtsp::HashAlgorithm::kMd5;

Headers challenge(std::initializer_list<const char*> values) {
  Headers headers;
  headers.add("CSeq", "1");
  for (const char* value : values)
    headers.add("WWW-Authenticate", value);
  return headers;
}

Authenticator with_cnonce(std::string user, std::string password, std::string cnonce) {
  return Authenticator(std::move(user), std::move(password), [cnonce] { return cnonce; });
}

/// The value between `name=` and its end, without quotes; "-" without one.
std::string field(std::string_view authorization, std::string_view name) {
  const std::string key = std::string(name) + "=";
  for (std::size_t at = authorization.find(key); at != std::string_view::npos;
       at = authorization.find(key, at + 1)) {
    if (at > 0 && authorization[at - 1] != ' ') continue;
    std::string_view value = authorization.substr(at + key.size());
    if (!value.starts_with('"')) return std::string(value.substr(0, value.find(',')));
    value.remove_prefix(1);
    return std::string(value.substr(0, value.find('"')));
  }
  return "-";
}

std::string answer(std::initializer_list<const char*> challenges, std::string_view body = "") {
  auto auth = with_cnonce("user", "pass", "0a4f113b");
  if (auth.on_unauthorized(challenge(challenges)) != Outcome::kRetry) return "none";
  return *auth.authorization("DESCRIBE", "rtsp://h/x", body);
}

/// A Digest response as RFC 2069 computes it.
std::string old_response(const char* user, const char* realm, const char* password, const char* nonce,
                         const std::string& uri) {
  const std::string ha1 = hex_hash(kMd5, std::string(user) + ":" + realm + ":" + password);
  return hex_hash(kMd5, ha1 + ":" + nonce + ":" + hex_hash(kMd5, "DESCRIBE:" + uri));
}

// --- the RFCs' examples ---

LAW(rfc_2617_example) {
  auto auth = with_cnonce("Mufasa", "Circle Of Life", "0a4f113b");
  const auto outcome = auth.on_unauthorized(challenge(
      {"Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
       "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""}));
  ck_assert(outcome == Outcome::kRetry);
  ASSERT_TEXT(
      *auth.authorization("GET", "/dir/index.html", ""),
      "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
      "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", "
      "response=\"6629fae49393a05397450978507c4ef1\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\", qop=auth, "
      "nc=00000001, cnonce=\"0a4f113b\"");
}

LAW(rfc_7616_example_takes_sha_256_of_two) {
  const char* sha256 =
      "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, "
      "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
      "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
  const char* md5 =
      "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=MD5, "
      "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
      "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
  const char* cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
  const auto respond = [&](std::initializer_list<const char*> challenges) {
    auto auth = with_cnonce("Mufasa", "Circle of Life", cnonce);
    ck_assert(auth.on_unauthorized(challenge(challenges)) == Outcome::kRetry);
    return *auth.authorization("GET", "/dir/index.html", "");
  };
  const std::string strong = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
  ASSERT_TEXT(field(respond({sha256, md5}), "response"), strong);
  ASSERT_TEXT(field(respond({md5, sha256}), "response"), strong);
  ASSERT_TEXT(field(respond({md5, sha256}), "algorithm"), "SHA-256");
  ASSERT_TEXT(field(respond({md5}), "response"), "8ca523f5e9506fed4657c9700eebdbec");
}

LAW(rfc_7616_example_with_sha_512_256_and_userhash) {
  // The values are those of the RFC's erratum 4897: the RFC's own come from a SHA-512 cut short.
  auto auth = with_cnonce("J\xC3\xA4s\xC3\xB8n Doe", "Secret, or not?",
                          "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v");
  const auto outcome = auth.on_unauthorized(
      challenge({"Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, "
                 "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", "
                 "opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, userhash=true"}));
  ck_assert(outcome == Outcome::kRetry);
  const std::string value = *auth.authorization("GET", "/doe.json", "");
  ASSERT_TEXT(field(value, "username"), "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b");
  ASSERT_TEXT(field(value, "response"), "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5");
  ASSERT_TEXT(field(value, "userhash"), "true");
}

LAW(rfc_7617_example) {
  Authenticator auth("Aladdin", "open sesame");
  ck_assert(auth.on_unauthorized(challenge({"Basic realm=\"WallyWorld\""})) == Outcome::kRetry);
  ASSERT_TEXT(*auth.authorization("GET", "/", ""), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

// --- choosing ---

LAW(digest_wins_over_basic_wherever_it_stands) {
  const char* digest = "Digest realm=\"r\", nonce=\"n\"";
  const char* basic = "Basic realm=\"r\"";
  for (const auto& value : {answer({digest, basic}), answer({basic, digest}),
                            answer({"Basic realm=\"r\", Digest realm=\"r\", nonce=\"n\""}),
                            answer({"Digest realm=\"r\", nonce=\"n\", Basic realm=\"r\""}),
                            answer({"Basic, Digest realm=\"r\",nonce=\"n\""}),
                            answer({"Negotiate", "Bearer abc==, Digest realm=r,nonce=n, Basic"})}) {
    ASSERT_TEXT(value.substr(0, 7), "Digest ");
    ASSERT_TEXT(field(value, "response"), old_response("user", "r", "pass", "n", "rtsp://h/x"));
  }
}

LAW(basic_is_never_used_where_digest_is_offered_even_if_unsupported) {
  Authenticator auth("user", "pass");
  const auto outcome = auth.on_unauthorized(
      challenge({"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-1", "Basic realm=\"r\""}));
  ck_assert(outcome == Outcome::kUnsupported);
  ck_assert(!auth.authorization("DESCRIBE", "rtsp://h/x", ""));
}

LAW(a_server_that_offered_digest_once_gets_no_basic_later) {
  Authenticator auth("user", "pass");
  ck_assert(auth.on_unauthorized(challenge({"Digest realm=\"r\", nonce=\"n\""})) == Outcome::kRetry);
  ck_assert(auth.on_unauthorized(challenge({"Basic realm=\"r\""})) == Outcome::kUnsupported);
  ASSERT_TEXT(auth.authorization("DESCRIBE", "rtsp://h/x", "")->substr(0, 7), "Digest ");
}

LAW(the_strongest_known_algorithm_is_chosen) {
  const char* md5 = "Digest realm=\"r\", nonce=\"n\", algorithm=MD5";
  const char* sha256 = "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256-sess";
  const char* sha512 = "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256";
  const char* unknown = "Digest realm=\"r\", nonce=\"n\", algorithm=SHA3-512";
  ASSERT_TEXT(field(answer({md5, sha512, sha256, unknown}), "algorithm"), "SHA-512-256");
  ASSERT_TEXT(field(answer({unknown, md5, sha256}), "algorithm"), "SHA-256-sess");
  ASSERT_TEXT(field(answer({unknown, md5}), "algorithm"), "MD5");
  ASSERT_TEXT(answer({unknown}), "none");
}

LAW(hikvision_sha_256_without_qop_is_answered_in_its_own_spelling) {
  const std::string value =
      answer({"Digest realm=\"IP Camera(GH455)\", nonce=\"abc\", algorithm=\"SHA-256\", stale=\"FALSE\""});
  const auto hash = [](const std::string& text) { return hex_hash(rtsp::HashAlgorithm::kSha256, text); };
  ASSERT_TEXT(field(value, "response"),
              hash(hash("user:IP Camera(GH455):pass") + ":abc:" + hash("DESCRIBE:rtsp://h/x")));
  ck_assert(value.find("algorithm=\"SHA-256\"") != std::string::npos);
  ASSERT_TEXT(field(value, "cnonce"), "-");
}

LAW(algorithms_in_odd_case_and_spelling_are_known) {
  struct {
    const char* algorithm;
    std::size_t digits;
  } const cases[] = {
      {"md5", 32},         {"Md5", 32},      {"\"MD5\"", 32},  {"sha256", 64}, {"Sha-256", 64},
      {"SHA-512/256", 64}, {"MD5-SESS", 32}, {"md5-sess", 32}, {"\"\"", 32},   {"sha-512-256-sess", 64}};
  for (const auto& c : cases) {
    const std::string header = std::string("Digest realm=\"r\", nonce=\"n\", algorithm=") + c.algorithm;
    ck_assert_msg(field(answer({header.c_str()}), "response").size() == c.digits, "%s", c.algorithm);
  }
}

LAW(of_repeated_parameters_the_last_counts) {
  const std::string value = answer({"Digest realm=a,nonce=n,algorithm=SHA-256,realm=r,algorithm=\"\""});
  ASSERT_TEXT(field(value, "response"), old_response("user", "r", "pass", "n", "rtsp://h/x"));
  ASSERT_TEXT(field(value, "algorithm"), "-");
}

LAW(the_session_variant_hashes_the_nonces_into_the_credentials) {
  const std::string ha1 = hex_hash(kMd5, hex_hash(kMd5, "user:r:pass") + ":n:0a4f113b");
  const std::string ha2 = hex_hash(kMd5, "DESCRIBE:rtsp://h/x");
  const std::string with_qop = answer({"Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess, qop=\"auth\""});
  ASSERT_TEXT(field(with_qop, "response"), hex_hash(kMd5, ha1 + ":n:00000001:0a4f113b:auth:" + ha2));
  const std::string without = answer({"Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess"});
  ASSERT_TEXT(field(without, "response"), hex_hash(kMd5, ha1 + ":n:" + ha2));
  ASSERT_TEXT(field(without, "cnonce"), "0a4f113b");
}

LAW(auth_int_covers_the_body_and_is_used_only_alone) {
  const std::string ha1 = hex_hash(kMd5, "user:r:pass");
  const std::string ha2 = hex_hash(kMd5, "DESCRIBE:rtsp://h/x:" + hex_hash(kMd5, "body"));
  const std::string value = answer({"Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\""}, "body");
  ASSERT_TEXT(field(value, "response"), hex_hash(kMd5, ha1 + ":n:00000001:0a4f113b:auth-int:" + ha2));
  ASSERT_TEXT(field(value, "qop"), "auth-int");
  ASSERT_TEXT(field(answer({"Digest realm=\"r\", nonce=\"n\", qop=\"auth-int,Auth\""}), "qop"), "auth");
}

LAW(an_empty_or_unknown_qop_is_none) {
  for (const char* qop : {"\"\"", "\"token\"", ","}) {
    const std::string header = std::string("Digest realm=\"r\", qop=") + qop + ", nonce=\"n\"";
    const std::string value = answer({header.c_str()});
    ASSERT_TEXT(field(value, "response"), old_response("user", "r", "pass", "n", "rtsp://h/x"));
    ASSERT_TEXT(field(value, "qop"), "-");
  }
}

// --- reading challenges ---

LAW(unquoted_empty_and_missing_values_are_read) {
  struct {
    const char* header;
    const char* realm;
    const char* nonce;
  } const cases[] = {
      {"Digest realm=\"r\",nonce=\"n\"", "r", "n"},
      {"DIGEST  REALM = \"r\" , Nonce=n", "r", "n"},
      {"Digest realm=IP Camera 5, nonce=ab+/c==", "IP Camera 5", "ab+/c=="},
      {"Digest realm=\"r\" nonce=\"n\"", "r", "n"},
      {"Digest realm=r nonce=n", "r", "n"},
      {"Digest realm=\"\", nonce=\"\"", "", ""},
      {"Digest realm=, nonce=", "", ""},
      {"Digest nonce=\"n\"", "", "n"},
      {"Digest realm=\"r\"", "r", ""},
      {"Digest realm=\"a, x=b\", nonce=\"n", "a, x=b", "n"},
      {",,Digest realm=\"r\",,nonce=\"n\",", "r", "n"},
      {"Digest\rrealm=r\r\n nonce=n", "r", "n"},
  };
  for (const auto& c : cases) {
    const std::string value = answer({c.header});
    ASSERT_TEXT(field(value, "realm"), c.realm);
    ASSERT_TEXT(field(value, "nonce"), c.nonce);
    ASSERT_TEXT(field(value, "response"), old_response("user", c.realm, "pass", c.nonce, "rtsp://h/x"));
  }
}

LAW(escapes_are_given_back_as_they_came_and_hashed_without) {
  const std::string value = answer({"Digest realm=\"a\\\"b\\\\c\", nonce=\"n\""});
  ck_assert(value.find("realm=\"a\\\"b\\\\c\"") != std::string::npos);
  ASSERT_TEXT(field(value, "response"), old_response("user", "a\"b\\c", "pass", "n", "rtsp://h/x"));
  const std::string domain = answer({"Digest realm=\"DOMAIN\\name\", nonce=\"n\""});
  ck_assert(domain.find("realm=\"DOMAIN\\name\"") != std::string::npos);
  ASSERT_TEXT(field(domain, "response"), old_response("user", "DOMAIN\\name", "pass", "n", "rtsp://h/x"));
}

LAW(a_trailing_backslash_or_an_unquoted_quote_cannot_open_the_quotes) {
  ck_assert(answer({"Digest nonce=\"n\", realm=\"a\\"}).find("realm=\"a\\\\\", nonce") != std::string::npos);
  ck_assert(answer({"Digest nonce=n, realm=a\"b\\"}).find("realm=\"a\\\"b\\\\\", nonce") !=
            std::string::npos);
}

LAW(basic_with_odd_spacing_is_known) {
  for (const char* header :
       {"Basic realm=\"r\"", "basic", "BASIC   realm = r", " Basic realm=", "Basic,", "Basic realm=\"a"}) {
    ASSERT_TEXT(answer({header}), "Basic dXNlcjpwYXNz");
  }
}

LAW(opaque_is_given_back_also_when_empty) {
  ASSERT_TEXT(field(answer({"Digest realm=r,nonce=n,opaque=\"x y\""}), "opaque"), "x y");
  ASSERT_TEXT(field(answer({"Digest realm=r,nonce=n,opaque=\"\""}), "opaque"), "");
  ASSERT_TEXT(field(answer({"Digest realm=r,nonce=n"}), "opaque"), "-");
}

LAW(a_401_without_a_challenge_that_can_be_answered_is_unsupported) {
  Authenticator auth("user", "pass");
  for (const char* header : {"", "Negotiate", "realm=\"r\", nonce=\"n\"", "NTLM abc==", "\"", "="}) {
    ck_assert_msg(auth.on_unauthorized(challenge({header})) == Outcome::kUnsupported, "%s", header);
  }
  ck_assert(auth.on_unauthorized({}) == Outcome::kUnsupported);
}

// --- the course of a session ---

LAW(nothing_is_sent_before_a_challenge) {
  Authenticator auth("user", "pass");
  ck_assert(!auth.authorization("OPTIONS", "rtsp://h/x", ""));
}

LAW(without_credentials_a_challenge_is_not_answered) {
  Authenticator auth("", "");
  ck_assert(auth.on_unauthorized(challenge({"Basic realm=\"r\""})) == Outcome::kNoCredentials);
  ck_assert(!auth.authorization("OPTIONS", "rtsp://h/x", ""));
}

LAW(an_empty_password_is_one) {
  Authenticator auth("user", "");
  ck_assert(auth.on_unauthorized(challenge({"Basic realm=\"r\""})) == Outcome::kRetry);
  ASSERT_TEXT(*auth.authorization("OPTIONS", "rtsp://h/x", ""), "Basic dXNlcjo=");
}

LAW(uses_of_a_nonce_are_counted) {
  auto auth = with_cnonce("user", "pass", "c");
  ck_assert(auth.on_unauthorized(challenge({"Digest realm=r,nonce=n,qop=auth"})) == Outcome::kRetry);
  for (const char* count : {"00000001", "00000002", "00000003"}) {
    ASSERT_TEXT(field(*auth.authorization("PLAY", "rtsp://h/x", ""), "nc"), count);
    auth.on_success();
  }
  ck_assert(auth.on_unauthorized(challenge({"Digest realm=r,nonce=m,qop=auth"})) == Outcome::kRetry);
  ASSERT_TEXT(field(*auth.authorization("PLAY", "rtsp://h/x", ""), "nc"), "00000001");
}

LAW(client_nonces_are_random_and_of_128_bits) {
  const auto cnonce = [] {
    Authenticator auth("user", "pass");
    ck_assert(auth.on_unauthorized(challenge({"Digest realm=r,nonce=n,qop=auth"})) == Outcome::kRetry);
    return field(*auth.authorization("PLAY", "rtsp://h/x", ""), "cnonce");
  };
  const std::string one = cnonce();
  ck_assert_uint_eq(one.size(), 32);
  ck_assert(one.find_first_not_of("0123456789abcdef") == std::string::npos);
  ck_assert(one != cnonce());
}

/// What comes of a 401 with `header`, then of sending the credentials.
Outcome refuse(Authenticator& auth, const char* header) {
  const Outcome outcome = auth.on_unauthorized(challenge({header}));
  if (outcome == Outcome::kRetry) ck_assert(auth.authorization("PLAY", "rtsp://h/x", "").has_value());
  return outcome;
}

LAW(credentials_refused_for_the_same_nonce_are_rejected) {
  for (const char* header :
       {"Digest realm=r,nonce=n", "Digest realm=r,nonce=n,stale=false", "Basic realm=r"}) {
    Authenticator auth("user", "pass");
    ck_assert(refuse(auth, header) == Outcome::kRetry);
    ck_assert(refuse(auth, header) == Outcome::kRejected);
  }
}

LAW(two_challenges_before_credentials_were_sent_are_no_refusal) {
  Authenticator auth("user", "pass");
  ck_assert(auth.on_unauthorized(challenge({"Digest realm=r,nonce=n"})) == Outcome::kRetry);
  ck_assert(auth.on_unauthorized(challenge({"Digest realm=r,nonce=n"})) == Outcome::kRetry);
}

LAW(retina_8_19_a_stale_nonce_is_replaced_in_mid_session) {
  Authenticator auth("user", "pass");
  ck_assert(refuse(auth, "Digest realm=r,nonce=n1") == Outcome::kRetry);
  auth.on_success();
  ck_assert(refuse(auth, "Digest realm=r,nonce=n2,stale=true") == Outcome::kRetry);
  const std::string value = *auth.authorization("PLAY", "rtsp://h/x", "");
  ASSERT_TEXT(field(value, "nonce"), "n2");
  auth.on_success();
  ck_assert(refuse(auth, "Digest realm=r,nonce=n3") == Outcome::kRetry);  // without saying stale
  auth.on_success();
  ck_assert(refuse(auth, "Digest realm=r,nonce=n3,stale=\"TRUE\"") == Outcome::kRetry);  // the same one again
}

LAW(new_nonces_without_a_success_are_tried_twice) {
  for (const char* stale : {"", ",stale=true"}) {
    Authenticator auth("user", "wrong");
    const auto header = [&](const char* nonce) {
      return std::string("Digest realm=r,nonce=") + nonce + stale;
    };
    ck_assert(refuse(auth, header("n1").c_str()) == Outcome::kRetry);
    ck_assert(refuse(auth, header("n2").c_str()) == Outcome::kRetry);
    ck_assert(refuse(auth, header("n3").c_str()) == Outcome::kRejected);
    ck_assert(refuse(auth, header("n4").c_str()) == Outcome::kRejected);
  }
}

LAW(a_refusal_without_a_new_challenge_is_a_rejection) {
  Authenticator auth("user", "pass");
  ck_assert(refuse(auth, "Digest realm=r,nonce=n") == Outcome::kRetry);
  ck_assert(auth.on_unauthorized({}) == Outcome::kRejected);
}

LAW(a_second_try_uses_the_path_as_uri_and_stays_so_once_it_worked) {
  auto auth = with_cnonce("user", "pass", "c");
  const char* uri = "rtsp://h:554/a/b?c=d";
  ck_assert(auth.on_unauthorized(challenge({"Digest realm=r,nonce=n1"})) == Outcome::kRetry);
  ASSERT_TEXT(field(*auth.authorization("DESCRIBE", uri, ""), "uri"), uri);
  ck_assert(auth.on_unauthorized(challenge({"Digest realm=r,nonce=n2"})) == Outcome::kRetry);
  const std::string value = *auth.authorization("DESCRIBE", uri, "");
  ASSERT_TEXT(field(value, "uri"), "/a/b?c=d");
  ASSERT_TEXT(field(value, "response"), old_response("user", "r", "pass", "n2", "/a/b?c=d"));
  auth.on_success();
  ASSERT_TEXT(field(*auth.authorization("SETUP", "rtsp://h", ""), "uri"), "/");
  ASSERT_TEXT(field(*auth.authorization("OPTIONS", "*", ""), "uri"), "*");
}

LAW(a_stale_nonce_says_nothing_against_the_uri) {
  Authenticator auth("user", "pass");
  ck_assert(refuse(auth, "Digest realm=r,nonce=n1") == Outcome::kRetry);
  ck_assert(refuse(auth, "Digest realm=r,nonce=n2,stale=true") == Outcome::kRetry);
  ASSERT_TEXT(field(*auth.authorization("PLAY", "rtsp://h/x", ""), "uri"), "rtsp://h/x");
}

LAW(credentials_are_hashed_as_the_bytes_they_are) {
  auto auth = with_cnonce("J\xC3\xA4s\"on\\", "p\xC3\xA4ss:\"w\xFF", "c");
  ck_assert(auth.on_unauthorized(challenge({"Digest realm=r,nonce=n"})) == Outcome::kRetry);
  const std::string value = *auth.authorization("DESCRIBE", "rtsp://h/x", "");
  ck_assert(value.find("username=\"J\xC3\xA4s\\\"on\\\\\"") != std::string::npos);
  ASSERT_TEXT(field(value, "response"),
              old_response("J\xC3\xA4s\"on\\", "r", "p\xC3\xA4ss:\"w\xFF", "n", "rtsp://h/x"));
}

LAW(the_digest_covers_the_uri_as_it_stands_in_the_request_line) {
  auto auth = with_cnonce("user", "pass", "c");
  ck_assert(auth.on_unauthorized(challenge({"Digest realm=r,nonce=n"})) == Outcome::kRetry);
  const std::string value = *auth.authorization("DESCRIBE", "rtsp://h/a b", "");
  ASSERT_TEXT(field(value, "uri"), "rtsp://h/a%20b");
  ASSERT_TEXT(field(value, "response"), old_response("user", "r", "pass", "n", "rtsp://h/a%20b"));
}

}  // namespace

int main() {
  return retina::test::run_laws("auth");
}
