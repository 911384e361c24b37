#include "pipeline_branch.h"

#include <cstdio>
#include <cstdlib>

#include "h264_stream.h"
#include "usage.h"

namespace retina::bench {
namespace {

/// More than a benchmark's run has; keeps the memory bounded.
constexpr std::size_t kMaxLatencies = 1 << 20;

[[noreturn]] void give_up(const char* what, const char* why) {
  std::fprintf(stderr, "%s: %s\n", what, why);
  std::exit(1);
}

struct StructureFree {
  void operator()(GstStructure* structure) const { gst_structure_free(structure); }
};
using StructureRef = std::unique_ptr<GstStructure, StructureFree>;

/// Null when `element` has no statistics of the kind.
StructureRef retina_stats(GstElement* element) {
  GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), "stats");
  if (spec == nullptr || spec->value_type != GST_TYPE_STRUCTURE) return {};
  GstStructure* stats = nullptr;
  g_object_get(element, "stats", &stats, nullptr);
  StructureRef owned(stats);
  if (owned == nullptr || !gst_structure_has_name(stats, "application/x-retina-stats")) return {};
  return owned;
}

void add_array(const GValue* value, std::vector<std::uint64_t>& sum) {
  const guint size = gst_value_array_get_size(value);
  if (sum.size() < size) sum.resize(size);
  for (guint i = 0; i < size; ++i) {
    const GValue* item = gst_value_array_get_value(value, i);
    if (G_VALUE_HOLDS_UINT64(item)) sum[i] += g_value_get_uint64(item);
  }
}

gboolean add_field(GQuark field, const GValue* value, gpointer data) {
  auto& sum = *static_cast<SourceStats*>(data);
  const std::string name = g_quark_to_string(field);
  GValue number = G_VALUE_INIT;
  g_value_init(&number, G_TYPE_DOUBLE);
  if (GST_VALUE_HOLDS_ARRAY(value)) {
    add_array(value, sum.arrays[name]);
  } else if (G_VALUE_HOLDS_STRING(value)) {
    const char* text = g_value_get_string(value);
    sum.texts[name] = text == nullptr ? "" : text;
  } else if (g_value_type_transformable(G_VALUE_TYPE(value), G_TYPE_DOUBLE) &&
             g_value_transform(value, &number)) {
    sum.numbers[name] += g_value_get_double(&number);
  }
  g_value_unset(&number);
  return TRUE;
}

/// The first element that `iterator` yields and `accept` takes. Owns the iterator.
template <class Accept>
ElementRef first_element(GstIterator* iterator, Accept accept) {
  ElementRef found;
  GValue item = G_VALUE_INIT;
  while (found == nullptr && gst_iterator_next(iterator, &item) == GST_ITERATOR_OK) {
    GstElement* element = GST_ELEMENT(g_value_get_object(&item));
    if (accept(element)) found.reset(GST_ELEMENT(gst_object_ref(element)));
    g_value_unset(&item);
  }
  gst_iterator_free(iterator);
  return found;
}

}  // namespace

PipelineBranch::PipelineBranch(const std::string& description, std::atomic<std::uint64_t>& started_branches)
    : started_branches_(started_branches) {
  GError* error = nullptr;
  GstElement* parsed =
      gst_parse_launch_full(description.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &error);
  if (parsed == nullptr) give_up(description.c_str(), error->message);
  if (!GST_IS_PIPELINE(parsed)) give_up(description.c_str(), "not a pipeline");
  pipeline_.reset(GST_ELEMENT(gst_object_ref_sink(parsed)));
  watch_sinks();
  find_source();
}

PipelineBranch::~PipelineBranch() {
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

void PipelineBranch::watch_sinks() {
  GstIterator* sinks = gst_bin_iterate_sinks(GST_BIN(pipeline_.get()));
  GValue item = G_VALUE_INIT;
  while (gst_iterator_next(sinks, &item) == GST_ITERATOR_OK) {
    GstPad* pad = gst_element_get_static_pad(GST_ELEMENT(g_value_get_object(&item)), "sink");
    if (pad == nullptr) give_up("pipeline", "a sink has no pad 'sink'");
    taps_.push_back(std::unique_ptr<Tap>(new Tap{*this, {}, {}, {}, {}}));
    const auto kinds =
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);
    gst_pad_add_probe(pad, kinds, &PipelineBranch::on_data, taps_.back().get(), nullptr);
    gst_object_unref(pad);
    g_value_unset(&item);
  }
  gst_iterator_free(sinks);
  if (taps_.empty()) give_up("pipeline", "no sink");
  silent_sinks_ = taps_.size();
}

void PipelineBranch::find_source() {
  source_ = first_element(gst_bin_iterate_recurse(GST_BIN(pipeline_.get())),
                          [](GstElement* element) { return retina_stats(element) != nullptr; });
}

GstPadProbeReturn PipelineBranch::on_data(GstPad*, GstPadProbeInfo* info, gpointer data) {
  auto& tap = *static_cast<Tap*>(data);
  if ((GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER) != 0) {
    tap.on_buffer(GST_PAD_PROBE_INFO_BUFFER(info));
    return GST_PAD_PROBE_OK;
  }
  GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
  for (guint i = 0; i < gst_buffer_list_length(list); ++i)
    tap.on_buffer(gst_buffer_list_get(list, i));
  return GST_PAD_PROBE_OK;
}

void PipelineBranch::Tap::on_buffer(GstBuffer* buffer) {
  const gsize size = gst_buffer_get_size(buffer);
  if (buffers.get() == 0 && branch.silent_sinks_.fetch_sub(1) == 1) branch.started_branches_.fetch_add(1);
  buffers.add();
  bytes.add(size);
  std::uint8_t tail[kStampBytes];
  std::uint64_t sent_ns = 0;
  if (size < kStampBytes || gst_buffer_extract(buffer, size - kStampBytes, tail, kStampBytes) != kStampBytes)
    return;
  if (!read_stamp(tail, sent_ns)) return;
  frames.add();
  const bool recording = branch.recording_.load(std::memory_order_relaxed);
  if (sent_ns == 0 || !recording || latencies_ns.size() >= kMaxLatencies) return;
  latencies_ns.push_back(monotonic_ns() - sent_ns);
}

PipelineBranch::Arrived PipelineBranch::arrived() const {
  Arrived sum;
  for (const auto& tap : taps_) {
    sum.buffers += tap->buffers.get();
    sum.bytes += tap->bytes.get();
    sum.frames += tap->frames.get();
  }
  return sum;
}

std::vector<std::uint64_t> PipelineBranch::latencies_ns() const {
  std::vector<std::uint64_t> all;
  for (const auto& tap : taps_)
    all.insert(all.end(), tap->latencies_ns.begin(), tap->latencies_ns.end());
  return all;
}

void PipelineBranch::add_stats(SourceStats& sum) const {
  if (source_ == nullptr) return;
  const StructureRef stats = retina_stats(source_.get());
  if (stats != nullptr) gst_structure_foreach(stats.get(), &add_field, &sum);
}

}  // namespace retina::bench
