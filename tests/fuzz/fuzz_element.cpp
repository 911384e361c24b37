// A whole element in a pipeline, with a camera that says anything: it ends with EOS or an error once nothing
// more is said (unless it is to come back by itself), stops, leaves no object, descriptor or memory behind,
// and no library it uses complains (g_warning, g_critical).
//
// Input: two bytes of settings, then steps of [kind][argument …]. 0-127: so many bytes of the input are what
// the camera says next; 128-159: a reply of camera_words.h; 160-169: time for the element; 170-179: the
// user; 180-187: the connection ends; 188-219: a description and replies that lead to media; 220-255: a
// packet.

#include <dirent.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "fuzz/allocated_bytes.h"
#include "fuzz/camera_words.h"
#include "fuzz/loopback_camera.h"
#include "fuzz/no_names.h"
#include "retinabin.h"
#include "retinasrc.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;
using fuzz::LoopbackCamera;
using Clock = std::chrono::steady_clock;

/// Far more than it ever takes (for stopping, 2 ms for TEARDOWN): a machine may be busy, a hang is without
/// end.
constexpr auto kLongest = 5s;
constexpr auto kLongestStop = 3s;

/// With parameter sets, so that frames come out.
constexpr const char* kWholeSdp =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\n"
    "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;"
    "sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==\r\na=control:track1\r\n"
    "m=audio 0 RTP/AVP 8\r\na=control:track2\r\n";

constexpr std::array kMoreReplies = {
    "{whole sdp}",
    "RTSP/1.0 200 OK\r\nCSeq: {c}\r\nSession: 1;timeout=1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n",
    "RTSP/1.0 200 OK\r\nCSeq: {c}\r\nSession: 1\r\nTransport: RTP/AVP/TCP;interleaved=2-3\r\n\r\n",
    "RTSP/1.0 200 OK\r\nCSeq: {c}\r\nSession: 1\r\nRTP-Info: url=track1;seq=1;rtptime=0\r\n\r\n",
};

/// What the element is run with, for each bit of the two bytes of settings.
constexpr std::array kSettings = {
    "user-id=user user-pw=pw",
    "reconnect=true reconnect-delay=1 reconnect-max-delay=2",
    "incomplete-frames=pass",
    "timestamp-mode=camera",
    "parameter-sets=on-change",
    "wait-for-keyframe=true",
    "initial-timestamp=require",
    "coalesce-time=0",
    "unknown-rtcp-ssrc=abort",
    "session-id=require-match",
    "do-rtcp=false",
    "do-rtsp-keep-alive=false",
    "protocols=udp+tcp",
    "teardown=always",
};

void set_all(GstElement* element, const std::string& properties) {
  for (std::size_t at = 0; at < properties.size();) {
    const std::size_t end = std::min(properties.find(' ', at), properties.size());
    const std::string word = properties.substr(at, end - at);
    const std::size_t sign = word.find('=');
    const std::string name = word.substr(0, sign);
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(element), name.c_str()) != nullptr)
      gst_util_set_object_arg(G_OBJECT(element), name.c_str(), word.substr(sign + 1).c_str());
    at = end + 1;
  }
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  while (folder != nullptr && ::readdir(folder) != nullptr)
    ++count;
  if (folder != nullptr) ::closedir(folder);
  return count;
}

class Pipeline {
 public:
  Pipeline(unsigned settings, std::uint16_t port) : pipeline_(gst_pipeline_new(nullptr)) {
    const bool whole = (settings >> 15 & 1) != 0;
    source_ = gst_element_factory_make(whole ? "retinabin" : "retinasrc", nullptr);
    g_object_weak_ref(G_OBJECT(source_), on_finalized, &gone_);
    reconnects_ = (settings >> 1 & 1) != 0;
    set_all(source_,
            "reconnect=false teardown=never tcp-timeout=60000 idle-timeout=60000 timeout=40000 "
            "teardown-timeout=2000000 location=rtsp://127.0.0.1:" +
                std::to_string(port) + "/stream");
    for (std::size_t i = 0; i < kSettings.size(); ++i) {
      if ((settings >> i & 1) != 0) set_all(source_, kSettings[i]);
    }
    gst_bin_add(GST_BIN(pipeline_), source_);
    GstBus* bus = gst_element_get_bus(pipeline_);
    gst_bus_set_sync_handler(bus, on_message, this, nullptr);
    gst_object_unref(bus);
    if (whole) {
      g_signal_connect(source_, "pad-added", G_CALLBACK(on_pad), this);
    } else {
      GstPad* pad = gst_element_get_static_pad(source_, "src");
      on_pad(source_, pad, this);
      gst_object_unref(pad);
    }
    set_state(GST_STATE_PLAYING);
  }

