// Cameras that write RTSP messages in their own way. One law per behaviour that was seen; docs/cameras.md
// lists them. Every dialogue is cut at every byte.

#include "client/composed_camera.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;
using client::Failure;

/// A dialogue in which each reply has been changed by `change`; media follows.
template <class Change>
Transcript play_changed(Change change, const std::string& name) {
  Composition composition;
  composition.replies = dialogue(good_describe(kH264Sdp, "rtsp://cam/stream/"), {good_setup()}, good_play());
  for (ComposedReply& reply : composition.replies)
    reply.bytes = change(reply.bytes);
  composition.media =
      on_channel(0, rtp_packet(1, 1000, slice('a'))) + on_channel(0, rtp_packet(2, 4600, slice('b')));
  return play_at_every_split(composition, name);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

void check_plays(const Transcript& transcript, const std::string& name,
                 const std::vector<std::string>& notes = {}) {
  ck_assert_msg(transcript.played && transcript.failure.empty(), "%s: %s", name.c_str(),
                transcript.failure.c_str());
  ck_assert_msg(transcript.frames == "ab", "%s: %s", name.c_str(), transcript.frames.c_str());
  ASSERT_TEXT(url_of(transcript.request("SETUP")), "rtsp://cam/stream/track1");
  ASSERT_TEXT(header_of(transcript.request("PLAY"), "Session"), "12345678");
  assert_list(transcript.notes, notes);
}

// --- the status line ---

LAW(the_status_text_is_empty_or_the_space_after_the_code_is_missing) {  // gortsplib#807
  for (const char* line : {"RTSP/1.0 200 \r\n", "RTSP/1.0 200\r\n", "RTSP/1.0  200  OK\r\n",
                           "RTSP/1.0\t200\tOK \r\n", "RTSP/1.0 200 \xC3\x96K\r\n"}) {
    check_plays(play_changed([&](std::string s) { return replaced(s, "RTSP/1.0 200 OK\r\n", line); }, line),
                line);
  }
}

LAW(the_version_is_another_one) {
  for (const char* version : {"RTSP/2.0", "RTSP/1.1", "rtsp/1.0"}) {
    check_plays(play_changed([&](std::string s) { return replaced(s, "RTSP/1.0", version); }, version),
                version, {"The camera answers in another version than RTSP/1.0; read as 1.0."});
  }
}

// --- headers ---

LAW(header_names_come_in_any_case) {  // go2rtc#7
  const auto lower_names = [](std::string s) {
    for (const char* name :
         {"CSeq:", "Content-Length:", "Session:", "Transport:", "Content-Base:", "Content-Type:"})
      s = replaced(s, name, base::to_lower(name));
    return s;
  };
  check_plays(play_changed(lower_names, "lower case"), "lower case");
  check_plays(play_changed([](std::string s) { return replaced(s, "CSeq:", "Cseq:"); }, "Cseq"), "Cseq");
  check_plays(play_changed([](std::string s) { return replaced(s, "CSeq:", "CSEQ:"); }, "CSEQ"), "CSEQ");
}

LAW(white_space_stands_before_the_colon) {
  for (const char* colon : {" : ", "\t:", "  :"}) {
    const auto change = [&](std::string s) {
      s = replaced(s, "CSeq: ", std::string("CSeq") + colon);
      return replaced(s, "Transport: ", std::string("Transport") + colon);
    };
    check_plays(play_changed(change, colon), colon,
                {"A header of the camera has white space before its colon; taken without it."});
  }
}

LAW(white_space_stands_around_values) {  // Longse, Hikvision
  const auto change = [](std::string s) {
    s = replaced(s, "CSeq: 0\r\n", "CSeq:      0 \t\r\n");
    s = replaced(s, "Session: 12345678", "Session:        12345678");
    return replaced(s, "interleaved=0-1\r\n", "interleaved=0-1   \r\n");
  };
  check_plays(play_changed(change, "padding"), "padding");
}

LAW(header_lines_are_folded) {
  const auto change = [](std::string s) {
    s = replaced(s, "unicast;interleaved", "unicast;\r\n\t interleaved");
    s = replaced(s, "Session: ", "Session:\r\n ");
    return replaced(s, "OPTIONS, DESCRIBE", "OPTIONS,\r\n DESCRIBE");
  };
  const Transcript transcript = play_changed(change, "folded");
  check_plays(transcript, "folded");
  ASSERT_TEXT(transcript.keepalive, "GET_PARAMETER");
}

LAW(lines_end_with_lf_alone) {
  const auto change = [](std::string s) {
    const std::size_t body = s.find("\r\n\r\n") + 4;
    return replaced(s.substr(0, body), "\r\n", "\n") + s.substr(body);
  };
  check_plays(play_changed(change, "LF"), "LF",
              {"Lines of the camera's messages end with LF instead of CR LF; read all the same."});
}

LAW(blank_lines_stand_before_messages_and_media) {
  for (const char* blank : {"\r\n", "\r\n\r\n\r\n", "\n\r\n"}) {
    check_plays(play_changed([&](const std::string& s) { return blank + s; }, "blank lines"), "blank lines",
                {"Blank lines stand before the camera's messages; skipped."});
  }
}

LAW(blank_lines_stand_between_media_only_and_are_told_once) {
  SessionDriver camera;
  camera.reach_playing();
  for (unsigned i = 0; i < 3; ++i)
    camera.feed("\r\n" + on_channel(0, rtp_packet(i, i * 3600, slice('a'))));
  ASSERT_TEXT(take_frames(camera), "aaa");
  assert_list(camera.notes(), {"Blank lines stand before the camera's messages; skipped."});
}

LAW(headers_are_empty_not_ascii_or_without_a_colon) {  // RETINA 8.9
  struct {
    const char* line;
    std::vector<std::string> notes;
  } const cases[] = {
      {"Server:\r\n", {}},
      {"X-Empty: \r\n", {}},
      {"Server: Kamera f\xC3\xBCr drau\xDF"
       "en\r\n",
       {"A header of the camera has characters outside of ASCII; kept as they are."}},
      {"no colon here\r\n", {"A header line of the camera has no colon; ignored."}},
      {"Server: a\x01"
       "b\r\n",
       {"A header of the camera has control characters; left out."}},
  };
  for (const auto& c : cases) {
    // Control characters in the middle of media are media, so only up to SETUP.
    const auto change = [&](const std::string& s) {
      return contains(s, "Public:") || contains(s, "v=0")
                 ? replaced(s, "CSeq: 0\r\n", std::string("CSeq: 0\r\n") + c.line)
                 : s;
    };
    check_plays(play_changed(change, c.line), c.line, c.notes);
  }
}

LAW(the_blank_line_is_missing_where_media_starts) {
  Composition composition;
  composition.replies = dialogue(
      good_describe(kH264Sdp), {good_setup()},
      "RTSP/1.0 200 OK\r\nCSeq: 0\r\nSession: 12345678\r\n" + on_channel(0, rtp_packet(1, 0, slice('a'))));
  const Transcript transcript = play_at_every_split(composition, "no blank line");
  ck_assert(transcript.played);
  ASSERT_TEXT(transcript.frames, "a");
  assert_list(transcript.notes,
              {"A message of the camera ends without a blank line; taken to end where media starts."});
}

// --- CSeq ---

LAW(the_cseq_is_missing_wrong_or_off_by_one) {  // retina#133
  const auto note = [](const char* method) {
    return std::string("The camera's response to ") + method +
           " has a wrong CSeq or none; taken as the answer.";
  };
  for (const char* line : {"", "CSeq: \r\n", "CSeq: x\r\n", "CSeq: #9\r\n", "CSeq: -1\r\n"}) {
    const Transcript transcript =
        play_changed([&](std::string s) { return replaced(s, "CSeq: 0\r\n", line); }, line);
    check_plays(transcript, line, {note("OPTIONS"), note("DESCRIBE"), note("SETUP"), note("PLAY")});
  }
  for (const int offset : {-1, 1, 1000}) {
    SessionDriver camera;
    int cseq = 0;
    for (const char* method : {"OPTIONS", "DESCRIBE", "SETUP", "PLAY"}) {
      camera.request(method);
      std::string reply = method == std::string("OPTIONS")    ? good_options()
                          : method == std::string("DESCRIBE") ? good_describe(kH264Sdp)
                          : method == std::string("SETUP")    ? good_setup()
                                                              : good_play();
      camera.feed(renumber(reply, std::to_string(++cseq + offset)));
      if (camera.take<client::Described>()) camera.choose({0});
    }
    ck_assert_msg(camera.take<client::Playing>().has_value(), "%d", offset);
    assert_list(camera.notes(), {note("OPTIONS"), note("DESCRIBE"), note("SETUP"), note("PLAY")});
  }
}

LAW(c520ws_refuses_keep_alives_with_the_number_before_and_a_short_timeout) {  // retina#133
  client::Options options;
  options.idle_timeout = 0s;
  SessionDriver camera("rtsp://cam/stream", options);
  camera.request("OPTIONS");
  camera.reply("200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, SET_PARAMETER, GET_PARAMETER\r\n");
  camera.request("DESCRIBE");
  camera.reply("200 OK", "Content-Type: application/sdp\r\n", kH264Sdp);
  camera.choose({0});
  camera.request("SETUP");
  camera.reply("200 OK", "Session: 1;timeout=15\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
  camera.request("PLAY");
  camera.reply("200 OK");
  camera.clear_events();
  for (const char* method : {"SET_PARAMETER", "GET_PARAMETER", "OPTIONS", "OPTIONS"}) {
    camera.advance(7500ms);
    const std::string cseq = header_of(camera.request(method), "CSeq");
    const std::string before = std::to_string(std::stoi(cseq) - 1);
    camera.feed("RTSP/1.0 400 Bad Request\r\nCSeq: " + before + "\r\n\r\n");
    ck_assert_msg(!camera.session().ended(), "%s", method);
  }
  std::vector<std::string> notes;
  for (const char* method : {"SET_PARAMETER", "GET_PARAMETER", "OPTIONS"}) {
    const std::string name = method;
    notes.push_back("The camera's response to " + name + " has a wrong CSeq or none; taken as the answer.");
    notes.push_back(
        "The camera refused " + name + " as keep-alive" +
        (name == "OPTIONS" ? " too; playing on, since media flows." : " (400); trying another method."));
  }
  assert_list(camera.notes(), notes);
}

LAW(a_response_that_nothing_waits_for_is_ignored_and_noted_once) {
  SessionDriver camera;
  camera.reach_playing();
  for (int i = 0; i < 3; ++i)
    camera.feed("RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n");
  camera.feed(on_channel(0, rtp_packet(1, 0, slice('a'))));
  ASSERT_TEXT(take_frames(camera), "a");
  ck_assert_uint_eq(camera.notes().size(), 1);
}

LAW(interim_responses_are_waited_through) {  // RFC 2326 s11
  Composition composition;
  composition.replies = dialogue(good_describe(kH264Sdp, "rtsp://cam/stream/"), {good_setup()}, good_play());
  for (ComposedReply& reply : composition.replies) {
    reply.bytes = "RTSP/1.0 100 Continue\r\nCSeq: 0\r\n\r\n" + reply.bytes;
  }
  // Only the first number is made the request's: the answer behind it then has a wrong one, which is taken
  // too.
  const Transcript transcript = play_at_every_split(composition, "interim");
  ck_assert_msg(transcript.played && transcript.failure.empty(), "%s", transcript.failure.c_str());
}

LAW(interim_responses_do_not_put_off_the_timeout) {
  SessionDriver camera;
  camera.reach_describe();
  camera.request("DESCRIBE");
  for (int i = 0; i < 19; ++i) {
    camera.feed("RTSP/1.0 100 Continue\r\nCSeq: 2\r\n\r\n");
    camera.advance(1s);
    ck_assert(!camera.session().ended() && camera.silent());
  }
  camera.advance(1s);
  camera.failure(Failure::Kind::kTimeout);
}

// --- who we are ---

LAW(every_request_has_a_user_agent) {  // go2rtc#235
  for (const bool named : {true, false}) {
    const std::string agent = named ? "test" : "";
    client::Options options;
    options.location = "rtsp://user:pw@cam/stream";
    options.user_agent = agent;
    base::NullLog log;
    client::Statistics statistics;
    client::Session session(options, *rtsp::parse_url(options.location), log, statistics);
    session.connected(base::TimePoint(1h));
    const std::string value = header_of(session.output(), "User-Agent");
    if (named) ASSERT_TEXT(value, "test");
    ck_assert_msg(!value.empty() && value != "-", "a camera refuses requests without one");
  }
}

// --- the body ---

LAW(the_body_is_longer_than_its_content_length) {
  const std::string rest = "a=x-more:of the description\r\na=$odd:1\r\n";
  Composition composition;
  composition.replies = dialogue(good_describe(kH264Sdp) + rest, {good_setup()}, good_play());
  composition.media = on_channel(0, rtp_packet(1, 0, slice('a')));
  // Where the rest comes after the client has gone on, it stands before the next answer.
  const Transcript transcript = play_at_every_split(composition, "longer body");
  ck_assert_msg(transcript.played && transcript.failure.empty(), "%s", transcript.failure.c_str());
  ASSERT_TEXT(transcript.frames, "a");
  ck_assert_uint_eq(transcript.notes.size(), 1);
}

LAW(the_body_is_shorter_than_its_content_length) {
  for (const std::size_t missing : {std::size_t{1}, std::size_t{2}, std::size_t{1000}}) {
    for (const bool closes : {false, true}) {
      SessionDriver camera;
      camera.reach_describe();
      const std::string cseq = header_of(camera.request("DESCRIBE"), "CSeq");
      const std::string sdp = kH264Sdp;
      camera.feed("RTSP/1.0 200 OK\r\nCSeq: " + cseq +
                  "\r\nContent-Type: application/sdp\r\nContent-Length: " +
                  std::to_string(sdp.size() + missing) + "\r\n\r\n" + sdp);
      ck_assert(!camera.saw<client::Described>());
      if (closes) {
        camera.close();
        ck_assert(camera.take<client::ConnectionNeeded>().has_value());
      } else {
        camera.advance(20s);
      }
      ck_assert_msg(camera.take<client::Described>().has_value(), "%zu bytes missing", missing);
      camera.choose({0});
      if (closes) camera.reconnect();
      camera.request("SETUP");
      ck_assert_uint_eq(camera.notes().size(), closes ? 2 : 1);
    }
  }
}

LAW(an_answer_without_the_body_that_it_announces_counts_when_nothing_more_comes) {
  for (const char* step : {"OPTIONS", "SETUP", "PLAY"}) {
    SessionDriver camera;
    if (step == std::string("SETUP")) camera.reach_setup();
    if (step == std::string("PLAY")) camera.reach_play();
    const std::string cseq = header_of(camera.request(step), "CSeq");
    camera.feed("RTSP/1.0 200 OK\r\nCSeq: " + cseq +
                "\r\nSession: 12345678\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\nContent-Length: 9\r\n"
                "\r\n");
    ck_assert_msg(camera.silent() && !camera.saw<client::Playing>(), "%s", step);
    camera.advance(20s);
    ck_assert_msg(!camera.session().ended(), "%s", step);
    if (step == std::string("OPTIONS")) camera.request("DESCRIBE");
    if (step == std::string("SETUP")) camera.request("PLAY");
    if (step == std::string("PLAY")) ck_assert(camera.take<client::Playing>().has_value());
    assert_list(camera.notes(),
                {"A message of the camera is shorter than its Content-Length says; taken as it is."});
  }
}

LAW(a_cut_answer_without_a_description_is_no_answer) {
  SessionDriver camera;
  camera.reach_describe();
  camera.request("DESCRIBE");
  camera.feed(
      "RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: "
      "100\r\n\r\nv=0\r\ns=x\r\n");
  camera.advance(20s);
  ck_assert(contains(camera.failure(Failure::Kind::kProtocol).text, "SDP without media"));
  ck_assert_uint_eq(camera.notes().size(), 1);
}

LAW(the_content_length_is_no_number_or_there_are_several) {
  struct {
    const char* to;
    std::vector<std::string> notes;
  } const cases[] = {
      {"Content-Length: 314, 314\r\n", {}},
      {"Content-Length: 314\r\nContent-Length: 314\r\n", {}},
      {"Content-Length: 314;\r\n", {}},
      {"Content-Length: 314\r\nContent-Length: 5\r\n",
       {"The camera sends several Content-Lengths that differ; the first one counts."}},
  };
  for (const auto& c : cases) {
    const std::string length = std::to_string(std::string(kH264Sdp).size());
    const std::string to = replaced(c.to, "314", length);
    check_plays(
        play_changed([&](std::string s) { return replaced(s, "Content-Length: " + length + "\r\n", to); },
                     c.to),
        c.to, c.notes);
  }
}

LAW(the_content_type_is_missing_or_written_otherwise) {
  const std::string note =
      "The camera's description is not announced as application/sdp; read as SDP all the same.";
  struct {
    const char* to;
    std::vector<std::string> notes;
  } const cases[] = {
      {"Content-Type: Application/SDP\r\n", {}},
      {"Content-Type: application/sdp; charset=utf-8\r\n", {}},
      {"", {note}},
      {"Content-Type: \r\n", {note}},
      {"Content-Type: text/plain\r\n", {note}},
  };
  for (const auto& c : cases) {
    check_plays(
        play_changed([&](std::string s) { return replaced(s, "Content-Type: application/sdp\r\n", c.to); },
                     c.to),
        c.to, c.notes);
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("quirks of messages", 60);
}
