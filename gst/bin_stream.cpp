#include "bin_stream.h"

#include "report.h"
#include "retinasrc.h"
#include "rtp_caps.h"
#include "stream_format.h"

namespace retina::gst {
namespace {

GstStreamType type_of(const sdp::Media& media) {
  switch (media.kind) {
    case sdp::MediaKind::kVideo:
    case sdp::MediaKind::kImage:
      return GST_STREAM_TYPE_VIDEO;
    case sdp::MediaKind::kAudio:
      return GST_STREAM_TYPE_AUDIO;
    default:
      return GST_STREAM_TYPE_UNKNOWN;
  }
}

/// The best of GStreamer's depayloaders for these packets; null: there is none. Floating.
GstElement* make_depayloader(const GstCaps* packets) {
  GList* all = gst_element_factory_list_get_elements(GST_ELEMENT_FACTORY_TYPE_DEPAYLOADER, GST_RANK_MARGINAL);
  GList* fitting = gst_element_factory_list_filter(all, packets, GST_PAD_SINK, FALSE);
  fitting = g_list_sort(fitting, gst_plugin_feature_rank_compare_func);
  GstElement* element = nullptr;
  if (fitting != nullptr) element = gst_element_factory_create(GST_ELEMENT_FACTORY(fitting->data), nullptr);
  gst_plugin_feature_list_free(fitting);
  gst_plugin_feature_list_free(all);
  return element;
}

}  // namespace

BinStream::BinStream(GstBin* bin, std::shared_ptr<Camera> camera, Place place, StreamGroup& group)
    : bin_(bin), camera_(std::move(camera)), place_(std::move(place)), group_(group) {
  const sdp::Description& description = camera_->description();
  const PadRef target = add_elements(description);
  make_pad(target.get());
  ++group_.streams;

  const sdp::Media& media = description.media[place_.media_index];
  const PadRef source_pad(gst_element_get_static_pad(source_, "src"));
  const std::string again = place_.serial > 0 ? "-" + std::to_string(place_.serial) : std::string();
  gchar* id = gst_pad_create_stream_id_printf(source_pad.get(), source_, "%03u%s",
                                              static_cast<guint>(place_.media_index), again.c_str());
  const CapsRef packets = rtp_caps(media, description.attributes);
  stream_.reset(gst_stream_new(id, packets.get(), type_of(media), GST_STREAM_FLAG_NONE));
  g_free(id);
  gst_pad_add_probe(source_pad.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, this, nullptr);
}

BinStream::~BinStream() {
  gst_element_set_locked_state(source_, TRUE);
  gst_element_set_state(source_, GST_STATE_NULL);
  if (depayloader_ != nullptr) gst_element_set_state(depayloader_, GST_STATE_NULL);
  gst_pad_set_active(pad_, FALSE);
  if (GST_OBJECT_PARENT(pad_) != nullptr) gst_element_remove_pad(GST_ELEMENT(bin_), pad_);
  gst_object_unref(pad_);
  gst_bin_remove(bin_, source_);
  if (depayloader_ != nullptr) gst_bin_remove(bin_, depayloader_);
  --group_.streams;
  if (unlinked_) --group_.unlinked;
}

// --- making it ---

Source& BinStream::source() const {
  return source_of(RETINA_SRC(source_));
}

/// Until start() the bin's changes of state don't concern it.
void BinStream::add(GstElement* element) {
  gst_element_set_locked_state(element, TRUE);
  gst_bin_add(bin_, element);
}

/// Returns the pad where the stream comes out.
PadRef BinStream::add_elements(const sdp::Description& description) {
  source_ =
      GST_ELEMENT(g_object_new(RETINA_TYPE_SRC, "name", ("source-" + place_.pad_name).c_str(), nullptr));
  source().join(camera_, place_.number, place_.media_index);
  add(source_);

  const sdp::Media& media = description.media[place_.media_index];
  if (!has_native_form(media)) {
    const CapsRef packets = rtp_caps(media, description.attributes);
    if (packets) depayloader_ = make_depayloader(packets.get());
  }
  if (depayloader_ == nullptr) return PadRef(gst_element_get_static_pad(source_, "src"));
  add(depayloader_);
  gst_element_link(source_, depayloader_);
  return PadRef(gst_element_get_static_pad(depayloader_, "src"));
}

void BinStream::make_pad(GstPad* target) {
  const std::string kind = place_.pad_name.substr(0, place_.pad_name.find('_'));
  GstPadTemplate* pad_template =
      gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(bin_), (kind + "_%u").c_str());
  pad_ = gst_ghost_pad_new_from_template(place_.pad_name.c_str(), target, pad_template);
  gst_object_ref_sink(pad_);
  const PadRef inside(GST_PAD(gst_proxy_pad_get_internal(GST_PROXY_PAD(pad_))));
  gst_pad_set_chain_function_full(inside.get(), chain, this, nullptr);
  gst_pad_set_chain_list_function_full(inside.get(), chain_list, this, nullptr);
  gst_pad_set_event_function_full(inside.get(), pass_event, this, nullptr);
}

