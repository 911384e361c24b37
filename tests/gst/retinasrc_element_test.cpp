// The element as GStreamer sees it: properties, pad, queries, URI handler, messages.

#include <cstring>

#include "gst/element_runner.h"
#include "gst/sample_camera.h"

namespace {

using namespace retina::test;

GstElement* make() {
  GstElement* element = gst_element_factory_make("retinasrc", nullptr);
  ck_assert(element != nullptr);
  return element;
}

std::string text_property(GstElement* element, const char* name) {
  gchar* text = nullptr;
  g_object_get(element, name, &text, nullptr);
  std::string copy = text != nullptr ? text : "(null)";
  g_free(text);
  return copy;
}

LAW(properties_have_the_names_types_and_defaults_that_users_rely_on) {
  struct {
    const char* name;
    const char* type;
    const char* standard;
  } const cases[] = {
      {"location", "gchararray", "NULL"},
      {"user-id", "gchararray", "NULL"},
      {"user-pw", "gchararray", "NULL"},
      {"media", "GstRetinaMedia", "any"},
      {"stream-index", "gint", "-1"},
      {"latency", "guint", "200"},
      {"tcp-timeout", "guint64", "20000000"},
      {"idle-timeout", "guint64", "10000000"},
      {"teardown-timeout", "guint64", "100000000"},
      {"read-size-min", "guint", "65536"},
      {"read-size-max", "guint", "1048576"},
      {"coalesce-time", "guint64", "2000000"},
      {"parameter-sets", "GstRetinaParameterSets", "key-frames"},
      {"do-rtsp-keep-alive", "gboolean", "true"},
      {"request-keyframe", "gboolean", "true"},
      {"initial-timestamp", "GstRetinaInitialTimestamp", "default"},
      {"initial-seq", "GstRetinaInitialSeq", "default"},
      {"unknown-rtcp-ssrc", "GstRetinaUnknownRtcpSsrc", "drop"},
      {"unassigned-channel-data", "GstRetinaUnassignedChannelData", "auto"},
      {"session-id", "GstRetinaSessionId", "use-first"},
      {"teardown", "GstRetinaTeardown", "auto"},
  };
  GstElement* element = make();
  for (const auto& c : cases) {
    GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), c.name);
    ck_assert_msg(spec != nullptr, "%s", c.name);
    ASSERT_TEXT(g_type_name(spec->value_type), c.type);
    ck_assert_msg(std::strlen(g_param_spec_get_blurb(spec)) > 20, "%s has no description", c.name);
    GValue value = G_VALUE_INIT;
    g_value_init(&value, spec->value_type);
    g_object_get_property(G_OBJECT(element), c.name, &value);
    gchar* text = G_VALUE_HOLDS_STRING(&value) && g_value_get_string(&value) == nullptr
                      ? g_strdup("NULL")
                      : gst_value_serialize(&value);
    ASSERT_TEXT(text, c.standard);
    g_free(text);
    g_value_unset(&value);
  }
  gst_object_unref(element);
}

LAW(the_user_agent_names_the_project_and_its_version) {
  GstElement* element = make();
  ASSERT_TEXT(text_property(element, "user-agent"), "gst-retina/" RETINA_VERSION);
  gst_object_unref(element);
}

