// Packets that come in any order, twice, late or as retransmissions leave the reorder window in order and
// each once; what it waits for is what it lacks, and requests for that can be read.

#include <vector>

#include "client/retransmission_request.h"
#include "fuzz/fuzz.h"
#include "rtp/packet.h"
#include "rtp/retransmission.h"
#include "rtp/rtcp.h"
#include "rtp/sequence.h"

namespace {

using namespace retina;

constexpr std::uint32_t kSsrc = 0xCAFE;
constexpr std::size_t kPackets = 64;
constexpr base::Duration kTime = std::chrono::milliseconds(20);

class Stream {
 public:
  Stream() { request_.offer(kTime); }

  void pass(base::Duration time) {
    now_ += time;
    window_.on_time(now_);
    drain();
    if (request_.on_time(window_, now_)) ask();
    const auto due = window_.deadline();
    FUZZ_REQUIRE(!due || *due > now_);
  }

  void take(base::ByteView packet) {
    if (packet.size() < rtp::kFixedHeaderBytes) return;
    const bool own = base::load_be32(packet.data() + 8) == kSsrc;
    const auto verdict = window_.push(packet, now_);
    if (verdict == rtp::ReorderWindow::Verdict::kPass && own) leave(base::load_be16(packet.data() + 2));
    ordered_ = ordered_ && own;
    drain();
    check_missing();
    if (verdict == rtp::ReorderWindow::Verdict::kHeld) request_.on_waiting(window_, now_);
  }

 private:
  void leave(std::uint16_t sequence) {
    const int step = latest_ ? rtp::sequence_delta(*latest_, sequence) : 1;
    const bool near = step < rtp::SequenceTracker::kMaxDropout && step > -rtp::SequenceTracker::kMaxMisorder;
    // Far off ones pass untouched, for others to judge, and what follows them may be where the window goes
    // on.
    ordered_ = ordered_ && near;
    FUZZ_REQUIRE(!ordered_ || step > 0);
    latest_ = sequence;
  }

  void drain() {
    while (const auto held = window_.pop()) {
      FUZZ_REQUIRE(now_ - held->arrival <= longest_);
      if (base::load_be32(held->bytes.data() + 8) == kSsrc) leave(base::load_be16(held->bytes.data() + 2));
    }
  }

  void check_missing() {
    std::vector<std::uint16_t> missing;
    window_.list_missing(missing, client::RetransmissionRequest::kMost);
    FUZZ_REQUIRE(missing.size() < kPackets);
    for (std::size_t i = 1; i < missing.size(); ++i)
      FUZZ_REQUIRE(rtp::sequence_delta(missing[i - 1], missing[i]) > 0);
    const auto latest = window_.latest_missing();
    FUZZ_REQUIRE(latest.has_value() == !missing.empty());
    FUZZ_REQUIRE(!latest || *latest == missing.back());
  }

  void ask() {
    base::Bytes report;
    request_.append(report, 1, kSsrc);
    rtp::CompoundReader reader(report);
    const auto packet = reader.next();
    FUZZ_REQUIRE(packet && *packet && (*packet)->type == rtp::kTransportFeedbackType);
    FUZZ_REQUIRE((*packet)->body.size() >= 12 && (*packet)->body.size() <= 8 + 4 * kPackets);
  }

  rtp::ReorderWindow window_{kTime, kPackets};
  client::RetransmissionRequest request_;
  base::TimePoint now_{};
  base::Duration longest_ = kTime + std::chrono::milliseconds(255);  // on_time() comes by steps of so much
  std::optional<std::uint16_t> latest_;
  bool ordered_ = true;  // all so far were of one source, and near to each other
};

}  // namespace

/// Every four bytes: what happens, a sequence number, and milliseconds or a size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Stream stream;
  base::Bytes restored;
  for (base::ByteView bytes(data, size); bytes.size() >= 4; bytes = bytes.subspan(4)) {
    base::Bytes packet(12 + bytes[3] % 32, bytes[3]);
    packet[0] = bytes[0] & 4 ? bytes[3] : 0x80;
    base::store_be16(packet.data() + 2, base::load_be16(bytes.data() + 1));
    base::store_be32(packet.data() + 8, (bytes[0] & 8) != 0 ? kSsrc + 1 : kSsrc);
    switch (bytes[0] & 3) {
      case 0:
        stream.pass(std::chrono::milliseconds(bytes[3]));
        break;
      case 1:
        if (rtp::restore_original(packet, 96, kSsrc, restored)) {
          FUZZ_REQUIRE(restored.size() >= 12 && restored.size() + 2 <= packet.size());
          FUZZ_REQUIRE(rtp::parse_packet(restored).has_value());
          stream.take(restored);
        }
        break;
      default:
        stream.take(packet);
    }
  }
  return 0;
}
