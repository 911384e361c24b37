// Times through the element: PTS in each mode, and the camera's time of day on the buffers.

#include <cstdint>
#include <vector>

#include "gst/sample_camera.h"
#include "rtp/ntp_time.h"
#include "support/check.h"

namespace {

using namespace retina;
using namespace retina::test;

constexpr std::uint64_t kNtpSeconds = 3'908'988'800;  // 2023-11-14 22:13:20 UTC
constexpr std::uint64_t kUnixNs = 1'700'000'000ULL * GST_SECOND;
constexpr std::uint64_t kNtpNs = kNtpSeconds * GST_SECOND;

struct Times {
  GstClockTime pts = GST_CLOCK_TIME_NONE;
  GstClockTime ntp = GST_CLOCK_TIME_NONE;
  GstClockTime unix_time = GST_CLOCK_TIME_NONE;
  GstClockTime arrival = GST_CLOCK_TIME_NONE;
  bool discontinuity = false;
};

GstClockTime reference_time(GstBuffer* buffer, const char* name) {
  GstCaps* reference = gst_caps_new_empty_simple(name);
  const auto* meta = gst_buffer_get_reference_timestamp_meta(buffer, reference);
  gst_caps_unref(reference);
  return meta != nullptr ? meta->timestamp : GST_CLOCK_TIME_NONE;
}

GstPadProbeReturn note_times(GstPad*, GstPadProbeInfo* info, gpointer data) {
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  Times times;
  times.pts = GST_BUFFER_PTS(buffer);
  times.ntp = reference_time(buffer, "timestamp/x-ntp");
  times.unix_time = reference_time(buffer, "timestamp/x-unix");
  times.arrival = reference_time(buffer, "timestamp/x-system-monotonic");
  times.discontinuity = GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DISCONT);
  static_cast<std::vector<Times>*>(data)->push_back(times);
  return GST_PAD_PROBE_OK;
}

/// Plays to the end; `drift_ppm`, if asked for, is what `stats` says then.
std::vector<Times> play(const StandardCamera& scripted, const std::string& properties = "") {
  const ScriptedCamera camera(scripted);
  const std::string description = "retinasrc name=source reconnect=false location=" + camera.url() + " " +
                                  properties + " ! fakesink name=sink sync=false";
  GstElement* pipeline = gst_parse_launch(description.c_str(), nullptr);
  ck_assert(pipeline != nullptr);
  GstElement* source = gst_bin_get_by_name(GST_BIN(pipeline), "source");
  GstPad* pad = gst_element_get_static_pad(source, "src");
  std::vector<Times> times;
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, note_times, &times, nullptr);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* end = gst_bus_timed_pop_filtered(
      bus, 15 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  ck_assert(end != nullptr && GST_MESSAGE_TYPE(end) == GST_MESSAGE_EOS);
  GstStructure* stats = nullptr;
  g_object_get(source, "stats", &stats, nullptr);
  ck_assert(gst_structure_has_field_typed(stats, "drift-ppm", G_TYPE_DOUBLE));
  ck_assert(gst_structure_has_field_typed(stats, "jitter", G_TYPE_UINT64));
  gst_structure_free(stats);
  gst_message_unref(end);
  gst_object_unref(bus);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(pad);
  gst_object_unref(source);
  gst_object_unref(pipeline);
  return times;
}

MediaPacket sender_report(std::uint64_t ntp, std::uint32_t rtp_timestamp) {
  MediaPacket packet;
  packet.rtcp = true;
  packet.bytes = base::Bytes{0x80, 200, 0, 6, 0, 0, 0xCA, 0xFE};
  packet.bytes.resize(28);
  base::store_be32(packet.bytes.data() + 8, static_cast<std::uint32_t>(ntp >> 32));
  base::store_be32(packet.bytes.data() + 12, static_cast<std::uint32_t>(ntp));
  base::store_be32(packet.bytes.data() + 16, rtp_timestamp);
  return packet;
}

