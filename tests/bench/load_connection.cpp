#include "load_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "h264_stream.h"
#include "usage.h"

namespace retina::bench {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
/// Ethernet, IPv4 and TCP headers with timestamps, preamble and gap: what a packet occupies of a link besides
/// itself.
constexpr std::uint64_t kLinkOverheadBytes = 90;
constexpr std::uint64_t kLinkNanosecondsPerByte = 80;  // 100 Mbit/s

/// Cameras don't start their GOPs together: the golden ratio spreads any number of them evenly over a second.
std::uint64_t stagger(unsigned index) {
  const double turns = index * 0.6180339887498949;
  return static_cast<std::uint64_t>((turns - static_cast<double>(static_cast<std::uint64_t>(turns))) * 1e9);
}

}  // namespace

std::string make_sdp(const MediaRing& ring, const Load& load) {
  const auto length_seconds =
      static_cast<double>(load.flood_bytes) / static_cast<double>(ring.bytes_per_second());
  const std::string range =
      load.pace == Pace::kFlood ? "npt=0-" + std::to_string(length_seconds) : std::string("npt=now-");
  std::string sdp =
      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=load camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\n"
      "a=range:" +
      range + "\r\n";
  for (std::size_t i = 0; i < load.shape.tracks.size(); ++i) {
    const TrackShape& track = load.shape.tracks[i];
    sdp += make_media_section(track.encoding, MediaRing::kFirstPayloadType + static_cast<int>(i),
                              track.frames_per_second, track.bits_per_second);
    sdp += "a=control:track" + std::to_string(i + 1) + "\r\n";
  }
  return sdp;
}

std::vector<std::uint32_t> first_timestamps(const MediaRing& ring) {
  std::vector<std::uint32_t> timestamps;
  for (std::size_t i = 0; i < ring.shape().tracks.size(); ++i)
    timestamps.push_back(ring.first_timestamp(i));
  return timestamps;
}

LoadConnection::LoadConnection(FileDescriptor socket, const Load& load, unsigned index, LoadTotals& totals)
    : socket_(std::move(socket)),
      load_(load),
      totals_(totals),
      ring_(load.shape),
      dialogue_(make_sdp(ring_, load), first_timestamps(ring_)),
      stagger_ns_(stagger(index)) {
  ring_.set_ssrc(0x10000000u + index);
}

