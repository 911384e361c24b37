// Records a camera's video and audio, without decoding them, into an mp4 file:
//
//   record rtsp://camera/stream camera.mp4
//
// until Ctrl-C, which ends the file properly.

#include <atomic>
#include <csignal>

#include "pipeline.h"

namespace {

using example::Ref;

std::atomic<bool> interrupted{false};

/// On the thread that opens the session, for each of the camera's streams.
void on_pad_added(GstElement*, GstPad* pad, gpointer data) {
  const auto& pipeline = *static_cast<example::Pipeline*>(data);
  const Ref<GstElement> mux = pipeline.element("mux");
  const Ref<GstPad> mux_pad(gst_element_get_compatible_pad(mux.get(), pad, nullptr));
  if (mux_pad == nullptr) {  // metadata, say; an unlinked pad stops nothing
    std::fprintf(stderr, "%s isn't recorded: not for mp4\n", GST_PAD_NAME(pad));
    return;
  }
  GstElement* queue = gst_element_factory_make("queue", nullptr);
  gst_bin_add(GST_BIN(pipeline.get()), queue);
  gst_pad_link(Ref<GstPad>(gst_element_get_static_pad(queue, "src")).get(), mux_pad.get());
  gst_element_sync_state_with_parent(queue);
  gst_pad_link(pad, Ref<GstPad>(gst_element_get_static_pad(queue, "sink")).get());
}

int record(const char* url, const char* path) {
  example::Pipeline pipeline("retinabin name=camera mp4mux name=mux ! filesink name=file", url);
  g_object_set(pipeline.element("file").get(), "location", path, nullptr);
  g_signal_connect(pipeline.element("camera").get(), "pad-added", G_CALLBACK(on_pad_added), &pipeline);
  pipeline.play();
  for (bool ending = false;;) {
    const auto message = pipeline.wait(GST_MESSAGE_EOS | GST_MESSAGE_ERROR, GST_SECOND / 5);
    if (message == nullptr) {
      if (interrupted && !ending) {
        ending = true;
        std::puts("Ending the file");
        gst_element_send_event(pipeline.get(), gst_event_new_eos());
      }
      continue;
    }
    if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS) return 0;
    throw std::runtime_error(example::error_of(message.get()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s URL FILE\n", argv[0]);
    return 2;
  }
  std::signal(SIGINT, [](int) { interrupted = true; });
  try {
    return record(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
