#include "gst/recorded_file.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/bytes.h"
#include "support/check.h"

namespace retina::test {
namespace {

/// A buffer, and the running time of its presentation: with the file's edits.
using Look = std::function<void(GstBuffer*, GstClockTime presented)>;

GstClockTime running_time(GstPad* pad, const GstBuffer* buffer) {
  GstEvent* event = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0);
  ck_assert(event != nullptr);
  const GstSegment* segment = nullptr;
  gst_event_parse_segment(event, &segment);
  guint64 time = 0;
  const gint sign = gst_segment_to_running_time_full(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer), &time);
  gst_event_unref(event);
  // What is before the beginning isn't shown.
  return sign > 0 ? time : 0;
}

/// Lets `look` see what comes to an element.
void watch(GstElement* pipeline, const char* name, Look look) {
  GstElement* element = gst_bin_get_by_name(GST_BIN(pipeline), name);
  if (element == nullptr) return;
  GstPad* pad = gst_element_get_static_pad(element, "sink");
  gst_pad_add_probe(
      pad, GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad* at, GstPadProbeInfo* info, gpointer data) {
        GstBuffer* const buffer = GST_PAD_PROBE_INFO_BUFFER(info);
        (*static_cast<Look*>(data))(buffer, running_time(at, buffer));
        return GST_PAD_PROBE_OK;
      },
      new Look(std::move(look)), [](gpointer data) { delete static_cast<Look*>(data); });
  gst_object_unref(pad);
  gst_object_unref(element);
}

void run_to_end(GstElement* pipeline, const std::string& what) {
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* message = gst_bus_timed_pop_filtered(
      bus, 60 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  ck_assert_msg(message != nullptr, "no end: %s", what.c_str());
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    GError* error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    ck_abort_msg("%s: %s", what.c_str(), error->message);
  }
  gst_message_unref(message);
  gst_object_unref(bus);
  gst_element_set_state(pipeline, GST_STATE_NULL);
}

StoredFrame times_of(GstBuffer* buffer, GstClockTime presented) {
  return {presented, GST_BUFFER_DTS(buffer), GST_BUFFER_DURATION(buffer)};
}

base::Bytes content(GstBuffer* buffer) {
  base::Bytes bytes(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
  return bytes;
}

/// The picture is white, but for what is written on it. (Its colours come behind, half as many bytes.)
bool is_white(const base::Bytes& picture) {
  const auto luma = static_cast<std::ptrdiff_t>(picture.size() / 3 * 2);
  const auto bright =
      std::count_if(picture.begin(), picture.begin() + luma, [](auto each) { return each > 200; });
  return bright > luma * 8 / 10;
}

/// Finds the sound's beginnings in 16-bit samples.
class Listener {
 public:
  Listener(int rate_hz, std::vector<GstClockTime>& beeps) : rate_hz_(rate_hz), beeps_(beeps) {}

  void hear(GstBuffer* buffer, GstClockTime presented) {
    constexpr int kLoud = 8000;  // the beep has 20000
    const base::Bytes bytes = content(buffer);
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
      ++silence_;
      if (std::abs(static_cast<std::int16_t>(bytes[i] | bytes[i + 1] << 8)) < kLoud) continue;
      const bool begins = silence_ > rate_hz_ / 4;
      silence_ = 0;
      if (begins) beeps_.push_back(presented + gst_util_uint64_scale_int(i / 2, GST_SECOND, rate_hz_));
    }
  }

 private:
  int rate_hz_;
  std::vector<GstClockTime>& beeps_;
  int silence_ = 1'000'000;
};

// --- MP4 ---

std::uint64_t number(base::ByteView bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i)
    value = value << 8 | bytes[at + i];
  return value;
}

void for_boxes(base::ByteView bytes,
               const std::function<void(const std::string& type, base::ByteView)>& see) {
  while (bytes.size() >= 8) {
    std::size_t header = 8;
    std::uint64_t size = number(bytes, 0, 4);
    const std::string type(base::as_text(bytes.subspan(4, 4)));
    if (size == 1) {
      size = number(bytes, 8, 8);
      header = 16;
    }
    ck_assert_msg(size >= header && size <= bytes.size(), "box %s", type.c_str());
    see(type, bytes.subspan(header, size - header));
    bytes = bytes.subspan(size);
  }
}

