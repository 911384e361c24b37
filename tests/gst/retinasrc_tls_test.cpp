// RTSP over TLS: what is taken, what is refused and with which words, and that the media stays what it is.

#include <gio/gio.h>
#include <poll.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <semaphore>

#include "gst/bin_runner.h"
#include "gst/element_runner.h"
#include "gst/prompt_stop.h"
#include "gst/sample_camera.h"
#include "support/certificates.h"
#include "support/tls_front.h"

namespace {

using namespace retina;
using namespace retina::test;

Certificates& authority() {
  static Certificates certificates;
  return certificates;
}

const std::string& good_certificate() {
  static const std::string file = authority().issue("IP:127.0.0.1,DNS:localhost");
  return file;
}

void trust(GstElement* element, const std::string& file) {
  GError* error = nullptr;
  GTlsDatabase* database = g_tls_file_database_new(file.c_str(), &error);
  ck_assert_msg(database != nullptr, "%s", error != nullptr ? error->message : "");
  g_object_set(element, "tls-database", database, nullptr);
  g_object_unref(database);
}

void trust(ElementRunner& runner, const std::string& file) {
  trust(runner.source(), file);
}

/// Of many packets, of every size up to one that no record holds.
StandardCamera big_camera() {
  StandardCamera camera = sample_camera(40);
  std::size_t extra = 1;
  for (MediaPacket& packet : camera.media.packets) {
    packet.bytes.resize(packet.bytes.size() + extra % 60000, 0x5A);
    extra = extra * 3 + 1;
  }
  return camera;
}

std::vector<Received> frames_from(const std::string& url, const char* more = "") {
  ElementRunner runner("location=" + url + more);
  trust(runner, authority().authority());
  const Outcome outcome = runner.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s: %s", url.c_str(), outcome.text.c_str());
  return runner.received();
}

LAW(frames_are_those_of_plain_tcp_byte_for_byte) {
  const ScriptedCamera camera(big_camera());
  const auto plain = frames_from(camera.url());
  ck_assert_uint_eq(plain.size(), 40);
  for (const std::size_t piece : {std::size_t{37}, std::size_t{1400}, std::size_t{65536}}) {
    const TlsFront front(camera.port(), {good_certificate(), "", piece});
    for (const char* more : {"", " read-size-min=1024 read-size-max=1024", " coalesce-time=0"}) {
      const auto secure = frames_from(front.url(), more);
      ck_assert_uint_eq(secure.size(), plain.size());
      for (std::size_t i = 0; i < plain.size(); ++i) {
        ck_assert(secure[i].bytes == plain[i].bytes);
        ck_assert_uint_eq(secure[i].pts - secure[0].pts, plain[i].pts - plain[0].pts);
        ck_assert_uint_eq(secure[i].flags, plain[i].flags);
      }
    }
  }
}

LAW(names_and_schemes_that_mean_tls) {
  const ScriptedCamera camera(sample_camera());
  const TlsFront front(camera.port(), {good_certificate()});
  for (const std::string scheme : {"rtsps", "rtspst", "RTSPS"}) {
    ElementRunner runner("location=" + scheme + front.url("localhost").substr(5));
    trust(runner, authority().authority());
    const Outcome outcome = runner.run();
    ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
    ck_assert_uint_eq(runner.received().size(), 10);
    GstStructure* stats = nullptr;
    g_object_get(runner.source(), "stats", &stats, nullptr);
    ASSERT_TEXT(std::string(gst_structure_get_string(stats, "transport")), "tls");
    gst_structure_free(stats);
  }
  for (const RtspRequest& request : camera.requests())
    ck_assert_msg(request.header_or_empty("Transport").find("client_port") == std::string::npos, "UDP");
}

LAW(one_read_brings_many_records) {
  StandardCamera scripted = sample_camera(2000);
  const ScriptedCamera camera(scripted);
  const TlsFront front(camera.port(), {good_certificate(), "", 500});
  ElementRunner runner("location=" + front.url());
  trust(runner, authority().authority());
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  ck_assert_uint_eq(runner.received().size(), 2000);
  // 225 records at least; GIO alone would read the socket twice for each.
  ck_assert_uint_ge(runner.stat("bytes"), 110'000);
  ck_assert_msg(runner.stat("reads") < 225, "%lu", static_cast<unsigned long>(runner.stat("reads")));
}

// --- certificates ---

struct Fault {
  std::string certificate;
  bool trusted;
  GTlsCertificateFlags flag;
  const char* nick;
  const char* sentence;
};

std::vector<Fault> faults() {
  return {
      {authority().issue("DNS:camera.example"), true, G_TLS_CERTIFICATE_BAD_IDENTITY, "bad-identity",
       "made out for another host than 127.0.0.1"},
      {authority().issue("IP:127.0.0.1", -1), true, G_TLS_CERTIFICATE_EXPIRED, "expired", "it has expired"},
      {good_certificate(), false, G_TLS_CERTIFICATE_UNKNOWN_CA, "unknown-ca",
       "no authority that is known here vouches for it"},
      {authority().issue_self_signed("IP:127.0.0.1"), true, G_TLS_CERTIFICATE_UNKNOWN_CA, "unknown-ca",
       "no authority that is known here vouches for it"},
  };
}

LAW(each_fault_of_a_certificate_is_refused_with_a_sentence_of_its_own) {
  for (const Fault& fault : faults()) {
    const ScriptedCamera camera(sample_camera());
    const TlsFront front(camera.port(), {fault.certificate});
    ElementRunner runner("location=" + front.url());
    if (fault.trusted) trust(runner, authority().authority());
    const Outcome outcome = runner.run();
    ck_assert(outcome.kind == Outcome::Kind::kError && outcome.domain == GST_RESOURCE_ERROR);
    ck_assert_int_eq(outcome.code, GST_RESOURCE_ERROR_OPEN_READ);
    ck_assert_msg(outcome.text.find(fault.sentence) != std::string::npos, "%s", outcome.text.c_str());
    for (const Fault& other : faults()) {
      if (other.flag != fault.flag)
        ck_assert_msg(outcome.text.find(other.sentence) == std::string::npos, "%s", outcome.text.c_str());
    }
    ck_assert_uint_eq(camera.connections(), 0);
  }
}

LAW(a_certificate_that_is_signed_by_itself_is_trusted_where_it_is_given) {
  const std::string certificate = authority().issue_self_signed("IP:127.0.0.1");
  const ScriptedCamera camera(sample_camera());
  const TlsFront front(camera.port(), {certificate});
  ElementRunner runner("location=" + front.url());
  trust(runner, certificate);
  const Outcome outcome = runner.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
}

LAW(a_fault_that_is_left_out_of_the_validation_is_no_fault) {
  for (const Fault& fault : faults()) {
    const ScriptedCamera camera(sample_camera());
    const TlsFront front(camera.port(), {fault.certificate});
    for (const auto flags : {GTlsCertificateFlags{}, static_cast<GTlsCertificateFlags>(
                                                         G_TLS_CERTIFICATE_VALIDATE_ALL & ~fault.flag)}) {
      ElementRunner runner("location=" + front.url());
      if (fault.trusted) trust(runner, authority().authority());
      g_object_set(runner.source(), "tls-validation-flags", flags, nullptr);
      const Outcome outcome = runner.run();
      ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s: %s", fault.nick, outcome.text.c_str());
      ck_assert_uint_eq(runner.received().size(), 10);
    }
  }
}

struct Handler {
  gboolean answer;
  unsigned calls = 0;
  GTlsCertificateFlags seen{};
};

gboolean on_certificate(GstElement*, GTlsConnection* connection, GTlsCertificate* certificate,
                        GTlsCertificateFlags errors, gpointer data) {
  auto& handler = *static_cast<Handler*>(data);
  ck_assert(G_IS_TLS_CONNECTION(connection) && G_IS_TLS_CERTIFICATE(certificate));
  ++handler.calls;
  handler.seen = errors;
  return handler.answer;
}

LAW(accept_certificate_has_the_last_word_about_faults_and_isnt_asked_without) {
  for (const Fault& fault : faults()) {
    const ScriptedCamera camera(sample_camera());
    const TlsFront front(camera.port(), {fault.certificate});
    for (const bool accepts : {true, false}) {
      const gboolean answer = accepts ? TRUE : FALSE;
      Handler handler{answer};
      ElementRunner runner("location=" + front.url());
      if (fault.trusted) trust(runner, authority().authority());
      g_signal_connect(runner.source(), "accept-certificate", G_CALLBACK(on_certificate), &handler);
      const Outcome outcome = runner.run();
      ck_assert_msg(outcome.kind == (accepts ? Outcome::Kind::kEos : Outcome::Kind::kError), "%s: %s",
                    fault.nick, outcome.text.c_str());
      ck_assert_uint_eq(handler.calls, 1);
      ck_assert_msg((handler.seen & fault.flag) != 0, "%s: %x", fault.nick, unsigned(handler.seen));
    }
  }
  const ScriptedCamera camera(sample_camera());
  const TlsFront front(camera.port(), {good_certificate()});
  Handler handler{FALSE};
  ElementRunner runner("location=" + front.url());
  trust(runner, authority().authority());
  g_signal_connect(runner.source(), "accept-certificate", G_CALLBACK(on_certificate), &handler);
  ck_assert(runner.run().kind == Outcome::Kind::kEos);
  ck_assert_uint_eq(handler.calls, 0);
}

// --- client certificates ---

/// Shows the certificate that was set as its data.
GTlsInteractionResult show_certificate(GTlsInteraction* interaction, GTlsConnection* connection,
                                       GTlsCertificateRequestFlags, GCancellable*, GError**) {
  auto* certificate = g_object_get_data(G_OBJECT(interaction), "certificate");
  g_tls_connection_set_certificate(connection, G_TLS_CERTIFICATE(certificate));
  return G_TLS_INTERACTION_HANDLED;
}

void init_shower(gpointer klass, gpointer) {
  static_cast<GTlsInteractionClass*>(klass)->request_certificate = show_certificate;
}

GTlsInteraction* interaction_showing(const std::string& file) {
  static const GType type = g_type_register_static_simple(G_TYPE_TLS_INTERACTION, "TestCertificateShower",
                                                          sizeof(GTlsInteractionClass), init_shower,
                                                          sizeof(GTlsInteraction), nullptr, GTypeFlags{});
  auto* interaction = static_cast<GTlsInteraction*>(g_object_new(type, nullptr));
  GTlsCertificate* certificate = g_tls_certificate_new_from_file(file.c_str(), nullptr);
  ck_assert(certificate != nullptr);
  g_object_set_data_full(G_OBJECT(interaction), "certificate", certificate, g_object_unref);
  return interaction;
}

LAW(a_client_certificate_is_shown_where_it_is_demanded_and_missed_in_words) {
  const ScriptedCamera camera(sample_camera());
  const TlsFront front(camera.port(), {good_certificate(), authority().authority()});
  {
    ElementRunner without("location=" + front.url());
    trust(without, authority().authority());
    const Outcome outcome = without.run();
    ck_assert(outcome.kind == Outcome::Kind::kError);
    ck_assert_msg(outcome.text.find("tls-interaction") != std::string::npos, "%s", outcome.text.c_str());
    ck_assert_uint_eq(camera.requests().size(), 0);
  }
  ElementRunner with("location=" + front.url());
  trust(with, authority().authority());
  GTlsInteraction* interaction = interaction_showing(authority().issue("DNS:a.client"));
  g_object_set(with.source(), "tls-interaction", interaction, nullptr);
  g_object_unref(interaction);
  const Outcome outcome = with.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
  ck_assert_uint_eq(with.received().size(), 10);
}

// --- handshakes that fail ---

LAW(a_port_without_tls_is_told) {
  const ScriptedCamera camera(Script().send("RTSP/1.0 400 Bad Request\r\n\r\n").stall());
  ElementRunner runner("location=rtsps" + camera.url().substr(4));
  const Outcome outcome = runner.run();
  ck_assert(outcome.kind == Outcome::Kind::kError && outcome.code == GST_RESOURCE_ERROR_OPEN_READ);
  ck_assert_msg(outcome.text.find("doesn't speak TLS") != std::string::npos, "%s", outcome.text.c_str());
}

LAW(a_handshake_without_answer_ends_with_the_tcp_timeout) {
  const ScriptedCamera camera(Script().stall());
  ElementRunner runner("tcp-timeout=100000 location=rtsps" + camera.url().substr(4));
  const Outcome outcome = runner.run();
  ck_assert(outcome.kind == Outcome::Kind::kError && outcome.code == GST_RESOURCE_ERROR_READ);
  ck_assert_msg(outcome.text.find("TLS handshake") != std::string::npos, "%s", outcome.text.c_str());
}

LAW(a_handshake_that_is_broken_off_is_told) {
  for (const Script& script : {Script().close(), Script().reset(), Script().send("\x16\x03\x03").close()}) {
    const ScriptedCamera camera(script);
    ElementRunner runner("location=rtsps" + camera.url().substr(4));
    const Outcome outcome = runner.run();
    ck_assert(outcome.kind == Outcome::Kind::kError && outcome.code == GST_RESOURCE_ERROR_OPEN_READ);
    // A reset may be there before the connection counts as made.
    const bool told = outcome.text.find("No TLS connection to ") == 0 ||
                      outcome.text.find("Connection reset by peer") != std::string::npos;
    ck_assert_msg(told, "%s", outcome.text.c_str());
  }
}

// --- stopping ---

void expect_prompt_stop(const std::string& location, const std::function<bool(std::size_t)>& reached) {
  retina::test::expect_prompt_stop(location, 100 * GST_MSECOND, reached,
                                   [](ElementRunner& runner) { trust(runner, authority().authority()); });
}

/// A camera that has got the client's first words, and sends `answer`, and no more.
void expect_prompt_stop_after_hello(const std::string& answer) {
  std::counting_semaphore<> hellos(0);
  const ScriptedCamera camera({[&](Peer& peer) {
    pollfd hello{peer.fd(), POLLIN, 0};
    if (::poll(&hello, 1, std::chrono::milliseconds(kPatience).count()) == 1) hellos.release();
    if (peer.send(answer)) peer.stall();
  }});
  expect_prompt_stop("rtsps" + camera.url().substr(4),
                     [&](std::size_t) { return hellos.try_acquire_for(kPatience); });
}

LAW(a_stop_within_the_handshake_is_prompt) {
  expect_prompt_stop_after_hello("");
  // In the middle of a record.
  expect_prompt_stop_after_hello(std::string("\x16\x03\x03\x02\x00half", 9));
}

LAW(a_stop_while_playing_is_prompt_and_gives_the_session_back) {
  StandardCamera scripted = sample_camera(3);
  scripted.after_media = Script();
  const ScriptedCamera camera(scripted);
  const TlsFront front(camera.port(), {good_certificate()});
  expect_prompt_stop(front.url(), [&](std::size_t n) { return camera.wait_for("PLAY", n); });
  ck_assert(camera.wait_for("TEARDOWN", 5));
}

/// Waits for as long as the test likes, as a window that asks for a password does.
struct Blocker {
  std::mutex mutex;
  std::condition_variable cond;
  bool asked = false;
  bool over = false;
};

GTlsInteractionResult block(GTlsInteraction* interaction, GTlsConnection*, GTlsCertificateRequestFlags,
                            GCancellable*, GError**) {
  auto& blocker = *static_cast<Blocker*>(g_object_get_data(G_OBJECT(interaction), "blocker"));
  std::unique_lock lock(blocker.mutex);
  blocker.asked = true;
  blocker.cond.notify_all();
  blocker.cond.wait(lock, [&] { return blocker.over; });
  return G_TLS_INTERACTION_UNHANDLED;
}

LAW(a_stop_doesnt_wait_for_a_user_who_is_asked_for_a_certificate) {
  static const GType type = g_type_register_static_simple(
      G_TYPE_TLS_INTERACTION, "TestBlocker", sizeof(GTlsInteractionClass),
      [](gpointer klass, gpointer) {
        static_cast<GTlsInteractionClass*>(klass)->request_certificate = block;
      },
      sizeof(GTlsInteraction), nullptr, GTypeFlags{});
  static Blocker blocker;
  const ScriptedCamera camera(sample_camera());
  const TlsFront front(camera.port(), {good_certificate(), authority().authority()});
  {
    ElementRunner runner("location=" + front.url());
    trust(runner, authority().authority());
    auto* interaction = static_cast<GTlsInteraction*>(g_object_new(type, nullptr));
    g_object_set_data(G_OBJECT(interaction), "blocker", &blocker);
    g_object_set(runner.source(), "tls-interaction", interaction, nullptr);
    g_object_unref(interaction);
    runner.start();
    {
      std::unique_lock lock(blocker.mutex);
      blocker.cond.wait(lock, [] { return blocker.asked; });
    }
    ck_assert(runner.stop() < GST_SECOND);
  }
  const std::lock_guard lock(blocker.mutex);
  blocker.over = true;
  blocker.cond.notify_all();
}

// --- the session ---

LAW(a_connection_that_is_cut_in_mid_stream_is_made_anew) {
  StandardCamera breaking = sample_camera(5);
  breaking.after_media = Script().send("$").close();
  StandardCamera recording = sample_camera(7);
  recording.sdp.insert(recording.sdp.find("m=video"), "a=range:npt=0-30\n");
  const ScriptedCamera camera({serving(breaking), serving(recording)});
  const TlsFront front(camera.port(), {good_certificate()});
  ElementRunner runner("reconnect=true reconnect-delay=10 reconnect-max-delay=20 location=" + front.url());
  trust(runner, authority().authority());
  const Outcome outcome = runner.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
  ck_assert_uint_eq(runner.received().size(), 12);
  ck_assert_uint_eq(runner.stat("reconnects"), 1);
}

LAW(a_retinabin_has_the_same_properties_and_the_same_signal) {
  const ScriptedCamera camera(sample_camera());
  const TlsFront front(camera.port(), {authority().issue("DNS:camera.example")});
  {
    BinRunner refused(front.url());
    trust(refused.bin(), authority().authority());
    refused.set_state(GST_STATE_PLAYING);
    const std::string text = refused.wait_for_error();
    ck_assert_msg(text.find("made out for another host than 127.0.0.1") != std::string::npos, "%s",
                  text.c_str());
  }
  Handler handler{TRUE};
  BinRunner runner(front.url());
  trust(runner.bin(), authority().authority());
  g_signal_connect(runner.bin(), "accept-certificate", G_CALLBACK(on_certificate), &handler);
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_ended(1));
  ck_assert_uint_eq(runner.pads().at("video_0").frames.size(), 10);
  ck_assert_uint_eq(handler.calls, 1);
}

LAW(a_redirect_to_tls_is_followed) {
  const ScriptedCamera camera(sample_camera());
  const TlsFront front(camera.port(), {good_certificate()});
  const ScriptedCamera door(sample_camera().on(
      "DESCRIBE", Script().reply("RTSP/1.0 302 Found\nCSeq: {cseq}\nLocation: " + front.url() + "\n\n")));
  ElementRunner runner("location=" + door.url());
  trust(runner, authority().authority());
  const Outcome outcome = runner.run();
  ck_assert_msg(outcome.kind == Outcome::Kind::kEos, "%s", outcome.text.c_str());
  ck_assert_uint_eq(runner.received().size(), 10);
}

LAW(media_that_would_not_be_encrypted_is_refused) {
  ElementRunner runner("protocols=udp location=rtsps://127.0.0.1/stream");
  const Outcome outcome = runner.run();
  ck_assert(outcome.kind == Outcome::Kind::kError && outcome.code == GST_RESOURCE_ERROR_SETTINGS);
  ck_assert_msg(outcome.text.find("rtspsu") != std::string::npos, "%s", outcome.text.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (!Certificates::can_be_made() || g_tls_backend_supports_tls(g_tls_backend_get_default()) == FALSE) {
    std::puts("SKIP: needs openssl and glib-networking");
    return 77;
  }
  return run_laws("retinasrc_tls", 60);
}