LAW(every_setting_reads_back_as_it_was_set) {
  GstElement* element = make();
  const char* const settings[][2] = {{"user-id", "admin"},
                                     {"media", "video"},
                                     {"stream-index", "3"},
                                     {"latency", "50"},
                                     {"tcp-timeout", "1000"},
                                     {"idle-timeout", "0"},
                                     {"teardown-timeout", "5"},
                                     {"read-size-min", "2048"},
                                     {"read-size-max", "4096"},
                                     {"coalesce-time", "0"},
                                     {"parameter-sets", "never"},
                                     {"user-agent", "me"},
                                     {"do-rtsp-keep-alive", "false"},
                                     {"request-keyframe", "false"},
                                     {"initial-timestamp", "require"},
                                     {"initial-timestamp", "ignore"},
                                     {"initial-timestamp", "permissive"},
                                     {"initial-timestamp", "default"},
                                     {"initial-seq", "respect"},
                                     {"initial-seq", "ignore"},
                                     {"initial-seq", "default"},
                                     {"unknown-rtcp-ssrc", "abort"},
                                     {"unknown-rtcp-ssrc", "process"},
                                     {"unknown-rtcp-ssrc", "drop"},
                                     {"unassigned-channel-data", "assume-stale"},
                                     {"unassigned-channel-data", "error"},
                                     {"unassigned-channel-data", "ignore"},
                                     {"unassigned-channel-data", "auto"},
                                     {"session-id", "require-match"},
                                     {"session-id", "use-first"},
                                     {"teardown", "always"},
                                     {"teardown", "never"},
                                     {"teardown", "auto"}};
  for (const auto& [name, text] : settings) {
    gst_util_set_object_arg(G_OBJECT(element), name, text);
    GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), name);
    GValue value = G_VALUE_INIT;
    g_value_init(&value, spec->value_type);
    g_object_get_property(G_OBJECT(element), name, &value);
    gchar* read = G_VALUE_HOLDS_STRING(&value) ? g_value_dup_string(&value) : gst_value_serialize(&value);
    ASSERT_TEXT(read, text);
    g_free(read);
    g_value_unset(&value);
  }
  gst_object_unref(element);
}

LAW(a_location_is_read_back_without_its_credentials) {
  GstElement* element = make();
  g_object_set(element, "location", "rtsp://admin:s3cret@cam:8554/stream?x=1", nullptr);
  ASSERT_TEXT(text_property(element, "location"), "rtsp://cam:8554/stream?x=1");
  gst_object_unref(element);
}

LAW(the_uri_handler_takes_rtsp_urls_and_refuses_others) {
  GstElement* element = make();
  auto* handler = GST_URI_HANDLER(element);
  ck_assert_int_eq(gst_uri_handler_get_uri_type(handler), GST_URI_SRC);
  gchar* protocols = g_strjoinv(" ", const_cast<gchar**>(gst_uri_handler_get_protocols(handler)));
  ASSERT_TEXT(protocols, "rtsp rtspt rtspu rtsps rtspst rtspsu rtsph rtspsh");
  g_free(protocols);
  GError* error = nullptr;
  ck_assert(gst_uri_handler_set_uri(handler, "rtsp://cam/stream", &error) && error == nullptr);
  ASSERT_TEXT(text_property(element, "location"), "rtsp://cam/stream");
  ck_assert(gst_uri_handler_set_uri(handler, "rtsp://admin:s3cret@cam/stream", &error));
  gchar* uri = gst_uri_handler_get_uri(handler);
  ASSERT_TEXT(uri, "rtsp://cam/stream");
  g_free(uri);
  ck_assert(!gst_uri_handler_set_uri(handler, "rtsp://", &error));
  ck_assert(error != nullptr && error->domain == GST_URI_ERROR);
  g_clear_error(&error);
  gst_object_unref(element);
}

LAW(the_element_has_rank_none_and_says_what_it_is) {
  GstElementFactory* factory = gst_element_factory_find("retinasrc");
  ck_assert_uint_eq(gst_plugin_feature_get_rank(GST_PLUGIN_FEATURE(factory)), GST_RANK_NONE);
  ASSERT_TEXT(gst_element_factory_get_metadata(factory, GST_ELEMENT_METADATA_KLASS), "Source/Network");
  gst_object_unref(factory);
}

