// JPEG through GStreamer's rtpjpegpay: the entropy-coded data and the tables come out as they went in, and
// decode to the same pixels.

#include "codec/jpeg.h"

#include <map>

#include "codec/jpeg_payload.h"
#include "interop/payloader.h"
#include "interop/receiver.h"
#include "support/check.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;

struct Source {
  std::vector<SourceFrame> frames;
  std::string caps;
  unsigned width = 0;
  unsigned height = 0;
};

Source encode(const std::string& format, unsigned width, unsigned height, unsigned quality, unsigned count,
              const char* pattern = "smpte") {
  Source source{.width = width, .height = height};
  source.frames = produce("videotestsrc num-buffers=" + std::to_string(count) + " pattern=" + pattern +
                              " ! video/x-raw,format=" + format + ",width=" + std::to_string(width) +
                              ",height=" + std::to_string(height) +
                              ",framerate=30/1 ! jpegenc quality=" + std::to_string(quality),
                          source.caps);
  ck_assert_uint_eq(source.frames.size(), count);
  return source;
}

/// The payload header has the size in units of 8 pixels only; the SDP has it exactly.
Receiver make_receiver(const Source& source, bool pass_incomplete = false) {
  static codec::HeapAllocator allocator;
  sdp::Media media;
  media.attributes.push_back(
      {"x-dimensions", std::to_string(source.width) + "," + std::to_string(source.height)});
  codec::FrameFormat format;
  format.pass_incomplete = pass_incomplete;
  return Receiver(std::make_unique<codec::JpegDepacketizer>(media, format, allocator), 90000);
}

/// All the tables of one kind, by destination: they may come in one segment or in several.
std::map<unsigned, Bytes> tables(const ParsedJpeg& jpeg, std::uint8_t marker) {
  std::map<unsigned, Bytes> found;
  for (const auto& segment : jpeg.segments) {
    if (segment.marker != marker) continue;
    base::ByteReader reader(segment.parameters);
    while (reader.remaining() > 0) {
      const unsigned id = *reader.u8("id");
      std::size_t size = id >> 4 == 0 ? 64 : 128;
      if (marker == codec::jpeg_marker::kHuffmanTables) {
        size = 16;
        for (std::size_t i = 0; i < 16; ++i)
          size += reader.rest()[i];
      }
      const base::ByteView bytes = *reader.bytes(size, "table");
      found[id] = Bytes(bytes.begin(), bytes.end());
    }
  }
  return found;
}

Bytes without_end(Bytes data) {
  ck_assert(data.size() >= 2 && data[data.size() - 2] == 0xFF && data.back() == 0xD9);
  data.resize(data.size() - 2);
  return data;
}

/// Tables, sampling and entropy-coded data; the ids of components may differ.
void assert_same_picture(const Bytes& sent, const Bytes& got) {
  const ParsedJpeg before = parse_jpeg(sent);
  const ParsedJpeg after = parse_jpeg(got);
  ck_assert(without_end(before.data) == without_end(after.data));
  ck_assert(tables(before, codec::jpeg_marker::kQuantizationTables) ==
            tables(after, codec::jpeg_marker::kQuantizationTables));
  ck_assert(tables(before, codec::jpeg_marker::kHuffmanTables) ==
            tables(after, codec::jpeg_marker::kHuffmanTables));
  const Bytes& frame_before = *before.find(0xC0);
  const Bytes& frame_after = *after.find(0xC0);
  ck_assert_uint_eq(frame_before.size(), frame_after.size());
  for (std::size_t i = 0; i < frame_before.size(); ++i) {
    const bool is_component_id = i == 6 || i == 9 || i == 12;
    if (!is_component_id) ck_assert_uint_eq(frame_before[i], frame_after[i]);
  }
}

/// The pixels that jpegdec makes of pictures.
std::vector<SourceFrame> decode(const std::vector<SourceFrame>& pictures) {
  std::string caps;
  return process("jpegdec max-errors=0", "image/jpeg,framerate=30/1", pictures, caps);
}

std::vector<SourceFrame> pictures_of(const Receiver& receiver) {
  std::vector<SourceFrame> pictures;
  for (const ReceivedFrame& frame : receiver.frames)
    pictures.push_back({frame.bytes, pictures.size() * GST_SECOND / 30, true});
  return pictures;
}

