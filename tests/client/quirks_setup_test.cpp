// How cameras answer DESCRIBE and SETUP: where they redirect to, which URLs, sessions and transports they
// give. One law per behaviour that was seen; docs/cameras.md lists them.

#include "client/composed_camera.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;
using client::Failure;

/// Up to the request SETUP, which is returned.
std::string setup_after(SessionDriver& camera, const std::string& headers,
                        const std::string& sdp = kH264Sdp) {
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\n" + headers, sdp);
  ck_assert(camera.take<client::Described>().has_value());
  camera.choose({0});
  return camera.request("SETUP");
}

std::string sdp_with_control(const std::string& control) {
  std::string sdp = kH264Sdp;
  const std::size_t at = sdp.rfind("a=control:track1\r\n");
  return sdp.replace(at, std::string::npos, control.empty() ? "" : "a=control:" + control + "\r\n");
}

// --- the connection ---

LAW(the_camera_closes_after_options_and_goes_on_with_a_new_connection) {
  SessionDriver camera;
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.close();
  ck_assert(camera.take<client::ConnectionNeeded>().has_value());
  camera.reconnect();
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\n", kH264Sdp);
  ck_assert(camera.take<client::Described>().has_value());
  ck_assert_uint_eq(camera.notes().size(), 1);
}

LAW(the_camera_closes_after_404_to_options_and_goes_on_with_a_new_connection) {
  for (const char* status : {"404 Not Found", "454 Session Not Found", "501 Not Implemented"}) {
    SessionDriver camera;
    camera.request("OPTIONS");
    camera.reply(status);
    camera.request("DESCRIBE");
    camera.close();
    ck_assert(camera.take<client::ConnectionNeeded>().has_value());
    camera.reconnect();
    camera.request("DESCRIBE");
  }
}

LAW(the_camera_closes_after_404_to_a_control_url_and_takes_the_other_on_a_new_connection) {
  SessionDriver camera;
  setup_after(camera, "Content-Base: rtsp://cam/dir/stream\r\n");
  camera.reply("404 Not Found");
  ASSERT_TEXT(url_of(camera.request("SETUP")), "rtsp://cam/dir/track1");
  camera.clear_events();
  camera.close();
  ck_assert(camera.take<client::ConnectionNeeded>().has_value());
  camera.reconnect();
  ASSERT_TEXT(url_of(camera.request("SETUP")), "rtsp://cam/dir/track1");
}

