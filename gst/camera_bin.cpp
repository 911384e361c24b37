#include "camera_bin.h"

#include <map>
#include <string>

#include "base/ascii.h"
#include "media_choice.h"
#include "report.h"
#include "retinasrc.h"
#include "rtp_caps.h"
#include "stats.h"

namespace retina::gst {
namespace {

constexpr const char* kSelectStream = "select-stream";

std::string kind_text(const sdp::Media& media) {
  switch (media.kind) {
    case sdp::MediaKind::kVideo:
    case sdp::MediaKind::kImage:
      return "video";
    case sdp::MediaKind::kAudio:
      return "audio";
    default:
      return "application";
  }
}

bool same_stream(const sdp::Media& a, const sdp::Media& b) {
  return a.kind == b.kind && base::equals_ignore_case(a.encoding_name, b.encoding_name) &&
         a.clock_rate_hz == b.clock_rate_hz;
}

}  // namespace

CameraBin::CameraBin(GstBin* bin) : bin_(bin), signals_(GST_ELEMENT(bin)) {
  GST_OBJECT_FLAG_SET(bin, GST_ELEMENT_FLAG_SOURCE);
  gst_bin_set_suppressed_flags(bin, GST_ELEMENT_FLAG_SOURCE);
}

// --- life ---

GstStateChangeReturn CameraBin::change_state(GstStateChange transition) {
  const auto running = camera();
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !open()) return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING && running) running->play();
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    running->interrupt_opening();
    if (opener_.joinable()) opener_.join();
  }
  const GstStateChangeReturn result = parent_class()->change_state(element(), transition);
  if (result == GST_STATE_CHANGE_FAILURE) return result;
  switch (transition) {
    case GST_STATE_CHANGE_READY_TO_PAUSED:
      return GST_STATE_CHANGE_NO_PREROLL;  // live, also before there are any streams
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      running->pause();
      return GST_STATE_CHANGE_NO_PREROLL;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      close();
      return result;
    default:
      return result;
  }
}

bool CameraBin::open() {
  const auto camera = std::make_shared<Camera>(element(), signals_, *this);
  if (!camera->open(*settings_.lock())) return false;
  *camera_.lock() = camera;
  group_.id = gst_util_group_id_next();
  opener_ = std::thread([this] { run(); });
  return true;
}

/// The opening thread: connecting may take its time, and a state change must not.
void CameraBin::run() {
  if (camera()->describe() != GST_FLOW_OK) return;
  for (const auto& stream : streams_)
    stream->start();
}

void CameraBin::close() {
  camera()->close();
  streams_.clear();
  choices_.clear();
  media_.clear();
  group_.collection.reset();
  group_.streams = group_.unlinked = 0;
}

// --- the streams ---

std::vector<client::Choice> CameraBin::choose(const sdp::Description& description) {
  if (!choices_.empty()) return choose_again(description);
  make_streams(description);
  if (streams_.empty()) {
    camera()->fail(no_such_stream(description));
    return {};
  }
  announce();
  for (const auto& stream : streams_)
    stream->expose();
  gst_element_no_more_pads(element());
  for (const auto& stream : streams_) {
    const auto choice = stream->negotiate();
    if (!choice) return {};
    media_.push_back(description.media[choice->media_index]);
    choices_.push_back(*choice);
  }
  return choices_;
}

/// After a redirect: the streams run already, and must find themselves again.
std::vector<client::Choice> CameraBin::choose_again(const sdp::Description& description) {
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    const std::size_t index = choices_[i].media_index;
    if (index >= description.media.size() || !same_stream(description.media[index], media_[i])) {
      camera()->refuse({client::Failure::Kind::kUnsupported,
                        "The camera has other streams than it described before.", 0, ""});
      return {};
    }
  }
  return choices_;
}

bool CameraBin::is_selected(std::size_t index, const sdp::Description& description) {
  const CapsRef packets = rtp_caps(description.media[index], description.attributes);
  gboolean selected = TRUE;
  g_signal_emit_by_name(bin_, kSelectStream, static_cast<guint>(index), packets.get(), &selected);
  return selected != FALSE;
}