  ~Pipeline() {
    const auto before = Clock::now();
    set_state(GST_STATE_NULL);
    FUZZ_REQUIRE(Clock::now() - before < kLongestStop);
    gst_object_unref(pipeline_);
    FUZZ_REQUIRE(gone_);
    for (GstPad* pad : pads_)
      gst_object_unref(pad);
  }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  bool comes_back() const { return reconnects_; }
  void set_state(GstState state) { gst_element_set_state(pipeline_, state); }

  bool ended() {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

  void meddle(unsigned how) {
    switch (how) {
      case 0:
        return set_state(GST_STATE_PAUSED);
      case 1:
        return set_state(GST_STATE_PLAYING);
      case 2:
        gst_element_send_event(pipeline_, gst_event_new_eos());
        return;
      case 3:
        set_state(GST_STATE_READY);
        return set_state(GST_STATE_PLAYING);
      case 4:
        gst_element_seek_simple(pipeline_, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SECOND);
        return;
      case 5:
        return ask();
      case 6: {
        GstStructure* stats = nullptr;
        g_object_get(source_, "stats", &stats, nullptr);
        gst_structure_free(stats);
        return;
      }
      default:
        return want_key_frame();
    }
  }

 private:
  void ask() {
    GstPromise* promise = gst_promise_new();
    gboolean issued = FALSE;
    g_signal_emit_by_name(source_, "get-parameter", "name", nullptr, promise, &issued);
    gst_promise_unref(promise);
  }
  void want_key_frame() {
    const std::lock_guard lock(mutex_);
    if (!pads_.empty())
      gst_pad_push_event(pads_[0], gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 1));
  }

  static void on_finalized(gpointer gone, GObject*) { *static_cast<bool*>(gone) = true; }

  static void on_pad(GstElement*, GstPad* source, gpointer data) {
    auto& self = *static_cast<Pipeline*>(data);
    GstPad* pad = gst_pad_new(nullptr, GST_PAD_SINK);
    gst_object_ref_sink(pad);
    gst_pad_set_element_private(pad, data);
    gst_pad_set_chain_function(pad, on_buffer);
    gst_pad_set_event_function(pad, on_event);
    gst_pad_set_active(pad, TRUE);
    FUZZ_REQUIRE(gst_pad_link_full(source, pad, GST_PAD_LINK_CHECK_NOTHING) == GST_PAD_LINK_OK);
    const std::lock_guard lock(self.mutex_);
    self.pads_.push_back(pad);
  }

  static GstFlowReturn on_buffer(GstPad* pad, GstObject*, GstBuffer* buffer) {
    FUZZ_REQUIRE(gst_pad_has_current_caps(pad));
    GstEvent* segment = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0);
    FUZZ_REQUIRE(segment != nullptr);
    gst_event_unref(segment);
    FUZZ_REQUIRE(gst_buffer_get_size(buffer) > 0);
    gst_buffer_unref(buffer);
    return GST_FLOW_OK;
  }

  static gboolean on_event(GstPad* pad, GstObject*, GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS)
      static_cast<Pipeline*>(gst_pad_get_element_private(pad))->end();
    gst_event_unref(event);
    return TRUE;
  }

  static GstBusSyncReply on_message(GstBus*, GstMessage* message, gpointer self) {
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) static_cast<Pipeline*>(self)->end();
    gst_message_unref(message);
    return GST_BUS_DROP;
  }

  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }

  GstElement* pipeline_;
  GstElement* source_;  // of pipeline_
  bool reconnects_ = false;
  bool gone_ = false;  // the source
  std::mutex mutex_;
  std::vector<GstPad*> pads_;
  bool ended_ = false;
};

class Run {
 public:
  explicit Run(unsigned settings, LoopbackCamera& camera)
      : camera_(camera), pipeline_(settings, camera.port()) {}

