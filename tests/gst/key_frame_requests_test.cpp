// Key frames that downstream asks for, or a loss: what reaches the camera.

#include <gst/video/video.h>

#include "gst/bin_runner.h"
#include "gst/element_runner.h"
#include "gst/three_streams.h"

namespace {

using namespace retina;
using namespace retina::test;

const std::string kOffer = "a=rtcp-fb:96 nack pli\n";

/// Plays its frames, and then goes on listening.
StandardCamera open_camera(const std::string& offer, unsigned frames = 5) {
  StandardCamera camera;
  camera.sdp = kSampleSdp + offer;
  camera.media = sample_media(frames);
  return camera;
}

/// What downstream sends: into the pad where the element's buffers come out.
bool ask(GstElement* element, const char* pad_name) {
  GstPad* pad = gst_element_get_static_pad(element, pad_name);
  ck_assert_msg(pad != nullptr, "no pad %s", pad_name);
  const gboolean taken =
      gst_pad_send_event(pad, gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
  gst_object_unref(pad);
  return taken != FALSE;
}

/// The packet must end with this request to the source `ssrc`: `head` are the first four bytes.
void expect_request(const base::Bytes& packet, unsigned channel, std::uint32_t head, std::uint32_t ssrc) {
  ck_assert_uint_gt(packet.size(), 4 + 32 + 12);
  ck_assert_uint_eq(packet[0], '$');
  ck_assert_uint_eq(packet[1], channel);
  ck_assert_uint_eq(packet[5], 201);
  const std::uint8_t* request = packet.data() + packet.size() - 12;
  ck_assert_uint_eq(base::load_be32(request), head);
  ck_assert_uint_eq(base::load_be32(request + 4), base::load_be32(packet.data() + 8));  // who reports
  ck_assert_uint_eq(base::load_be32(request + 8), ssrc);
}

constexpr std::uint32_t kPictureLoss = 0x81CE0002;

LAW(a_force_key_unit_event_reaches_the_camera_as_a_picture_loss) {
  const ScriptedCamera camera(open_camera(kOffer));
  ElementRunner runner("location=" + camera.url());
  ck_assert(!ask(runner.source(), "src"));  // there is no session
  runner.start();
  ck_assert(runner.wait_for_buffers(1));
  ck_assert(ask(runner.source(), "src"));
  ck_assert(camera.wait_for_client_packets(1));
  expect_request(camera.client_packets()[0], 1, kPictureLoss, 0xCAFE);
  runner.stop();
  ck_assert(!ask(runner.source(), "src"));
}

LAW(other_events_and_cameras_that_do_not_offer_it_are_no_request) {
  for (const auto& [offer, property] : {std::pair{"", ""},
                                        {"a=rtcp-fb:96 nack pli\n", " request-keyframe=false"},
                                        {"a=rtcp-fb:96 nack pli\n", " do-rtcp=false"}}) {
    const ScriptedCamera camera(open_camera(offer));
    ElementRunner runner("location=" + camera.url() + property);
    runner.start();
    ck_assert(runner.wait_for_buffers(1));
    ck_assert_msg(!ask(runner.source(), "src"), "%s%s", offer, property);
  }
  const ScriptedCamera camera(open_camera(kOffer));
  ElementRunner runner("location=" + camera.url());
  runner.start();
  ck_assert(runner.wait_for_buffers(1));
  GstPad* pad = gst_element_get_static_pad(runner.source(), "src");
  GstStructure* other = gst_structure_new_empty("GstForceSomethingElse");
  ck_assert(!gst_pad_send_event(pad, gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, other)));
  gst_object_unref(pad);
}

LAW(a_loss_reaches_the_camera_without_anybody_asking) {
  StandardCamera standard = open_camera(kOffer);
  standard.media.packets.erase(standard.media.packets.begin() + 2);
  const ScriptedCamera camera(std::move(standard));
  ElementRunner runner("location=" + camera.url());
  runner.start();
  ck_assert(camera.wait_for_client_packets(1));
  expect_request(camera.client_packets()[0], 1, kPictureLoss, 0xCAFE);
}

LAW(in_a_bin_the_event_is_for_the_stream_of_its_pad) {
  StandardCamera standard;
  standard.sdp = kThreeStreams + std::string("m=video 0 RTP/AVPF 97\na=rtpmap:97 H264/90000\n") +
                 "a=fmtp:97 packetization-mode=1;sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==\n"
                 "a=rtcp-fb:97 nack pli\na=control:track4\n";
  standard.media = three_streams(2);
  for (unsigned i = 0; i < 2; ++i)
    standard.media.packets.push_back({3, false, packet_of(97, 0xF00D, i, 3600, picture(i)), {}});
  const ScriptedCamera camera(std::move(standard));
  BinRunner runner(camera.url());
  runner.set_state(GST_STATE_PLAYING);
  ck_assert(runner.wait_for_frames("video_1", 1));
  for (const char* pad : {"video_0", "audio_0", "application_0"})
    ck_assert_msg(!ask(runner.bin(), pad), "%s", pad);
  ck_assert(ask(runner.bin(), "video_1"));
  // Reports of the streams may come before it.
  std::size_t seen = 0;
  base::Bytes packet;
  while (packet.empty() || packet[1] != 7) {
    ck_assert(camera.wait_for_client_packets(++seen));
    packet = camera.client_packets()[seen - 1];
  }
  expect_request(packet, 7, kPictureLoss, 0xF00D);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("key_frame_requests");
}
