#include "rtsp/url.h"

#include "support/check.h"

namespace {

using namespace retina;
using rtsp::JoinStyle;

const rtsp::Url kRequest = *rtsp::parse_url("rtsp://u:p@192.0.2.1:8554/live/main?x=1");

std::string base_of(std::string_view content_base, const rtsp::Url& request = kRequest) {
  return rtsp::resolve_base(content_base, std::nullopt, request);
}

LAW(the_base_is_content_base_else_content_location_else_the_request) {
  const std::string a = "rtsp://192.0.2.1:8554/a/";
  const std::string b = "rtsp://192.0.2.1:8554/b/";
  ASSERT_TEXT(rtsp::resolve_base(a, b, kRequest), a);
  ASSERT_TEXT(rtsp::resolve_base(std::nullopt, b, kRequest), b);
  ASSERT_TEXT(rtsp::resolve_base(" ", b, kRequest), b);
  ASSERT_TEXT(rtsp::resolve_base(std::nullopt, std::nullopt, kRequest),
              "rtsp://192.0.2.1:8554/live/main?x=1");
  ASSERT_TEXT(base_of(std::string(rtsp::kMaxUrlBytes + 1, 'a')), "rtsp://192.0.2.1:8554/live/main?x=1");
}

LAW(a_base_on_the_connections_server_stays_as_written) {
  ASSERT_TEXT(base_of("rtsp://192.0.2.1:8554/a//b/?c=/d/"), "rtsp://192.0.2.1:8554/a//b/?c=/d/");
  const auto request = *rtsp::parse_url("rtsp://Cam/x");
  ASSERT_TEXT(base_of("rtsp://cam:554/x/", request), "rtsp://cam:554/x/");
  ASSERT_TEXT(base_of("RTSP://cam/x/", request), "rtsp://cam/x/");
}

LAW(anjvision_a_base_without_scheme_gets_one) {
  ASSERT_TEXT(base_of("192.0.2.1:8554/stream0/"), "rtsp://192.0.2.1:8554/stream0/");
  const auto by_name = *rtsp::parse_url("rtsp://cam:554/x");
  ASSERT_TEXT(base_of("cam:554/stream0/", by_name), "rtsp://cam:554/stream0/");
  ASSERT_TEXT(base_of("cam/stream0/", by_name), "rtsp://cam/stream0/");
  ASSERT_TEXT(base_of("//cam:554/stream0/", by_name), "rtsp://cam:554/stream0/");
}

LAW(doubled_schemes_and_wrong_slashes_in_a_base_are_mended) {
  const std::string good = "rtsp://192.0.2.1:8554/a/";
  for (const char* text :
       {"rtsp://rtsp://192.0.2.1:8554/a/", "rtsp://rtsp://rtsp://192.0.2.1:8554/a/",
        "rtsp:/192.0.2.1:8554/a/", "rtsp:////192.0.2.1:8554/a/", "rtsp:///a/", "rtsp:/a/"}) {
    ASSERT_TEXT(base_of(text), good);
  }
  ASSERT_TEXT(base_of("rtsp://192.0.2.1:8554"), "rtsp://192.0.2.1:8554");
}

LAW(userinfo_in_a_base_is_left_out) {
  ASSERT_TEXT(base_of("rtsp://u:p@192.0.2.1:8554/a/"), "rtsp://192.0.2.1:8554/a/");
  ASSERT_TEXT(base_of("rtsp://u:p@ss@10.0.0.9/a/"), "rtsp://192.0.2.1:8554/a/");
  ASSERT_TEXT(base_of("u:p@192.0.2.1:8554/a/"), "rtsp://192.0.2.1:8554/a/");
}

LAW(a_base_on_another_server_is_asked_for_on_the_connections) {
  for (const char* text : {"rtsp://10.0.0.9/a/?b", "rtsp://10.0.0.9:8554/a/?b", "rtsp://192.0.2.1/a/?b",
                           "/a/?b", "rtsp://bad host/a/?b", "10.0.0.9/a/?b", "http://10.0.0.9/a/?b"}) {
    ASSERT_TEXT(base_of(text), "rtsp://192.0.2.1:8554/a/?b");
  }
  ASSERT_TEXT(base_of("rtsp://10.0.0.9"), "rtsp://192.0.2.1:8554/");
}

LAW(a_relative_base_is_joined_to_the_request) {
  ASSERT_TEXT(base_of("sub/"), "rtsp://192.0.2.1:8554/live/sub/");
}

LAW(a_base_keeps_the_connections_scheme) {
  ASSERT_TEXT(base_of("rtsp://h/a/", *rtsp::parse_url("rtspst://h/x")), "rtsps://h/a/");
  ASSERT_TEXT(base_of("rtsp://[2001:db8::1]/a/", *rtsp::parse_url("rtsp://[2001:db8::1]:554/x")),
              "rtsp://[2001:db8::1]/a/");
}

struct Join {
  const char* base;
  const char* control;
  const char* appended;
  const char* by_the_book;
};

LAW(control_urls_are_joined_in_two_ways) {
  const Join cases[] = {
      {"rtsp://h/a/", "trackID=1", "rtsp://h/a/trackID=1", "rtsp://h/a/trackID=1"},
      {"rtsp://h/a", "trackID=1", "rtsp://h/a/trackID=1", "rtsp://h/trackID=1"},
      {"rtsp://h", "track1", "rtsp://h/track1", "rtsp://h/track1"},
      {"rtsp://h/a/", "*", "rtsp://h/a/", "rtsp://h/a/"},
      {"rtsp://h/a/", "", "rtsp://h/a/", "rtsp://h/a/"},
      {"rtsp://h/a/", " track 1 ", "rtsp://h/a/track 1", "rtsp://h/a/track 1"},
      {"rtsp://h/a/", "/trackID=1", "rtsp://h/a/trackID=1", "rtsp://h/trackID=1"},
      {"rtsp://h/a", "/trackID=1", "rtsp://h/a/trackID=1", "rtsp://h/trackID=1"},
      {"rtsp://h/a/b/", "../c/./d", "rtsp://h/a/b/../c/./d", "rtsp://h/a/c/d"},
      {"rtsp://h/a/", "../../..", "rtsp://h/a/../../..", "rtsp://h/"},
      {"rtsp://h/a/b", ".", "rtsp://h/a/b/.", "rtsp://h/a/"},
      {"rtsp://h/a?b=c", "?ctype=video", "rtsp://h/a?b=c/?ctype=video", "rtsp://h/a?ctype=video"},
      {"rtsp://h/a/", "t?x=/../y", "rtsp://h/a/t?x=/../y", "rtsp://h/a/t?x=/../y"},
      {"rtsp://h/a/", "rtsp://g/b", "rtsp://g/b", "rtsp://g/b"},
      {"rtsp://h/a/", "rtsp://u:p@g/b", "rtsp://g/b", "rtsp://g/b"},
      {"rtsp://h/a/", "rtsp://rtsp://g/b", "rtsp://g/b", "rtsp://g/b"},
      {"rtsp://h/a/", "//g/b", "rtsp://h/a//g/b", "rtsp://g/b"},
      {"rtsp://h/a/", "t?u=rtsp://x/y", "rtsp://h/a/t?u=rtsp://x/y", "rtsp://h/a/t?u=rtsp://x/y"},
  };
  for (const Join& c : cases) {
    ASSERT_TEXT(rtsp::join_control(c.base, c.control, JoinStyle::kAppend), c.appended);
    ASSERT_TEXT(rtsp::join_control(c.base, c.control, JoinStyle::kRfc3986), c.by_the_book);
  }
}

LAW(dahua_and_gw_controls_are_appended_behind_the_query) {
  ASSERT_TEXT(rtsp::join_control("rtsp://h:554/cam/realmonitor?channel=1&proto=Onvif/", "trackID=0",
                                 JoinStyle::kAppend),
              "rtsp://h:554/cam/realmonitor?channel=1&proto=Onvif/trackID=0");
  ASSERT_TEXT(rtsp::join_control("rtsp://h:5050/H264?channel=1&proto=Onvif", "video", JoinStyle::kAppend),
              "rtsp://h:5050/H264?channel=1&proto=Onvif/video");
}

}  // namespace

int main() {
  return retina::test::run_laws("url_join");
}
