// What the user is told: each tolerated fault makes exactly one note, however often it comes, that says what
// was seen and what was done about it; a camera that does everything right makes none.

#include <functional>

#include "client/composed_camera.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;

client::Options patient() {
  client::Options options;
  options.idle_timeout = 0s;
  return options;
}

/// A good camera, of which a test replaces parts.
struct Camera {
  std::string location = "rtsp://user:pw@cam/stream";
  std::string options = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n";
  std::string describe = "Content-Type: application/sdp\r\nContent-Base: rtsp://cam/stream/\r\n";
  std::string sdp = kH264Sdp;
  std::string setup = "Session: 12345678;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
  std::string play = "Session: 12345678\r\nRTP-Info: url=rtsp://cam/stream/track1;seq=1000;rtptime=0\r\n";
  std::string before_play;  ///< stands before the answer to PLAY
  std::string media;        ///< said three times, between good frames
  std::string keepalive = "200 OK";
};

/// Plays a camera for some minutes, with two challenges on the way, and returns what the user was told.
std::vector<std::string> notes_of(const Camera& c) {
  SessionDriver camera(c.location, patient());
  camera.request("OPTIONS");
  camera.reply("401 Unauthorized", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
  camera.request("OPTIONS");
  camera.reply("200 OK", c.options);
  camera.request("DESCRIBE");
  camera.reply("200 OK", c.describe, c.sdp);
  ck_assert_msg(camera.saw<client::Described>(), "no description");
  camera.choose({0});
  camera.request("SETUP");
  camera.reply("200 OK", c.setup);
  camera.request("PLAY");
  camera.feed(c.before_play);
  camera.reply("200 OK", c.play);
  unsigned sequence = 1000;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 2; ++i, ++sequence)
      camera.feed(on_channel(0, rtp_packet(sequence, sequence * 3600, slice('a'))));
    camera.feed(c.media);
    for (int i = 0; i < 2; ++i, ++sequence)
      camera.feed(on_channel(0, rtp_packet(sequence, sequence * 3600, slice('a'))));
    camera.advance(30s);
    camera.request(round == 0 || c.keepalive == "200 OK" ? "GET_PARAMETER" : "OPTIONS");
    camera.reply(round == 0 ? c.keepalive : "200 OK");
  }
  ck_assert_msg(!camera.session().ended(), "the session has ended");
  ck_assert(take_frames(camera).size() >= 9);
  return camera.notes();
}

LAW(a_camera_that_does_everything_right_makes_no_note) {
  assert_list(notes_of({}), {});
  // All that the RFCs allow is right too.
  Camera odd;
  odd.options = "Server: x\r\nPublic: GET_PARAMETER\r\n";
  odd.describe = "Content-type: application/sdp; charset=utf-8\r\n";
  odd.setup =
      "SESSION: a.b-c\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=0000CAFE;mode=\"PLAY\"\r\n";
  odd.play = "Range: npt=0-\r\n";
  odd.media = "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n";
  SessionDriver answers("rtsp://user:pw@cam/stream", patient());
  assert_list(notes_of([&] {
                Camera camera = odd;
                camera.media.clear();
                return camera;
              }()),
              {});
}

