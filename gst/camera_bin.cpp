#include "camera_bin.h"

#include "report.h"
#include "retinasrc.h"
#include "stats.h"

namespace retina::gst {
namespace {

/// For what is missing of the last frames, when the application ends the streams.
constexpr std::chrono::milliseconds kEndPatience(500);

}  // namespace

CameraBin::CameraBin(GstBin* bin) : bin_(bin), signals_(GST_ELEMENT(bin)), streams_(bin, errands_) {
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
    if (const auto end = *end_.lock()) end->cancel();
    errands_.stop();
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
  end_.lock()->reset();
  errands_.start();
  errands_.run([this] { run(); });
  return true;
}

/// Connecting may take its time, and a state change must not.
void CameraBin::run() {
  if (camera()->describe() == GST_FLOW_OK) streams_.start();
}

void CameraBin::close() {
  camera()->close();
  streams_.clear();
}

// --- its end ---

gboolean CameraBin::send_event(GstEvent* event) {
  if (GST_EVENT_TYPE(event) != GST_EVENT_EOS) return parent_class()->send_event(element(), event);
  gst_event_unref(event);
  return end() ? TRUE : FALSE;
}

/// False: it isn't open. While the camera is still asked for its streams they end once they have begun.
bool CameraBin::end() {
  if (const auto asked_before = *end_.lock()) {
    asked_before->cancel();
    return true;
  }
  const auto end = GST_STATE(element()) == GST_STATE_PLAYING ? streams_.end_together() : nullptr;
  *end_.lock() = end;
  return errands_.run([this, end] {
    if (end) end->wait(kEndPatience);
    streams_.end_rest();
  });
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
  return g_signal_new_class_handler(BinStreams::kSelectStream, type, G_SIGNAL_RUN_LAST, G_CALLBACK(yes),
                                    until_no, nullptr, nullptr, G_TYPE_BOOLEAN, 2, G_TYPE_UINT,
                                    GST_TYPE_CAPS);
}

}  // namespace retina::gst
