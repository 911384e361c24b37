#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include "client/session_time.h"
#include "rtp/timeline.h"

namespace retina::test {

/// What the network does to each frame: nanoseconds beyond the least delay.
using NetworkDelay = std::function<double(std::mt19937_64&)>;

inline double uniform(std::mt19937_64& random, double low, double high) {
  // std::uniform_real_distribution isn't the same everywhere.
  return low + (high - low) * static_cast<double>(random() >> 11) * 0x1p-53;
}
inline NetworkDelay no_jitter() {
  return [](std::mt19937_64&) { return 0.0; };
}
/// Most frames are quick, some wait long: exponential, cut at `most_ms`.
inline NetworkDelay queueing(double mean_ms, double most_ms) {
  return [=](std::mt19937_64& random) {
    return std::min(-mean_ms * std::log(1 - uniform(random, 0, 1)), most_ms) * 1e6;
  };
}
/// The worst case: any delay up to `most_ms` is as likely as another.
inline NetworkDelay even(double most_ms) {
  return [=](std::mt19937_64& random) { return uniform(random, 0, most_ms) * 1e6; };
}

/// One stream of a simulated camera.
struct SimulatedStream {
  std::uint32_t rate_hz = 90000;
  double interval = 0.04;     ///< s, on the camera's clock
  double encoding_delay = 0;  ///< s, from the capture to the first byte
  double media_ppm = 0;       ///< of its media clock against the camera's clock
  std::uint32_t first_rtp = 0;
  client::StreamClock::Order order = client::StreamClock::Order::kRising;
};

/// A camera, the network and our clock.
struct Simulation {
  std::uint64_t seed = 1;
  double seconds = 60;
  std::vector<SimulatedStream> streams{SimulatedStream{}};
  /// Of the camera's clock against ours, at a moment of ours (s).
  std::function<double(double)> drift_ppm = [](double) { return 0.0; };
  double least_delay = 0.02;  ///< s
  NetworkDelay jitter = no_jitter();
  double stall_every = 0;   ///< s; 0: never
  double stall_length = 1;  ///< s
  double report_every = 5;  ///< s; 0: no sender reports
  double report_first = 2;  ///< s, of the first stream; each further one comes 0.7 s later
  /// The NTP seconds (since 1900, with fractions) that a report of a stream says; camera time in s.
  std::function<double(std::size_t stream, double camera)> report_ntp = [](std::size_t, double camera) {
    return 3'900'000'000.0 + camera;
  };
  /// Spoils the media clock: frame number and the right 64-bit timestamp in, what the camera sends out.
  std::function<std::int64_t(std::size_t stream, std::uint64_t number, std::int64_t timestamp)> spoil;
};

/// One frame as it came out.
struct SimulatedFrame {
  std::size_t stream;
  double captured;  ///< s, on our clock
  double arrived;   ///< s
  double ideal;     ///< s: the capture and the least delay of its stream
  std::int64_t timestamp;
  client::FrameTimes times;

  static double seconds(base::TimePoint time) {
    return static_cast<double>((time.time_since_epoch() - kStart).count()) * 1e-9;
  }
  double live() const { return seconds(times.live); }
  double error() const { return live() - ideal; }
  /// How much later than its capture it is shown.
  double behind() const { return live() - captured; }

  static constexpr base::Duration kStart = std::chrono::hours(5);
};

/// Plays a simulation through a SessionTime, frame by frame in the order of the arrivals; every frame goes to
/// `see`.
class Simulator {
 public:
  explicit Simulator(Simulation simulation) : simulation_(std::move(simulation)), random_(simulation_.seed) {
    std::vector<client::StreamClock> clocks;
    for (const SimulatedStream& stream : simulation_.streams) {
      clocks.push_back({stream.rate_hz, stream.order, false});
      states_.emplace_back();
    }
    time_.emplace(clocks);
  }

  client::SessionTime& session() { return *time_; }

  template <class See>
  void run(const See& see) {
    for (std::size_t i = 0; i < states_.size(); ++i)
      schedule(i);
    for (;;) {
      const std::size_t next = earliest();
      State& state = states_[next];
      if (state.captured > simulation_.seconds) return;
      report(next);
      see(deliver(next));
      ++state.number;
      schedule(next);
    }
  }

 private:
  struct State {
    std::uint64_t number = 0;
    double camera = 0;    // s, of the frame that comes next
    double captured = 0;  // s, ours
    double arrival = 0;
    double next_report = -1;
    std::int64_t first_sent = 0;
  };

