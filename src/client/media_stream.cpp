#include "client/media_stream.h"

#include <algorithm>
#include <limits>

#include "rtp/rtcp.h"

namespace retina::client {
namespace {

/// So many packets of one kind without any of another are no accident.
constexpr unsigned kManyPackets = 16;

}  // namespace

MediaStream::MediaStream(std::size_t media_index, std::uint8_t payload_type, std::uint32_t clock_rate_hz,
                         std::unique_ptr<codec::Depacketizer> depacketizer, Statistics& statistics)
    : media_index_(media_index),
      payload_type_(payload_type),
      timeline_(clock_rate_hz),
      jitter_(clock_rate_hz),
      depacketizer_(std::move(depacketizer)),
      statistics_(statistics) {}

/// Always false: the packet was of no use.
bool MediaStream::drop_invalid(const char* what) {
  statistics_.packets_invalid.add();
  complaint_ = {what, true};
  return false;
}

bool MediaStream::accept_source(std::uint8_t payload_type, std::uint32_t ssrc) {
  if (payload_type != payload_type_) {
    // Some cameras number their payload otherwise than their SDP says, always; Geovision sends an odd packet
    // of type 50 between good ones. So a foreign type is dropped only from where the right one has been seen.
    if (payload_type_seen_) {
      return drop_invalid("payload type that the SDP doesn't name");
    }
    if (foreign_types_ < kManyPackets && ++foreign_types_ == kManyPackets) {
      complaint_ = {"another payload type than the SDP's", false};
    }
  } else {
    payload_type_seen_ = true;
  }
  if (!ssrc_) ssrc_ = ssrc;
  if (ssrc == *ssrc_) {
    candidate_ssrc_.reset();
    return true;
  }
  // An encoder that restarts takes a new SSRC for good; a stray packet of another session comes alone.
  if (!has_media_ || candidate_ssrc_ == ssrc) {
    switch_source(ssrc);
    return true;
  }
  candidate_ssrc_ = ssrc;
  return drop_invalid("SSRC of another stream");
}

void MediaStream::switch_source(std::uint32_t ssrc) {
  ssrc_ = ssrc;
  candidate_ssrc_.reset();
  sequence_.reset();
  reception_.reset();
  if (!has_media_) return;
  timeline_.reset();
  jitter_.restart();
  captures_ = {};
  jumped_ = true;
  // Its timestamps are others, and what is gathered of the source before is forgotten.
  if (damaged_from_) damaged_from_ = std::numeric_limits<std::int64_t>::min();
  on_interruption();
}

bool MediaStream::claims(base::ByteView bytes) const {
  const auto packet = rtp::parse_packet(bytes);
  if (!packet || packet->payload_type != payload_type_) return false;
  return !has_media_ || packet->ssrc == ssrc_;
}

void MediaStream::on_interruption() {
  depacketizer_->reset();
  count_dropped();
  frame_bytes_ = 0;
}

void MediaStream::count_dropped() {
  const std::uint64_t dropped = depacketizer_->frames_dropped();
  statistics_.frames_dropped.add(dropped - std::exchange(dropped_before_, dropped));
}

bool MediaStream::on_rtp(base::ByteView bytes, base::TimePoint now) {
  // What parse_packet() returns lies in memory, and reading it back would wait for the frame's bytes to leave
  // the store buffer.
  rtp::Packet packet;
  if (rtp::is_plain(bytes)) {
    packet = rtp::read_fixed_header(bytes);
  } else {
    const auto parsed = rtp::parse_unusual_packet(bytes);
    if (!parsed) return drop_invalid(parsed.error().what);
    packet = *parsed;
  }
  if (!accept_source(packet.payload_type, packet.ssrc)) return false;

  const rtp::SequenceTracker::Verdict verdict = sequence_.accept(packet.sequence);
  if (verdict.kind == rtp::SequenceTracker::Verdict::kDuplicateOrOld) {
    statistics_.packets_duplicate.add();
    reception_.on_extra_packet();
    return false;
  }
  if (verdict.kind == rtp::SequenceTracker::Verdict::kRestart) {
    reception_.reset();
    on_interruption();
  }
  reception_.on_packet(packet.sequence, verdict.lost);
  if (verdict.lost > 0) statistics_.packets_lost.add(verdict.lost);
  statistics_.packets.add();
  has_media_ = true;

  const rtp::Timeline::Placed placed = timeline_.place(packet.timestamp);
  if (placed.jumped) {
    jumped_ = true;
    jitter_.restart();
    if (damaged_from_) damaged_from_ = placed.extended;
  }
  if (verdict.lost > 0 || verdict.kind == rtp::SequenceTracker::Verdict::kRestart) {
    if (watches_key_frames_) damaged_from_ = placed.extended;
  }
  jitter_.on_packet(placed.extended, now);
  if (!packet.extension.empty()) note_capture(packet.extension_profile, packet.extension, placed.extended);

  if (frame_bytes_ == 0) frame_start_ = now;
  frame_bytes_ += bytes.size() + 4;  // with the interleaving header

  codec::MediaPacket media;
  media.payload = packet.payload;
  media.timestamp = placed.extended;
  media.sequence = packet.sequence;
  media.marker = packet.marker;
  media.packets_lost = verdict.lost;
  media.arrival = now;
  media.whole = bytes;
  media.extension_profile = packet.extension_profile;
  media.extension = packet.extension;
  if (const auto pushed = depacketizer_->push(media); !pushed) return drop_invalid(pushed.error().what);
  return true;
}

void MediaStream::note_capture(std::uint16_t profile, base::ByteView extension, std::int64_t timestamp) {
  // The first packet of a frame has it; others may repeat it.
  if (captures_[0] && captures_[0]->timestamp == timestamp) return;
  const auto time = rtp::parse_extension_time(profile, extension, extensions_);
  if (!time) return;
  captures_[1] = captures_[0];
  captures_[0] = Capture{timestamp, *time};
}

std::optional<rtp::ExtensionTime> MediaStream::capture_time(std::int64_t timestamp) const {
  for (const auto& capture : captures_) {
    if (capture && capture->timestamp == timestamp) return capture->time;
  }
  return std::nullopt;
}

std::optional<rtp::SenderReport> MediaStream::take_report() {
  if (!report_ || !has_media_) return std::nullopt;
  const auto report = std::exchange(report_, std::nullopt);
  return any_rtcp_ || report->ssrc == ssrc_ ? report : std::nullopt;
}

/// What a skipped frame would have told, the next one that isn't tells.
bool MediaStream::skip_until_keyframe(codec::Frame& frame) {
  if (!waits_for_keyframe_) return false;
  waiting_ = (waiting_ || frame.discontinuity || jumped_) && !frame.key_frame;
  if (frame.parameters) skipped_parameters_ = frame.parameters;
  if (!waiting_) {
    if (skipped_parameters_) frame.parameters = std::exchange(skipped_parameters_, nullptr);
    return false;
  }
  statistics_.frames_dropped.add();
  frame_bytes_ = 0;
  skipped_ = true;
  return true;
}

std::optional<codec::Frame> MediaStream::pull(base::TimePoint now, bool read_timed_out,
                                              Coalescer& coalescer) {
  std::optional<codec::Frame> frame = depacketizer_->pull();
  while (frame && skip_until_keyframe(*frame))
    frame = depacketizer_->pull();
  if (!frame) return frame;

  count_dropped();
  statistics_.frames.add();
  if (frame->corrupted) statistics_.frames_corrupted.add();
  if (frame->key_frame) on_key_frame(*frame);

  frame_jumped_ = std::exchange(jumped_, false);
  frame->discontinuity = frame->discontinuity || frame_jumped_ || std::exchange(skipped_, false);
  coalescer.on_frame({frame_bytes_, frame->key_frame, frame_start_}, now, read_timed_out);
  frame_bytes_ = 0;
  return frame;
}

void MediaStream::on_key_frame(const codec::Frame& frame) {
  statistics_.key_frames.add();
  if (!watches_key_frames_ || frame.corrupted) return;
  ++key_frames_;
  if (damaged_from_ && frame.timestamp >= *damaged_from_) damaged_from_.reset();
}

std::optional<rtp::ReportBlock> MediaStream::report(base::TimePoint now) {
  if (!reception_.started() || !ssrc_) return std::nullopt;
  const double ticks = std::chrono::duration<double>(jitter_.value()).count() * timeline_.clock_rate_hz();
  return reception_.report(*ssrc_, static_cast<std::uint32_t>(std::min(ticks, 4294967295.0)), now);
}

bool MediaStream::on_rtcp(base::ByteView bytes, base::TimePoint now) {
  rtp::CompoundReader reader(bytes);
  bool ended = false;
  for (;;) {
    const auto packet = reader.next();
    if (!packet) {
      drop_invalid(packet.error().what);
      return ended;
    }
    if (!*packet) return ended;
    const bool any_source = any_rtcp_ || !ssrc_;
    if ((*packet)->type == rtp::kSenderReportType) {
      const auto report = rtp::parse_sender_report(**packet);
      // Before media has come, the SSRC is only what SETUP or PLAY said, and often wrong.
      const bool comparable = has_media_ && !any_source;
      const bool foreign = report && comparable && report->ssrc != *ssrc_;
      foreign_report_ = foreign_report_ || foreign;
      if (report && !foreign) report_ = *report;
      if (report && (any_source || report->ssrc == *ssrc_)) reception_.on_sender_report(report->ntp, now);
    } else if ((*packet)->type == rtp::kByeType) {
      const auto bye = rtp::parse_bye(**packet);
      // A BYE may come from another participant of the session, but names its source.
      const bool any_bye = any_source && !in_group_;
      ended = ended || (bye && (any_bye || (ssrc_ && bye->names(*ssrc_))));
    }
  }
}

Coalescer::Gathered MediaStream::gathered() const {
  return {frame_bytes_, depacketizer_->progress().key_frame, frame_start_};
}

}  // namespace retina::client
