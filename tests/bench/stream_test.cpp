#include <gst/codecparsers/gsth264parser.h>

#include <algorithm>
#include <string>

#include "camera_dialogue.h"
#include "h264_stream.h"
#include "load_connection.h"
#include "media_ring.h"
#include "stream_checker.h"
#include "support/check.h"

namespace {

using namespace retina::bench;
using retina::base::as_bytes;
using retina::base::Bytes;
using retina::base::ByteView;

StreamShape video(unsigned frames_per_second, std::uint64_t bits_per_second, std::size_t payload_bytes,
                  Encoding encoding = Encoding::kH264) {
  return {{{encoding, frames_per_second, bits_per_second}}, payload_bytes};
}

/// So many frames as a connection would send them, with the goodbye.
Bytes stream(MediaRing& ring, unsigned frames) {
  Bytes bytes;
  for (unsigned i = 0; i < frames; ++i) {
    ring.begin_frame();
    ring.stamp(i);
    const ByteView frame = ring.packets(0, ring.packet_count());
    bytes.insert(bytes.end(), frame.begin(), frame.end());
  }
  const Bytes goodbye = ring.goodbye();
  bytes.insert(bytes.end(), goodbye.begin(), goodbye.end());
  return bytes;
}

StreamChecker check(ByteView bytes, std::size_t chunk) {
  StreamChecker checker;
  for (std::size_t at = 0; at < bytes.size(); at += chunk) {
    checker.push(bytes.subspan(at, std::min(chunk, bytes.size() - at)));
  }
  return checker;
}

LAW(a_parser_of_h264_finds_1080p_in_the_parameter_sets_and_slices) {
  GstH264NalParser* parser = gst_h264_nal_parser_new();
  GstH264NalUnit unit;
  Bytes nal{0, 0, 0, 1};
  const auto identify = [&](const Bytes& payload) {
    nal.resize(4);
    nal.insert(nal.end(), payload.begin(), payload.end());
    gst_h264_parser_identify_nalu_unchecked(parser, nal.data(), 0, nal.size(), &unit);
  };
  GstH264SPS sps;
  identify(make_sps(30));
  ck_assert_int_eq(gst_h264_parser_parse_sps(parser, &unit, &sps), GST_H264_PARSER_OK);
  ck_assert_int_eq(sps.crop_rect_width, 1920);
  ck_assert_int_eq(sps.crop_rect_height, 1080);
  ck_assert_int_eq(static_cast<int>(sps.vui_parameters.time_scale / sps.vui_parameters.num_units_in_tick),
                   60);
  GstH264PPS pps;
  identify(make_pps());
  ck_assert_int_eq(gst_h264_parser_parse_pps(parser, &unit, &pps), GST_H264_PARSER_OK);
  for (const unsigned number : {0u, 1u, 119u}) {
    GstH264SliceHdr slice;
    identify(make_slice(number, 1000));
    ck_assert_int_eq(gst_h264_parser_parse_slice_hdr(parser, &unit, &slice, TRUE, TRUE), GST_H264_PARSER_OK);
    ck_assert_int_eq(slice.frame_num, number);
    ck_assert(number == 0 ? GST_H264_IS_I_SLICE(&slice) : GST_H264_IS_P_SLICE(&slice));
  }
  gst_h264_sps_clear(&sps);
  gst_h264_pps_clear(&pps);
  gst_h264_nal_parser_free(parser);
}

LAW(slices_have_the_size_asked_for_and_emulate_no_start_code) {
  for (const std::size_t size : {64u, 1000u, 100000u}) {
    const Bytes slice = make_slice(7, size);
    ck_assert_uint_eq(slice.size(), size);
    ck_assert(std::search_n(slice.begin(), slice.end(), 2, 0) == slice.end());
  }
}

LAW(a_second_of_stream_meets_its_bit_rate_and_varies_by_a_quarter) {
  for (const unsigned rate : {25u, 30u}) {
    MediaRing ring(video(rate, 8'000'000, 1400));
    std::size_t sum = 0;
    std::vector<std::size_t> sizes;
    for (unsigned i = 0; i < rate; ++i) {
      ring.begin_frame();
      sizes.push_back(ring.packets(0, ring.packet_count()).size());
      sum += sizes.back();
    }
    ck_assert(ring.at_end());
    ck_assert_uint_ge(sum, 1'000'000);
    ck_assert_uint_le(sum, 1'020'000);  // RTP and framing are 1.3 %
    const auto [least, most] = std::minmax_element(sizes.begin() + 1, sizes.end());
    const double mean = static_cast<double>(sum - sizes[0]) / (rate - 1);
    ck_assert(static_cast<double>(*most) >= 1.2 * mean);
    ck_assert(static_cast<double>(*most) <= 1.26 * mean);
    ck_assert(static_cast<double>(*least) <= 0.8 * mean);
    ck_assert(static_cast<double>(sizes[0]) >= 5.9 * mean);
  }
}

LAW(the_checker_finds_a_stream_whole_wherever_it_is_cut) {
  MediaRing ring(video(25, 400'000, 500));
  const Bytes bytes = stream(ring, 260);
  for (const std::size_t chunk :
       {std::size_t{1}, std::size_t{3}, std::size_t{515}, std::size_t{65536}, bytes.size()}) {
    const StreamChecker checker = check(bytes, chunk);
    ck_assert_uint_eq(checker.errors(), 0);
    ck_assert_uint_eq(checker.frames, 260);
    ck_assert_uint_eq(checker.packets, ring.packets());
    ck_assert_uint_eq(checker.reports, 3);  // at 0, 5 and 10 seconds
    ck_assert_uint_eq(checker.goodbyes, 1);
  }
}

LAW(every_encoding_and_video_with_audio_arrive_whole) {
  const TrackShape video_track{Encoding::kH264, 25, 400'000};
  const TrackShape audio_track{Encoding::kAac, 47, 128'000};
  for (const auto& tracks :
       {std::vector<TrackShape>{{Encoding::kH265, 25, 400'000}}, std::vector<TrackShape>{audio_track},
        std::vector<TrackShape>{video_track, audio_track}}) {
    MediaRing ring({tracks, 500});
    ring.set_ssrc(1);
    std::vector<Encoding> encodings;
    for (const TrackShape& track : tracks)
      encodings.push_back(track.encoding);
    StreamChecker checker(encodings);
    checker.push(stream(ring, 1000));
    ck_assert_uint_eq(checker.errors(), 0);
    ck_assert_uint_eq(checker.frames, 1000);
    ck_assert_uint_eq(checker.goodbyes, tracks.size());
    ck_assert_uint_ge(checker.reports, tracks.size());
  }
}

LAW(video_and_audio_of_a_second_are_in_the_order_of_time) {
  MediaRing ring({{{Encoding::kH264, 25, 400'000}, {Encoding::kAac, 50, 128'000}}, 500});
  std::string order;
  for (unsigned i = 0; i < 9; ++i) {
    ring.begin_frame();
    order += ring.packets(ring.packet_count() - 1, 1)[1] == 0 ? 'v' : 'a';
  }
  ASSERT_TEXT(std::string_view(order), "vaavaavaa");
}

LAW(batches_of_a_flood_are_the_frames_themselves) {
  MediaRing one(video(25, 400'000, 500));
  MediaRing many(video(25, 400'000, 500));
  Bytes batches;
  while (many.frames() < 50) {
    const ByteView batch = many.begin_frames(10'000);
    batches.insert(batches.end(), batch.begin(), batch.end());
  }
  const Bytes goodbye = many.goodbye();
  batches.insert(batches.end(), goodbye.begin(), goodbye.end());
  ck_assert_uint_eq(check(batches, 4096).errors(), 0);
  ck_assert_uint_eq(check(batches, 4096).frames, 50);
  ck_assert_uint_eq(batches.size(), stream(one, 50).size());
}

LAW(the_checker_counts_each_kind_of_damage) {
  MediaRing ring(video(25, 400'000, 500));
  const Bytes good = stream(ring, 1);
  // An SR of 32 bytes, then the SPS's and the PPS's packet, then the first fragment.
  const std::size_t sps = 32;
  const std::size_t pps = sps + 16 + make_sps(25).size();
  const std::size_t fragment = pps + 16 + make_pps().size();
  const std::size_t stamp = good.size() - 20 - kStampBytes;
  struct {
    std::size_t offset;
    std::uint8_t flip;
    std::uint64_t StreamChecker::*counter;
  } const cases[] = {
      {pps + 1, 0x04, &StreamChecker::framing_errors},
      {pps + 4, 0x40, &StreamChecker::rtp_errors},
      {pps + 5, 0x01, &StreamChecker::rtp_errors},
      {pps + 7, 0x01, &StreamChecker::sequence_gaps},
      {pps + 11, 0x01, &StreamChecker::rtp_errors},
      {fragment + 17, 0x80, &StreamChecker::fragment_errors},
      {fragment + 17, 0x40, &StreamChecker::fragment_errors},
      {stamp, 0x80, &StreamChecker::stamp_errors},
  };
  ck_assert_uint_eq(check(good, good.size()).errors(), 0);
  for (const auto& c : cases) {
    Bytes bad = good;
    bad[c.offset] ^= c.flip;
    ck_assert_msg(check(bad, bad.size()).*c.counter > 0, "byte %zu", c.offset);
  }
  ck_assert_uint_gt(check(ByteView(good).first(good.size() - 1), good.size()).errors(), 0);
}

LAW(stamps_come_back_as_written) {
  for (const std::uint64_t time : {std::uint64_t{0}, std::uint64_t{0x0123456789abcdef}, ~std::uint64_t{0}}) {
    std::uint8_t stamp[kStampBytes];
    std::uint64_t read = 1;
    write_stamp(stamp, time);
    ck_assert(read_stamp(stamp, read));
    ck_assert_uint_eq(read, time);
  }
}

LAW(the_dialogue_serves_tcp_only_wherever_requests_are_cut) {
  const std::string requests =
      "OPTIONS rtsp://h/x RTSP/1.0\r\nCSeq: 1\r\n\r\n"
      "DESCRIBE rtsp://h/x RTSP/1.0\r\nCSeq: 2\r\n\r\n"
      "SETUP rtsp://h/x/track1 RTSP/1.0\r\nCSeq: 3\r\nTransport: "
      "RTP/AVP;unicast;client_port=5000-5001\r\n\r\n"
      "PLAY rtsp://h/x/ RTSP/1.0\r\nCSeq: 4\r\n\r\n"
      "SETUP rtsp://h/x/track1 RTSP/1.0\r\nCSeq: 5\r\n"
      "Transport: RTP/AVP/UDP;unicast, RTP/AVP/TCP;unicast;interleaved=6-7\r\n\r\n"
      "PLAY rtsp://h/x/ RTSP/1.0\r\nCSeq: 6\r\n\r\n" +
      std::string("$\x07\x00\x04\r\n\r\n", 8) +
      "SET_PARAMETER rtsp://h/x/ RTSP/1.0\r\nCSeq: 7\r\nContent-Length: 4\r\n\r\nGET "
      "TEARDOWN rtsp://h/x/ RTSP/1.0\r\nCSeq: 8\r\n\r\n";
  for (std::size_t cut = 0; cut <= requests.size(); ++cut) {
    CameraDialogue dialogue("v=0\r\n", {900'000});
    ck_assert(dialogue.push(as_bytes(requests).first(cut)));
    ck_assert(dialogue.push(as_bytes(requests).subspan(cut)));
    std::string outcome;
    std::string replies = dialogue.take_replies();
    for (std::size_t at = 0; (at = replies.find("RTSP/1.0 ", at)) != std::string::npos; at += 9) {
      outcome += replies.substr(at + 9, 3) + " ";
    }
    ASSERT_TEXT(std::string_view(outcome), "200 200 461 455 200 200 200 200 ");
    ck_assert(replies.find("RTP-Info: url=rtsp://h/x/track1;seq=4711;") != std::string::npos);
    ck_assert(dialogue.playing() && dialogue.torn_down());
    ck_assert_int_eq(dialogue.channels()[0].rtp, 6);
    ck_assert_int_eq(dialogue.channels()[0].rtcp, 7);
  }
}

LAW(the_dialogue_bounds_what_it_keeps) {
  CameraDialogue endless("v=0\r\n", {});
  ck_assert(!endless.push(as_bytes("OPTIONS " + std::string(CameraDialogue::kMaxRequestBytes, 'x'))));
  CameraDialogue other("v=0\r\n", {});
  ck_assert(!other.push(as_bytes("GET / HTTP/1.1\r\n\r\n")));
}

LAW(only_a_flood_announces_its_length) {
  const MediaRing ring(video(25, 8'000'000, 1400));
  Load load;
  load.flood_bytes = 20 * ring.bytes_per_second();
  ck_assert(make_sdp(ring, load).find("a=range:npt=0-20.0") != std::string::npos);
  load.pace = Pace::kLink;
  ck_assert(make_sdp(ring, load).find("a=range:npt=now-\r\n") != std::string::npos);
}

}  // namespace

int main() {
  return retina::test::run_laws("bench_stream");
}
