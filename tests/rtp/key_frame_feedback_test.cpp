// Requests for key frames, byte for byte.

#include "rtp/key_frame_feedback.h"

#include "rtp/rtcp.h"
#include "support/check.h"

namespace {

using namespace retina;

LAW(a_picture_loss_names_who_asks_and_the_source) {
  base::Bytes bytes{1, 2, 3, 4};
  rtp::append_picture_loss(bytes, 0x11223344, 0xAABBCCDD);
  const base::Bytes expected{1,    2,   3, 4,  // what stood there before
                             0x81, 206, 0, 2, 0x11, 0x22, 0x33, 0x44, 0xAA, 0xBB, 0xCC, 0xDD};
  ck_assert(bytes == expected);
}

LAW(a_full_intra_request_has_its_source_and_number_in_its_entry) {
  base::Bytes bytes;
  rtp::append_full_intra_request(bytes, 0x11223344, 0xAABBCCDD, 255);
  const base::Bytes expected{0x84, 206, 0,    4,    0x11, 0x22, 0x33, 0x44, 0, 0,
                             0,    0,   0xAA, 0xBB, 0xCC, 0xDD, 255,  0,    0, 0};
  ck_assert(bytes == expected);
}

LAW(readers_of_compounds_find_both) {
  base::Bytes bytes;
  rtp::append_picture_loss(bytes, 1, 2);
  rtp::append_full_intra_request(bytes, 1, 2, 3);
  rtp::CompoundReader reader(bytes);
  for (const auto& [format, size] : {std::pair{1U, 8U}, {4U, 16U}}) {
    const auto packet = reader.next();
    ck_assert(packet.has_value() && packet->has_value());
    ck_assert_uint_eq((*packet)->type, rtp::kPayloadFeedbackType);
    ck_assert_uint_eq((*packet)->count, format);
    ck_assert_uint_eq((*packet)->body.size(), size);
  }
  const auto end = reader.next();
  ck_assert(end.has_value() && !end->has_value());
}

}  // namespace

int main() {
  return retina::test::run_laws("key_frame_feedback");
}