  void take_step(std::uint8_t kind, base::ByteReader& input) {
    if (kind < 128) {
      hear_if_needed();
      camera_.say(*input.bytes(std::min<std::size_t>(kind, input.remaining()), "words"));
    } else if (kind < 160) {
      reply(fuzz::kReplies[(kind - 128U) % fuzz::kReplies.size()]);
    } else if (kind < 170) {
      camera_.hear(kind - 159);
    } else if (kind < 180) {
      pipeline_.meddle(kind - 170U);
    } else if (kind < 187) {
      camera_.hang_up();
      for (int i = 0; i < 4 && camera_.connected(); ++i)
        camera_.hear(5);
      camera_.leave();
    } else if (kind == 187) {
      camera_.leave();
    } else if (kind < 220) {
      reply(fuzz::replaced(kMoreReplies[(kind - 188U) % kMoreReplies.size()], "{whole sdp}",
                           fuzz::with_sdp(kWholeSdp)));
    } else {
      kind = static_cast<std::uint8_t>(kind - 220);
      const std::string packet = fuzz::packet_of(kind, ++sequence_);
      say(fuzz::interleaved(fuzz::channel_of(kind), packet));
    }
  }

  /// Nothing more is said, and whoever connects is sent away.
  void finish() {
    pipeline_.set_state(GST_STATE_PLAYING);
    camera_.hang_up();
    const auto start = Clock::now();
    while (!pipeline_.ended()) {
      if (camera_.hear(1) && !camera_.connected()) continue;
      if (pipeline_.comes_back() && Clock::now() - start > 10ms) return;
      camera_.hang_up();
      FUZZ_REQUIRE(Clock::now() - start < kLongest);
    }
  }
  bool ended() { return pipeline_.ended(); }

 private:
  /// Lockstep with the client, as far as it says something; but not for ever.
  void hear_if_needed() {
    const unsigned long before = camera_.words();
    const int patience = silences_ < 3 ? 5 : 0;
    // First it may hear of an end, and of a new connection.
    for (int i = 0; i < 3 && camera_.words() == before; ++i) {
      if (!camera_.hear(patience)) {
        ++silences_;
        return;
      }
    }
  }
  void reply(const std::string& text) {
    hear_if_needed();
    say(fuzz::reply_of(text, camera_.cseq(), ++number_));
  }
  void say(const std::string& text) { camera_.say(base::as_bytes(text)); }

  LoopbackCamera& camera_;
  Pipeline pipeline_;
  std::uint8_t sequence_ = 0;
  unsigned number_ = 0;
  int silences_ = 0;
};

/// Without any plugin of the system's, and without reading or writing a registry of them.
void start_gstreamer() {
  ::setenv("GST_REGISTRY_DISABLE", "yes", 1);
  gst_init(nullptr, nullptr);
  fuzz::NoNames::install();
  gst_element_register(nullptr, "retinasrc", GST_RANK_NONE, RETINA_TYPE_SRC);
  gst_element_register(nullptr, "retinabin", GST_RANK_NONE, RETINA_TYPE_BIN);
  g_log_set_always_fatal(
      static_cast<GLogLevelFlags>(G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING));
}

/// What is kept grows at first, and then no more.
void check_growth() {
  constexpr unsigned kWarm = 100;
  constexpr std::size_t kMoreDescriptors = 16;  // of farewells that go on
  constexpr std::size_t kMoreBytes = std::size_t{32} << 20;
  static unsigned inputs = 0;
  static std::size_t descriptors = 0;
  static std::size_t bytes = 0;
  if (++inputs == kWarm) {
    descriptors = open_descriptors();
    bytes = fuzz::allocated_bytes();
  }
  if (inputs <= kWarm) return;
  FUZZ_REQUIRE(open_descriptors() <= descriptors + kMoreDescriptors);
  FUZZ_REQUIRE(fuzz::allocated_bytes() <= bytes + kMoreBytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool started = (start_gstreamer(), true);
  FUZZ_REQUIRE(started);
  base::ByteReader input(base::ByteView(data, size));
  const unsigned settings = size > 1 ? *input.u16("settings") : 0U;
  {
    LoopbackCamera camera;
    Run run(settings, camera);
    while (input.remaining() > 0 && !run.ended())
      run.take_step(*input.u8("step"), input);
    run.finish();
  }
  check_growth();
  return 0;
}
