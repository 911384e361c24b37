// Watches a camera for good, also one that isn't there yet:
//
//   restart rtsp://camera/stream
//
// A session that has played comes back by itself (property "reconnect"). What an application has to do is to
// try again when the camera couldn't be reached at the start: with a delay that grows.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include "pipeline.h"

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstDelay{250};
constexpr milliseconds kLongestDelay{30'000};

std::atomic<bool> interrupted{false};

void say(const std::string& text) {
  std::puts(text.c_str());
  std::fflush(stdout);
}

/// The session plays.
bool is_opened(GstMessage* message) {
  GstProgressType type = GST_PROGRESS_TYPE_ERROR;
  gchar* code = nullptr;
  gst_message_parse_progress(message, &type, &code, nullptr);
  const bool opened = type == GST_PROGRESS_TYPE_COMPLETE && std::string(code) == "open";
  g_free(code);
  return opened;
}

void wait(milliseconds delay) {
  const auto end = std::chrono::steady_clock::now() + delay;
  while (!interrupted && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::min(delay, milliseconds(100)));
}

void watch(const char* url) {
  example::Pipeline pipeline("retinasrc name=camera ! fakesink", url);
  constexpr int kTypes = GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_PROGRESS | GST_MESSAGE_ELEMENT;
  milliseconds delay = kFirstDelay;
  pipeline.play();
  while (!interrupted) {
    const auto message = pipeline.wait(kTypes, GST_SECOND / 5);
    if (message == nullptr) continue;
    switch (GST_MESSAGE_TYPE(message.get())) {
      case GST_MESSAGE_ERROR:
        say(example::error_of(message.get()) + " Again in " + std::to_string(delay.count()) + " ms.");
        pipeline.stop();
        wait(delay);
        delay = std::min(2 * delay, kLongestDelay);
        pipeline.play();
        break;
      case GST_MESSAGE_PROGRESS:
        if (!is_opened(message.get())) break;
        say("playing");
        delay = kFirstDelay;
        break;
      case GST_MESSAGE_ELEMENT:
        if (gst_message_has_name(message.get(), "retina-reconnecting")) say("reconnecting");
        if (gst_message_has_name(message.get(), "retina-reconnected")) say("reconnected");
        break;
      default:  // the end of a recording
        return;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s URL\n", argv[0]);
    return 2;
  }
  std::signal(SIGINT, [](int) { interrupted = true; });
  try {
    watch(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