/// Frame i has the RTP time 5000 + 3600 i.
StandardCamera camera_with(MediaPacket report, std::size_t before_packet, unsigned frames = 10) {
  StandardCamera camera = sample_camera(frames);
  camera.media.packets.insert(camera.media.packets.begin() + static_cast<std::ptrdiff_t>(before_packet),
                              std::move(report));
  return camera;
}

LAW(a_sender_report_gives_every_frame_from_then_on_its_time_to_the_nanosecond) {
  // The report is of 10 s after frame 0.
  const auto report = sender_report((kNtpSeconds + 10) << 32 | 0x80000000, 5000 + 10 * 90000);
  for (const std::size_t before : {std::size_t{0}, std::size_t{4}}) {
    const auto times = play(camera_with(report, before));
    ck_assert_uint_eq(times.size(), 10);
    for (std::size_t i = 0; i < times.size(); ++i) {
      if (i < before) {
        ck_assert_uint_eq(times[i].ntp, GST_CLOCK_TIME_NONE);
        ck_assert_uint_eq(times[i].unix_time, GST_CLOCK_TIME_NONE);
        continue;
      }
      const GstClockTime since = i * 40 * GST_MSECOND + 500 * GST_MSECOND;
      ck_assert_uint_eq(times[i].ntp, kNtpNs + since);
      ck_assert_uint_eq(times[i].unix_time, kUnixNs + since);
    }
  }
}

LAW(nonsense_in_a_report_gives_no_time) {
  for (const std::uint64_t seconds :
       {std::uint64_t{0}, std::uint64_t{2'208'988'800}, std::uint64_t{864'000}}) {
    for (const Times& one : play(camera_with(sender_report(seconds << 32, 5000), 0)))
      ck_assert_uint_eq(one.ntp, GST_CLOCK_TIME_NONE);
  }
}

LAW(a_report_of_another_source_gives_no_time) {
  auto report = sender_report(kNtpSeconds << 32, 5000);
  report.bytes[7] = 0x55;
  for (const Times& one : play(camera_with(report, 3)))
    ck_assert_uint_eq(one.ntp, GST_CLOCK_TIME_NONE);
}

LAW(a_header_extension_tells_the_time_of_its_own_frame) {
  const struct {
    const char* extmap;
    std::uint16_t profile;
    base::Bytes head;  // before the time
    base::Bytes tail;
  } forms[] = {
      {"", 0xABAC, {}, {0x80, 0, 0, 0}},
      {"a=extmap:4 urn:ietf:params:rtp-hdrext:ntp-64\n", 0xBEDE, {0x47}, {0, 0, 0}},
      {"a=extmap:4/sendonly urn:ietf:params:rtp-hdrext:ntp-64\n", 0x1000, {4, 8}, {0, 0}},
  };
  for (const auto& form : forms) {
    StandardCamera camera = sample_camera(5);
    camera.sdp += form.extmap;
    std::uint32_t number = 0;
    for (MediaPacket& packet : camera.media.packets) {
      base::Bytes extension = form.head;
      base::Bytes time(8);
      base::store_be32(time.data(),
                       static_cast<std::uint32_t>(kNtpSeconds + number * 7));  // not the RTP clock's
      extension.insert(extension.end(), time.begin(), time.end());
      extension.insert(extension.end(), form.tail.begin(), form.tail.end());
      base::Bytes header(4);
      base::store_be16(header.data(), form.profile);
      base::store_be16(header.data() + 2, static_cast<std::uint16_t>(extension.size() / 4));
      packet.bytes[0] = 0x90;
      packet.bytes.insert(packet.bytes.begin() + 12, extension.begin(), extension.end());
      packet.bytes.insert(packet.bytes.begin() + 12, header.begin(), header.end());
      ++number;
    }
    const auto times = play(camera);
    ck_assert_uint_eq(times.size(), 5);
    for (std::size_t i = 0; i < times.size(); ++i)
      ck_assert_uint_eq(times[i].ntp, kNtpNs + i * 7 * GST_SECOND);
  }
}

