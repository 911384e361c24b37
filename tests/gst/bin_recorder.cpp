#include "gst/bin_recorder.h"

#include <unistd.h>

#include "support/check.h"

namespace retina::test {

BinRecorder::BinRecorder(const std::string& properties, const std::string& muxer, std::string video_branch)
    : file_(std::string(g_get_tmp_dir()) + "/retina-bin-recording-" + std::to_string(getpid())),
      video_branch_(std::move(video_branch)) {
  const std::string description = "retinabin name=camera reconnect=false " + properties + "  " + muxer +
                                  " name=muxer ! filesink location=" + file_;
  GError* error = nullptr;
  pipeline_ = gst_parse_launch(description.c_str(), &error);
  ck_assert_msg(error == nullptr, "%s", error != nullptr ? error->message : "");
  muxer_ = gst_bin_get_by_name(GST_BIN(pipeline_), "muxer");
  GstElement* camera = gst_bin_get_by_name(GST_BIN(pipeline_), "camera");
  g_signal_connect(camera, "pad-added",
                   G_CALLBACK(+[](GstElement*, GstPad* pad, BinRecorder* self) { self->link(pad); }), this);
  gst_object_unref(camera);
}

BinRecorder::~BinRecorder() {
  gst_element_set_state(pipeline_, GST_STATE_NULL);
  gst_object_unref(muxer_);
  gst_object_unref(pipeline_);
  unlink(file_.c_str());
}

void BinRecorder::link(GstPad* pad) {
  const bool video = g_str_has_prefix(GST_PAD_NAME(pad), "video");
  const std::string text = "queue" + (video && !video_branch_.empty() ? " ! " + video_branch_ : "");
  GstElement* branch = gst_parse_bin_from_description(text.c_str(), TRUE, nullptr);
  ck_assert(branch != nullptr);
  GstPad* in = gst_element_get_static_pad(branch, "sink");
  GstPad* out = gst_element_get_static_pad(branch, "src");
  GstPad* target = gst_element_get_compatible_pad(muxer_, pad, nullptr);
  ck_assert_msg(target != nullptr, "the muxer doesn't take %s", GST_PAD_NAME(pad));
  gst_bin_add(GST_BIN(pipeline_), branch);
  ck_assert_int_eq(gst_pad_link(out, target), GST_PAD_LINK_OK);
  gst_element_sync_state_with_parent(branch);
  ck_assert_int_eq(gst_pad_link(pad, in), GST_PAD_LINK_OK);
  gst_pad_add_probe(
      pad, GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad* at, GstPadProbeInfo* info, gpointer self) {
        static_cast<BinRecorder*>(self)->keep(at, GST_PAD_PROBE_INFO_BUFFER(info));
        return GST_PAD_PROBE_OK;
      },
      this, nullptr);
  gst_object_unref(target);
  gst_object_unref(out);
  gst_object_unref(in);
}

void BinRecorder::keep(GstPad* pad, const GstBuffer* buffer) {
  {
    const std::lock_guard lock(mutex_);
    frames_[GST_PAD_NAME(pad)].push_back(
        {GST_BUFFER_PTS(buffer), GST_BUFFER_DTS(buffer), GST_BUFFER_DURATION(buffer)});
  }
  gst_element_post_message(
      pipeline_, gst_message_new_application(GST_OBJECT(pipeline_), gst_structure_new_empty("look")));
}

void BinRecorder::record(GstClockTime limit) {
  const GstClockTime end = gst_util_get_timestamp() + limit;
  gst_element_set_state(pipeline_, GST_STATE_PLAYING);
  wait_for_end(end);
}

void BinRecorder::record_frames(std::size_t count, GstClockTime limit) {
  const GstClockTime end = gst_util_get_timestamp() + limit;
  gst_element_set_state(pipeline_, GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(pipeline_);
  while (frames("video_0").size() < count) {
    const GstClockTime now = gst_util_get_timestamp();
    ck_assert_msg(now < end, "%zu frames of %zu", frames("video_0").size(), count);
    GstMessage* message = gst_bus_timed_pop_filtered(
        bus, end - now,
        static_cast<GstMessageType>(GST_MESSAGE_APPLICATION | GST_MESSAGE_ERROR | GST_MESSAGE_EOS));
    ck_assert(message != nullptr && GST_MESSAGE_TYPE(message) == GST_MESSAGE_APPLICATION);
    gst_message_unref(message);
  }
  gst_object_unref(bus);
  gst_element_send_event(pipeline_, gst_event_new_eos());
  wait_for_end(end);
}

void BinRecorder::wait_for_end(GstClockTime end) {
  GstBus* bus = gst_element_get_bus(pipeline_);
  const GstClockTime now = gst_util_get_timestamp();
  GstMessage* message = gst_bus_timed_pop_filtered(
      bus, now < end ? end - now : 0, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  ck_assert_msg(message != nullptr, "no end");
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    GError* error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    ck_abort_msg("%s", error->message);
  }
  gst_message_unref(message);
  gst_object_unref(bus);
  gst_element_set_state(pipeline_, GST_STATE_NULL);
}

}  // namespace retina::test
