#include "codec/sample_audio.h"

#include <cstring>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "codec/dvi4.h"
#include "codec/g726.h"
#include "codec/opus_duration.h"
#include "codec/opus_streams.h"

namespace retina::codec {
namespace {

using base::ErrorCode;
using base::fail;

/// More channels than GStreamer has places for are a mistake in the SDP.
constexpr unsigned kMaxChannels = 64;
constexpr std::uint32_t kTelephoneRate = 8000;
/// And so is a rate above any converter's.
constexpr std::uint32_t kMaxRate = 1'000'000;

/// RFC 3551 s4.5.3: the two low bits of a frame's first octet tell its size; 3 isn't used.
constexpr std::size_t kG723Sizes[] = {24, 20, 4, 0};
constexpr std::uint32_t kG723Ticks = 240;

/// One row for each name in an rtpmap.
struct Row {
  std::string_view name;
  AudioEncoding encoding;
  std::size_t block_bytes = 0;  // of one channel
  unsigned ticks_per_block = 0;
  unsigned codeword_bits = 0;
  bool first_codeword_low = false;
  bool any_rate = false;  // else 8000 only
  unsigned max_channels = 1;
};

constexpr Row kRows[] = {
    {"PCMA", AudioEncoding::kPcma, 1, 1, 0, false, true, kMaxChannels},
    {"PCMU", AudioEncoding::kPcmu, 1, 1, 0, false, true, kMaxChannels},
    {"L8", AudioEncoding::kL8, 1, 1, 0, false, true, kMaxChannels},
    {"L16", AudioEncoding::kL16, 2, 1, 0, false, true, kMaxChannels},
    {"L24", AudioEncoding::kL24, 3, 1, 0, false, true, kMaxChannels},
    {"G722", AudioEncoding::kG722, 1, 1, 0, false, false, kMaxChannels},
    {"G723", AudioEncoding::kG723},
    {"G726-16", AudioEncoding::kG726, 1, 4, 2, true, true},
    {"G726-24", AudioEncoding::kG726, 3, 8, 3, true, true},
    {"G726-32", AudioEncoding::kG726, 1, 2, 4, true, true},
    {"G726-40", AudioEncoding::kG726, 5, 8, 5, true, true},
    {"AAL2-G726-16", AudioEncoding::kG726, 1, 4, 2, false, true},
    {"AAL2-G726-24", AudioEncoding::kG726, 3, 8, 3, false, true},
    {"AAL2-G726-32", AudioEncoding::kG726, 1, 2, 4, false, true},
    {"AAL2-G726-40", AudioEncoding::kG726, 5, 8, 5, false, true},
    {"DVI4", AudioEncoding::kDvi4, 1, 2, 0, false, true},
    {"GSM", AudioEncoding::kGsm, 33, 160},
    {"iLBC", AudioEncoding::kIlbc, 50, 240},
    // What the SDP says of channels and rate means nothing (RFC 7587 s7): a decoder makes what it is asked
    // for.
    {"opus", AudioEncoding::kOpus, 0, 0, 0, false, true, kMaxChannels},
    {"multiopus", AudioEncoding::kMultiOpus, 0, 0, 0, false, true, kMaxChannels},
};

/// RFC 3952 s4.2: the mode is the length of a frame; where it isn't told, frames of 30 ms.
void set_ilbc_mode(const sdp::Media& media, AudioFormat& format) {
  const std::string* mode = media.format_parameter("mode");
  if (mode == nullptr || *mode != "20") return;
  format.block_bytes = 38;
  format.ticks_per_block = 160;
}

}  // namespace

std::optional<AudioFormat> audio_format(const sdp::Media& media) {
  if (media.kind != sdp::MediaKind::kAudio) return std::nullopt;
  for (const Row& row : kRows) {
    if (!base::equals_ignore_case(row.name, media.encoding_name)) continue;
    if (media.clock_rate_hz == 0 || media.clock_rate_hz > kMaxRate || media.channels == 0 ||
        media.channels > row.max_channels) {
      return std::nullopt;
    }
    if (row.encoding == AudioEncoding::kMultiOpus && !opus_streams(media)) return std::nullopt;
    AudioFormat format;
    format.encoding = row.encoding;
    format.clock_rate_hz = media.clock_rate_hz;
    format.channels = media.channels;
    format.block_bytes = row.block_bytes * media.channels;
    format.ticks_per_block = row.ticks_per_block;
    format.codeword_bits = row.codeword_bits;
    format.first_codeword_low = row.first_codeword_low;
    if (row.encoding == AudioEncoding::kIlbc) set_ilbc_mode(media, format);
    if (row.any_rate || media.clock_rate_hz == kTelephoneRate) return format;
    // Who declares the rate that G.722 is sampled at counts its time so, too: two ticks an octet.
    if (row.encoding != AudioEncoding::kG722 || media.clock_rate_hz != 2 * kTelephoneRate)
      return std::nullopt;
    format.ticks_per_block = 2;
    return format;
  }
  return std::nullopt;
}

base::Result<SampleAudioDepacketizer::Content> SampleAudioDepacketizer::measure_blocks(
    base::ByteView payload) const {
  const std::size_t header = format_.encoding == AudioEncoding::kDvi4 ? kDvi4HeaderBytes : 0;
  const std::size_t blocks = payload.size() < header ? 0 : (payload.size() - header) / format_.block_bytes;
  if (blocks == 0) return fail(ErrorCode::kTruncated, payload.size(), "sound without a whole sample");
  return Content{header + blocks * format_.block_bytes,
                 static_cast<std::uint32_t>(blocks) * format_.ticks_per_block};
}

base::Result<SampleAudioDepacketizer::Content> SampleAudioDepacketizer::measure(
    base::ByteView payload) const {
  if (format_.encoding == AudioEncoding::kOpus || format_.encoding == AudioEncoding::kMultiOpus) {
    // The clock is 48 kHz always (RFC 7587 s4.1); one that is declared otherwise is what time is counted in.
    TRY(const std::uint32_t samples, opus_duration(payload));
    const std::uint64_t ticks = std::uint64_t{samples} * format_.clock_rate_hz / 48000;
    return Content{payload.size(), static_cast<std::uint32_t>(ticks)};
  }
  if (format_.encoding != AudioEncoding::kG723) return measure_blocks(payload);
  Content content;
  while (content.size_bytes < payload.size()) {
    const std::size_t size = kG723Sizes[payload[content.size_bytes] & 3U];
    if (size == 0 || size > payload.size() - content.size_bytes) break;
    content.size_bytes += size;
    content.duration += kG723Ticks;
  }
  if (content.size_bytes == 0) return fail(ErrorCode::kMalformed, 0, "sound that isn't a G.723 frame");
  return content;
}

/// `payload` is whole.
base::Result<Frame> SampleAudioDepacketizer::make_frame(base::ByteView payload, std::uint32_t duration) {
  const bool decodes = format_.encoding == AudioEncoding::kDvi4;
  Frame frame;
  frame.size_bytes = decodes ? dvi4_decoded_bytes(payload.size()) : payload.size();
  frame.memory = FrameMemory(allocator_, frame.size_bytes);
  frame.duration = duration;
  frame.key_frame = true;
  if (decodes) {
    CHECK_OK(decode_dvi4(payload, {frame.memory.data(), frame.size_bytes}));
  } else if (format_.first_codeword_low) {
    g726_to_aal2(payload, format_.codeword_bits, frame.memory.data());
  } else {
    std::memcpy(frame.memory.data(), payload.data(), payload.size());
  }
  return frame;
}

base::Unexpected<base::Error> SampleAudioDepacketizer::give_up(const base::Error& error) {
  ++frames_dropped_;
  discontinuity_ = true;
  return base::Unexpected(error);
}

base::Result<void> SampleAudioDepacketizer::push(const MediaPacket& packet) {
  packets_lost_ += packet.packets_lost;
  if (packet.packets_lost > 0) discontinuity_ = true;

  const auto content = measure(packet.payload);
  if (!content) return give_up(content.error());
  auto made = make_frame(packet.payload.first(content->size_bytes), content->duration);
  if (!made) return give_up(made.error());
  made->timestamp = packet.timestamp;
  made->arrival = packet.arrival;
  made->discontinuity = std::exchange(discontinuity_, false);
  made->packets_lost = std::exchange(packets_lost_, 0);
  finished_ = std::move(made).value();

  if (content->size_bytes == packet.payload.size() || std::exchange(complained_, true)) return {};
  return fail(ErrorCode::kMalformed, content->size_bytes, "sound that ends within a sample");
}

std::optional<Frame> SampleAudioDepacketizer::pull() {
  return std::exchange(finished_, std::nullopt);
}

}  // namespace retina::codec