void CameraBin::make_streams(const sdp::Description& description) {
  const auto running = camera();
  std::map<std::string, unsigned> counts;
  for (const std::size_t index : wanted_streams(description, running->settings())) {
    if (!is_selected(index, description)) continue;
    const std::string kind = kind_text(description.media[index]);
    BinStream::Place place;
    place.number = streams_.size();
    place.media_index = index;
    place.pad_name = kind + "_" + std::to_string(counts[kind]++);
    streams_.push_back(std::make_unique<BinStream>(bin_, running, std::move(place), group_));
  }
}

void CameraBin::announce() {
  gst_element_post_message(element(), gst_message_new_latency(GST_OBJECT(bin_)));
  group_.collection.reset(gst_stream_collection_new(nullptr));
  for (const auto& stream : streams_) {
    gst_stream_collection_add_stream(group_.collection.get(), GST_STREAM(gst_object_ref(stream->stream())));
  }
  gst_element_post_message(element(),
                           gst_message_new_stream_collection(GST_OBJECT(bin_), group_.collection.get()));
}

// --- properties and signals ---

void CameraBin::set_property(guint id, const GValue* value, GParamSpec* spec) {
  const std::uint32_t before = settings_.lock()->latency_ms;
  if (!gst::set_property(*settings_.lock(), id, value)) G_OBJECT_WARN_INVALID_PROPERTY_ID(bin_, id, spec);
  const std::uint32_t now = settings_.lock()->latency_ms;
  if (now == before) return;
  GstIterator* sources = gst_bin_iterate_all_by_element_factory_name(bin_, "retinasrc");
  gst_iterator_foreach(
      sources,
      [](const GValue* item, gpointer latency_ms) {
        g_object_set(g_value_get_object(item), "latency", *static_cast<const std::uint32_t*>(latency_ms),
                     nullptr);
      },
      const_cast<std::uint32_t*>(&now));
  gst_iterator_free(sources);
}

/// The worst of what the streams have.
void CameraBin::add_worst_clock(GstStructure* stats) const {
  ClockStatistics worst;
  GstIterator* elements = gst_bin_iterate_elements(bin_);
  const auto look = +[](const GValue* item, gpointer data) {
    auto* element = static_cast<GstElement*>(g_value_get_object(item));
    if (RETINA_IS_SRC(element))
      static_cast<ClockStatistics*>(data)->take_worse(source_of(RETINA_SRC(element)).clock_statistics());
  };
  // Once more where a stream comes or goes meanwhile: twice the same stream is the same worst.
  while (gst_iterator_foreach(elements, look, &worst) == GST_ITERATOR_RESYNC)
    gst_iterator_resync(elements);
  gst_iterator_free(elements);
  add_clock_statistics(stats, worst);
}

void CameraBin::get_property(guint id, GValue* value, GParamSpec* spec) {
  if (id == stats_property_id()) {
    const auto latest = camera();
    static const client::Statistics nothing;
    GstStructure* stats = stats_structure(latest ? latest->statistics() : nothing);
    add_worst_clock(stats);
    g_value_take_boxed(value, stats);
  } else if (!gst::get_property(*settings_.lock(), id, value)) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(bin_, id, spec);
  }
}

guint CameraBin::install_select_stream(GType type) {
  const auto yes = +[](GstElement*, guint, GstCaps*) -> gboolean { return TRUE; };
  // As long as handlers say TRUE; what the last one has said is the result.
  const auto until_no = [](GSignalInvocationHint*, GValue* result, const GValue* returned,
                           gpointer) -> gboolean {
    g_value_set_boolean(result, g_value_get_boolean(returned));
    return g_value_get_boolean(returned);
  };
  return g_signal_new_class_handler(kSelectStream, type, G_SIGNAL_RUN_LAST, G_CALLBACK(yes), until_no,
                                    nullptr, nullptr, G_TYPE_BOOLEAN, 2, G_TYPE_UINT, GST_TYPE_CAPS);
}

}  // namespace retina::gst