/// Once around, without loss.
void round_trip(const Source& source, const std::string& payloader) {
  const Payloaded sent = payload(payloader, source.caps, source.frames);
  Receiver receiver = make_receiver(source);
  receiver.push(sent.packets);
  ck_assert_uint_eq(receiver.errors, 0);
  ck_assert_uint_eq(receiver.frames.size(), source.frames.size());
  for (std::size_t i = 0; i < source.frames.size(); ++i) {
    assert_same_picture(source.frames[i].bytes, receiver.frames[i].bytes);
    ck_assert((receiver.frames[i].meta.parameters != nullptr) == (i == 0));
    ck_assert(!receiver.frames[i].meta.discontinuity);
  }
  const auto& parameters = *receiver.frames[0].meta.parameters;
  ck_assert_uint_eq(parameters.width, source.width);
  ck_assert_uint_eq(parameters.height, source.height);

  const auto before = decode(source.frames);
  const auto after = decode(pictures_of(receiver));
  ck_assert_uint_eq(before.size(), source.frames.size());
  ck_assert_uint_eq(after.size(), before.size());
  for (std::size_t i = 0; i < before.size(); ++i)
    ck_assert(before[i].bytes == after[i].bytes);
}

LAW(pictures_of_every_quality_size_and_sampling_come_through) {
  for (const char* format : {"I420", "Y42B"}) {
    for (const unsigned quality : {1U, 35U, 85U, 100U}) {
      round_trip(encode(format, 320, 240, quality, 2), "rtpjpegpay mtu=1400");
    }
    for (const auto& [width, height] :
         {std::pair{16U, 16U}, {40U, 24U}, {100U, 60U}, {1366U, 270U}, {2040U, 8U}}) {
      round_trip(encode(format, width, height, 85, 2), "rtpjpegpay mtu=1400");
    }
  }
}

LAW(pictures_come_through_packets_of_every_size) {
  const Source source = encode("I420", 320, 240, 85, 3, "snow");
  // rtpjpegpay wants more room than its headers and tables need.
  for (unsigned mtu = 200; mtu <= 9000; mtu = mtu * 3 / 2 + 7)
    round_trip(source, "rtpjpegpay mtu=" + std::to_string(mtu));
}

/// rtpjpegpay always sends the tables. libjpeg makes them as RFC 2435 does, so that the Q of the RFC can
/// stand for them instead.
void replace_tables_by_q(std::vector<Bytes>& packets, std::uint8_t q) {
  constexpr std::size_t kRtpHeader = 12;
  constexpr std::size_t kMainHeader = 8;
  for (Bytes& packet : packets) {
    ck_assert_uint_eq(packet.at(kRtpHeader + 5), 255);
    packet[kRtpHeader + 5] = q;
    const auto tables = packet.begin() + kRtpHeader + kMainHeader;
    const bool first = (base::load_be32(packet.data() + kRtpHeader) & 0xFFFFFF) == 0;
    if (first) packet.erase(tables, tables + 4 + base::load_be16(&tables[2]));
  }
}

LAW(a_q_below_128_means_the_tables_that_libjpeg_makes) {
  for (const std::uint8_t quality : std::initializer_list<std::uint8_t>{1, 10, 49, 50, 51, 75, 99}) {
    const Source source = encode("I420", 64, 48, quality, 2);
    Payloaded sent = payload("rtpjpegpay", source.caps, source.frames);
    replace_tables_by_q(sent.packets, quality);
    Receiver receiver = make_receiver(source);
    receiver.push(sent.packets);
    ck_assert_uint_eq(receiver.frames.size(), 2);
    for (std::size_t i = 0; i < 2; ++i)
      assert_same_picture(source.frames[i].bytes, receiver.frames[i].bytes);
  }
}

LAW(pictures_above_2040_pixels_come_through_with_the_size_of_the_sdp) {
  for (const auto& [width, height] : {std::pair{2048U, 64U}, {2592U, 1944U}, {64U, 2160U}, {4096U, 2160U}}) {
    round_trip(encode("I420", width, height, 50, 1), "rtpjpegpay mtu=1400");
  }
}

