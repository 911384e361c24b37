#include "client/keepalive.h"

#include <algorithm>

#include "base/ascii.h"

namespace retina::client {
namespace {

constexpr base::Duration kLongestInterval = std::chrono::seconds(30);
/// Half of the shortest timeout that can be written.
constexpr base::Duration kShortestInterval = std::chrono::milliseconds(500);

}  // namespace

void KeepAlive::learn(const std::vector<std::string>& methods) {
  if (methods.empty()) return;
  const auto offered = [&methods](const char* name) {
    return std::any_of(methods.begin(), methods.end(),
                       [name](const std::string& method) { return base::equals_ignore_case(method, name); });
  };
  candidates_.clear();
  for (const char* name : {"SET_PARAMETER", "GET_PARAMETER"}) {
    const bool refused = std::find(refused_.begin(), refused_.end(), name) != refused_.end();
    if (offered(name) && !refused) candidates_.emplace_back(name);
  }
  candidates_.emplace_back("OPTIONS");
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

}  // namespace retina::client
