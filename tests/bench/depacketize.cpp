// What depacketizing costs by itself: packets that lie in memory, through the depacketizer of each payload
// format, and as the yardstick the same payloads through nothing but memcpy.
//
// Prints one line of JSON, or a table.

#include <time.h>

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

#include "arguments.h"
#include "codec/registry.h"
#include "json.h"
#include "packet_streams.h"
#include "usage.h"

namespace {

using namespace retina;
using bench::PacketStream;

/// Keeps what is given back, by size, as the element's pool of frames does: blocks stay mapped and warm.
class BlockPool final : public codec::FrameAllocator {
 public:
  ~BlockPool() override {
    for (Slab* slab : all_)
      delete slab;
  }
  Block allocate(std::size_t size_bytes) override {
    const unsigned shelf = static_cast<unsigned>(std::bit_width(size_bytes - 1));
    auto& free = free_.at(shelf);
    if (free.empty()) {
      all_.push_back(new Slab{shelf, std::make_unique<std::uint8_t[]>(std::size_t{1} << shelf)});
      free.push_back(all_.back());
    }
    Slab* slab = free.back();
    free.pop_back();
    return {{slab->bytes.get(), std::size_t{1} << shelf}, slab};
  }
  void release(void* owner) override {
    auto* slab = static_cast<Slab*>(owner);
    free_.at(slab->shelf).push_back(slab);
  }

 private:
  struct Slab {
    unsigned shelf;
    std::unique_ptr<std::uint8_t[]> bytes;
  };
  std::array<std::vector<Slab*>, 32> free_;
  std::vector<Slab*> all_;
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// One payload format, ready to run.
class Case {
 public:
  Case(PacketStream stream, std::unique_ptr<codec::Depacketizer> depacketizer, std::uint64_t bytes)
      : stream_(std::move(stream)),
        depacketizer_(std::move(depacketizer)),
        repetitions_(std::max<std::uint64_t>(1, bytes / stream_.bytes.size())) {
    std::size_t frame = 0;
    for (const PacketStream::Packet& packet : stream_.packets) {
      frame += packet.size;
      largest_ = std::max(largest_, frame);
      if (packet.marker) frame = 0;
    }
    destination_.resize(largest_);
  }

  const PacketStream& stream() const { return stream_; }
  std::uint64_t packets() const { return repetitions_ * stream_.packets.size(); }
  std::uint64_t bytes() const { return repetitions_ * stream_.bytes.size(); }

  /// Seconds of one round. `frames`: how many came out.
  double depacketize(std::uint64_t& frames) {
    const double begin = cpu_seconds();
    for (std::uint64_t i = 0; i < repetitions_; ++i)
      frames += once();
    return cpu_seconds() - begin;
  }

  /// The same bytes into one frame after the other, whose memory is there.
  double copy() {
    const double begin = cpu_seconds();
    for (std::uint64_t i = 0; i < repetitions_; ++i) {
      std::size_t at = 0;
      for (const PacketStream::Packet& packet : stream_.packets) {
        std::memcpy(destination_.data() + at, stream_.bytes.data() + packet.offset, packet.size);
        at = packet.marker ? 0 : at + packet.size;
      }
      // The compiler must not find out that nobody reads this.
      asm volatile("" : : "r"(destination_.data()) : "memory");
    }
    return cpu_seconds() - begin;
  }

 private:
  std::uint64_t once() {
    std::uint64_t frames = 0;
    codec::MediaPacket media;
    for (const PacketStream::Packet& packet : stream_.packets) {
      media.payload = stream_.payload(packet);
      media.timestamp = time_ + packet.timestamp;
      media.marker = packet.marker;
      ++media.sequence;
      if (!depacketizer_->push(media)) ++errors_;
      while (depacketizer_->pull())
        ++frames;
    }
    time_ += stream_.duration;
    return frames;
  }

 public:
  std::uint64_t errors() const { return errors_; }

