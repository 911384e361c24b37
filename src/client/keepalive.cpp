#include "client/keepalive.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "base/ascii.h"

namespace retina::client {
namespace {

constexpr base::Duration kLongestInterval = std::chrono::seconds(30);
/// Half of the shortest timeout that can be written.
constexpr base::Duration kShortestInterval = std::chrono::milliseconds(500);

constexpr const char* kMethods[] = {"SET_PARAMETER", "GET_PARAMETER", "OPTIONS"};

bool contains(const std::vector<std::string>& methods, std::string_view method) {
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

}  // namespace

void KeepAlive::learn(const std::vector<std::string>& methods) {
  if (methods.empty()) return;
  known_.clear();
  for (const char* name : kMethods) {
    const bool offered = std::any_of(methods.begin(), methods.end(), [name](const std::string& method) {
      return base::equals_ignore_case(method, name);
    });
    if (offered) known_.emplace_back(name);
  }
  if (!contains(known_, "OPTIONS")) known_.emplace_back("OPTIONS");
  choose();
}

void KeepAlive::choose() {
  const std::vector<std::string> unknown = {"OPTIONS", "GET_PARAMETER"};
  candidates_.clear();
  for (const std::string& method : known_.empty() ? unknown : known_) {
    if (!contains(refused_, method) && !contains(closing_, method)) candidates_.push_back(method);
  }
  // What is left, be it unknown or refused.
  for (const char* method : kMethods) {
    if (candidates_.empty() && !contains(closing_, method)) candidates_.emplace_back(method);
  }
}

void KeepAlive::start(base::Duration session_timeout, base::TimePoint now) {
  interval_ = std::clamp(session_timeout / 2, kShortestInterval, kLongestInterval);
  due_ = now + interval_;
  running_ = true;
}

std::string KeepAlive::take(base::TimePoint now) {
  skip(now);
  return candidates_.front();
}

bool KeepAlive::on_refused(const std::string& method) {
  if (candidates_.size() == 1 || candidates_.front() != method) return false;
  refused_.push_back(method);
  candidates_.erase(candidates_.begin());
  return true;
}

bool KeepAlive::on_closed(const std::string& method) {
  if (std::find(std::begin(kMethods), std::end(kMethods), method) == std::end(kMethods)) return false;
  if (!contains(closing_, method)) closing_.push_back(method);
  // Then it wasn't the methods.
  if (closing_.size() == std::size(kMethods)) closing_.clear();
  choose();
  return true;
}

}  // namespace retina::client