LAW(the_camera_closes_after_454_to_play_and_gets_a_new_session_on_a_new_connection) {
  SessionDriver camera;
  camera.reach_play();
  camera.request("PLAY");
  camera.reply("454 Session Not Found");
  camera.request("SETUP");
  camera.clear_events();
  camera.close();
  ck_assert(camera.take<client::ConnectionNeeded>().has_value());
  camera.reconnect();
  ASSERT_TEXT(header_of(camera.request("SETUP"), "Session"), "-");
  camera.reply("200 OK", "Session: 2\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
  ASSERT_TEXT(header_of(camera.request("PLAY"), "Session"), "2");
}

// --- redirects ---

LAW(redirects_are_followed_at_each_step) {
  for (const char* status :
       {"301 Moved Permanently", "302 Found", "303 See Other", "305 Use Proxy", "307 Temporary Redirect"}) {
    for (const char* step : {"OPTIONS", "DESCRIBE", "SETUP", "PLAY"}) {
      SessionDriver camera;
      const std::string wanted = step;
      if (wanted != "OPTIONS") camera.reach_describe();
      if (wanted == "SETUP" || wanted == "PLAY") {
        camera.request("DESCRIBE");
        camera.reply("200 OK", "Content-Type: application/sdp\r\n", kH264Sdp);
        camera.choose({0});
      }
      if (wanted == "PLAY") {
        camera.request("SETUP");
        camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
      }
      camera.request(step);
      camera.clear_events();
      camera.reply(status, "Location: rtsp://other:8554/path\r\n");
      ck_assert_msg(camera.take<client::ConnectionNeeded>().has_value(), "%s at %s", status, step);
      ASSERT_TEXT(camera.session().endpoint().url.host, "other");
      ck_assert_uint_eq(camera.session().endpoint().url.port, 8554);
      camera.reconnect();
      const std::string request = camera.request("OPTIONS");
      ASSERT_TEXT(url_of(request), "rtsp://other:8554/path");
      ASSERT_TEXT(header_of(request, "Session"), "-");
    }
  }
}

LAW(five_redirects_are_followed_and_no_more) {
  SessionDriver camera;
  for (int i = 0; i < 5; ++i) {
    camera.request("OPTIONS");
    camera.reply("302 Found", "Location: rtsp://cam/" + std::to_string(i) + "\r\n");
    ck_assert(camera.take<client::ConnectionNeeded>().has_value());
    camera.reconnect();
  }
  camera.request("OPTIONS");
  camera.reply("302 Found", "Location: rtsp://cam/5\r\n");
  camera.failure(Failure::Kind::kUnsupported);
}

LAW(credentials_go_to_the_same_host_only) {
  for (const bool same : {true, false}) {
    SessionDriver camera("rtsp://user:pw@cam/stream");
    camera.request("OPTIONS");
    camera.reply("401 Unauthorized", "WWW-Authenticate: Basic realm=\"r\"\r\n");
    camera.request("OPTIONS");
    camera.reply("302 Found", std::string("Location: rtsp://") + (same ? "CAM:554" : "other") + "/x\r\n");
    camera.reconnect();
    for (int i = 0; i < 2; ++i) {
      const std::string value = header_of(camera.request("OPTIONS"), "Authorization");
      ck_assert_msg((value != "-") == same, "%s", value.c_str());
      if (!same) {
        camera.reply("401 Unauthorized", "WWW-Authenticate: Basic realm=\"r\"\r\n");
        camera.failure(Failure::Kind::kNotAuthorized);
        break;
      }
      camera.reply("302 Found", "Location: rtsp://cam/y\r\n");
      camera.reconnect();
    }
  }
}

LAW(a_redirect_without_a_usable_location_is_a_clear_failure) {
  for (const char* location : {"", "Location: \r\n", "Location: http://cam/x\r\n", "Location: rtsp://\r\n"}) {
    SessionDriver camera;
    camera.reach_describe();
    camera.request("DESCRIBE");
    camera.reply("302 Found", location);
    const auto ended = camera.take<client::Ended>();
    ck_assert_msg(ended && ended->failure && ended->failure->status == 302, "%s", location);
    const bool http = contains(location, "http");
    ck_assert(contains(ended->failure->text, "used (http). Set location") == http);
  }
}

LAW(a_redirect_names_only_a_path) {
  struct {
    const char* location;
    const char* url;
  } const cases[] = {
      {"/stream2", "rtsp://cam:8554/stream2"},
      {"stream2", "rtsp://cam:8554/dir/stream2"},
      {" /stream2?a=b ", "rtsp://cam:8554/stream2?a=b"},
      {"//cam:8554/stream2", "rtsp://cam:8554/stream2"},
  };
  for (const auto& c : cases) {
    SessionDriver camera("rtsp://user:pw@cam:8554/dir/stream");
    camera.request("OPTIONS");
    camera.reply("401 Unauthorized", "WWW-Authenticate: Basic realm=\"r\"\r\n");
    camera.request("OPTIONS");
    camera.reply("302 Found", std::string("Location: ") + c.location + "\r\n");
    camera.reconnect();
    const std::string request = camera.request("OPTIONS");
    ASSERT_TEXT(url_of(request), c.url);
    ASSERT_TEXT(header_of(request, "Authorization"), "Basic dXNlcjpwdw==");
  }
}

// --- URLs ---

LAW(the_base_url_is_mended) {  // go2rtc#830 #1236 #1852, Anjvision
  struct {
    const char* headers;
    const char* setup_url;
  } const cases[] = {
      {"", "rtsp://cam/stream/track1"},
      {"Content-Base: rtsp://cam/stream/\r\n", "rtsp://cam/stream/track1"},
      {"Content-Base: rtsp://cam/stream\r\n", "rtsp://cam/stream/track1"},
      {"Content-Base: rtsp://cam/stream//\r\n", "rtsp://cam/stream//track1"},
      {"Content-Base: cam/stream/\r\n", "rtsp://cam/stream/track1"},
      {"Content-Base: cam:554/stream/\r\n", "rtsp://cam:554/stream/track1"},
      {"Content-Base: rtsp://rtsp://cam/stream/\r\n", "rtsp://cam/stream/track1"},
      {"Content-Base: rtsp:/cam/stream/\r\n", "rtsp://cam/stream/track1"},
      {"Content-Base: rtsp:///stream/\r\n", "rtsp://cam/stream/track1"},
      {"Content-Base: rtsp://user:pw@cam/stream/\r\n", "rtsp://cam/stream/track1"},
      {"Content-Base: rtsp://192.168.0.10:554/stream/\r\n", "rtsp://cam/stream/track1"},
      {"Content-Base: rtsp://192.168.0.10/\r\n", "rtsp://cam/track1"},
      {"Content-Base: rtsp://cam:8554/stream/\r\n", "rtsp://cam/stream/track1"},
      {"Content-Base: /stream/\r\n", "rtsp://cam/stream/track1"},
      {"Content-Base:\r\nContent-Location: rtsp://cam/other/\r\n", "rtsp://cam/other/track1"},
      {"Content-Base: rtsp://cam/s?a=b\r\n", "rtsp://cam/s?a=b/track1"},
  };
  for (const auto& c : cases) {
    SessionDriver camera;
    const std::string url = url_of(setup_after(camera, c.headers));
    ck_assert_msg(url == c.setup_url, "%s: %s", c.headers, url.c_str());
  }
}

LAW(a_control_url_is_missing_absolute_or_of_another_host) {
  struct {
    const char* control;
    const char* setup_url;
  } const cases[] = {
      {"", "rtsp://cam/stream/"},
      {"*", "rtsp://cam/stream/"},
      {"/track1", "rtsp://cam/stream/track1"},
      {" track1 ", "rtsp://cam/stream/track1"},
      {"rtsp://cam/elsewhere/track1", "rtsp://cam/elsewhere/track1"},
      {"rtsp://192.168.0.10/stream/track1", "rtsp://192.168.0.10/stream/track1"},
      {"rtsp://user:pw@cam/stream/track1", "rtsp://cam/stream/track1"},
      {"rtsp://rtsp://cam/stream/track1", "rtsp://cam/stream/track1"},
      {"trackID=1?x=y&z", "rtsp://cam/stream/trackID=1?x=y&z"},
  };
  for (const auto& c : cases) {
    SessionDriver camera;
    const std::string url =
        url_of(setup_after(camera, "Content-Base: rtsp://cam/stream/\r\n", sdp_with_control(c.control)));
    ck_assert_msg(url == c.setup_url, "%s: %s", c.control, url.c_str());
  }
}

LAW(a_joined_url_that_is_refused_is_joined_the_other_way) {  // good#922 #1447 #2334 #3563
  for (const char* status : {"400 Bad Request", "404 Not Found", "451 Parameter Not Understood",
                             "455 Method Not Valid", "503 Service Unavailable"}) {
    SessionDriver camera;
    ASSERT_TEXT(url_of(setup_after(camera, "Content-Base: rtsp://cam/dir/stream\r\n")),
                "rtsp://cam/dir/stream/track1");
    camera.reply(status);
    ASSERT_TEXT(url_of(camera.request("SETUP")), "rtsp://cam/dir/track1");
    camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
    camera.request("PLAY");
    ck_assert_uint_eq(camera.notes().size(), 1);
  }
}

LAW(two_streams_have_the_same_control_url) {
  const std::string sdp = std::string(kH264Sdp) + "m=audio 0 RTP/AVP 0\r\na=control:track1\r\n";
  SessionDriver camera;
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\n", sdp);
  camera.choose({0, 1});
  for (const char* channels : {"0-1", "2-3"}) {
    const std::string setup = camera.request("SETUP");
    ASSERT_TEXT(url_of(setup), "rtsp://cam/stream/track1");
    camera.reply("200 OK",
                 std::string("Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=") + channels + "\r\n");
  }
  camera.request("PLAY");
}

// --- Session ---

LAW(the_session_id_is_given_back_verbatim) {
  struct {
    const char* header;
    const char* id;
  } const cases[] = {
      {"Session: 708345999", "708345999"},
      {"Session:        708345999", "708345999"},
      {"Session: 9a90de54; timeout=60", "9a90de54"},
      {"Session: 1 ;timeout=60 ", "1"},
      {"Session: a b  c;timeout=60", "a b  c"},
      {"Session: {4f-}~!@#$%^&*()+=/\\|'\":,.<>?;timeout=60", "{4f-}~!@#$%^&*()+=/\\|'\":,.<>?"},
      {"Session: 1;x=y;timeout=60;z", "1"},
      {"Session: 1;", "1"},
      {"Session: 1;timeout=", "1"},
      {"Session: 1;timeout=never", "1"},
      {"session:1;TIMEOUT = 60", "1"},
  };
  for (const auto& c : cases) {
    SessionDriver camera;
    setup_after(camera, "");
    camera.reply("200 OK", std::string(c.header) + "\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n");
    ASSERT_TEXT(header_of(camera.request("PLAY"), "Session"), c.id);
    ck_assert_msg(camera.notes().empty(), "%s", c.header);
  }
}

LAW(there_is_no_session_id) {
  for (const char* header : {"", "Session: \r\n", "Session: ;timeout=60\r\n"}) {
    SessionDriver camera;
    setup_after(camera, "");
    camera.reply("200 OK", std::string(header) + "Transport: RTP/AVP/TCP;interleaved=0-1\r\n");
    ASSERT_TEXT(header_of(camera.request("PLAY"), "Session"), "-");
    camera.reply("200 OK");
    ck_assert(camera.take<client::Playing>().has_value());
    ck_assert_msg(camera.notes().size() == 1, "%s", header);
  }
}

// --- Transport ---

LAW(the_transport_is_missing_or_unreadable) {  // gortsplib#456
  for (const char* header : {"", "Transport:\r\n", "Transport: ;;\r\n"}) {
    SessionDriver camera;
    setup_after(camera, "");
    camera.reply("200 OK", std::string("Session: 1\r\n") + header);
    camera.request("PLAY");
    camera.reply("200 OK");
    camera.feed(on_channel(0, rtp_packet(1, 0, slice('a'))));
    ASSERT_TEXT(take_frames(camera), "a");
    assert_list(camera.notes(),
                {"The camera's answer to SETUP has no usable Transport header; took what was asked for."});
  }
}

LAW(the_transport_is_written_in_many_ways) {  // WMS, gortsplib, Hikvision, Luckfox, gortsplib#1014
  struct {
    const char* transport;
    unsigned rtp;
    unsigned rtcp;
    std::uint32_t ssrc;
  } const cases[] = {
      {"RTP/AVP/TCP;unicast;interleaved=0-1", 0, 1, 0},
      {"RTP/AVP/TCP; unicast; interleaved=0-1", 0, 1, 0},
      {"RTP/AVP/TCP;UNICAST;INTERLEAVED=0-1", 0, 1, 0},
      {"rtp/avp/tcp;unicast;interleaved=0-1", 0, 1, 0},
      {"RTP/AVP/TCP;unicast;interleaved=0", 0, 1, 0},
      {"RTP/AVP/TCP;unicast;interleaved=4-5", 4, 5, 0},
      {"RTP/AVP/TCP;unicast;interleaved=3-7", 3, 7, 0},
      {"RTP/AVP/TCP;unicast;interleaved=254-255", 254, 255, 0},
      {"RTP/AVP/TCP;unicast;interleaved=256-257", 0, 1, 0},
      {"RTP/AVP/TCP;unicast;interleaved=", 0, 1, 0},
      {"RTP/AVP/TCP;unicast;interleaved= 0 - 1 ", 0, 1, 0},
      {"RTP/AVP/TCP;unicast;client_port=50001-50000;interleaved=0-1", 0, 1, 0},
      {"RTP/AVP/TCP;unicast;client_port=70000-70001;interleaved=0-1", 0, 1, 0},
      {"RTP/AVP/TCP;unicast", 0, 1, 0},
      {"interleaved=0-1", 0, 1, 0},
      {"RTP/AVP;unicast;interleaved=2-3", 2, 3, 0},
      {"RTP/AVP/TCP;unicast;destination=192.168.1.2;source=192.168.1.3;interleaved=0-1", 0, 1, 0},
      {"RTP/AVP/TCP;unicast;source=camera.local;interleaved=0-1", 0, 1, 0},
      {"RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=4cacc3d1;mode=\"play\"", 0, 1, 0x4cacc3d1},
      {"RTP/AVP/TCP;unicast;interleaved=0-1;ssrc= d6d6627", 0, 1, 0x0d6d6627},
      {"ssrc=12345678;RTP/AVP/TCP;unicast;interleaved=0-1", 0, 1, 0x12345678},
      {"RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=0xABCDEF01", 0, 1, 0xABCDEF01},
      {"RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=00000000", 0, 1, 0},
      {"RTP/AVP/TCP;unicast;interleaved=0-1;mode=\"PLAY,RECORD\"", 0, 1, 0},
      {"RTP/AVP/TCP;unicast;interleaved=0-1,RTP/AVP;unicast;client_port=1-2", 0, 1, 0},
  };
  for (const auto& c : cases) {
    SessionDriver camera;
    setup_after(camera, "");
    camera.reply("200 OK", std::string("Session: 1\r\nTransport: ") + c.transport + "\r\n");
    camera.request("PLAY");
    camera.reply("200 OK", "RTP-Info: url=track1;seq=100;rtptime=5\r\n");
    const RtpOptions of_camera{true, 96, c.ssrc == 0 ? 0xCAFE : c.ssrc};
    camera.feed(on_channel(c.rtp, rtp_packet(102, 0, slice('a'), of_camera)));
    camera.feed(on_channel(c.rtcp, std::string("\x80\xC9\0\1", 4) + be32(of_camera.ssrc)));
    const std::string frames = take_frames(camera);
    ck_assert_msg(frames == "a", "%s: %s", c.transport, frames.c_str());
    ck_assert_msg(camera.statistics().packets_lost.get() == 2, "%s", c.transport);
    ck_assert_msg(camera.notes().empty(), "%s", c.transport);
  }
}

void choose_two_streams(SessionDriver& camera) {
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\n",
               std::string(kH264Sdp) + "m=audio 0 RTP/AVP 0\r\na=control:track2\r\n");
  camera.choose({0, 1});
}

