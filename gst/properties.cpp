// The properties of retinasrc: those of three tables, and the statistics.

#include <gst/gst.h>

#include <algorithm>
#include <array>

#include "policy_types.h"
#include "property_row.h"
#include "settings.h"

namespace retina::gst {
namespace {

std::array<std::span<const PropertyRow>, 3> tables() {
  return {connection_properties(), media_properties(), session_properties()};
}

/// Properties are counted from 1, through the tables.
const PropertyRow* row_of(unsigned id) {
  if (id == 0) return nullptr;
  std::size_t index = id - 1;
  for (const auto& table : tables()) {
    if (index < table.size()) return &table[index];
    index -= table.size();
  }
  return nullptr;
}

}  // namespace

void install_properties(GObjectClass* klass) {
  unsigned id = 0;
  for (const auto& table : tables()) {
    for (const PropertyRow& row : table)
      g_object_class_install_property(klass, ++id, row.spec());
  }
  g_object_class_install_property(
      klass, stats_property_id(),
      g_param_spec_boxed("stats", "Statistics",
                         "What the session has seen: reads, packets, frames (application/x-retina-stats)",
                         GST_TYPE_STRUCTURE, kReadable));
  for (const GType type :
       {media_type(), parameter_sets_type(), incomplete_frames_type(), initial_timestamp_type(),
        initial_sequence_type(), unknown_rtcp_ssrc_type(), unassigned_channel_data_type(), session_id_type(),
        teardown_type(), nat_method_type(), timestamp_mode_type()}) {
    gst_type_mark_as_plugin_api(type, static_cast<GstPluginAPIFlags>(0));
  }
}

bool set_property(Settings& settings, unsigned id, const GValue* value) {
  const PropertyRow* row = row_of(id);
  if (row == nullptr) return false;
  row->set(settings, value);
  return true;
}

bool get_property(const Settings& settings, unsigned id, GValue* value) {
  const PropertyRow* row = row_of(id);
  if (row == nullptr) return false;
  row->get(settings, value);
  return true;
}

unsigned stats_property_id() {
  unsigned count = 0;
  for (const auto& table : tables())
    count += static_cast<unsigned>(table.size());
  return count + 1;
}

}  // namespace retina::gst
