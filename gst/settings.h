#pragma once

#include <glib-object.h>
#include <gst/rtsp/gstrtsptransport.h>

#include <cstdint>
#include <string>

#include "client/options.h"
#include "client/reconnection.h"
#include "codec/depacketizer.h"
#include "io/proxy.h"
#include "io/tls_settings.h"
#include "timestamps.h"

namespace retina::gst {

enum class MediaChoice { kAny, kVideo, kAudio, kApplication };

/// The element's properties, as the user set them. Units are those of the properties.
struct Settings {
  std::string location;
  std::string user_id;
  std::string user_pw;
  std::string user_agent = "gst-retina/" RETINA_VERSION;
  std::string websocket_uri;
  io::ProxySettings proxy;
  MediaChoice media = MediaChoice::kAny;
  int stream_index = -1;
  std::uint32_t latency_ms = 200;
  guint protocols = GST_RTSP_LOWER_TRANS_TCP | GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_UDP_MCAST;
  std::uint64_t udp_timeout_us = 5'000'000;
  std::string port_range = "5000-5100";
  std::string multicast_interface;
  int udp_buffer_size = 0;
  bool punch_holes = true;
  std::uint32_t reorder_time_ms = 20;
  std::uint32_t reorder_packets = 64;
  std::uint64_t tcp_timeout_us = 20'000'000;
  std::uint64_t idle_timeout_us = 10'000'000;
  bool reconnect = true;
  int reconnect_attempts = -1;
  std::uint32_t reconnect_delay_ms = 500;
  std::uint32_t reconnect_max_delay_ms = 30'000;
  std::uint64_t teardown_timeout_ns = 100'000'000;
  std::uint32_t read_size_min = 64 * 1024;
  std::uint32_t read_size_max = 1024 * 1024;
  std::uint64_t coalesce_time_ns = 2'000'000;
  codec::ParameterSetInsertion parameter_sets = codec::ParameterSetInsertion::kKeyFrames;
  std::uint32_t max_queue_bytes = 8 * 1024 * 1024;
  bool pass_incomplete = false;
  bool wait_for_keyframe = false;
  bool keep_alive = true;
  bool send_rtcp = true;
  bool request_keyframe = true;
  TimestampMode timestamp_mode = TimestampMode::kLive;
  bool add_reference_timestamp_meta = true;
  client::InitialTimestamp initial_timestamp = client::InitialTimestamp::kDefault;
  client::InitialSequence initial_sequence = client::InitialSequence::kDefault;
  client::UnknownRtcpSsrc unknown_rtcp_ssrc = client::UnknownRtcpSsrc::kDrop;
  client::UnassignedChannelData unassigned_channel_data = client::UnassignedChannelData::kAuto;
  client::SessionId session_id = client::SessionId::kUseFirst;
  client::Teardown teardown = client::Teardown::kAuto;
  io::TlsSettings tls;  // but for accept: that is the signal's

  client::Options client_options() const;
  client::Reconnection::Options reconnection() const;
};

/// Installs every property on the class. Rows, names and defaults: properties.cpp.
void install_properties(GObjectClass* klass);

/// Whether `id` names a settable property, now set. Values are checked by their GParamSpec before.
bool set_property(Settings& settings, unsigned id, const GValue* value);
/// Whether `id` names a property of Settings, now read. `stats` isn't one.
bool get_property(const Settings& settings, unsigned id, GValue* value);

/// `id` of the property that isn't a setting.
unsigned stats_property_id();

}  // namespace retina::gst
