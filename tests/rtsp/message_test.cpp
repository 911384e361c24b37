#include "rtsp/message.h"

#include "support/check.h"

namespace {

using namespace retina;
using rtsp::Headers;

std::string names(const Headers& headers) {
  std::string text;
  for (const auto& [name, value] : headers)
    text += name + "=" + value + ";";
  return text;
}

LAW(headers_are_found_in_any_case_and_keep_their_order) {
  Headers headers;
  headers.add("CSeq", "1");
  headers.add("X-B", "b");
  headers.add("x-a", "");
  ck_assert(headers.get("cseq") == "1" && headers.get("CSEQ") == "1");
  ck_assert(headers.get("X-A") == "");
  ck_assert(!headers.get("CSe") && !headers.get("X-"));
  ASSERT_TEXT(names(headers), "CSeq=1;X-B=b;x-a=;");
}

LAW(repeated_headers_are_kept_and_joined_in_order) {
  Headers headers;
  headers.add("WWW-Authenticate", "Basic realm=\"a\"");
  headers.add("Server", "s");
  headers.add("www-authenticate", "Digest realm=\"a\"");
  ck_assert_uint_eq(headers.all("WWW-AUTHENTICATE").size(), 2);
  ck_assert(headers.get("WWW-Authenticate") == "Basic realm=\"a\"");
  ASSERT_TEXT(*headers.joined("WWW-Authenticate"), "Basic realm=\"a\", Digest realm=\"a\"");
  ck_assert(!headers.joined("Public"));
}

LAW(joining_keeps_an_empty_first_value) {
  Headers headers;
  headers.add("Public", "");
  headers.add("Public", "PLAY");
  ASSERT_TEXT(*headers.joined("Public"), ", PLAY");
}

LAW(set_replaces_every_field_of_that_name_in_place) {
  Headers headers;
  headers.add("A", "1");
  headers.add("B", "2");
  headers.add("a", "3");
  headers.set("A", "4");
  ASSERT_TEXT(names(headers), "A=4;B=2;");
  headers.set("C", "5");
  headers.remove("b");
  ASSERT_TEXT(names(headers), "A=4;C=5;");
}

LAW(folded_text_extends_the_last_value_only) {
  Headers headers;
  headers.extend_last("lost");
  headers.add("A", "");
  headers.extend_last("x");
  headers.extend_last("");
  headers.extend_last("y");
  ASSERT_TEXT(names(headers), "A=x y;");
}

LAW(requests_start_with_cseq_and_user_agent) {
  rtsp::Request request{"SETUP", "rtsp://h/a/trackID=0", {}, {}};
  request.headers.add("Transport", "RTP/AVP/TCP;unicast");
  request.headers.add("user-agent", "probe");
  request.headers.add("cseq", "7");
  ASSERT_TEXT(rtsp::serialise(request),
              "SETUP rtsp://h/a/trackID=0 RTSP/1.0\r\nCSeq: 7\r\nUser-Agent: probe\r\n"
              "Transport: RTP/AVP/TCP;unicast\r\n\r\n");
}

LAW(content_length_is_written_exactly_with_a_body) {
  rtsp::Request request{"SET_PARAMETER", "*", {}, "a: b\r\n"};
  request.headers.add("Content-Length", "999");
  ASSERT_TEXT(rtsp::serialise(request), "SET_PARAMETER * RTSP/1.0\r\nContent-Length: 6\r\n\r\na: b\r\n");
  request.body.clear();
  ASSERT_TEXT(rtsp::serialise(request), "SET_PARAMETER * RTSP/1.0\r\n\r\n");
}

LAW(nothing_in_a_field_can_start_another_header_or_message) {
  rtsp::Request request{"PL AY\r\n", "rtsp://h/a\r\nX: y b\x80", {}, {}};
  request.headers.add("Session\r\nEvil", "1");
  request.headers.add("Session", "1\r\nX: y");
  request.headers.add("", "nameless");
  request.headers.add("Zero", std::string("a\0b\x7F\xC3\xA9\t.", 8));
  ASSERT_TEXT(rtsp::serialise(request),
              std::string("PLAY rtsp://h/a%0D%0AX:%20y%20b%80 RTSP/1.0\r\nSession: 1  X: y\r\n"
                          "Zero: a b \xC3\xA9\t.\r\n\r\n"));
  const rtsp::Response response{200, "OK\r\nX: y", {}, {}};
  ASSERT_TEXT(rtsp::serialise(response), "RTSP/1.0 200 OK  X: y\r\n\r\n");
}

LAW(a_request_without_uri_asks_for_the_server) {
  ASSERT_TEXT(rtsp::serialise(rtsp::Request{"OPTIONS", "", {}, {}}), "OPTIONS * RTSP/1.0\r\n\r\n");
}

LAW(responses_have_their_own_first_line_and_the_same_order) {
  rtsp::Response response{501, "Not Implemented", {}, "x"};
  response.headers.add("Session", "s");
  response.headers.add("CSeq", "3");
  ASSERT_TEXT(rtsp::serialise(response),
              "RTSP/1.0 501 Not Implemented\r\nCSeq: 3\r\nSession: s\r\nContent-Length: 1\r\n\r\nx");
}

LAW(wire_uris_keep_what_servers_compare) {
  ASSERT_TEXT(rtsp::wire_uri("rtsp://h:554/a b?x=1&y=%20\"'[]{}#f"), "rtsp://h:554/a%20b?x=1&y=%20\"'[]{}#f");
}

}  // namespace

int main() {
  return retina::test::run_laws("message");
}
