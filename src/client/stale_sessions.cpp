#include "client/stale_sessions.h"

#include <algorithm>

#include "base/ascii.h"

namespace retina::client {
namespace {

std::string server_name(std::string_view host, std::uint16_t port) {
  return base::to_lower(host) + ':' + std::to_string(port);
}

}  // namespace

bool has_stale_session_bug(std::string_view tool) {
  constexpr std::string_view kName = "LIVE555 Streaming Media v";
  if (!tool.starts_with(kName)) return false;
  const std::string_view version = tool.substr(kName.size());
  // Dates as live555 writes them compare as text.
  return version > "0000.00.00" && version < "2017.06.04";
}

void StaleSessions::State::forget_expired(base::TimePoint now) {
  std::erase_if(sessions, [now](const Session& session) { return session.expiry <= now; });
}

StaleSessions::Id StaleSessions::State::add(std::string server, base::TimePoint expiry) {
  if (sessions.size() >= kMaxSessions) {
    sessions.erase(std::min_element(sessions.begin(), sessions.end(),
                                    [](const Session& a, const Session& b) { return a.expiry < b.expiry; }));
  }
  sessions.push_back({++last_id, std::move(server), expiry});
  return last_id;
}

StaleSessions::Id StaleSessions::add(std::string_view host, std::uint16_t port, base::TimePoint expiry,
                                     base::TimePoint now) {
  auto state = state_.lock();
  state->forget_expired(now);
  return state->add(server_name(host, port), expiry);
}

void StaleSessions::add_unknown(std::string_view host, std::uint16_t port, base::TimePoint now) {
  std::string server = server_name(host, port);
  auto state = state_.lock();
  state->forget_expired(now);
  const bool explained = std::any_of(state->sessions.begin(), state->sessions.end(),
                                     [&server](const Session& session) { return session.server == server; });
  if (!explained) state->add(std::move(server), now + kUnknownExpiry);
}

void StaleSessions::remove(Id id) {
  auto state = state_.lock();
  std::erase_if(state->sessions, [id](const Session& session) { return session.id == id; });
}

std::optional<StaleSessions::Status> StaleSessions::status(std::string_view host, std::uint16_t port,
                                                           base::TimePoint now) {
  const std::string server = server_name(host, port);
  auto state = state_.lock();
  state->forget_expired(now);
  Status status;
  for (const Session& session : state->sessions) {
    if (session.server != server) continue;
    ++status.count;
    status.latest_expiry = std::max(status.latest_expiry, session.expiry);
  }
  if (status.count == 0) return std::nullopt;
  return status;
}

std::shared_ptr<StaleSessions> StaleSessions::of_process() {
  static const auto shared = std::make_shared<StaleSessions>();
  return shared;
}

}  // namespace retina::client
