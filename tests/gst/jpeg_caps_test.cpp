#include "jpeg_caps.h"

#include <gst/check/gstharness.h>

#include "codec/jpeg.h"
#include "support/check.h"

namespace {

using namespace retina;
using base::Bytes;

std::string text_of(const GstCaps* caps) {
  gchar* text = gst_caps_to_string(caps);
  std::string copy = text;
  g_free(text);
  return copy;
}

codec::ParameterSets sets(Bytes frame_header) {
  codec::ParameterSets parameters;
  parameters.config = std::move(frame_header);
  return parameters;
}

LAW(caps_say_what_the_frame_header_says) {
  const auto tables = codec::standard_quantization_tables(50);
  auto two_bytes = tables;
  two_bytes[0]->two_bytes = true;
  struct {
    Bytes frame_header;
    const char* caps;
  } const cases[] = {
      {make_frame_header(codec::JpegSampling::k420, 1920, 1080, tables),
       "width=(int)1920, height=(int)1080, sof-marker=(int)0, colorspace=(string)sYUV, "
       "sampling=(string)YCbCr-4:2:0"},
      {make_frame_header(codec::JpegSampling::k422, 8, 65535, two_bytes),
       "width=(int)8, height=(int)65535, sof-marker=(int)1, colorspace=(string)sYUV, "
       "sampling=(string)YCbCr-4:2:2"},
      {{0xFF, 0xC0, 0, 11, 8, 0, 16, 0, 32, 1, 1, 0x11, 0},
       "width=(int)32, height=(int)16, sof-marker=(int)0, colorspace=(string)GRAY, "
       "sampling=(string)GRAYSCALE"},
      {{0xFF, 0xC2, 0, 17, 8, 0, 16, 0, 32, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0},
       "width=(int)32, height=(int)16, sof-marker=(int)2, colorspace=(string)sYUV, "
       "sampling=(string)YCbCr-4:4:4"},
      {{0xFF, 0xC0, 0, 17, 8, 0, 16, 0, 32, 3, 1, 0x22, 0, 2, 0x21, 0, 3, 0x11, 0},
       "width=(int)32, height=(int)16, sof-marker=(int)0, colorspace=(string)sYUV"},
      {{0xFF, 0xC0, 0, 14, 8, 0, 16, 0, 32, 2, 1, 0x11, 0, 2, 0x11, 0},
       "width=(int)32, height=(int)16, sof-marker=(int)0"},
  };
  for (const auto& c : cases) {
    const auto parameters = sets(c.frame_header);
    const auto caps = gst::jpeg_caps(&parameters, {});
    ASSERT_TEXT(text_of(caps.get()), std::string("image/jpeg, parsed=(boolean)true, ") + c.caps);
    const auto all = gst::jpeg_template_caps();
    ck_assert(gst_caps_is_subset(caps.get(), all.get()));
  }
}

LAW(caps_wait_for_the_first_picture) {
  ck_assert(gst::jpeg_caps(nullptr, {}) == nullptr);
}

LAW(the_sdp_hints_at_the_frame_rate) {
  const auto parameters =
      sets(make_frame_header(codec::JpegSampling::k420, 64, 48, codec::standard_quantization_tables(50)));
  struct {
    std::optional<double> framerate;
    const char* field;
  } const cases[] = {{12.5, "framerate=(fraction)25/2"},
                     {30.0, "framerate=(fraction)30/1"},
                     {std::nullopt, nullptr},
                     {0.0, nullptr},
                     {5000.0, nullptr}};
  for (const auto& c : cases) {
    sdp::Media media;
    media.framerate = c.framerate;
    const std::string text = text_of(gst::jpeg_caps(&parameters, media).get());
    if (c.field != nullptr) ck_assert_msg(text.find(c.field) != std::string::npos, "%s", text.c_str());
    if (c.field == nullptr) ck_assert_msg(text.find("framerate") == std::string::npos, "%s", text.c_str());
  }
}

/// A picture as it comes out of the depacketizer; what it shows doesn't matter.
codec::Frame depacketized(codec::FrameAllocator& allocator, std::uint8_t type) {
  codec::JpegDepacketizer depacketizer({}, {}, allocator);
  Bytes payload{0, 0, 0, 0, type, 50, 8, 6};
  payload.resize(300, 0x55);
  codec::MediaPacket packet;
  packet.payload = payload;
  packet.marker = true;
  ck_assert(depacketizer.push(packet));
  return std::move(*depacketizer.pull());
}

LAW(jpegparse_reads_the_same_in_the_pictures) {
  codec::HeapAllocator allocator;
  for (const std::uint8_t type : {std::uint8_t{0}, std::uint8_t{1}}) {
    const codec::Frame frame = depacketized(allocator, type);
    GstHarness* harness = gst_harness_new("jpegparse");
    gst_harness_set_src_caps_str(harness, "image/jpeg");
    ck_assert_int_eq(gst_harness_push(harness, gst_buffer_new_memdup(frame.bytes().data(), frame.size_bytes)),
                     GST_FLOW_OK);
    const gst::CapsRef theirs(gst_pad_get_current_caps(harness->sinkpad));
    ck_assert(theirs != nullptr);
    const auto ours = gst::jpeg_caps(frame.parameters.get(), {});
    ck_assert_msg(gst_caps_is_subset(theirs.get(), ours.get()), "%s, not %s", text_of(theirs.get()).c_str(),
                  text_of(ours.get()).c_str());
    gst_harness_teardown(harness);
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  GstElementFactory* factory = gst_element_factory_find("jpegparse");
  if (factory == nullptr) {
    std::puts("SKIP: needs jpegparse (plugins-bad)");
    return 77;
  }
  gst_object_unref(factory);
  return retina::test::run_laws("jpeg_caps");
}