/// The fields of mvhd, mdhd and tkhd that are longer in version 1.
struct Span {
  std::uint64_t scale = 0;
  std::uint64_t duration = 0;
};
Span span_of(base::ByteView box, bool has_scale) {
  const std::size_t width = box[0] == 1 ? 8 : 4;
  const std::size_t at = 4 + 2 * width;
  return {has_scale ? number(box, at, 4) : 0, number(box, at + (has_scale ? 4 : 8), width)};
}

GstClockTime to_time(std::uint64_t duration, std::uint64_t scale) {
  return gst_util_uint64_scale_round(duration, GST_SECOND, scale);
}

}  // namespace

RecordedFile read_back(const std::string& file, const std::string& demuxer, const std::string& decoder) {
  RecordedFile found;
  const int rate_hz = decoder == "mulawdec" ? 8000 : 48000;
  std::string description =
      "filesrc location=" + file + " ! " + demuxer +
      " name=d d.video_0 ! queue max-size-bytes=0 max-size-time=0 max-size-buffers=0 name=video ! "
      "h264parse ! avdec_h264 ! fakesink name=pictures sync=false";
  if (!decoder.empty()) {
    description += " d.audio_0 ! queue max-size-bytes=0 max-size-time=0 max-size-buffers=0 name=audio ! " +
                   decoder +
                   " ! audioconvert ! audio/x-raw,format=S16LE,channels=1 ! fakesink name=sound sync=false";
  }
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(description.c_str(), &error);
  ck_assert_msg(error == nullptr, "%s", error != nullptr ? error->message : "");
  Listener listener(rate_hz, found.beeps);
  watch(pipeline, "video", [&](auto... frame) { found.video.push_back(times_of(frame...)); });
  watch(pipeline, "audio", [&](auto... frame) { found.audio.push_back(times_of(frame...)); });
  watch(pipeline, "sound", [&](auto... frame) { listener.hear(frame...); });
  watch(pipeline, "pictures", [&](GstBuffer* buffer, GstClockTime presented) {
    found.pictures.push_back(presented);
    if (is_white(content(buffer))) found.flashes.push_back(presented);
  });
  run_to_end(pipeline, description);
  gst_object_unref(pipeline);
  return found;
}

GstClockTime length(const std::vector<StoredFrame>& frames) {
  GstClockTime first = GST_CLOCK_TIME_NONE;
  GstClockTime end = 0;
  for (const StoredFrame& frame : frames) {
    first = std::min(first, frame.pts);
    end = std::max(end, frame.pts + (GST_CLOCK_TIME_IS_VALID(frame.duration) ? frame.duration : 0));
  }
  return frames.empty() ? 0 : end - first;
}

std::vector<Mp4Track> mp4_tracks(const std::string& file) {
  gchar* data = nullptr;
  gsize size = 0;
  ck_assert(g_file_get_contents(file.c_str(), &data, &size, nullptr));
  const base::Bytes all(data, data + size);
  g_free(data);
  std::vector<Mp4Track> tracks;
  std::uint64_t film_scale = 1000;
  const std::function<void(const std::string&, base::ByteView)> see = [&](const std::string& type,
                                                                          base::ByteView box) {
    if (type == "moov" || type == "mdia") for_boxes(box, see);
    if (type == "mvhd") film_scale = span_of(box, true).scale;
    if (type == "trak") {
      tracks.emplace_back();
      for_boxes(box, see);
    }
    if (type == "tkhd") tracks.back().presented = to_time(span_of(box, false).duration, film_scale);
    if (type == "mdhd") tracks.back().media = to_time(span_of(box, true).duration, span_of(box, true).scale);
    if (type == "hdlr" && !tracks.empty()) tracks.back().handler = base::as_text(box.subspan(8, 4));
  };
  for_boxes(all, see);
  return tracks;
}

}  // namespace retina::test
