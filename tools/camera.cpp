// A demo camera: H.264 (or H.265) with a burnt-in clock, and AAC (or PCMU) ticks, served over RTSP on the
// loopback interface. Prints its URL once it takes connections; ends on SIGINT and SIGTERM.

#include <glib-unix.h>
#include <gst/gst.h>
#include <gst/rtsp-server/rtsp-server.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "clap.h"

namespace {

using namespace retina::tools;

template <auto Free>
struct Release {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

template <class T>
using ObjectRef = std::unique_ptr<T, Release<g_object_unref>>;
using TextRef = std::unique_ptr<char, Release<g_free>>;
using LoopRef = std::unique_ptr<GMainLoop, Release<g_main_loop_unref>>;
using TokenRef = std::unique_ptr<GstRTSPToken, Release<gst_rtsp_token_unref>>;
using OptionsRef = std::unique_ptr<GOptionContext, Release<g_option_context_free>>;
using ErrorRef = std::unique_ptr<GError, Release<g_error_free>>;

struct Options {
  std::string address = "127.0.0.1";
  int port = 0;
  int frames = 0;  // 0: without end
  int fps = 25;
  int width = 1280;
  int height = 720;
  int bitrate_kbps = 2000;
  int b_frames = 0;
  bool audio = true;
  std::string audio_codec = "aac";
  bool clap = false;
  bool tcp_only = false;
  std::string multicast;  // the only way, if any
  std::string codec = "h264";
  std::string pattern = "smpte";
  std::string launch;  // instead of all that
  std::string auth = "digest";
  std::string user;
  std::string password;
  std::string tls;  // file of its certificate and key
};

void complain(const std::string& text) {
  std::fprintf(stderr, "retina-camera: %s\n", text.c_str());
}

bool parse_size(const std::string& text, Options& options) {
  char rest = 0;
  return std::sscanf(text.c_str(), "%dx%d%c", &options.width, &options.height, &rest) == 2;
}

/// What is wrong with the options; empty if nothing is.
std::string check(const Options& options) {
  const auto within = [](int value, int low, int high) { return value >= low && value <= high; };
  if (!within(options.port, 0, 65535)) return "--port takes 0 to 65535";
  if (options.frames < 0) return "--frames takes 0 or more";
  if (!within(options.fps, 1, 240)) return "--fps takes 1 to 240";
  if (!within(options.width, 16, 8192) || !within(options.height, 16, 8192))
    return "--size takes 16x16 to 8192x8192";
  if (options.width % 2 != 0 || options.height % 2 != 0) return "--size takes even numbers";
  if (!within(options.bitrate_kbps, 1, 200'000)) return "--bitrate takes 1 to 200000 kbit/s";
  if (!within(options.b_frames, 0, 4)) return "--bframes takes 0 to 4";
  if (options.auth != "basic" && options.auth != "digest") return "--auth takes basic or digest";
  if (options.codec != "h264" && options.codec != "h265") return "--codec takes h264 or h265";
  if (options.audio_codec != "aac" && options.audio_codec != "pcmu") return "--audio-codec takes aac or pcmu";
  if (options.user.empty() != options.password.empty()) return "--user and --password belong together";
  return {};
}

std::optional<Options> parse_options(int argc, char** argv) {
  Options options;
  gboolean no_audio = FALSE;
  gboolean tcp_only = FALSE;
  gboolean clap = FALSE;
  char* address = nullptr;
  char* size = nullptr;
  char* multicast = nullptr;
  char* codec = nullptr;
  char* audio_codec = nullptr;
  char* pattern = nullptr;
  char* launch = nullptr;
  char* auth = nullptr;
  char* user = nullptr;
  char* password = nullptr;
  char* tls = nullptr;
  const GOptionEntry entries[] = {
      {"port", 'p', 0, G_OPTION_ARG_INT, &options.port, "TCP port; 0 (default): a free one", "N"},
      {"address", 0, 0, G_OPTION_ARG_STRING, &address, "Address to listen on (default 127.0.0.1)", "ADDRESS"},
      {"user", 0, 0, G_OPTION_ARG_STRING, &user, "Ask for this user name", "NAME"},
      {"password", 0, 0, G_OPTION_ARG_STRING, &password, "Ask for this password", "TEXT"},
      {"auth", 0, 0, G_OPTION_ARG_STRING, &auth, "How to ask (default digest)", "basic|digest"},
      {"tls", 0, 0, G_OPTION_ARG_FILENAME, &tls,
       "Speak TLS only (rtsps), with this certificate and private key (PEM, one file)", "FILE"},
      {"frames", 0, 0, G_OPTION_ARG_INT, &options.frames, "End each client's stream after N video frames",
       "N"},
      {"fps", 0, 0, G_OPTION_ARG_INT, &options.fps, "Frames a second (default 25)", "N"},
      {"size", 0, 0, G_OPTION_ARG_STRING, &size, "Resolution (default 1280x720)", "WxH"},
      {"bitrate", 0, 0, G_OPTION_ARG_INT, &options.bitrate_kbps, "Video bit rate (default 2000)", "KBIT/S"},
      {"bframes", 0, 0, G_OPTION_ARG_INT, &options.b_frames, "B-frames in a row (default 0)", "N"},
      {"codec", 0, 0, G_OPTION_ARG_STRING, &codec, "Video codec (default h264)", "h264|h265"},
      {"audio-codec", 0, 0, G_OPTION_ARG_STRING, &audio_codec, "Audio codec (default aac)", "aac|pcmu"},
      {"clap", 0, 0, G_OPTION_ARG_NONE, &clap, "Once a second a white frame and a beep, at the same instant",
       nullptr},
      {"launch", 0, 0, G_OPTION_ARG_STRING, &launch,
       "Serve this instead, with payloaders named pay0, pay1, ... (without num-buffers it has to be live)",
       "PIPELINE"},
      {"pattern", 0, 0, G_OPTION_ARG_STRING, &pattern, "A pattern of videotestsrc (default smpte)", "NAME"},
      {"no-audio", 0, 0, G_OPTION_ARG_NONE, &no_audio, "Video only", nullptr},
      {"tcp-only", 0, 0, G_OPTION_ARG_NONE, &tcp_only, "Refuse UDP", nullptr},
      {"multicast", 0, 0, G_OPTION_ARG_STRING, &multicast,
       "Send to this group only (with a TTL of 1), to ten ports from PORT on", "GROUP:PORT"},
      {}};
  const OptionsRef context(g_option_context_new("- a demo RTSP camera"));
  g_option_context_add_main_entries(context.get(), entries, nullptr);
  GError* error = nullptr;
  const bool parsed = g_option_context_parse(context.get(), &argc, &argv, &error) != FALSE;
  const ErrorRef owned_error(error);
  std::string size_text;
  for (const auto& [from, to] : {std::pair{size, &size_text},
                                 {address, &options.address},
                                 {multicast, &options.multicast},
                                 {codec, &options.codec},
                                 {audio_codec, &options.audio_codec},
                                 {pattern, &options.pattern},
                                 {launch, &options.launch},
                                 {auth, &options.auth},
                                 {user, &options.user},
                                 {password, &options.password},
                                 {tls, &options.tls}}) {
    const TextRef owned(from);
    if (from != nullptr) *to = from;
  }
  options.audio = no_audio == FALSE;
  options.tcp_only = tcp_only != FALSE;
  options.clap = clap != FALSE;
  std::string problem = parsed ? check(options) : owned_error->message;
  if (argc > 1 && problem.empty()) problem = std::string("unknown argument ") + argv[1];
  if (!size_text.empty() && !parse_size(size_text, options)) problem = "--size takes WIDTHxHEIGHT";
  if (problem.empty()) problem = check(options);
  if (problem.empty()) return options;
  complain(problem + " (--help lists the options)");
  return std::nullopt;
}

bool have(const char* element) {
  const ObjectRef<GstElementFactory> factory(gst_element_factory_find(element));
  return factory != nullptr;
}

std::string video_encoder(const Options& options) {
  const std::string bitrate = " bitrate=" + std::to_string(options.bitrate_kbps);
  const std::string key_frames = " key-int-max=" + std::to_string(options.fps);  // one a second
  if (options.codec == "h265")
    return "x265enc tune=zerolatency speed-preset=ultrafast" + bitrate + key_frames;
  const std::string b_frames = options.b_frames == 0
                                   ? " tune=zerolatency"
                                   : " b-adapt=false bframes=" + std::to_string(options.b_frames);
  return "x264enc speed-preset=veryfast" + b_frames + bitrate + key_frames + " ! video/x-h264,profile=main";
}

/// What makes the sound: encoder, payloader, and how much later than it went in it comes out of a decoder.
struct Sound {
  const char* encoder = nullptr;
  std::string payload;
  int rate_hz = 48000;
  int samples = 1024;  // a frame
  int delay = 0;       // samples
};

/// gst-rtsp-server links the payloaders whose streams a client has set up; one that isn't linked makes its
/// source fail, and, where that comes while the others start to play, all of the media stand still. Behind a
/// tee it doesn't.
std::string payloader(const std::string& element) {
  return "tee allow-not-linked=true ! " + element;
}

/// The first encoder that is installed; nullopt: none is.
std::optional<Sound> sound(const Options& options) {
  const std::string aac = "aacparse ! " + payloader("rtpmp4gpay name=pay1 pt=97");
  if (options.audio_codec == "pcmu")
    return Sound{"mulawenc", payloader("rtppcmupay name=pay1"), 8000, 160, 0};
  for (const Sound& each :
       {Sound{"fdkaacenc", aac, 48000, 1024, 2048}, Sound{"voaacenc", aac, 48000, 1024, 1600},
        Sound{"avenc_aac", aac, 48000, 1024, 1024}}) {
    if (have(each.encoder)) return each;
  }
  return std::nullopt;
}

std::string audio_pipeline(const Options& options, const Sound& sound, const std::string& live) {
  const long buffers =
      static_cast<long>(options.frames) * sound.rate_hz / (static_cast<long>(options.fps) * sound.samples) +
      1;
  return " audiotestsrc" + live + " name=sound wave=" + (options.clap ? "silence" : "ticks") +
         " samplesperbuffer=" + std::to_string(sound.samples) +
         (options.frames > 0 ? " num-buffers=" + std::to_string(buffers) : "") +
         " ! audio/x-raw,format=S16LE,rate=" + std::to_string(sound.rate_hz) +
         ",channels=1 ! audioconvert ! " + sound.encoder + " ! " + sound.payload;
}

std::string pipeline(const Options& options) {
  const bool h265 = options.codec == "h265";
  const std::string frames = options.frames > 0 ? " num-buffers=" + std::to_string(options.frames) : "";
  const std::string clock =
      " ! timeoverlay halignment=left valignment=bottom font-desc=\"Sans 24\""
      " ! clockoverlay halignment=right valignment=top font-desc=\"Sans 24\"";
  // A live source would begin with the first DESCRIBE, and lose what comes before PLAY.
  const std::string live = options.frames > 0 ? "" : " is-live=true";
  const std::string text =
      "( videotestsrc" + live + " name=picture pattern=" + options.pattern + frames +
      " ! video/x-raw,format=I420,width=" + std::to_string(options.width) +
      ",height=" + std::to_string(options.height) + ",framerate=" + std::to_string(options.fps) + "/1" +
      (have("clockoverlay") ? clock : "") + " ! " + video_encoder(options) +
      (h265 ? " ! h265parse ! " : " ! ") + payloader(h265 ? "rtph265pay" : "rtph264pay") +
      " name=pay0 pt=96 config-interval=-1";
  const auto audio = options.audio ? sound(options) : std::nullopt;
  return text + (audio ? audio_pipeline(options, *audio, live) : "") + " )";
}

Clap clap_of(const Options& options) {
  const auto audio = sound(options);
  return {options.fps, static_cast<gsize>(GST_ROUND_UP_4(options.width)) * static_cast<gsize>(options.height),
          audio ? audio->rate_hz : 0, audio ? audio->delay : 0};
}

void add_user(const Options& options, GstRTSPAuth* auth, GstRTSPToken* token) {
  if (options.auth == "basic") {
    const TextRef basic(gst_rtsp_auth_make_basic(options.user.c_str(), options.password.c_str()));
    gst_rtsp_auth_add_basic(auth, basic.get(), token);
    gst_rtsp_auth_set_supported_methods(auth, GST_RTSP_AUTH_BASIC);
  } else {
    gst_rtsp_auth_add_digest(auth, options.user.c_str(), options.password.c_str(), token);
    gst_rtsp_auth_set_supported_methods(auth, GST_RTSP_AUTH_DIGEST);
  }
}

/// Asks for credentials, for TLS, or for both. False: the certificate can't be read, and that has been said.
bool guard(const Options& options, GstRTSPServer* server, GstRTSPMediaFactory* factory) {
  gst_rtsp_media_factory_add_role(factory, "viewer", GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN, TRUE,
                                  GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, nullptr);
  const ObjectRef<GstRTSPAuth> auth(gst_rtsp_auth_new());
  const TokenRef token(
      gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, "viewer", nullptr));
  if (options.user.empty()) {
    gst_rtsp_auth_set_default_token(auth.get(), token.get());
  } else {
    add_user(options, auth.get(), token.get());
  }
  if (!options.tls.empty()) {
    GError* error = nullptr;
    const ObjectRef<GTlsCertificate> certificate(
        g_tls_certificate_new_from_file(options.tls.c_str(), &error));
    const ErrorRef owned_error(error);
    if (certificate == nullptr) {
      complain(options.tls + ": " + error->message);
      return false;
    }
    gst_rtsp_auth_set_tls_certificate(auth.get(), certificate.get());
  }
  gst_rtsp_server_set_auth(server, auth.get());
  return true;
}

/// "239.255.0.1:5000": the group, and its first port. Nullopt: it is none.
std::optional<std::pair<std::string, int>> parse_group(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  int port = 0;
  char rest = 0;
  if (std::sscanf(text.c_str() + colon + 1, "%d%c", &port, &rest) != 1) return std::nullopt;
  if (port < 1024 || port > 65526 || port % 2 != 0) return std::nullopt;
  return std::pair(text.substr(0, colon), port);
}

/// Ports for five streams.
bool send_to_group(const std::string& text, GstRTSPMediaFactory* factory) {
  const auto group = parse_group(text);
  const ObjectRef<GstRTSPAddressPool> pool(gst_rtsp_address_pool_new());
  if (!group || !gst_rtsp_address_pool_add_range(pool.get(), group->first.c_str(), group->first.c_str(),
                                                 static_cast<guint16>(group->second),
                                                 static_cast<guint16>(group->second + 9), 1)) {
    return false;
  }
  gst_rtsp_media_factory_set_address_pool(factory, pool.get());
  gst_rtsp_media_factory_set_protocols(factory, GST_RTSP_LOWER_TRANS_UDP_MCAST);
  return true;
}

ObjectRef<GstRTSPServer> make_server(const Options& options) {
  ObjectRef<GstRTSPServer> server(gst_rtsp_server_new());
  gst_rtsp_server_set_address(server.get(), options.address.c_str());
  gst_rtsp_server_set_service(server.get(), std::to_string(options.port).c_str());
  GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();  // the mount points own it
  const std::string served = options.launch.empty() ? pipeline(options) : "( " + options.launch + " )";
  gst_rtsp_media_factory_set_launch(factory, served.c_str());
  // Clients watch the same live picture; a finite stream starts anew for each.
  gst_rtsp_media_factory_set_shared(factory, options.frames == 0 && options.launch.empty());
  if (options.clap) add_clap(factory, clap_of(options));
  if (options.tcp_only) gst_rtsp_media_factory_set_protocols(factory, GST_RTSP_LOWER_TRANS_TCP);
  if (!options.multicast.empty() && !send_to_group(options.multicast, factory)) {
    complain("--multicast takes a group and an even port above 1023: 239.255.0.1:5000");
    return {};
  }
  const ObjectRef<GstRTSPMountPoints> mounts(gst_rtsp_server_get_mount_points(server.get()));
  gst_rtsp_mount_points_add_factory(mounts.get(), "/stream", factory);
  const bool open = options.user.empty() && options.tls.empty();
  if (!open && !guard(options, server.get(), factory)) return nullptr;
  return server;
}

gboolean quit(gpointer loop) {
  g_main_loop_quit(static_cast<GMainLoop*>(loop));
  return G_SOURCE_CONTINUE;
}

GstRTSPFilterResult drop_client(GstRTSPServer*, GstRTSPClient*, gpointer) {
  return GST_RTSP_FILTER_REMOVE;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse_options(argc, argv);
  if (!options) return 2;
  gst_init(nullptr, nullptr);
  const char* encoder = options->codec == "h265" ? "x265enc" : "x264enc";
  if (options->launch.empty() && !have(encoder)) {
    complain(std::string("the GStreamer element ") + encoder + " is missing; run tools/install-deps");
    return 1;
  }
  const LoopRef loop(g_main_loop_new(nullptr, FALSE));
  const ObjectRef<GstRTSPServer> server = make_server(*options);
  if (server == nullptr) return 1;
  const guint source = gst_rtsp_server_attach(server.get(), nullptr);
  if (source == 0) {
    complain("can't listen on " + options->address + " port " + std::to_string(options->port) +
             "; is it taken?");
    return 1;
  }
  g_unix_signal_add(SIGINT, quit, loop.get());
  g_unix_signal_add(SIGTERM, quit, loop.get());
  std::printf("%s://%s:%d/stream\n", options->tls.empty() ? "rtsp" : "rtsps", options->address.c_str(),
              gst_rtsp_server_get_bound_port(server.get()));
  std::fflush(stdout);
  g_main_loop_run(loop.get());
  gst_rtsp_server_client_filter(server.get(), drop_client, nullptr);
  g_source_remove(source);
  return 0;
}