  static base::TimePoint at(double seconds) {
    return base::TimePoint(SimulatedFrame::kStart + base::Duration(std::llround(seconds * 1e9)));
  }

  std::size_t earliest() const {
    std::size_t best = 0;
    for (std::size_t i = 1; i < states_.size(); ++i) {
      if (states_[i].arrival < states_[best].arrival) best = i;
    }
    return best;
  }

  /// Advances to the stream's next frame: when it is captured, and when it comes.
  void schedule(std::size_t number) {
    State& state = states_[number];
    const SimulatedStream& stream = simulation_.streams[number];
    const double before = state.camera;
    state.camera = static_cast<double>(state.number) * stream.interval;
    // The camera's clock passes 1 + drift seconds in a second of ours.
    state.captured += (state.camera - before) / (1 + simulation_.drift_ppm(state.captured) * 1e-6);
    double arrival =
        state.captured + stream.encoding_delay + simulation_.least_delay + simulation_.jitter(random_) * 1e-9;
    if (simulation_.stall_every > 0) {
      const double phase = std::fmod(arrival, simulation_.stall_every);
      const double begin = simulation_.stall_every - simulation_.stall_length;
      if (phase > begin) arrival += simulation_.stall_every - phase;
    }
    state.arrival = std::max(arrival, state.arrival);  // TCP keeps the order
  }

  std::int64_t right_timestamp(std::size_t number, double camera) const {
    const SimulatedStream& stream = simulation_.streams[number];
    return stream.first_rtp +
           std::llround(camera * (1 + stream.media_ppm * 1e-6) * static_cast<double>(stream.rate_hz));
  }

  void report(std::size_t number) {
    State& state = states_[number];
    if (simulation_.report_every <= 0 || state.number == 0) return;
    if (state.next_report < 0)
      state.next_report = simulation_.report_first + 0.7 * static_cast<double>(number);
    if (state.camera < state.next_report) return;
    state.next_report += simulation_.report_every;
    const double ntp = simulation_.report_ntp(number, state.camera);
    const double whole = std::floor(ntp);
    const std::uint64_t word =
        (static_cast<std::uint64_t>(whole) << 32) + static_cast<std::uint64_t>((ntp - whole) * 0x1p32);
    time_->on_report(number, word,
                     static_cast<std::uint32_t>(right_timestamp(number, state.camera) + offset(number)));
  }

  /// What `spoil` has made of the latest timestamp.
  std::int64_t offset(std::size_t number) const { return offsets_.size() > number ? offsets_[number] : 0; }

  SimulatedFrame deliver(std::size_t number) {
    State& state = states_[number];
    const SimulatedStream& stream = simulation_.streams[number];
    const std::int64_t right = right_timestamp(number, state.camera);
    const std::int64_t sent = simulation_.spoil ? simulation_.spoil(number, state.number, right) : right;
    offsets_.resize(states_.size());
    offsets_[number] = sent - right;
    timelines_.resize(states_.size(), rtp::Timeline(stream.rate_hz));
    if (state.number == 0) timelines_[number] = rtp::Timeline(stream.rate_hz);
    const auto placed = timelines_[number].place(static_cast<std::uint32_t>(sent));

    SimulatedFrame frame{};
    frame.stream = number;
    frame.captured = state.captured;
    frame.arrived = state.arrival;
    frame.ideal = state.captured + stream.encoding_delay + simulation_.least_delay;
    frame.timestamp = placed.extended;
    frame.times = time_->place(number, placed.extended, at(state.arrival), placed.jumped, std::nullopt);
    return frame;
  }

  Simulation simulation_;
  std::mt19937_64 random_;
  std::vector<State> states_;
  std::vector<std::int64_t> offsets_;
  std::vector<rtp::Timeline> timelines_;
  std::optional<client::SessionTime> time_;
};

/// How far frames were from where they belong.
struct ErrorMeter {
  double after = 10;  ///< s: from then on
  double squares = 0;
  double most = 0;
  std::uint64_t count = 0;

  void add(double when, double error) {
    if (when < after) return;
    squares += error * error;
    most = std::max(most, std::abs(error));
    ++count;
  }
  double rms() const { return count > 0 ? std::sqrt(squares / static_cast<double>(count)) : 0; }
};

}  // namespace retina::test
