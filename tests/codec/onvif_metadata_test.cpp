#include "codec/onvif_metadata.h"

#include <string>
#include <vector>

#include "codec/packet_feeder.h"

namespace {

using namespace retina;
using namespace retina::test;
using base::Bytes;
using codec::OnvifCompression;

using Feeder = PacketFeeder<codec::OnvifMetadataDepacketizer>;

std::string document(int number, std::size_t padding = 0, bool declared = true) {
  return std::string(declared ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" : "") +
         "<tt:MetadataStream xmlns:tt=\"http://www.onvif.org/ver10/schema\"><tt:Event n=\"" +
         std::to_string(number) + "\"/>" + std::string(padding, ' ') + "</tt:MetadataStream>\n";
}

std::string text(const Feeder::Got& got) {
  return std::string(base::as_text(got.bytes));
}

/// One document in packets of `most` bytes, the last one with the marker.
void push_document(Feeder& feeder, const std::string& text, std::int64_t timestamp, std::size_t most = 1400) {
  for (std::size_t at = 0; at < text.size(); at += most)
    ck_assert(feeder.push(text.substr(at, most), timestamp, at + most >= text.size()));
}

LAW(the_name_tells_the_compression) {
  struct {
    const char* name;
    std::optional<OnvifCompression> compression;
  } const cases[] = {
      {"vnd.onvif.metadata", OnvifCompression::kNone},
      {"VND.ONVIF.METADATA", OnvifCompression::kNone},
      {"vnd.onvif.metadata.gzip", OnvifCompression::kGzip},
      {"vnd.onvif.metadata.exi.onvif", OnvifCompression::kExiOnvif},
      {"vnd.onvif.metadata.exi.ext", OnvifCompression::kExiExt},
      {"vnd.onvif.metadata.zip", std::nullopt},
      {"vnd.onvif", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& c : cases) {
    sdp::Media media;
    media.encoding_name = c.name;
    ck_assert_msg(codec::onvif_compression(media) == c.compression, "%s", c.name);
  }
}

LAW(a_document_comes_out_whole_wherever_it_is_cut) {
  const std::string whole = document(1, 20);
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    Feeder feeder(OnvifCompression::kNone);
    ck_assert(feeder.push(whole.substr(0, cut), 4500));
    ck_assert(feeder.frames.empty());
    ck_assert(feeder.push(whole.substr(cut), 4500, true));
    ck_assert_uint_eq(feeder.frames.size(), 1);
    ASSERT_TEXT(text(feeder.frames[0]), whole);
    const codec::Frame& meta = feeder.frames[0].meta;
    ck_assert_int_eq(meta.timestamp, 4500);
    ck_assert(meta.key_frame && !meta.discontinuity && !meta.corrupted && meta.duration == 0);
    ck_assert(meta.arrival == Feeder::arrival_of(2));
  }
}

LAW(timestamps_within_a_document_mean_nothing) {
  const std::string whole = document(1, 100);
  Feeder feeder(OnvifCompression::kNone);
  ck_assert(feeder.push(whole.substr(0, 50), 100));
  ck_assert(feeder.push(whole.substr(50, 50), 200));
  ck_assert(feeder.push(whole.substr(100), 300, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ASSERT_TEXT(text(feeder.frames[0]), whole);
  ck_assert_int_eq(feeder.frames[0].meta.timestamp, 100);
}

LAW(without_markers_the_next_document_ends_the_one_before) {
  for (const bool declared : {true, false}) {
    Feeder feeder(OnvifCompression::kNone);
    for (int i = 0; i < 3; ++i) {
      const std::string whole = document(i, 100, declared);
      ck_assert(feeder.push(whole.substr(0, 70), i * 90));
      ck_assert(feeder.push(whole.substr(70), i * 90));
    }
    ck_assert_uint_eq(feeder.frames.size(), 2);
    feeder.depacketizer.flush();
    feeder.pull();
    ck_assert_uint_eq(feeder.frames.size(), 3);
    for (int i = 0; i < 3; ++i) {
      const auto& got = feeder.frames[static_cast<std::size_t>(i)];
      ASSERT_TEXT(text(got), document(i, 100, declared));
      ck_assert_int_eq(got.meta.timestamp, i * 90);
      ck_assert(got.meta.arrival == Feeder::arrival_of(2 * i + 2));
    }
  }
}

LAW(a_root_element_in_a_packet_of_its_own_belongs_to_the_declaration_before_it) {
  Feeder feeder(OnvifCompression::kNone);
  for (int i = 0; i < 2; ++i) {
    ck_assert(feeder.push("<?xml version=\"1.0\"?>", i * 90));
    ck_assert(feeder.push(document(i, 0, false), i * 90, true));
  }
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ASSERT_TEXT(text(feeder.frames[1]), "<?xml version=\"1.0\"?>" + document(1, 0, false));
}

LAW(a_document_that_was_never_closed_is_dropped_when_the_next_one_begins) {
  Feeder feeder(OnvifCompression::kNone);
  ck_assert(feeder.push("<?xml version=\"1.0\"?><tt:MetadataStream>cut", 0));
  push_document(feeder, document(1), 90);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ASSERT_TEXT(text(feeder.frames[0]), document(1));
  ck_assert(feeder.frames[0].meta.discontinuity);
  ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 1);
}

LAW(the_end_of_a_document_never_passes_for_one) {
  for (const bool declared : {true, false}) {
    const std::string damaged = document(1, 300, declared);
    for (std::size_t lost = 0; lost < damaged.size(); lost += 50) {
      Feeder feeder(OnvifCompression::kNone);
      push_document(feeder, document(0, 0, declared), 0);
      std::uint32_t missing = 0;
      for (std::size_t at = 0; at < damaged.size(); at += 50) {
        if (at == lost) {
          missing = 1;
          continue;
        }
        feeder.push(damaged.substr(at, 50), 90, at + 50 >= damaged.size(), std::exchange(missing, 0));
      }
      const std::string next = document(2, 100, declared);
      feeder.push(next.substr(0, 80), 180, false, std::exchange(missing, 0));
      feeder.push(next.substr(80), 180, true);
      ck_assert_uint_eq(feeder.frames.size(), 2);
      ASSERT_TEXT(text(feeder.frames[0]), document(0, 0, declared));
      ASSERT_TEXT(text(feeder.frames[1]), next);
      ck_assert(feeder.frames[1].meta.discontinuity);
      ck_assert_uint_eq(feeder.frames[1].meta.packets_lost, 1);
      ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 1);
    }
  }
}

LAW(a_loss_between_two_documents_leaves_both_whole) {
  Feeder feeder(OnvifCompression::kNone);
  push_document(feeder, document(0), 0);
  ck_assert(feeder.push(document(2), 180, true, 4));
  push_document(feeder, document(3), 270);
  ck_assert_uint_eq(feeder.frames.size(), 3);
  ck_assert(feeder.frames[1].meta.discontinuity && !feeder.frames[2].meta.discontinuity);
  ck_assert_uint_eq(feeder.frames[1].meta.packets_lost, 4);
  ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 0);
}

LAW(a_root_element_after_a_loss_may_have_lost_its_declaration) {
  Feeder feeder(OnvifCompression::kNone);
  push_document(feeder, document(0), 0);
  ck_assert(feeder.push(document(1, 0, false), 90, true, 1));
  push_document(feeder, document(2), 180);
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ASSERT_TEXT(text(feeder.frames[1]), document(2));
}

LAW(a_stream_that_is_joined_within_a_document_begins_with_the_next_one) {
  for (const char* rest : {"/></tt:MetadataStream>", "</tt:MetadataStream>", "="}) {
    Feeder feeder(OnvifCompression::kNone);
    ck_assert(feeder.push(rest, 0, true));
    push_document(feeder, document(1), 90);
    ck_assert_uint_eq(feeder.frames.size(), 1);
    ASSERT_TEXT(text(feeder.frames[0]), document(1));
  }
}

LAW(any_element_may_be_the_root_of_the_first_document) {
  for (const char* start :
       {"<Envelope/>", "\xEF\xBB\xBF<?xml version='1.0'?><a/>", "\r\n <tt:MetaDataStream/>"}) {
    Feeder feeder(OnvifCompression::kNone);
    ck_assert(feeder.push(start, 0, true));
    ck_assert_uint_eq(feeder.frames.size(), 1);
    ASSERT_TEXT(text(feeder.frames[0]), start);
  }
}

LAW(after_a_reset_only_a_certain_begin_is_taken) {
  Feeder feeder(OnvifCompression::kNone);
  ck_assert(feeder.push(document(0).substr(0, 60), 0));
  feeder.depacketizer.reset();
  ck_assert(feeder.push("<tt:Event/></tt:MetadataStream>", 0, true));
  push_document(feeder, document(1), 90);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ASSERT_TEXT(text(feeder.frames[0]), document(1));
  ck_assert(feeder.frames[0].meta.discontinuity);
}

LAW(an_empty_packet_adds_nothing_and_its_marker_counts) {
  Feeder feeder(OnvifCompression::kNone);
  ck_assert(feeder.push("", 0) && feeder.push("", 0, true));
  ck_assert(feeder.push(document(0), 90) && feeder.push("", 90) && feeder.push("", 90, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ASSERT_TEXT(text(feeder.frames[0]), document(0));
  ck_assert(feeder.frames[0].meta.arrival == Feeder::arrival_of(5));
}

LAW(flush_gives_what_is_whole_and_nothing_else) {
  Feeder cut(OnvifCompression::kNone);
  ck_assert(cut.push(document(0).substr(0, 60), 0));
  cut.depacketizer.flush();
  cut.pull();
  ck_assert(cut.frames.empty());
  ck_assert_uint_eq(cut.depacketizer.frames_dropped(), 1);
}

LAW(a_document_above_the_bound_is_an_error_and_the_next_one_is_whole) {
  Feeder feeder(OnvifCompression::kNone);
  const std::string piece(1 << 20, 'x');
  ck_assert(feeder.push("<?xml?>", 0));
  int refused = 0;
  for (int i = 0; i < 20; ++i) {
    if (!feeder.push(piece, 0)) ++refused;
    ck_assert_uint_le(feeder.depacketizer.progress().size_bytes, codec::FrameWriter::kMaxFrameBytes);
  }
  ck_assert_int_eq(refused, 1);
  ck_assert(feeder.error.code == base::ErrorCode::kTooLarge);
  ck_assert(feeder.push("</tt:MetadataStream>", 0, true));
  push_document(feeder, document(1), 90);
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ASSERT_TEXT(text(feeder.frames[0]), document(1));
  ck_assert_uint_eq(feeder.depacketizer.frames_dropped(), 1);
}

// --- compressed documents ---

Bytes gzip(unsigned number) {
  Bytes bytes = sample_bytes(300, number);
  const Bytes header{0x1F, 0x8B, 8, 0};
  std::copy(header.begin(), header.end(), bytes.begin());
  return bytes;
}

LAW(gzip_documents_begin_with_their_header) {
  Feeder feeder(OnvifCompression::kGzip);
  ck_assert(feeder.push(sample_bytes(100), 0, true));  // joined within one
  const Bytes first = gzip(1);
  ck_assert(feeder.push(base::ByteView(first).first(100), 90));
  ck_assert(feeder.push(base::ByteView(first).subspan(100), 90, true));
  ck_assert(feeder.push(sample_bytes(100), 180, true, 1));  // the rest of one
  ck_assert(feeder.push(gzip(2), 270, true, 1));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert(feeder.frames[0].bytes == first && feeder.frames[1].bytes == gzip(2));
}

LAW(a_gzip_header_within_a_document_is_data_unless_the_timestamp_is_another) {
  Feeder feeder(OnvifCompression::kGzip);
  ck_assert(feeder.push(gzip(1), 0) && feeder.push(gzip(2), 0));
  ck_assert(feeder.push(sample_bytes(10), 45));
  ck_assert(feeder.push(gzip(3), 90, true));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert_uint_eq(feeder.frames[0].bytes.size(), 610);
  ck_assert(feeder.frames[1].bytes == gzip(3));
}

LAW(exi_after_a_loss_waits_for_a_cookie_or_the_document_after_a_marker) {
  const Bytes plain{0x80, 1, 2, 3};
  const Bytes cookie{'$', 'E', 'X', 'I', 0x80, 4};
  for (const auto compression : {OnvifCompression::kExiOnvif, OnvifCompression::kExiExt}) {
    Feeder feeder(compression);
    ck_assert(feeder.push(plain, 0, true));
    ck_assert(feeder.push(plain, 90, true, 1));  // may be the end of one
    ck_assert(feeder.push(plain, 180, true));
    ck_assert(feeder.push(cookie, 270, true, 1));
    ck_assert_uint_eq(feeder.frames.size(), 3);
    ck_assert_int_eq(feeder.frames[1].meta.timestamp, 180);
    ck_assert_int_eq(feeder.frames[2].meta.timestamp, 270);
    ck_assert(feeder.frames[2].bytes == cookie);
  }
}

LAW(exi_without_markers_ends_with_the_timestamp) {
  Feeder feeder(OnvifCompression::kExiOnvif);
  const Bytes plain{0x80, 1, 2, 3};
  for (int i = 0; i < 3; ++i)
    ck_assert(feeder.push(plain, i * 90) && feeder.push(plain, i * 90));
  ck_assert_uint_eq(feeder.frames.size(), 2);
  ck_assert_uint_eq(feeder.frames[1].bytes.size(), 8);
}

LAW(an_exi_stream_joined_within_a_document_begins_with_the_next_one) {
  Feeder feeder(OnvifCompression::kExiOnvif);
  ck_assert(feeder.push(Bytes{0x12, 0x34}, 0, true));
  ck_assert(feeder.push(Bytes{0x80, 1}, 90, true));
  ck_assert_uint_eq(feeder.frames.size(), 1);
  ck_assert_int_eq(feeder.frames[0].meta.timestamp, 90);
}

}  // namespace

int main() {
  return retina::test::run_laws("onvif_metadata");
}
