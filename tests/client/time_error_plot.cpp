// Draws how far the times of a simulated camera's frames are from where they belong: docs/time-error.svg.
//
//   build/tests/time-error-plot > docs/time-error.svg

#include <array>
#include <cstdio>
#include <vector>

#include "client/simulated_camera.h"

namespace {

using namespace retina::test;

constexpr double kWidth = 720;
constexpr double kHeight = 170;
constexpr double kLeft = 60;
constexpr double kMostMs = 25;

struct Curve {
  const char* name;
  const char* color;
  Simulation simulation;
};

struct Panel {
  double top;
  double seconds;
  double tick_seconds;
  const char* unit;
  double unit_seconds;
  const char* title;
};

double x_of(const Panel& panel, double seconds) {
  return kLeft + seconds / panel.seconds * kWidth;
}
double y_of(const Panel& panel, double ms) {
  return panel.top + kHeight / 2 - std::clamp(ms, -kMostMs, kMostMs) / kMostMs * kHeight / 2;
}

void draw_axes(const Panel& panel) {
  std::printf("<text x='%g' y='%g' font-weight='bold'>%s</text>\n", kLeft, panel.top - 10, panel.title);
  std::printf("<rect x='%g' y='%g' width='%g' height='%g' fill='none' stroke='#888'/>\n", kLeft, panel.top,
              kWidth, kHeight);
  for (const double ms : {-20.0, -10.0, 0.0, 10.0, 20.0}) {
    std::printf("<line x1='%g' x2='%g' y1='%g' y2='%g' stroke='%s'/>\n", kLeft, kLeft + kWidth,
                y_of(panel, ms), y_of(panel, ms), std::abs(ms) == 20 ? "#c66" : "#ddd");
    std::printf("<text x='%g' y='%g' text-anchor='end'>%g ms</text>\n", kLeft - 6, y_of(panel, ms) + 4, ms);
  }
  for (double at = 0; at <= panel.seconds; at += panel.tick_seconds) {
    std::printf("<text x='%g' y='%g' text-anchor='middle'>%g %s</text>\n", x_of(panel, at),
                panel.top + kHeight + 16, at / panel.unit_seconds, panel.unit);
  }
}

/// The least and the greatest error in each pixel's time.
void draw_curve(const Panel& panel, Curve curve) {
  curve.simulation.seconds = panel.seconds;
  struct Bin {
    double low = 1e9, high = -1e9;
  };
  std::vector<Bin> bins(static_cast<std::size_t>(kWidth) + 1);
  Simulator(curve.simulation).run([&](const SimulatedFrame& frame) {
    Bin& bin = bins[static_cast<std::size_t>(frame.captured / panel.seconds * kWidth)];
    bin.low = std::min(bin.low, frame.error() * 1e3);
    bin.high = std::max(bin.high, frame.error() * 1e3);
  });
  std::printf("<polygon fill='%s' fill-opacity='0.5' stroke='%s' points='", curve.color, curve.color);
  for (std::size_t i = 0; i < bins.size(); ++i) {
    if (bins[i].low <= bins[i].high)
      std::printf("%.1f,%.1f ", kLeft + static_cast<double>(i), y_of(panel, bins[i].high));
  }
  for (std::size_t i = bins.size(); i-- > 0;) {
    if (bins[i].low <= bins[i].high)
      std::printf("%.1f,%.1f ", kLeft + static_cast<double>(i), y_of(panel, bins[i].low));
  }
  std::printf("'/>\n");
}

Curve curve(const char* name, const char* color, double ppm, NetworkDelay jitter) {
  Curve made{name, color, {}};
  made.simulation.seed = 7;
  made.simulation.drift_ppm = [ppm](double) { return ppm; };
  made.simulation.jitter = std::move(jitter);
  made.simulation.stall_every = 97;
  return made;
}

}  // namespace

int main() {
  const std::array<Panel, 2> panels = {
      Panel{70, 120, 20, "s", 1, "The first two minutes"},
      Panel{310, 24 * 3600.0, 4 * 3600.0, "h", 3600, "A day"},
  };
  const std::array<Curve, 3> curves = {
      curve("any delay to 200 ms, +500 ppm", "#e0a030", 500, even(200)),
      curve("queueing (mean 30, most 200 ms), +500 ppm", "#3060c0", 500, queueing(30, 200)),
      curve("queueing, -500 ppm", "#30a060", -500, queueing(30, 200)),
  };
  std::printf(
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 800 510' font-family='sans-serif' "
      "font-size='12'>\n<rect width='800' height='510' fill='white'/>\n");
  double x = kLeft;
  for (const Curve& each : curves) {
    std::printf("<rect x='%g' y='14' width='12' height='12' fill='%s'/><text x='%g' y='25'>%s</text>\n", x,
                each.color, x + 17, each.name);
    x += 17 + 7 * static_cast<double>(std::char_traits<char>::length(each.name));
  }
  for (const Panel& panel : panels) {
    draw_axes(panel);
    for (const Curve& each : curves)
      draw_curve(panel, each);
  }
  std::printf("</svg>\n");
}