/// Undamaged pictures are among the sent ones and in order, and losses are told.
LAW(a_disturbed_stream_yields_whole_pictures_only) {
  const Source source = encode("I420", 160, 120, 60, 40, "snow");
  for (const unsigned mtu : {200U, 300U, 1400U, 9000U}) {
    const Payloaded sent = payload("rtpjpegpay mtu=" + std::to_string(mtu), source.caps, source.frames);
    for (std::uint32_t seed = 1; seed <= 6; ++seed) {
      const Disturbance how{.loss_percent = seed % 3,
                            .duplicate_percent = 3,
                            .reorder_percent = seed / 3,
                            .seed = seed,
                            .calm_percent = 20};
      Receiver receiver = make_receiver(source);
      receiver.push(disturb(sent.packets, how));
      receiver.depacketizer().flush();
      std::size_t at = 0;
      for (const ReceivedFrame& frame : receiver.frames) {
        const std::size_t before = at;
        const Bytes data = without_end(parse_jpeg(frame.bytes).data);
        while (at < source.frames.size() && without_end(parse_jpeg(source.frames[at].bytes).data) != data)
          ++at;
        ck_assert_msg(at < source.frames.size(), "mtu %u, seed %u: a damaged picture", mtu, seed);
        if (at > before) ck_assert(frame.meta.discontinuity);
        if (frame.meta.discontinuity && at == before) ck_assert_uint_gt(frame.meta.packets_lost, 0);
        ++at;
      }
      ck_assert_uint_gt(receiver.frames.size(), 0);
      assert_losses_are_counted(receiver);
    }
  }
}

LAW(what_is_only_out_of_order_and_repeated_comes_through_as_it_was) {
  const Source source = encode("I420", 160, 120, 60, 20, "snow");
  for (const unsigned mtu : {200U, 1400U, 9000U}) {
    const Payloaded sent = payload("rtpjpegpay mtu=" + std::to_string(mtu), source.caps, source.frames);
    Receiver receiver = make_receiver(source);
    receiver.push_reordering(disturb(
        sent.packets, {.duplicate_percent = 30, .reorder_percent = 30, .seed = mtu, .calm_percent = 1}));
    ck_assert_uint_eq(receiver.frames.size(), source.frames.size());
    for (std::size_t i = 0; i < source.frames.size(); ++i) {
      assert_same_picture(source.frames[i].bytes, receiver.frames[i].bytes);
      ck_assert(!receiver.frames[i].meta.discontinuity);
    }
  }
}

LAW(incomplete_pictures_decode_down_to_the_gap) {
  const Source source = encode("I420", 320, 240, 85, 1, "snow");
  const Payloaded sent = payload("rtpjpegpay mtu=1000", source.caps, source.frames);
  ck_assert_uint_gt(sent.packets.size(), 10);
  const auto whole = decode(source.frames).at(0);
  for (const std::size_t lost : {std::size_t{1}, sent.packets.size() / 2, sent.packets.size() - 2}) {
    Receiver receiver = make_receiver(source, true);
    for (std::size_t i = 0; i < sent.packets.size(); ++i) {
      if (i != lost) receiver.push(sent.packets[i]);
    }
    ck_assert_uint_eq(receiver.frames.size(), 1);
    ck_assert(receiver.frames[0].meta.corrupted);
    std::string caps;
    const auto got =
        process("jpegdec max-errors=-1", "image/jpeg,framerate=30/1", pictures_of(receiver), caps);
    ck_assert_uint_eq(got.size(), 1);
    ck_assert_uint_eq(got[0].bytes.size(), whole.bytes.size());
    // Half of the rows that came, as the share of the bytes isn't exactly that of the rows.
    const std::size_t rows = 240 * lost / sent.packets.size() / 2 / 16 * 16;
    ck_assert(std::equal(got[0].bytes.begin(), got[0].bytes.begin() + static_cast<std::ptrdiff_t>(rows * 320),
                         whole.bytes.begin()));
  }
}

}  // namespace

int main() {
  if (!retina::test::have_elements({"jpegenc", "jpegdec", "rtpjpegpay"})) return 77;
  return retina::test::run_laws("payload_jpeg", 60);
}