LAW(queries_are_answered_truthfully) {
  StandardCamera scripted = sample_camera(3);
  scripted.after_media = Script();
  const ScriptedCamera camera(scripted);
  ElementRunner runner("location=" + camera.url() + " latency=120");
  ck_assert_int_eq(runner.start(), GST_STATE_CHANGE_ASYNC);
  ck_assert(runner.wait_for_buffers(3));

  GstQuery* latency = gst_query_new_latency();
  ck_assert(gst_element_query(runner.source(), latency));
  gboolean live = FALSE;
  GstClockTime minimum = 0;
  GstClockTime maximum = 0;
  gst_query_parse_latency(latency, &live, &minimum, &maximum);
  ck_assert(live && minimum == 120 * GST_MSECOND && maximum == GST_CLOCK_TIME_NONE);
  gst_query_unref(latency);

  GstQuery* seeking = gst_query_new_seeking(GST_FORMAT_TIME);
  ck_assert(gst_element_query(runner.source(), seeking));
  gboolean seekable = TRUE;
  gst_query_parse_seeking(seeking, nullptr, &seekable, nullptr, nullptr);
  ck_assert(!seekable);
  gst_query_unref(seeking);

  gint64 duration = 0;
  ck_assert(!gst_element_query_duration(runner.source(), GST_FORMAT_TIME, &duration) || duration == -1);
}

LAW(progress_goes_from_open_to_close) {
  const ScriptedCamera camera(sample_camera(3));
  ElementRunner runner("location=" + camera.url());
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  const std::vector<std::string> expected = {"start open",       "continue connect", "continue request",
                                             "continue request", "complete open",    "start request",
                                             "continue request", "complete request"};
  ck_assert(runner.progress() == expected);
}

LAW(statistics_tell_what_came_and_stay_after_the_end) {
  const ScriptedCamera camera(sample_camera(10));
  ElementRunner runner("location=" + camera.url());
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  runner.stop();
  ck_assert_uint_eq(runner.stat("packets"), 10);
  ck_assert_uint_eq(runner.stat("frames"), 10);
  ck_assert_uint_eq(runner.stat("key-frames"), 1);
  ck_assert_uint_eq(runner.stat("packets-lost"), 0);
  ck_assert_uint_eq(runner.stat("full-reads"), 0);
  ck_assert(runner.stat("reads") > 0 && runner.stat("bytes") > 10 * 53);
  ck_assert(runner.stat("first-frame-time") > runner.stat("connect-time"));

  GstStructure* stats = nullptr;
  g_object_get(runner.source(), "stats", &stats, nullptr);
  ASSERT_TEXT(gst_structure_get_name(stats), "application/x-retina-stats");
  ASSERT_TEXT(gst_structure_get_string(stats, "transport"), "tcp");
  const GValue* histogram = gst_structure_get_value(stats, "read-histogram");
  std::uint64_t sum = 0;
  for (guint i = 0; i < gst_value_array_get_size(histogram); ++i) {
    sum += g_value_get_uint64(gst_value_array_get_value(histogram, i));
  }
  ck_assert_uint_eq(sum, runner.stat("reads"));
  gst_structure_free(stats);
}

LAW(a_tolerated_fault_is_one_warning_and_the_stream_plays) {
  StandardCamera scripted = sample_camera(5);
  scripted.describe_headers = "Content-Base: {url}/\n";
  const ScriptedCamera camera(scripted);
  ElementRunner runner("location=" + camera.url());
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  ck_assert_uint_eq(runner.received().size(), 5);
  ck_assert_uint_eq(runner.warnings().size(), 1);
  ck_assert(runner.warnings()[0].find("application/sdp") != std::string::npos);
}

LAW(basic_and_digest_credentials_work_from_properties_and_from_the_location) {
  for (const AuthScheme scheme : {AuthScheme::kBasic, AuthScheme::kDigest}) {
    StandardCamera scripted = sample_camera(3);
    scripted.credentials.scheme = scheme;
    scripted.credentials.user = "admin";
    scripted.credentials.password = "s3 cret@:/";
    const ScriptedCamera camera(scripted);
    ElementRunner properties("location=" + camera.url() + " user-id=admin user-pw=\"s3 cret@:/\"");
    ck_assert(properties.run().kind == Outcome::Kind::kEos);
    ck_assert_uint_eq(properties.received().size(), 3);

    std::string location = camera.url();
    location.insert(7, "admin:s3%20cret%40:%2F@");
    ElementRunner url("location=" + location);
    ck_assert(url.run().kind == Outcome::Kind::kEos);
    ck_assert_uint_eq(url.received().size(), 3);
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("retinasrc_element");
}