LAW(every_buffer_tells_its_arrival) {
  const auto before = static_cast<GstClockTime>(g_get_monotonic_time()) * 1000;
  const auto times = play(sample_camera());
  const auto after = static_cast<GstClockTime>(g_get_monotonic_time() + 1) * 1000;
  for (const Times& one : times)
    ck_assert(one.arrival >= before && one.arrival <= after);
}

LAW(without_the_property_there_is_no_meta) {
  const auto report = sender_report(kNtpSeconds << 32, 5000);
  for (const Times& one : play(camera_with(report, 0), "add-reference-timestamp-meta=false")) {
    ck_assert_uint_eq(one.ntp, GST_CLOCK_TIME_NONE);
    ck_assert_uint_eq(one.unix_time, GST_CLOCK_TIME_NONE);
    ck_assert_uint_eq(one.arrival, GST_CLOCK_TIME_NONE);
  }
}

LAW(in_camera_mode_intervals_are_exact_and_in_arrival_mode_they_are_those_of_the_network) {
  // A burst: the media clock goes 40 ms from frame to frame, the arrivals hardly.
  const auto camera = play(sample_camera(50), "timestamp-mode=camera");
  for (std::size_t i = 1; i < camera.size(); ++i)
    ck_assert_uint_eq(camera[i].pts - camera[i - 1].pts, 40 * GST_MSECOND);
  const auto arrival = play(sample_camera(50), "timestamp-mode=arrival");
  ck_assert_uint_eq(arrival.size(), 50);
  for (std::size_t i = 1; i < arrival.size(); ++i)
    ck_assert_uint_gt(arrival[i].pts, arrival[i - 1].pts);
  const GstClockTime took = arrival.back().arrival - arrival.front().arrival;
  const GstClockTimeDiff off = GST_CLOCK_DIFF(arrival.front().pts + took, arrival.back().pts);
  ck_assert_msg(std::abs(off) < static_cast<GstClockTimeDiff>(GST_MSECOND), "%" GST_STIME_FORMAT,
                GST_STIME_ARGS(off));
}

/// Back, still, hours on, a new source: whatever the media clock does, times rise, and a jump is marked.
LAW(times_rise_whatever_the_media_clock_does) {
  StandardCamera camera = sample_camera(60);
  std::uint32_t number = 0;
  for (MediaPacket& packet : camera.media.packets) {
    std::uint32_t timestamp = 5000 + number * 3600;
    if (number >= 10 && number < 20) timestamp = 5000 + 10 * 3600;  // still
    if (number >= 30) timestamp += 6U * 3600 * 90000;               // six hours on
    if (number >= 40) timestamp -= 13U * 3600 * 90000;              // back, through the wrap
    base::store_be32(packet.bytes.data() + 4, timestamp);
    if (number >= 50) packet.bytes[11] = 0x77;  // another source
    ++number;
  }
  const base::Bytes bye{0x80, 0xC9, 0, 1, 0, 0, 0xCA, 0x77, 0x81, 0xCB, 0, 1, 0, 0, 0xCA, 0x77};
  camera.after_media = Script();
  camera.after_media.send(std::string(base::as_text(interleave(1, bye))));
  for (const char* mode : {"live", "camera", "arrival"}) {
    const auto times = play(camera, std::string("timestamp-mode=") + mode);
    ck_assert_uint_ge(times.size(), 58);  // the first packet of the other source confirms nothing yet
    unsigned marked = 0;
    for (std::size_t i = 1; i < times.size(); ++i) {
      ck_assert_msg(times[i].pts > times[i - 1].pts, "%s, frame %zu", mode, i);
      marked += times[i].discontinuity ? 1 : 0;
    }
    ck_assert_uint_ge(marked, 3);
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("retinasrc_times");
}