LAW(each_fault_makes_one_note) {
  struct Fault {
    const char* note;
    std::function<void(Camera&)> commit;
  };
  const std::string media = on_channel(0, rtp_packet(1000, 0, slice('x')));
  const Fault faults[] = {
      // Messages.
      {"Lines of the camera's messages end with LF instead of CR LF; read all the same.",
       [](Camera& c) { c.options = "Public: GET_PARAMETER\nAllow: y\n"; }},
      {"Blank lines stand before the camera's messages; skipped.", [](Camera& c) { c.media = "\r\n"; }},
      {"A header of the camera has white space before its colon; taken without it.",
       [](Camera& c) { c.setup += "X : y\r\nY : z\r\n"; }},
      {"A header line of the camera has no colon; ignored.",
       [](Camera& c) { c.play += "hello\r\nworld\r\n"; }},
      {"A header of the camera has characters outside of ASCII; kept as they are.",
       [](Camera& c) { c.describe += "Server: \xE4\r\n"; }},
      {"A header of the camera has control characters; left out.",
       [](Camera& c) {
         c.describe +=
             "Server: a\x01"
             "b\x02\r\n";
       }},
      {"The camera answers in another version than RTSP/1.0; read as 1.0.",
       [](Camera& c) { c.media = "RTSP/2.0 100 Continue\r\n\r\n"; }},
      {"The camera sent a response that no request waits for; ignored.",
       [](Camera& c) { c.media = "RTSP/1.0 200 OK\r\n\r\n"; }},
      {"The camera's Content-Length is no number; taken as 0.",
       [](Camera& c) { c.setup += "Content-Length: x\r\n"; }},
      {"The camera sends several Content-Lengths that differ; the first one counts.",
       [](Camera& c) { c.setup += "Content-Length: 0\r\nContent-Length: 5\r\n"; }},
      // The dialogue.
      {"The camera's description is not announced as application/sdp; read as SDP all the same.",
       [](Camera& c) { c.describe = ""; }},
      {"The camera's answer to SETUP has no Session header; going on without a session id.",
       [](Camera& c) { c.setup = "Transport: RTP/AVP/TCP;interleaved=0-1\r\n"; }},
      {"The camera's answer to SETUP has no usable Transport header; took what was asked for.",
       [](Camera& c) { c.setup = "Session: 1\r\n"; }},
      {"The URLs in the camera's RTP-Info are none of its streams'; taken by their order.",
       [](Camera& c) { c.play = "RTP-Info: url=rtsp://other/video;seq=1000\r\n"; }},
      {"The camera's media came before its answer to PLAY; taken as the answer.",
       [&](Camera& c) { c.before_play = on_channel(0, rtp_packet(999, 0, slice('x'))); }},
      {"The camera refused GET_PARAMETER as keep-alive (405); trying another method.",
       [](Camera& c) { c.keepalive = "405 Method Not Allowed"; }},
      // What stands beside the media.
      {"The camera sent bytes that are neither a message nor media; skipped up to where one starts.",
       [](Camera& c) { c.media = "garbage"; }},
      {"The camera sends media on a channel that wasn't asked for, or too early; ignored.",
       [&](Camera& c) {
         c.media = on_channel(2, rtp_packet(1, 0, "x")) + on_channel(3, rtp_packet(1, 0, "y"));
       }},
      {"The camera sends RTCP on the RTP channel of stream 0; taken as RTCP.",
       [](Camera& c) { c.media = on_channel(0, std::string("\x80\xC9\0\1", 4) + be32(0xCAFE)); }},
      {"A packet of stream 0 was dropped: SSRC of another stream.",
       [](Camera& c) {
         c.media = on_channel(0, rtp_packet(7, 0, slice('x'), {true, 96, 0xBEEF}));
       }},
      {"The packets of stream 0 have another payload type than the SDP's; taken all the same.",
       [](Camera& c) {
         c.sdp = "v=0\r\nm=video 0 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\na=control:track1\r\n";
         unsigned sequence = 1002;
         for (int i = 0; i < 20; ++i)
           c.media += on_channel(0, rtp_packet(sequence, 0, slice('x')));
       }},
      // The description.
      {"SDP, media section 0: its a=rtpmap has no clock rate; taking 90000.",
       [](Camera& c) { c.sdp = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264\r\na=control:track1\r\n"; }},
      {"SDP, media section 0: its a=rtpmap is for another payload type than its m= line; taken for the one "
       "that is "
       "meant.",
       [](Camera& c) {
         c.sdp = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:97 H264/90000\r\na=control:track1\r\n";
       }},
      {"SDP, media section 0: its a=fmtp is for another payload type than its m= line; taken for the one "
       "that is "
       "meant.",
       [](Camera& c) {
         c.sdp =
             "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:97 a=b\r\n"
             "a=control:track1\r\n";
       }},
      {"SDP, media section 0: it has no a=rtpmap; taken for H.264, as its parameters look.",
       [](Camera& c) {
         c.sdp = "v=0\r\nm=video 0 RTP/AVP 96\r\na=fmtp:96 packetization-mode=1\r\na=control:track1\r\n";
       }},
      {"SDP, media section 0: an a=rtpmap line can't be read; ignored.",
       [](Camera& c) { c.sdp += "a=rtpmap:\r\na=rtpmap:x\r\n"; }},
      {"SDP, media section 0: its m= line is incomplete; read as far as it goes.",
       [](Camera& c) { c.sdp = "v=0\r\nm=video 0 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n"; }},
      {"SDP, media section 0: its a=fmtp has too many parameters; the last ones are left out.",
       [](Camera& c) {
         c.sdp = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\na=fmtp:96 ";
         for (int i = 0; i < 300; ++i)
           c.sdp += "a=b;";
         c.sdp += "\r\n";
       }},
      {"SDP, media section 0: a part of sprop-parameter-sets isn't base64; skipped.",
       [](Camera& c) {
         c.sdp =
             "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 "
             "sprop-parameter-sets=!!,??\r\na=control:track1\r\n";
       }},
      {"SDP, media section 0: a part of sprop-parameter-sets isn't an H.264 parameter set; skipped.",
       [](Camera& c) {
         c.sdp =
             "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 "
             "sprop-parameter-sets=AAAA,BBBB\r\na=control:track1\r\n";
       }},
  };
  for (const Fault& fault : faults) {
    Camera camera;
    fault.commit(camera);
    const auto notes = notes_of(camera);
    std::string all;
    for (const std::string& note : notes)
      all += note + "\n";
    ck_assert_msg(notes.size() == 1 && notes[0] == fault.note, "instead of \"%s\":\n%s", fault.note,
                  all.c_str());
  }
}

LAW(the_announcement_of_h265_has_notes_of_its_own) {
  struct {
    const char* parameters;
    const char* note;
  } const cases[] = {
      {"sprop-vps=!!", "a part of sprop-vps isn't base64; skipped."},
      {"sprop-pps=JgEB", "a part of sprop-pps isn't an H.265 parameter set; skipped."},
      {"sprop-max-don-diff=x", "sprop-max-don-diff isn't a number from 0 to 32767; ignored."},
      {"sprop-depack-buf-nalus=99999", "sprop-depack-buf-nalus isn't a number from 0 to 32767; ignored."},
      {"tx-mode=MRST", "the H.265 video is sent in several RTP streams; this one is taken for itself."},
  };
  for (const auto& c : cases) {
    SessionDriver camera;
    camera.reach_setup(
        "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\na=control:track1\r\na=fmtp:96 " +
        std::string(c.parameters) + "\r\n");
    assert_list(camera.notes(), {std::string("SDP, media section 0: ") + c.note});
  }
}

LAW(a_fault_of_two_streams_makes_a_note_for_each) {
  SessionDriver camera("rtsp://cam/stream", patient());
  camera.reach_describe();
  camera.request("DESCRIBE");
  const std::string section =
      "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 sprop-parameter-sets=!!\r\n";
  camera.reply("200 OK", "Content-Type: application/sdp\r\n",
               "v=0\r\n" + section + "a=control:a\r\n" + section + "a=control:b\r\n");
  camera.choose({0, 1});
  for (const char* channels : {"0-1", "2-3"}) {
    camera.request("SETUP");
    camera.reply("200 OK",
                 std::string("Session: 1\r\nTransport: RTP/AVP/TCP;interleaved=") + channels + "\r\n");
  }
  camera.request("PLAY");
  camera.reply("200 OK");
  const std::string report = std::string("\x80\xC8\0\6", 4) + be32(0xBEEF) + std::string(20, '\0');
  unsigned sequence = 0;
  for (int round = 0; round < 3; ++round, ++sequence) {
    for (const unsigned channel : {0U, 2U}) {
      camera.feed(on_channel(channel, rtp_packet(sequence, sequence * 3600, slice('a'))));
      camera.feed(on_channel(channel, "bad") + on_channel(channel, report));
      camera.feed(on_channel(channel, rtp_packet(7, 0, slice('x'), {true, 97, 0xCAFE})));
    }
  }
  std::vector<std::string> expected;
  for (const char* part : {"0", "1"})
    expected.push_back(std::string("SDP, media section ") + part +
                       ": a part of sprop-parameter-sets isn't base64; skipped.");
  for (const char* part : {"0", "1"}) {
    const std::string stream = std::string("stream ") + part;
    expected.push_back("A packet of " + stream + " was dropped: RTP header.");
    expected.push_back("The camera sends RTCP on the RTP channel of " + stream + "; taken as RTCP.");
    expected.push_back("The camera sends RTCP of another SSRC than " + stream + " has; ignored.");
    expected.push_back("A packet of " + stream + " was dropped: payload type that the SDP doesn't name.");
  }
  assert_list(camera.notes(), expected);
}

LAW(a_fault_of_the_payloads_makes_one_note_with_the_first_frame_after_it) {
  SessionDriver camera("rtsp://cam/stream", patient());
  camera.reach_playing();
  for (unsigned i = 0; i < 6; ++i) {
    const std::string byte_stream = std::string("\x06\x05\1\xAA\x80\0\0\1", 8) + slice('b');
    camera.feed(on_channel(0, rtp_packet(1000 + i, i * 3600, i < 2 ? slice('a') : byte_stream)));
    take_frames(camera);
    if (i < 2) assert_list(camera.notes(), {});
  }
  assert_list(camera.notes(),
              {"The media of stream 0 has start codes within NAL units (Annex B); split at them."});
}

/// Faults that need a course of their own: at each step, what the camera does, and its one note.
LAW(faults_of_the_course_make_one_note_each) {
  SessionDriver closing;
  closing.reach_describe();
  closing.request("DESCRIBE");
  for (int i = 0; i < 2; ++i) {
    closing.close();
    closing.reconnect();
    closing.request("DESCRIBE");
    closing.reply("401 Unauthorized");
    if (closing.session().ended()) break;
  }
  assert_list(closing.notes(), {"The camera closed the connection after it had answered; connected again."});

  SessionDriver joining;
  joining.reach_describe();
  joining.request("DESCRIBE");
  joining.reply("200 OK", "Content-Type: application/sdp\r\nContent-Base: rtsp://cam/dir/s\r\n", kH264Sdp);
  joining.choose({0});
  joining.request("SETUP");
  joining.reply("404 Not Found");
  joining.request("SETUP");
  assert_list(joining.notes(), {"The camera refused the control URL (404); joined it the other way."});

  SessionDriver forgetful;
  forgetful.reach_play();
  forgetful.request("PLAY");
  forgetful.reply("454 Session Not Found");
  forgetful.request("SETUP");
  assert_list(forgetful.notes(), {"The camera has forgotten its session (454); set up anew."});

  SessionDriver silent("rtsp://cam/stream", patient());
  silent.reach_playing();
  for (int i = 0; i < 5; ++i)
    silent.advance(30s);
  assert_list(silent.notes(), {"The camera did not answer GET_PARAMETER; playing on, since media flows."});

  SessionDriver numbering;
  for (int i = 0; i < 2; ++i) {
    numbering.request(i == 0 ? "OPTIONS" : "DESCRIBE");
    numbering.feed("RTSP/1.0 200 OK\r\nCSeq: 99\r\nContent-Length: 0\r\n\r\n");
    if (i == 0)
      assert_list(numbering.notes(),
                  {"The camera's response to OPTIONS has a wrong CSeq or none; taken as the answer."});
  }

  Composition sessions;
  sessions.streams = {0, 1};
  const std::string sdp = std::string(kH264Sdp) + "m=audio 0 RTP/AVP 0\r\na=control:track2\r\n";
  const auto other = [](unsigned channel) {
    std::string reply = good_setup(channel);
    return reply.replace(reply.find("12345678"), 8, "87654321");
  };
  sessions.replies = dialogue(good_describe(sdp), {good_setup(0), other(2)}, good_play());
  assert_list(ComposedSession(sessions).play().notes,
              {"The camera changed the session's id; the first one is kept."});

  SessionDriver shortened;
  shortened.reach_describe();
  shortened.request("DESCRIBE");
  shortened.feed(
      "RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: 999\r\n\r\n" +
      std::string(kH264Sdp));
  shortened.advance(20s);
  assert_list(shortened.notes(),
              {"A message of the camera is shorter than its Content-Length says; taken as it is."});
}

LAW(notes_are_sentences_that_can_be_sent_to_the_maker) {
  // All in one: nothing of what the camera or the user wrote may leak into them but numbers and methods.
  Camera camera;
  camera.options = "Server: \xFF\x01 s3cret\nno colon s3cret\r\nPublic: GET_PARAMETER\r\n";
  camera.describe = "Content-Type: text/s3cret\r\n";
  camera.setup = "Transport: ;\r\nSession: \r\n";
  camera.play = "RTP-Info: url=rtsp://user:s3cret@other/x\r\n";
  camera.media = "garbage s3cret" + on_channel(7, "s3cret") + on_channel(0, "s3cret");
  const auto notes = notes_of(camera);
  ck_assert_uint_ge(notes.size(), 8);
  for (const std::string& note : notes) {
    ck_assert_msg(!contains(note, "s3cret") && !contains(note, "pw"), "%s", note.c_str());
    ck_assert_msg(note.size() < 200 && note.ends_with("."), "%s", note.c_str());
    ck_assert_msg(contains(note, "; ") || contains(note, "dropped: "), "seen, and done? %s", note.c_str());
    for (const char c : note)
      ck_assert(c >= ' ' && c <= '~');
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("notes");
}
