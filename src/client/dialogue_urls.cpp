// Which URLs requests go to. Cameras disagree on how a control URL is joined to its base, and on the URL of
// the whole presentation: what most of them mean comes first, and where it is refused, the others.

#include <algorithm>
#include <iterator>

#include "client/dialogue.h"

namespace retina::client {
namespace {

/// What cameras say to a request on a URL that they don't know.
bool may_be_wrong_url(int status) {
  constexpr int kWrongUrl[] = {400, 404, 451, 455, 459, 460, 503};
  return std::find(std::begin(kWrongUrl), std::end(kWrongUrl), status) != std::end(kWrongUrl);
}

}  // namespace

std::string Dialogue::control_url(std::size_t media_index, JoinWay way) const {
  const std::string& control = description_.media[media_index].control;
  if (control.empty()) return aggregate_url_;
  switch (way) {
    case JoinWay::kAppendToBase:
      break;
    case JoinWay::kRfc3986:
      return rtsp::join_control(base_url_, control, rtsp::JoinStyle::kRfc3986);
    case JoinWay::kAppendToSession:
      return rtsp::join_control(session_url(), control, rtsp::JoinStyle::kAppend);
  }
  return rtsp::join_control(base_url_, control, rtsp::JoinStyle::kAppend);
}

/// Of the SDP's session-level a=control.
std::string Dialogue::session_url() const {
  return rtsp::join_control(base_url_, description_.control, rtsp::JoinStyle::kAppend);
}

void Dialogue::learn_urls(const rtsp::Response& response) {
  base_url_ = rtsp::resolve_base(response.headers.get("Content-Base"),
                                 response.headers.get("Content-Location"), url_);
  aggregate_url_ = description_.control.empty() ? url_.request_uri() : session_url();
  tried_play_urls_.clear();
}

/// SETUP once more, with the control URL joined in a way that hasn't been tried.
bool Dialogue::retry_setup(const rtsp::Response& response, base::TimePoint now) {
  if (any_ready() || !may_be_wrong_url(response.status)) return false;
  const std::size_t index = tracks_[next_setup_].media_index;
  const auto tried_before = [&](JoinWay way) {
    for (auto other = JoinWay::kAppendToBase; other < way; other = next(other)) {
      if (control_url(index, other) == control_url(index, way)) return true;
    }
    return false;
  };
  while (join_way_ != JoinWay::kAppendToSession) {
    join_way_ = next(join_way_);
    if (tried_before(join_way_)) continue;
    note("The camera refused the control URL (" + std::to_string(response.status) +
         "); joined it the other way.");
    send_setup(now);
    return true;
  }
  return false;
}

/// PLAY once more: without a Range where that is refused (457), or on another URL of the presentation, or of
/// the only stream (459: no aggregate operation).
bool Dialogue::retry_play(const rtsp::Response& response, base::TimePoint now) {
  if (response.status == 457 && !std::exchange(without_range_, true)) {
    note("The camera refused the Range of PLAY (457); asked without one.");
    send_play(now);
    return true;
  }
  if (!may_be_wrong_url(response.status)) return false;
  tried_play_urls_.push_back(aggregate_url_);
  std::vector<std::string> urls = {base_url_, url_.request_uri()};
  const auto is_ready = [](const Track& track) { return track.ready; };
  if (std::count_if(tracks_.begin(), tracks_.end(), is_ready) == 1) {
    urls.push_back(control_url(std::find_if(tracks_.begin(), tracks_.end(), is_ready)->media_index));
  }
  for (const std::string& url : urls) {
    if (std::find(tried_play_urls_.begin(), tried_play_urls_.end(), url) != tried_play_urls_.end()) continue;
    note("The camera refused the URL of PLAY (" + std::to_string(response.status) + "); tried another.");
    aggregate_url_ = url;
    send_play(now);
    return true;
  }
  aggregate_url_ = tried_play_urls_.front();
  return false;
}

}  // namespace retina::client
