#include "io/background_connect.h"

#include <utility>

namespace retina::io {

BackgroundConnect::BackgroundConnect(std::function<Made(const Wakeup&)> connect)
    : thread_([this, connect = std::move(connect)] {
        made_.emplace(connect(stop_));
        done_.signal();
      }) {}

BackgroundConnect::~BackgroundConnect() {
  stop_.signal();
  thread_.join();
}

BackgroundConnect::Made BackgroundConnect::take() {
  return std::move(*made_);
}

}  // namespace retina::io
