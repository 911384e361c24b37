// Prints when the camera took each frame, in UTC by the camera's clock, until Ctrl-C:
//
//   times rtsp://camera/stream
//
// Before the camera's first sender report there is no such time, with some cameras never: then the line says
// when the frame arrived, by this computer's clock.

#include <chrono>
#include <ctime>
#include <optional>

#include "pipeline.h"

namespace {

using example::Ref;
using std::chrono::nanoseconds;

/// Of the meta with this reference; nullopt: the buffer has none.
std::optional<nanoseconds> reference_time(GstBuffer* buffer, const char* reference) {
  const Ref<GstCaps> caps(gst_caps_new_empty_simple(reference));
  const auto* meta = gst_buffer_get_reference_timestamp_meta(buffer, caps.get());
  if (meta == nullptr) return std::nullopt;
  return nanoseconds(static_cast<nanoseconds::rep>(meta->timestamp));
}

void print_time(const char* what, nanoseconds since_1970) {
  const std::time_t seconds = since_1970 / std::chrono::seconds(1);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::printf("%s %s.%06dZ\n", what, text,
              static_cast<int>(since_1970 % std::chrono::seconds(1) / std::chrono::microseconds(1)));
  std::fflush(stdout);
}

/// On the streaming thread.
GstPadProbeReturn on_buffer(GstPad*, GstPadProbeInfo* info, gpointer) {
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  if (const auto captured = reference_time(buffer, "timestamp/x-unix")) {
    print_time("captured", *captured);
  } else if (const auto arrived = reference_time(buffer, "timestamp/x-system-monotonic")) {
    const auto booted = std::chrono::system_clock::now().time_since_epoch() -
                        std::chrono::steady_clock::now().time_since_epoch();
    print_time("arrived", booted + *arrived);
  }
  return GST_PAD_PROBE_OK;
}

int print_times(const char* url) {
  example::Pipeline pipeline("retinasrc name=camera ! fakesink", url);
  const Ref<GstPad> pad(gst_element_get_static_pad(pipeline.element("camera").get(), "src"));
  gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, on_buffer, nullptr, nullptr);
  pipeline.play();
  const auto message = pipeline.wait(GST_MESSAGE_EOS | GST_MESSAGE_ERROR, GST_CLOCK_TIME_NONE);
  if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS) return 0;
  throw std::runtime_error(example::error_of(message.get()));
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s URL\n", argv[0]);
    return 2;
  }
  try {
    return print_times(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