LAW(two_streams_are_given_the_same_channels) {
  SessionDriver camera;
  choose_two_streams(camera);
  for (int i = 0; i < 2; ++i) {
    camera.request("SETUP");
    camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
  }
  camera.request("PLAY");
  camera.reply("200 OK");
  // Such a camera has only written its answer wrongly.
  camera.feed(on_channel(0, rtp_packet(1, 0, slice('a'))));
  camera.feed(on_channel(2, rtp_packet(1, 0, std::string(160, 'u'), {true, 0, 0xBEEF})));
  const auto video = camera.take<client::FrameReady>();
  const auto audio = camera.take<client::FrameReady>();
  ck_assert(video && video->stream == 0 && audio && audio->stream == 1);
  assert_list(camera.notes(),
              {"The camera gave two streams the same interleaved channel; took what was asked for."});
}

LAW(channels_that_leave_no_choice_are_a_clear_failure) {
  SessionDriver camera;
  choose_two_streams(camera);
  for (int i = 0; i < 2; ++i) {
    camera.request("SETUP");
    camera.reply("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=2-3\r\n");
  }
  ck_assert(contains(camera.failure(Failure::Kind::kProtocol).text, "same interleaved channel"));
}

LAW(a_camera_that_refuses_the_only_transport_allowed_is_a_clear_failure) {
  SessionDriver camera("rtspt://cam/stream");
  setup_after(camera, "");
  camera.reply("461 Unsupported Transport");
  const Failure failure = camera.failure(Failure::Kind::kUnsupported);
  ck_assert_int_eq(failure.status, 461);
  ck_assert(contains(failure.text, "over TCP; the scheme rtspt allows nothing else"));
}

}  // namespace

int main() {
  return retina::test::run_laws("quirks of setting up");
}
