#include "aac_caps.h"

#include <gst/pbutils/codec-utils.h>

#include <string_view>

#include "codec/adts.h"
#include "codec/audio_specific_config.h"

namespace retina::gst {
namespace {

constexpr const char* name_of(codec::AacFraming format) {
  return format == codec::AacFraming::kRaw ? "raw" : "adts";
}

std::optional<codec::AudioSpecificConfig> config_of(const codec::ParameterSets* parameters) {
  if (parameters == nullptr) return std::nullopt;
  const auto config = codec::parse_audio_specific_config(parameters->config);
  if (!config) return std::nullopt;
  return *config;
}

}  // namespace

CapsRef aac_template_caps() {
  return CapsRef(gst_caps_from_string(
      "audio/mpeg, mpegversion=(int)4, stream-format=(string){ raw, adts }, framed=(boolean)true"));
}

std::optional<codec::AacFraming> choose_aac_format(const GstCaps* peer,
                                                   const codec::ParameterSets* parameters) {
  CapsRef ours = aac_template_caps();
  const auto config = config_of(parameters);
  if (config && codec::why_not_adts(*config) != nullptr)
    gst_caps_set_simple(ours.get(), "stream-format", G_TYPE_STRING, "raw", nullptr);
  // The peer's order decides, of structures and of formats in a list; ours where it names none.
  CapsRef common(gst_caps_intersect_full(const_cast<GstCaps*>(peer), ours.get(), GST_CAPS_INTERSECT_FIRST));
  if (gst_caps_is_empty(common.get())) return std::nullopt;
  common.reset(gst_caps_fixate(common.release()));
  const gchar* chosen = gst_structure_get_string(gst_caps_get_structure(common.get(), 0), "stream-format");
  const bool adts = chosen != nullptr && std::string_view(chosen) == name_of(codec::AacFraming::kAdts);
  return adts ? codec::AacFraming::kAdts : codec::AacFraming::kRaw;
}

CapsRef aac_caps(codec::AacFraming format, const codec::ParameterSets* parameters) {
  const auto config = config_of(parameters);
  if (!config) return nullptr;
  if (format == codec::AacFraming::kAdts && codec::why_not_adts(*config) != nullptr) return nullptr;

  CapsRef caps(gst_caps_new_simple("audio/mpeg", "mpegversion", G_TYPE_INT, 4, "stream-format", G_TYPE_STRING,
                                   name_of(format), "framed", G_TYPE_BOOLEAN, TRUE, "rate", G_TYPE_INT,
                                   static_cast<gint>(config->output_rate_hz), nullptr));
  if (config->channels > 0)
    gst_caps_set_simple(caps.get(), "channels", G_TYPE_INT, static_cast<gint>(config->channels), nullptr);
  const base::Bytes& bytes = parameters->config;
  gst_codec_utils_aac_caps_set_level_and_profile(caps.get(), bytes.data(), static_cast<guint>(bytes.size()));
  if (format == codec::AacFraming::kRaw) {
    GstBuffer* codec_data = gst_buffer_new_memdup(bytes.data(), bytes.size());
    gst_caps_set_simple(caps.get(), "codec_data", GST_TYPE_BUFFER, codec_data, nullptr);
    gst_buffer_unref(codec_data);
  }
  return caps;
}

}  // namespace retina::gst
