#include "io/wakeup.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace retina::io {

Wakeup::Wakeup() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  // Without it nothing could be cancelled; a process that has no descriptor left can't open a socket either.
  if (fd_ < 0) {
    std::perror("retina: eventfd");
    std::abort();
  }
}

Wakeup::~Wakeup() {
  ::close(fd_);
}

void Wakeup::signal() {
  signalled_.store(true, std::memory_order_release);
  const std::uint64_t one = 1;
  // EAGAIN: the counter is at its limit, so the descriptor is readable already.
  [[maybe_unused]] const ssize_t written = ::write(fd_, &one, sizeof one);
}

void Wakeup::clear() {
  signalled_.store(false, std::memory_order_release);
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(fd_, &count, sizeof count);
}

}  // namespace retina::io