void BinStream::expose() {
  gst_pad_set_active(pad_, TRUE);
  gst_element_add_pad(GST_ELEMENT(bin_), pad_);
}

std::optional<client::Choice> BinStream::negotiate() {
  return source().negotiate_stream(camera_->description(), place_.media_index);
}

void BinStream::start() {
  for (GstElement* element : {depayloader_, source_}) {
    if (element == nullptr) continue;
    gst_element_set_locked_state(element, FALSE);
    gst_element_sync_state_with_parent(element);
  }
}

void BinStream::on_over(std::function<void()> over) {
  over_ = std::move(over);
  if ((over_state_.fetch_or(kOverWanted) & kOver) != 0) over_();
}

// --- streaming ---

/// A stream that nobody has linked goes on; it ends only where none is linked.
GstFlowReturn BinStream::combine(GstFlowReturn flow) {
  const bool unlinked = flow == GST_FLOW_NOT_LINKED;
  if (unlinked != std::exchange(unlinked_, unlinked)) unlinked ? ++group_.unlinked : --group_.unlinked;
  return unlinked && group_.unlinked < group_.streams ? GST_FLOW_OK : flow;
}

GstFlowReturn BinStream::chain(GstPad* pad, GstObject* parent, GstBuffer* buffer) {
  return static_cast<BinStream*>(pad->chaindata)->combine(gst_proxy_pad_chain_default(pad, parent, buffer));
}

GstFlowReturn BinStream::chain_list(GstPad* pad, GstObject* parent, GstBufferList* list) {
  return static_cast<BinStream*>(pad->chainlistdata)
      ->combine(gst_proxy_pad_chain_list_default(pad, parent, list));
}

/// Once EOS has gone through, however long a paused sink has kept it.
gboolean BinStream::pass_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  const bool end = GST_EVENT_TYPE(event) == GST_EVENT_EOS;
  const gboolean taken = gst_pad_event_default(pad, parent, event);
  auto& stream = *static_cast<BinStream*>(pad->eventdata);
  if (end && stream.over_state_.fetch_or(kOver) == kOverWanted) stream.over_();
  return taken;
}

/// GstBaseSrc's stream-start knows nothing of the other streams.
GstPadProbeReturn BinStream::on_event(GstPad*, GstPadProbeInfo* info, gpointer self) {
  auto* event = GST_PAD_PROBE_INFO_EVENT(info);
  if (GST_EVENT_TYPE(event) != GST_EVENT_STREAM_START) return GST_PAD_PROBE_OK;
  const auto& stream = *static_cast<BinStream*>(self);
  GstEvent* start = gst_event_new_stream_start(gst_stream_get_stream_id(stream.stream()));
  gst_event_set_group_id(start, stream.group_.id);
  gst_event_set_stream(start, stream.stream());
  gst_event_set_seqnum(start, gst_event_get_seqnum(event));
  gst_event_unref(event);
  info->data = start;
  return GST_PAD_PROBE_OK;
}

}  // namespace retina::gst
