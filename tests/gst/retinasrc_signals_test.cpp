// The signals on-sdp, before-send and handle-request: what handlers see, and what they change. Their names
// and signatures are rtspsrc's.

#include <atomic>
#include <future>
#include <thread>

#include "gst/sample_camera.h"
#include "gst/signal_handlers.h"

namespace {

using namespace retina::test;

/// Says BYE after its frames; asks `request` of the client before that, and wants `check` of the answer.
StandardCamera asking_camera(std::string request, RequestCheck check) {
  StandardCamera camera = sample_camera(3);
  camera.after_media =
      Script().send(std::move(request)).expect("RESPONSE", std::move(check)).send(sample_bye());
  return camera;
}

void expect_eos(ElementRunner& runner, const ScriptedCamera& camera) {
  const Outcome outcome = runner.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
  runner.stop();
  ASSERT_TEXT(camera.problems(), "");
}

// --- names and signatures ---

std::string signature(GType type, const char* name) {
  const guint id = g_signal_lookup(name, type);
  if (id == 0) return "none";
  GSignalQuery query{};
  g_signal_query(id, &query);
  std::string text = g_type_name(query.return_type);
  text += " flags " + std::to_string(query.signal_flags) + " (";
  for (guint i = 0; i < query.n_params; ++i) {
    const GType bare = query.param_types[i] & ~G_SIGNAL_TYPE_STATIC_SCOPE;
    text += std::string(i > 0 ? ", " : "") + g_type_name(bare);
    if (bare != query.param_types[i]) text += " in place";
  }
  return text + ")";
}

GType type_of(const char* element) {
  GstElementFactory* factory = gst_element_factory_find(element);
  if (factory == nullptr) return G_TYPE_INVALID;
  GstPluginFeature* loaded = gst_plugin_feature_load(GST_PLUGIN_FEATURE(factory));
  const GType type = gst_element_factory_get_element_type(GST_ELEMENT_FACTORY(loaded));
  // Makes the class, with its signals.
  g_type_class_unref(g_type_class_ref(type));
  gst_object_unref(loaded);
  gst_object_unref(factory);
  return type;
}

struct SignatureCase {
  const char* name;
  const char* signature;
};
constexpr int kLast = G_SIGNAL_RUN_LAST;
constexpr int kAction = G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION;

const std::vector<SignatureCase>& signature_cases() {
  static_assert(kLast == 2 && kAction == 34);
  static const std::vector<SignatureCase> cases{
      {"on-sdp", "void flags 2 (GstSDPMessage in place)"},
      {"before-send", "gboolean flags 2 (GstRTSPMessage in place)"},
      {"handle-request", "void flags 2 (GstRTSPMessage in place, GstRTSPMessage in place)"},
      {"get-parameter", "gboolean flags 34 (gchararray, gchararray, GstPromise)"},
      {"get-parameters", "gboolean flags 34 (GStrv, gchararray, GstPromise)"},
      {"set-parameter", "gboolean flags 34 (gchararray, gchararray, gchararray, GstPromise)"},
  };
  return cases;
}

LAW(names_and_signatures_are_as_documented) {
  for (const auto& [name, expected] : signature_cases())
    ASSERT_TEXT(signature(type_of("retinasrc"), name), expected);
}

LAW(names_and_signatures_are_rtspsrcs) {
  const GType original = type_of("rtspsrc");
  ck_assert_msg(original != G_TYPE_INVALID, "rtspsrc (gstreamer1.0-plugins-good) is missing");
  for (const auto& [name, expected] : signature_cases()) {
    // Flags differ in what is of no consequence for users (where rtspsrc says RUN_FIRST).
    const std::string ours = signature(type_of("retinasrc"), name);
    const std::string theirs = signature(original, name);
    ASSERT_TEXT(ours.substr(ours.find('(')), theirs.substr(theirs.find('(')));
    ASSERT_TEXT(ours.substr(0, ours.find(' ')), theirs.substr(0, theirs.find(' ')));
  }
}

// --- on-sdp ---

LAW(on_sdp_shows_the_description_before_the_streams_are_set_up) {
  const ScriptedCamera camera(sample_camera());
  std::atomic<int> calls = 0;
  SdpHandler handler = [&](GstSDPMessage* sdp) {
    ++calls;
    ASSERT_TEXT(gst_sdp_message_get_session_name(sdp), "Front door");
    ck_assert_uint_eq(gst_sdp_message_medias_len(sdp), 1);
    const GstSDPMedia* media = gst_sdp_message_get_media(sdp, 0);
    ASSERT_TEXT(gst_sdp_media_get_media(media), "video");
    ASSERT_TEXT(gst_sdp_media_get_attribute_val(media, "control"), "track1");
    ck_assert_uint_eq(camera.count("SETUP"), 0);
  };
  ElementRunner runner("location=" + camera.url());
  on_sdp(runner.source(), handler);
  expect_eos(runner, camera);
  ck_assert_int_eq(calls, 1);
}

LAW(on_sdp_of_a_description_that_is_none_shows_an_empty_one) {
  for (const char* text : {"this is no description", "v=0\nm=\nm=video\na=\nc=IN\n", "=\n=\n\xFF\xFE\n"}) {
    StandardCamera scripted = sample_camera();
    scripted.sdp = text;
    const ScriptedCamera camera(scripted);
    std::atomic<int> calls = 0;
    SdpHandler handler = [&](GstSDPMessage* sdp) {
      ++calls;
      ck_assert(gst_sdp_message_get_session_name(sdp) == nullptr);
    };
    ElementRunner runner("location=" + camera.url());
    on_sdp(runner.source(), handler);
    ck_assert(runner.run().kind == Outcome::Kind::kError);
    ck_assert_int_eq(calls, 1);
  }
}

// --- before-send ---

LAW(before_send_sees_every_request_in_order) {
  const ScriptedCamera camera(sample_camera(5));
  std::string seen;
  BeforeSendHandler handler = [&](GstRTSPMessage* message) {
    seen += method_of(message) + " ";
    return true;
  };
  ElementRunner runner("location=" + camera.url() + " teardown-timeout=5000000000");
  before_send(runner.source(), handler);
  runner.start();
  ck_assert(runner.wait_for_buffers(3));
  runner.stop();
  ck_assert_msg(seen.starts_with("OPTIONS DESCRIBE SETUP PLAY "), "%s", seen.c_str());
  ASSERT_TEXT(seen, camera.methods());
}

LAW(what_before_send_changes_is_what_the_camera_gets) {
  StandardCamera scripted = sample_camera();
  scripted.on("DESCRIBE", Script().standard());
  const ScriptedCamera camera(scripted);
  BeforeSendHandler handler = [](GstRTSPMessage* message) {
    const std::string method = method_of(message);
    gst_rtsp_message_add_header_by_name(message, "X-Vendor", ("for " + method).c_str());
    if (method == "DESCRIBE") {
      gst_rtsp_message_remove_header(message, GST_RTSP_HDR_ACCEPT, -1);
      gst_rtsp_message_add_header(message, GST_RTSP_HDR_BANDWIDTH, "512000");
      gchar* uri = message->type_data.request.uri;
      message->type_data.request.uri = g_strdup_printf("%s?profile=2", uri);
      g_free(uri);
    }
    if (method == "PLAY") {
      gst_rtsp_message_remove_header(message, GST_RTSP_HDR_USER_AGENT, -1);
      gst_rtsp_message_add_header(message, GST_RTSP_HDR_USER_AGENT, "Another/1.0");
      gst_rtsp_message_remove_header(message, GST_RTSP_HDR_RANGE, -1);
      gst_rtsp_message_add_header(message, GST_RTSP_HDR_SCALE, "2.0");
    }
    return true;
  };
  ElementRunner runner("location=" + camera.url());
  before_send(runner.source(), handler);
  expect_eos(runner, camera);
  for (const RtspRequest& request : camera.requests()) {
    ASSERT_TEXT(request.header_or_empty("X-Vendor"), "for " + request.method);
    ck_assert(request.header("CSeq"));
    ck_assert(request.header("User-Agent"));
    if (request.method == "DESCRIBE") {
      ck_assert(!request.header("Accept"));
      ASSERT_TEXT(request.header_or_empty("Bandwidth"), "512000");
      ASSERT_TEXT(request.url, camera.url() + "?profile=2");
    }
    if (request.method == "PLAY") {
      ck_assert(!request.header("Range"));
      ASSERT_TEXT(request.header_or_empty("Scale"), "2.0");
      ASSERT_TEXT(request.header_or_empty("User-Agent"), "Another/1.0");
      ck_assert(request.header("Session"));
    }
  }
}

LAW(before_send_may_give_a_request_a_body) {
  const ScriptedCamera camera(sample_camera());
  BeforeSendHandler handler = [](GstRTSPMessage* message) {
    if (method_of(message) == "PLAY") {
      const std::string body = "speed: ludicrous\r\n";
      const auto bytes = retina::base::as_bytes(body);
      gst_rtsp_message_set_body(message, bytes.data(), static_cast<guint>(bytes.size()));
    }
    if (method_of(message) == "SETUP") {
      GstBuffer* buffer = gst_buffer_new_memdup("in a buffer", 11);
      gst_rtsp_message_take_body_buffer(message, buffer);
    }
    return true;
  };
  ElementRunner runner("location=" + camera.url());
  before_send(runner.source(), handler);
  expect_eos(runner, camera);
  for (const RtspRequest& request : camera.requests()) {
    if (request.method == "PLAY") ASSERT_TEXT(request.body, "speed: ludicrous\r\n");
    if (request.method == "SETUP") ASSERT_TEXT(request.body, "in a buffer");
  }
}

LAW(before_send_never_shows_credentials) {
  StandardCamera scripted = sample_camera();
  scripted.credentials = {AuthScheme::kDigest, "admin", "s3cret"};
  const ScriptedCamera camera(scripted);
  std::atomic<int> calls = 0;
  BeforeSendHandler handler = [&](GstRTSPMessage* message) {
    ++calls;
    ASSERT_TEXT(header_of(message, "Authorization"), "");
    GString* text = g_string_new(nullptr);
    gst_rtsp_message_append_headers(message, text);
    ck_assert(strstr(text->str, "admin") == nullptr);
    ck_assert(strstr(text->str, "s3cret") == nullptr);
    g_string_free(text, TRUE);
    return true;
  };
  ElementRunner runner("location=" + camera.url() + " user-id=admin user-pw=s3cret");
  before_send(runner.source(), handler);
  expect_eos(runner, camera);
  ck_assert_int_ge(calls, 4);
}

struct RefusalCase {
  const char* method;
  const char* word;  // of the error; nullptr: it goes on
};

LAW(a_request_that_before_send_refuses_is_not_sent) {
  for (const auto& [method, word] :
       {RefusalCase{"OPTIONS", nullptr}, RefusalCase{"DESCRIBE", "DESCRIBE"}, RefusalCase{"SETUP", "SETUP"},
        RefusalCase{"PLAY", "PLAY"}, RefusalCase{"TEARDOWN", nullptr}}) {
    const ScriptedCamera camera(sample_camera());
    BeforeSendHandler handler = [refused = std::string(method)](GstRTSPMessage* message) {
      return method_of(message) != refused;
    };
    ElementRunner runner("location=" + camera.url());
    before_send(runner.source(), handler);
    const Outcome outcome = runner.run();
    runner.stop();
    ck_assert_uint_eq(camera.count(method), 0);
    if (word == nullptr) {
      ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s: %s", method, outcome.text.c_str());
    } else {
      ck_assert(outcome.kind == Outcome::Kind::kError && outcome.code == GST_RESOURCE_ERROR_SETTINGS);
      ck_assert_msg(outcome.text.find(word) != std::string::npos, "%s", outcome.text.c_str());
    }
  }
}

LAW(the_first_handler_that_says_false_is_the_last_that_is_asked) {
  const ScriptedCamera camera(sample_camera());
  std::atomic<int> asked = 0;
  BeforeSendHandler yes = [&](GstRTSPMessage*) { return ++asked > 0; };
  BeforeSendHandler no = [](GstRTSPMessage* message) { return method_of(message) != "OPTIONS"; };
  ElementRunner runner("location=" + camera.url());
  before_send(runner.source(), no);
  before_send(runner.source(), yes);
  expect_eos(runner, camera);
  ck_assert_uint_eq(camera.count("OPTIONS"), 0);
  ck_assert_uint_eq(static_cast<unsigned>(asked), camera.requests().size());
}

// --- handle-request ---

LAW(a_request_that_is_only_looked_at_gets_the_clients_answer) {
  const ScriptedCamera camera(
      asking_camera("OPTIONS * RTSP/1.0\r\nCSeq: 77\r\nX-Camera: 1\r\n\r\n", [](const RtspRequest& answer) {
        const bool good =
            answer.url == "200" && answer.header_or_empty("CSeq") == "77" && answer.header("Public");
        return good ? std::string() : answer.text;
      }));
  std::atomic<int> calls = 0;
  RequestHandler handler = [&](GstRTSPMessage* request, GstRTSPMessage* response) {
    ++calls;
    ASSERT_TEXT(method_of(request), "OPTIONS");
    ASSERT_TEXT(header_of(request, "X-Camera"), "1");
    GstRTSPStatusCode status{};
    gst_rtsp_message_parse_response(response, &status, nullptr, nullptr);
    ck_assert_int_eq(status, GST_RTSP_STS_OK);
    ASSERT_TEXT(header_of(response, "CSeq"), "77");
  };
  ElementRunner runner("location=" + camera.url());
  handle_request(runner.source(), handler);
  expect_eos(runner, camera);
  ck_assert_int_eq(calls, 1);
}

LAW(an_unknown_request_is_shown_too_and_refused) {
  const ScriptedCamera camera(asking_camera(
      "FIDDLE * RTSP/1.0\r\nCSeq: 5\r\n\r\n",
      [](const RtspRequest& answer) { return answer.url == "501" ? std::string() : answer.text; }));
  std::atomic<int> calls = 0;
  RequestHandler handler = [&](GstRTSPMessage* request, GstRTSPMessage* response) {
    ++calls;
    ASSERT_TEXT(method_of(request), "");
    GstRTSPStatusCode status{};
    gst_rtsp_message_parse_response(response, &status, nullptr, nullptr);
    ck_assert_int_eq(status, GST_RTSP_STS_NOT_IMPLEMENTED);
  };
  ElementRunner runner("location=" + camera.url());
  handle_request(runner.source(), handler);
  expect_eos(runner, camera);
  ck_assert_int_eq(calls, 1);
}

LAW(what_handle_request_makes_of_the_response_is_the_answer) {
  const std::string request = "GET_PARAMETER * RTSP/1.0\r\nCSeq: 9\r\nContent-Length: 7\r\n\r\nvolume:";
  const ScriptedCamera camera(asking_camera(request, [](const RtspRequest& answer) {
    const bool good = answer.url == "200" && answer.header_or_empty("CSeq") == "9" &&
                      answer.header_or_empty("X-Mood") == "fine" && answer.body == "volume: 11\r\n" &&
                      answer.header_or_empty("Session") == "4A3B2C1D";
    return good ? std::string() : answer.text;
  }));
  RequestHandler handler = [](GstRTSPMessage* message, GstRTSPMessage* response) {
    guint8* body = nullptr;
    guint size = 0;
    gst_rtsp_message_get_body(message, &body, &size);
    ASSERT_TEXT(std::string(retina::base::as_text(retina::base::ByteView(body, size))), "volume:");
    gst_rtsp_message_add_header_by_name(response, "X-Mood", "fine");
    const auto answer = retina::base::as_bytes("volume: 11\r\n");
    gst_rtsp_message_set_body(response, answer.data(), static_cast<guint>(answer.size()));
  };
  ElementRunner runner("location=" + camera.url());
  handle_request(runner.source(), handler);
  expect_eos(runner, camera);
}

LAW(handle_request_may_refuse) {
  const ScriptedCamera camera(
      asking_camera("SET_PARAMETER * RTSP/1.0\r\nCSeq: 9\r\n\r\n", [](const RtspRequest& answer) {
        return answer.text.starts_with("RTSP/1.0 451 Parameter Not Understood\r\n") ? std::string()
                                                                                    : answer.text;
      }));
  RequestHandler handler = [](GstRTSPMessage* request, GstRTSPMessage* response) {
    gst_rtsp_message_unset(response);
    gst_rtsp_message_init_response(response, GST_RTSP_STS_PARAMETER_NOT_UNDERSTOOD, nullptr, request);
  };
  ElementRunner runner("location=" + camera.url());
  handle_request(runner.source(), handler);
  expect_eos(runner, camera);
}

// --- what handlers may do ---

LAW(handlers_may_read_and_set_properties_of_the_element) {
  const ScriptedCamera camera(sample_camera());
  ElementRunner* element = nullptr;
  BeforeSendHandler handler = [&](GstRTSPMessage*) {
    element->stat("packets");
    element->set("latency", "300");
    gchar* location = nullptr;
    g_object_get(element->source(), "location", &location, nullptr);
    ASSERT_TEXT(location, camera.url());
    g_free(location);
    return true;
  };
  ElementRunner runner("location=" + camera.url());
  element = &runner;
  before_send(runner.source(), handler);
  expect_eos(runner, camera);
}

LAW(handlers_may_have_the_element_stopped_by_another_thread) {
  for (const char* method : {"OPTIONS", "DESCRIBE", "SETUP", "PLAY"}) {
    const ScriptedCamera camera(sample_camera());
    std::promise<std::thread> stopping;
    ElementRunner* element = nullptr;
    BeforeSendHandler handler = [&, wanted = std::string(method)](GstRTSPMessage* message) {
      if (method_of(message) == wanted) stopping.set_value(std::thread([&] { element->stop(); }));
      return true;
    };
    ElementRunner runner("location=" + camera.url());
    element = &runner;
    before_send(runner.source(), handler);
    runner.start();
    stopping.get_future().get().join();
  }
}

LAW(handlers_may_come_and_go_while_it_plays) {
  const ScriptedCamera camera(sample_camera());
  std::atomic<int> calls = 0;
  ElementRunner* element = nullptr;
  BeforeSendHandler handler = [&](GstRTSPMessage*) {
    ++calls;
    g_signal_handlers_disconnect_by_data(element->source(), &handler);
    return true;
  };
  ElementRunner runner("location=" + camera.url());
  element = &runner;
  before_send(runner.source(), handler);
  expect_eos(runner, camera);
  ck_assert_int_eq(calls, 1);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("retinasrc_signals");
}