 private:
  PacketStream stream_;
  std::unique_ptr<codec::Depacketizer> depacketizer_;
  std::uint64_t repetitions_;
  std::size_t largest_ = 0;
  base::Bytes destination_;
  std::int64_t time_ = 0;
  std::uint64_t errors_ = 0;
};

struct Figures {
  std::vector<std::uint64_t> rounds_ns;
  std::vector<std::uint64_t> copy_rounds_ns;
};

std::uint64_t median(std::vector<std::uint64_t> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double median_ratio(const Figures& figures) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < figures.rounds_ns.size(); ++i)
    ratios.push_back(static_cast<double>(figures.rounds_ns[i]) /
                     static_cast<double>(figures.copy_rounds_ns[i]));
  std::sort(ratios.begin(), ratios.end());
  return ratios[ratios.size() / 2];
}

/// Formats that nothing here depacketizes are left out.
std::vector<std::unique_ptr<Case>> make_cases(codec::FrameAllocator& allocator, std::uint64_t bytes,
                                              const std::string& only) {
  std::vector<std::unique_ptr<Case>> cases;
  for (PacketStream& stream : bench::packet_streams()) {
    if (stream.name.find(only) == std::string::npos) continue;
    std::vector<std::string> notes;
    auto made = codec::make_depacketizer(stream.media, {}, allocator, notes);
    if (made) cases.push_back(std::make_unique<Case>(std::move(stream), std::move(made).value(), bytes));
  }
  return cases;
}

/// Every frame comes out, of every repetition; the first one may be taken for one that was joined late.
bool is_sound(Case& tested) {
  std::uint64_t frames = 0;
  tested.depacketize(frames);
  const std::uint64_t expected = tested.packets() / tested.stream().packets.size() * tested.stream().frames;
  const bool sound = tested.errors() == 0 && frames <= expected && frames + 1 >= expected;
  if (!sound) {
    std::fprintf(stderr, "%s: %llu of %llu frames, %llu errors\n", tested.stream().name.c_str(),
                 static_cast<unsigned long long>(frames), static_cast<unsigned long long>(expected),
                 static_cast<unsigned long long>(tested.errors()));
  }
  return sound;
}

/// In each round every format, and its yardstick right before or after it.
std::vector<Figures> measure(const std::vector<std::unique_ptr<Case>>& cases, std::uint64_t rounds) {
  std::vector<Figures> figures(cases.size());
  const auto ns = [](double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); };
  for (std::uint64_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const std::size_t turn = (i + round) % cases.size();
      std::uint64_t frames = 0;
      double copied = round % 2 == 0 ? cases[turn]->copy() : 0;
      figures[turn].rounds_ns.push_back(ns(cases[turn]->depacketize(frames)));
      if (round % 2 != 0) copied = cases[turn]->copy();
      figures[turn].copy_rounds_ns.push_back(std::max<std::uint64_t>(1, ns(copied)));
    }
  }
  return figures;
}

struct Row {
  double bytes_per_packet, packets_per_frame, gb_per_second, ns_per_packet, copy_gb_per_second,
      copy_ns_per_packet, times_copy;
};

Row row_of(const Case& measured, const Figures& figures) {
  const auto bytes = static_cast<double>(measured.bytes());
  const auto packets = static_cast<double>(measured.packets());
  const auto time = static_cast<double>(median(figures.rounds_ns));
  const auto copy_time = static_cast<double>(median(figures.copy_rounds_ns));
  const PacketStream& stream = measured.stream();
  return {
      bytes / packets,      static_cast<double>(stream.packets.size()) / static_cast<double>(stream.frames),
      bytes / time,         time / packets,
      bytes / copy_time,    copy_time / packets,
      median_ratio(figures)};
}

void print_json(const std::vector<std::unique_ptr<Case>>& cases, const std::vector<Figures>& figures) {
  bench::JsonObject formats;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Row row = row_of(*cases[i], figures[i]);
    bench::JsonObject format;
    format.add("bytes_per_packet", row.bytes_per_packet)
        .add("packets_per_frame", row.packets_per_frame)
        .add("gb_per_second", row.gb_per_second)
        .add("ns_per_packet", row.ns_per_packet)
        .add("memcpy_gb_per_second", row.copy_gb_per_second)
        .add("memcpy_ns_per_packet", row.copy_ns_per_packet)
        .add("times_memcpy", row.times_copy)
        .add("rounds_ns", figures[i].rounds_ns)
        .add("memcpy_rounds_ns", figures[i].copy_rounds_ns);
    formats.add_object(cases[i]->stream().name, format);
  }
  bench::JsonObject().add_object("formats", formats).print();
}

void print_table(const std::vector<std::unique_ptr<Case>>& cases, const std::vector<Figures>& figures) {
  std::printf("%-28s %8s %8s %8s %10s %12s %8s\n", "format", "B/packet", "GB/s", "ns/packet", "memcpy GB/s",
              "memcpy ns/p", "x memcpy");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Row row = row_of(*cases[i], figures[i]);
    std::printf("%-28s %8.0f %8.2f %9.1f %11.2f %12.1f %8.2f\n", cases[i]->stream().name.c_str(),
                row.bytes_per_packet, row.gb_per_second, row.ns_per_packet, row.copy_gb_per_second,
                row.copy_ns_per_packet, row.times_copy);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(
      argc, argv, {{"rounds", true}, {"bytes", true}, {"format", true}, {"json", false}, {"check", false}});
  bench::limit_runtime(600);
  const bool check = arguments.has("check");
  BlockPool pool;
  const auto cases =
      make_cases(pool, arguments.number("bytes", check ? 3'000'000 : 300'000'000, 1, 1ULL << 40),
                 arguments.text("format", ""));
  bool sound = !cases.empty();
  for (const auto& tested : cases)
    sound = is_sound(*tested) && sound;
  if (check || !sound) return sound ? 0 : 1;
  const auto figures = measure(cases, arguments.number("rounds", 7, 1, 1000));
  arguments.has("json") ? print_json(cases, figures) : print_table(cases, figures);
  return 0;
}