bool LoadConnection::read(std::uint64_t now_ns) {
  std::uint8_t buffer[16384];
  for (;;) {
    const ssize_t got = recv(fd(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (got == 0) return false;
    if (got < 0) return (errno == EAGAIN || errno == EINTR) && pump(now_ns);
    if (phase_ == Phase::kDraining) continue;
    if (!dialogue_.push(base::ByteView(buffer, static_cast<std::size_t>(got)))) return false;
    if (dialogue_.playing() && phase_ == Phase::kDialogue) start(now_ns);
  }
}

void LoadConnection::start(std::uint64_t now_ns) {
  phase_ = Phase::kPlaying;
  for (std::size_t i = 0; i < dialogue_.channels().size(); ++i)
    ring_.set_channels(i, dialogue_.channels()[i].rtp, dialogue_.channels()[i].rtcp);
  if (load_.pace == Pace::kFlood) return;
  start_ns_ = now_ns + stagger_ns_;
  schedule();
}

bool LoadConnection::pump(std::uint64_t now_ns) {
  turn_bytes_ = 0;
  do {
    if (!flush()) return false;
    if (wants_write_) return true;
  } while (next_output(now_ns));
  return true;
}

/// False when the connection broke; sets wants_write_ when the socket is full or the turn is over.
bool LoadConnection::flush() {
  wants_write_ = false;
  while (!output_.empty()) {
    if (turn_bytes_ >= kTurnBytes) {
      wants_write_ = true;
      return true;
    }
    const ssize_t sent = send(fd(), output_.data(), output_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) {
      wants_write_ = errno == EAGAIN;
      return wants_write_;
    }
    const auto size = static_cast<std::size_t>(sent);
    ++totals_.sends;
    turn_bytes_ += size;
    if (output_is_media_) totals_.media_bytes += size;
    output_ = output_.subspan(size);
  }
  return true;
}

/// Replies go between packets, never into one: only asked for when all output has gone.
bool LoadConnection::next_output(std::uint64_t now_ns) {
  std::string replies = dialogue_.take_replies();
  if (!replies.empty()) {
    take_control(std::move(replies));
    if (dialogue_.torn_down()) phase_ = Phase::kLastBytes;
    return true;
  }
  if (phase_ == Phase::kPlaying) return next_media(now_ns);
  if (phase_ == Phase::kGoodbye) {
    take_control(std::string(base::as_text(ring_.goodbye())));
    output_is_media_ = true;
    phase_ = Phase::kLastBytes;
    ++totals_.completed;
    return true;
  }
  if (phase_ == Phase::kLastBytes) {
    // Closing with the client's RTCP unread would reset the connection under the client's hands: half close,
    // drain.
    shutdown(fd(), SHUT_WR);
    phase_ = Phase::kDraining;
    due_ns_ = kNever;
  }
  return false;
}

void LoadConnection::take_control(std::string bytes) {
  control_ = std::move(bytes);
  output_ = base::as_bytes(control_);
  output_is_media_ = false;
}

bool LoadConnection::media_ended() const {
  if (load_.pace == Pace::kFlood) return taken_bytes_ >= load_.flood_bytes;
  return next_packet_ == 0 && static_cast<double>(ring_.frames()) >= load_.paced_seconds * frame_rate();
}

bool LoadConnection::next_media(std::uint64_t now_ns) {
  if (media_ended()) {
    phase_ = Phase::kGoodbye;
    due_ns_ = kNever;
    return true;
  }
  if (load_.pace != Pace::kFlood && now_ns < due_ns_) return false;
  const std::uint64_t frames = ring_.frames();
  const std::uint64_t packets = ring_.packets();
  if (load_.pace == Pace::kFlood) {
    output_ = ring_.begin_frames(kBatchBytes);
  } else {
    take_paced(now_ns);
  }
  output_is_media_ = true;
  taken_bytes_ += output_.size();
  totals_.frames += ring_.frames() - frames;
  totals_.packets += ring_.packets() - packets;
  return true;
}

void LoadConnection::take_paced(std::uint64_t now_ns) {
  totals_.max_late_ns = std::max(totals_.max_late_ns, now_ns - due_ns_);
  if (next_packet_ == 0) ring_.begin_frame();
  const std::size_t count = load_.pace == Pace::kBurst ? ring_.packet_count() : 1;
  const bool last = next_packet_ + count == ring_.packet_count();
  if (last) ring_.stamp(monotonic_ns());
  output_ = ring_.packets(next_packet_, count);
  link_free_ns_ = due_ns_;
  next_packet_ = last ? 0 : next_packet_ + count;
  schedule();
}

/// Sets due_ns_ for the packet that is sent next.
void LoadConnection::schedule() {
  const unsigned rate = frame_rate();
  if (next_packet_ == 0) {
    const std::uint64_t frame_ns = start_ns_ + ring_.frames() * kSecond / rate;
    due_ns_ = std::max(frame_ns, link_free_ns_);
    return;
  }
  if (load_.pace == Pace::kSpread) {
    const std::uint64_t frame_ns = start_ns_ + (ring_.frames() - 1) * kSecond / rate;
    due_ns_ = frame_ns + next_packet_ * kSecond / rate / ring_.packet_count();
  } else {
    const std::uint64_t bytes = ring_.packets(next_packet_, 1).size() + kLinkOverheadBytes;
    due_ns_ = link_free_ns_ + bytes * kLinkNanosecondsPerByte;
  }
}

}  // namespace retina::bench
