#include "stats.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "client/transport.h"
#include "client/tunnel.h"

namespace retina::gst {
namespace {

void set_histogram(GstStructure* structure, const char* name,
                   const std::array<base::Counter, io::ReadStatistics::kBuckets>& buckets) {
  GValue array = G_VALUE_INIT;
  gst_value_array_init(&array, static_cast<guint>(buckets.size()));
  for (const base::Counter& bucket : buckets) {
    GValue count = G_VALUE_INIT;
    g_value_init(&count, G_TYPE_UINT64);
    g_value_set_uint64(&count, bucket.get());
    gst_value_array_append_and_take_value(&array, &count);
  }
  gst_structure_take_value(structure, name, &array);
}

const char* transport_name(const client::Statistics& statistics) {
  const auto transport = static_cast<client::Transport>(statistics.transport.get());
  const bool tls = statistics.tls.get() != 0;
  if (transport != client::Transport::kTcp) return client::nick_of(transport);
  using Tunnel = client::Endpoint::Tunnel;
  switch (static_cast<Tunnel>(statistics.tunnel.get())) {
    case Tunnel::kHttp:
      return tls ? "https" : "http";
    case Tunnel::kWebSocket:
      return tls ? "wss" : "ws";
    case Tunnel::kNone:
      break;
  }
  return tls ? "tls" : client::nick_of(transport);
}

}  // namespace

GstStructure* stats_structure(const client::Statistics& statistics) {
  GstStructure* structure = gst_structure_new_empty("application/x-retina-stats");
  const auto set = [structure](const char* name, const base::Counter& counter) {
    gst_structure_set(structure, name, G_TYPE_UINT64, counter.get(), nullptr);
  };
  const io::ReadStatistics& reads = statistics.reads;
  set("reads", reads.reads);
  set("full-reads", reads.full_reads);
  set("bytes", reads.bytes);
  set("wakeups", reads.wakeups);
  set("packets", statistics.packets);
  set("packets-lost", statistics.packets_lost);
  set("packets-late", statistics.packets_late);
  set("packets-retransmitted", statistics.packets_retransmitted);
  set("packets-duplicate", statistics.packets_duplicate);
  set("packets-invalid", statistics.packets_invalid);
  set("frames", statistics.frames);
  set("key-frames", statistics.key_frames);
  gst_structure_set(structure, "frames-dropped", G_TYPE_UINT64,
                    statistics.frames_dropped.get() + statistics.frames_unclaimed.get(), nullptr);
  set("frames-corrupted", statistics.frames_corrupted);
  set("reconnects", statistics.reconnects);
  set("resyncs", statistics.resyncs);
  set("kernel-drops", statistics.kernel_drops);
  gst_structure_set(structure, "read-size", G_TYPE_UINT, static_cast<guint>(reads.read_size.get()),
                    "transport", G_TYPE_STRING, transport_name(statistics), nullptr);
  set("connect-time", statistics.connect_time_ns);
  set("first-frame-time", statistics.first_frame_time_ns);
  set_histogram(structure, "read-histogram", reads.by_room);
  set_histogram(structure, "full-read-histogram", reads.full_by_room);
  return structure;
}

void ClockStatistics::set(double drift, base::Duration jitter) {
  jitter_ns.set(static_cast<std::uint64_t>(jitter.count()));
  drift_ppb.set(static_cast<std::uint64_t>(std::llround(drift * 1e9)));
}

void ClockStatistics::take_worse(const ClockStatistics& other) {
  jitter_ns.set(std::max(jitter_ns.get(), other.jitter_ns.get()));
  const auto mine = static_cast<std::int64_t>(drift_ppb.get());
  const auto theirs = static_cast<std::int64_t>(other.drift_ppb.get());
  if (std::abs(theirs) > std::abs(mine)) drift_ppb.set(other.drift_ppb.get());
}

void add_clock_statistics(GstStructure* structure, const ClockStatistics& clock) {
  const auto drift_ppb = static_cast<std::int64_t>(clock.drift_ppb.get());
  gst_structure_set(structure, "jitter", G_TYPE_UINT64, clock.jitter_ns.get(), "drift-ppm", G_TYPE_DOUBLE,
                    static_cast<double>(drift_ppb) / 1000, nullptr);
}

}  // namespace retina::gst
