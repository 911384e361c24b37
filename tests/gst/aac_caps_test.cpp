#include "aac_caps.h"

#include "codec/audio_specific_config.h"
#include "support/check.h"

namespace {

using namespace retina;
using codec::AacFraming;

codec::ParameterSets with_config(const char* hex) {
  codec::ParameterSets parameters;
  parameters.config = *codec::decode_config(hex);
  return parameters;
}

std::string text_of(const GstCaps* caps) {
  if (caps == nullptr) return "none";
  gchar* text = gst_caps_to_string(caps);
  std::string copy = text;
  g_free(text);
  return copy;
}

LAW(raw_caps_say_all_that_the_config_says) {
  const auto parameters = with_config("1408");
  ASSERT_TEXT(
      text_of(gst::aac_caps(AacFraming::kRaw, &parameters).get()),
      "audio/mpeg, mpegversion=(int)4, stream-format=(string)raw, framed=(boolean)true, rate=(int)16000, "
      "channels=(int)1, level=(string)1, base-profile=(string)lc, profile=(string)lc, "
      "codec_data=(buffer)1408");
}

LAW(adts_caps_have_no_codec_data) {
  const auto parameters = with_config("119056E500");
  ASSERT_TEXT(
      text_of(gst::aac_caps(AacFraming::kAdts, &parameters).get()),
      "audio/mpeg, mpegversion=(int)4, stream-format=(string)adts, framed=(boolean)true, rate=(int)48000, "
      "channels=(int)2, level=(string)2, base-profile=(string)lc, profile=(string)lc");
}

LAW(rate_and_channels_are_what_a_decoder_puts_out) {
  struct {
    const char* config;
    int rate;
    int channels;
  } const cases[] = {
      {"1210", 44100, 2},           {"131056E598", 48000, 2}, {"2B118800", 48000, 2}, {"EB098800", 48000, 2},
      {"130856E59D4880", 48000, 2}, {"11B0", 48000, 6},       {"11B8", 48000, 8},     {"F8E85000", 44100, 2},
  };
  for (const auto& c : cases) {
    const auto parameters = with_config(c.config);
    const auto caps = gst::aac_caps(AacFraming::kRaw, &parameters);
    ck_assert_msg(caps != nullptr, "%s", c.config);
    const GstStructure* structure = gst_caps_get_structure(caps.get(), 0);
    gint rate = 0;
    gint channels = 0;
    ck_assert(gst_structure_get_int(structure, "rate", &rate) &&
              gst_structure_get_int(structure, "channels", &channels));
    ck_assert_msg(rate == c.rate && channels == c.channels, "%s: %d Hz, %d channels", c.config, rate,
                  channels);
  }
}

LAW(without_a_config_that_can_be_read_there_are_no_caps) {
  ck_assert(gst::aac_caps(AacFraming::kRaw, nullptr) == nullptr);
  const codec::ParameterSets empty;
  ck_assert(gst::aac_caps(AacFraming::kRaw, &empty) == nullptr);
  const auto celp = with_config("440E00");
  ck_assert(gst::aac_caps(AacFraming::kRaw, &celp) == nullptr);
}

LAW(there_are_no_adts_caps_for_what_adts_cannot_express) {
  for (const char* config : {"F8E85000", "1194", "B9A000", "17804988080"}) {
    const auto parameters = with_config(config);
    ck_assert_msg(gst::aac_caps(AacFraming::kAdts, &parameters) == nullptr, "%s", config);
    ck_assert_msg(gst::aac_caps(AacFraming::kRaw, &parameters) != nullptr, "%s", config);
    const gst::CapsRef any(gst_caps_from_string("audio/mpeg"));
    const gst::CapsRef adts(gst_caps_from_string("audio/mpeg, stream-format=adts"));
    const gst::CapsRef both(
        gst_caps_from_string("audio/mpeg, stream-format=adts; audio/mpeg, stream-format=raw"));
    ck_assert(gst::choose_aac_format(any.get(), &parameters) == AacFraming::kRaw);
    ck_assert(gst::choose_aac_format(both.get(), &parameters) == AacFraming::kRaw);
    ck_assert(gst::choose_aac_format(adts.get(), &parameters) == std::nullopt);
  }
}

LAW(the_peers_preference_decides_and_raw_where_it_has_none) {
  struct {
    const char* peer;
    std::optional<AacFraming> format;
  } const cases[] = {
      {"ANY", AacFraming::kRaw},
      {"audio/mpeg", AacFraming::kRaw},
      {"audio/mpeg, mpegversion=(int){ 2, 4 }", AacFraming::kRaw},
      {"audio/mpeg, mpegversion=4, stream-format=adts", AacFraming::kAdts},
      {"audio/mpeg, mpegversion=4, stream-format={ adts, raw }", AacFraming::kAdts},
      {"audio/mpeg, mpegversion=4, stream-format={ raw, adts }", AacFraming::kRaw},
      {"audio/mpeg, stream-format=adts; audio/mpeg, stream-format=raw", AacFraming::kAdts},
      {"audio/mpeg, stream-format=loas; audio/mpeg, stream-format=raw", AacFraming::kRaw},
      {"audio/mpeg, mpegversion=4, stream-format=adts, framed=false; audio/mpeg, stream-format=raw",
       AacFraming::kRaw},
      {"audio/mpeg, mpegversion=1, layer=3", std::nullopt},
      {"video/x-h264", std::nullopt},
      {"EMPTY", std::nullopt},
  };
  const auto parameters = with_config("1210");
  for (const auto& c : cases) {
    const gst::CapsRef peer(gst_caps_from_string(c.peer));
    ck_assert_msg(gst::choose_aac_format(peer.get()) == c.format, "%s", c.peer);
    ck_assert_msg(gst::choose_aac_format(peer.get(), &parameters) == c.format, "%s", c.peer);
  }
}

LAW(caps_fit_their_template) {
  const auto parameters = with_config("1210");
  const gst::CapsRef ours = gst::aac_template_caps();
  for (const auto format : {AacFraming::kRaw, AacFraming::kAdts}) {
    const auto caps = gst::aac_caps(format, &parameters);
    ck_assert(gst_caps_is_fixed(caps.get()) && gst_caps_is_subset(caps.get(), ours.get()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  return retina::test::run_laws("aac_caps");
}
