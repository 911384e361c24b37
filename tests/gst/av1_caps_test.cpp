#include "av1_caps.h"

#include <gst/check/gstharness.h>

#include "codec/obu.h"
#include "support/check.h"

namespace {

using namespace retina;
using base::Bytes;

/// What a test wants in a sequence header.
struct Wanted {
  unsigned profile = 0;
  unsigned level = 8;  // 4.0
  unsigned tier = 0;   // there from level 8 on
  unsigned width = 1920;
  unsigned height = 1080;
  bool high_bitdepth = false;
  bool twelve_bit = false;
  bool mono = false;
  bool subsampling_x = true;  // 12 bits only
  bool subsampling_y = true;
  unsigned ticks = 0;  // 0: no timing info
  unsigned time_scale = 0;
  bool equal_interval = true;
};

class Bits {
 public:
  void put(unsigned count, std::uint32_t value) {
    while (count-- > 0) {
      if (used_++ % 8 == 0) bytes_.push_back(0);
      bytes_.back() =
          static_cast<std::uint8_t>(bytes_.back() | (((value >> count) & 1) << (7 - (used_ - 1) % 8)));
    }
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
  unsigned used_ = 0;
};

void put_color_config(Bits& bits, const Wanted& wanted) {
  bits.put(1, wanted.high_bitdepth);
  if (wanted.profile == 2 && wanted.high_bitdepth) bits.put(1, wanted.twelve_bit);
  if (wanted.profile != 1) bits.put(1, wanted.mono);
  bits.put(1, 0);  // color_description_present_flag
  bits.put(1, 0);  // color_range
  if (wanted.mono) return;
  bool x = wanted.profile != 1;
  bool y = wanted.profile == 0;
  if (wanted.twelve_bit) {
    x = wanted.subsampling_x;
    y = x && wanted.subsampling_y;
    bits.put(1, x);
    if (x) bits.put(1, y);
  }
  if (x && y) bits.put(2, 2);  // chroma_sample_position: colocated
  bits.put(1, 0);              // separate_uv_delta_q
}

/// AV1 s5.5, as an OBU with its size field.
Bytes sequence_header(const Wanted& wanted) {
  Bits bits;
  bits.put(3, wanted.profile);
  bits.put(2, 0);  // still_picture, reduced_still_picture_header
  bits.put(1, wanted.ticks != 0);
  if (wanted.ticks != 0) {
    bits.put(32, wanted.ticks);
    bits.put(32, wanted.time_scale);
    bits.put(1, wanted.equal_interval);
    if (wanted.equal_interval) bits.put(1, 1);  // num_ticks_per_picture_minus_1: 0 as uvlc
    bits.put(1, 0);                             // decoder_model_info_present_flag
  }
  bits.put(1, 0);   // initial_display_delay_present_flag
  bits.put(5, 0);   // operating_points_cnt_minus_1
  bits.put(12, 0);  // operating_point_idc
  bits.put(5, wanted.level);
  if (wanted.level > 7) bits.put(1, wanted.tier);
  bits.put(4, 15);
  bits.put(4, 15);
  bits.put(16, wanted.width - 1);
  bits.put(16, wanted.height - 1);
  bits.put(1, 0);  // frame_id_numbers_present_flag
  bits.put(8, 0);  // use_128x128_superblock … enable_order_hint
  bits.put(2, 3);  // seq_choose_screen_content_tools, seq_choose_integer_mv
  bits.put(3, 0);  // enable_superres, enable_cdef, enable_restoration
  put_color_config(bits, wanted);
  bits.put(1, 0);  // film_grain_params_present
  bits.put(1, 1);  // trailing bits
  Bytes obu{0x0A, static_cast<std::uint8_t>(bits.bytes().size())};
  obu.insert(obu.end(), bits.bytes().begin(), bits.bytes().end());
  return obu;
}

codec::ParameterSets sets(Bytes config) {
  codec::ParameterSets parameters;
  parameters.config = std::move(config);
  return parameters;
}

std::string text_of(const GstCaps* caps) {
  gchar* text = gst_caps_to_string(caps);
  std::string copy = text;
  g_free(text);
  return copy;
}

Bytes codec_data(const GstCaps* caps) {
  const GValue* value = gst_structure_get_value(gst_caps_get_structure(caps, 0), "codec_data");
  if (value == nullptr) return {};
  GstBuffer* buffer = gst_value_get_buffer(value);
  Bytes bytes(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
  return bytes;
}

std::string without_codec_data(const GstCaps* caps) {
  const gst::CapsRef copy(gst_caps_copy(caps));
  gst_structure_remove_field(gst_caps_get_structure(copy.get(), 0), "codec_data");
  return text_of(copy.get());
}

LAW(caps_say_what_the_sequence_header_says) {
  struct {
    Wanted wanted;
    const char* fields;
    Bytes record;  // without the sequence header
  } const cases[] = {
      {{},
       "width=(int)1920, height=(int)1080, chroma-format=(string)4:2:0, bit-depth-luma=(uint)8, "
       "bit-depth-chroma=(uint)8, profile=(string)main",
       {0x81, 0x08, 0x0E, 0}},
      {{.level = 5, .width = 16, .height = 65536},
       "width=(int)16, height=(int)65536, chroma-format=(string)4:2:0, bit-depth-luma=(uint)8, "
       "bit-depth-chroma=(uint)8, profile=(string)main",
       {0x81, 0x05, 0x0E, 0}},
      {{.tier = 1, .high_bitdepth = true},
       "width=(int)1920, height=(int)1080, chroma-format=(string)4:2:0, bit-depth-luma=(uint)10, "
       "bit-depth-chroma=(uint)10, profile=(string)main",
       {0x81, 0x08, 0xCE, 0}},
      {{.mono = true},
       "width=(int)1920, height=(int)1080, chroma-format=(string)4:0:0, bit-depth-luma=(uint)8, "
       "bit-depth-chroma=(uint)8, profile=(string)main",
       {0x81, 0x08, 0x1C, 0}},
      {{.profile = 1},
       "width=(int)1920, height=(int)1080, chroma-format=(string)4:4:4, bit-depth-luma=(uint)8, "
       "bit-depth-chroma=(uint)8, profile=(string)high",
       {0x81, 0x28, 0x00, 0}},
      {{.profile = 2},
       "width=(int)1920, height=(int)1080, chroma-format=(string)4:2:2, bit-depth-luma=(uint)8, "
       "bit-depth-chroma=(uint)8, profile=(string)professional",
       {0x81, 0x48, 0x08, 0}},
      {{.profile = 2, .high_bitdepth = true, .twelve_bit = true},
       "width=(int)1920, height=(int)1080, chroma-format=(string)4:2:0, bit-depth-luma=(uint)12, "
       "bit-depth-chroma=(uint)12, profile=(string)professional",
       {0x81, 0x48, 0x6E, 0}},
      {{.ticks = 1001, .time_scale = 30000},
       "width=(int)1920, height=(int)1080, chroma-format=(string)4:2:0, bit-depth-luma=(uint)8, "
       "bit-depth-chroma=(uint)8, profile=(string)main, framerate=(fraction)30000/1001",
       {0x81, 0x08, 0x0E, 0}},
      {{.ticks = 1001, .time_scale = 30000, .equal_interval = false},
       "width=(int)1920, height=(int)1080, chroma-format=(string)4:2:0, bit-depth-luma=(uint)8, "
       "bit-depth-chroma=(uint)8, profile=(string)main",
       {0x81, 0x08, 0x0E, 0}},
      {{.ticks = 1, .time_scale = 0x7FFFFFFF},
       "width=(int)1920, height=(int)1080, chroma-format=(string)4:2:0, bit-depth-luma=(uint)8, "
       "bit-depth-chroma=(uint)8, profile=(string)main",
       {0x81, 0x08, 0x0E, 0}},
  };
  for (const auto& c : cases) {
    const auto parameters = sets(sequence_header(c.wanted));
    const auto caps = gst::av1_caps(&parameters, {});
    ASSERT_TEXT(
        without_codec_data(caps.get()),
        std::string("video/x-av1, stream-format=(string)obu-stream, alignment=(string)tu, ") + c.fields);
    Bytes expected = c.record;
    expected.insert(expected.end(), parameters.config.begin(), parameters.config.end());
    const Bytes record = codec_data(caps.get());
    ck_assert_msg(record == expected, "%s: %02x %02x", c.fields, unsigned{record.at(1)},
                  unsigned{record.at(2)});
    const auto all = gst::av1_template_caps();
    ck_assert(gst_caps_is_subset(caps.get(), all.get()));
  }
}

LAW(caps_wait_for_a_sequence_header) {
  ck_assert(gst::av1_caps(nullptr, {}) == nullptr);
  const codec::ParameterSets none;
  ck_assert(gst::av1_caps(&none, {}) == nullptr);
}

LAW(a_sequence_header_that_cannot_be_parsed_costs_fields_and_not_the_video) {
  const Bytes whole = sequence_header({});
  for (std::size_t size = 1; size < whole.size() - 1; ++size) {
    Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    if (size > 1) cut[1] = static_cast<std::uint8_t>(size - 2);
    const auto parameters = sets(cut);
    const auto caps = gst::av1_caps(&parameters, {});
    ck_assert(caps != nullptr);
    if (size < 10)
      ASSERT_TEXT(text_of(caps.get()), "video/x-av1, stream-format=(string)obu-stream, alignment=(string)tu");
  }
}

LAW(the_sdp_hints_at_the_frame_rate_only_where_the_stream_does_not_tell) {
  sdp::Media media;
  media.framerate = 12.5;
  const auto silent = sets(sequence_header({}));
  ck_assert(text_of(gst::av1_caps(&silent, media).get()).find("framerate=(fraction)25/2") !=
            std::string::npos);
  const auto telling = sets(sequence_header({.ticks = 1, .time_scale = 50}));
  ck_assert(text_of(gst::av1_caps(&telling, media).get()).find("framerate=(fraction)50/1") !=
            std::string::npos);
}

/// Pads of these names accept the caps.
LAW(muxers_take_the_caps_without_a_parser) {
  struct {
    const char* element;
    const char* pad;
  } const cases[] = {{"mp4mux", "video_0"}, {"qtmux", "video_0"}, {"matroskamux", "video_0"}};
  const auto parameters = sets(sequence_header({}));
  const auto caps = gst::av1_caps(&parameters, {});
  for (const auto& c : cases) {
    GstElement* muxer = gst_element_factory_make(c.element, nullptr);
    if (muxer == nullptr) continue;
    GstPad* pad = gst_element_request_pad_simple(muxer, c.pad);
    ck_assert_msg(pad != nullptr && gst_pad_query_accept_caps(pad, caps.get()), "%s", c.element);
    gst_object_unref(pad);
    gst_object_unref(muxer);
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("av1_caps");
}
