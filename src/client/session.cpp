#include "client/session.h"

#include <algorithm>

#include "base/ascii.h"
#include "codec/h264.h"
#include "rtp/packet.h"
#include "sdp/sprop.h"

namespace retina::client {

using Phase = Dialogue::Phase;

std::string obstacle(const sdp::Media& media) {
  if (!media.unusable.empty()) return media.unusable;
  if (media.backchannel) return "it is a back channel, to the camera";
  if (media.kind != sdp::MediaKind::kVideo || !base::equals_ignore_case(media.encoding_name, "H264")) {
    return "its encoding " + base::printable(media.encoding_name, 40) + " isn't supported";
  }
  return {};
}

Session::Session(const Options& options, rtsp::Url url, base::Log& log, Statistics& statistics)
    : options_(options),
      log_(log),
      statistics_(statistics),
      dialogue_(options, std::move(url), log),
      coalescer_(options.coalesce_time) {}

std::uint16_t Session::port() const {
  const rtsp::Url& url = dialogue_.url();
  return url.port != 0 ? url.port : rtsp::default_port(url.scheme);
}

void Session::connected(base::TimePoint now) {
  framer_ = rtsp::Framer();
  resyncs_ = 0;
  now_ = now;
  dialogue_.connected(now);
}

void Session::connection_lost(const std::string& error, bool unread, base::TimePoint now) {
  now_ = now;
  const bool cut_short = unread || framer_.in_message();
  dialogue_.connection_lost(error.empty() && cut_short ? "it ended in the middle of a message" : error, now);
  if (dialogue_.ended_in_order() && current_ != nullptr) flush({current_, false, current_number_});
}

// --- bytes in ---

std::size_t Session::receive(base::ByteView bytes, bool read_timed_out, base::TimePoint now) {
  now_ = now;
  read_timed_out_ = read_timed_out;
  std::size_t used = 0;
  while (used < bytes.size() && !frame_ && dialogue_.events().empty()) {
    const auto step = framer_.next(bytes.subspan(used));
    if (!step) {
      on_framing_error(step.error());
      return bytes.size();
    }
    used += step->consumed;
    switch (step->kind) {
      case rtsp::Framer::Step::Kind::kInterleaved:
        on_interleaved(step->interleaved.channel, step->interleaved.payload, now);
        break;
      case rtsp::Framer::Step::Kind::kMessage:
        on_message(now);
        break;
      case rtsp::Framer::Step::Kind::kSkipped:
        if (framer_.resyncs() > resyncs_) {
          statistics_.resyncs.add(framer_.resyncs() - std::exchange(resyncs_, framer_.resyncs()));
          for (const auto& stream : streams_)
            stream->on_interruption();
        }
        break;
      case rtsp::Framer::Step::Kind::kNeedMore:
        return used;
    }
  }
  return used;
}

void Session::on_interleaved(std::uint8_t channel, base::ByteView payload, base::TimePoint now) {
  Route& route = routes_[channel];
  if (route.stream == nullptr || !dialogue_.expects_media()) return;
  if (route.rtcp || rtp::is_rtcp(payload)) return on_rtcp(route, payload);
  current_ = route.stream;
  current_number_ = route.number;
  if (current_->on_rtp(payload, now)) {
    last_media_ = now;
    dialogue_.on_media(now);
  }
  if (const char* complaint = current_->take_complaint()) {
    dialogue_.note(std::string("A packet of the camera was dropped: ") + complaint + ".");
  }
  take_frame(now);
}

void Session::on_rtcp(Route& route, base::ByteView payload) {
  if (!route.stream->on_rtcp(payload)) return;
  flush(route);
  if (++byes_ >= streams_.size()) dialogue_.end_of_media();
}

void Session::flush(const Route& route) {
  current_ = route.stream;
  current_number_ = route.number;
  current_->flush();
  take_frame(now_);
}

void Session::on_message(base::TimePoint now) {
  rtsp::Message message = framer_.take_message();
  for (std::string& text : framer_.take_notes())
    dialogue_.note(std::move(text));
  if (const auto* response = std::get_if<rtsp::Response>(&message)) {
    const Phase before = dialogue_.phase();
    dialogue_.on_response(*response, now);
    if (dialogue_.phase() != before) open_channels();
  } else {
    dialogue_.on_request(std::get<rtsp::Request>(message));
    if (dialogue_.ended_in_order() && current_ != nullptr) flush({current_, false, current_number_});
  }
}

void Session::on_framing_error(const base::Error& error) {
  dialogue_.fail({Failure::Kind::kProtocol,
                  std::string("What answers there doesn't speak RTSP as a camera does: ") + error.what +
                      " at byte " + std::to_string(framer_.offset() + error.offset) +
                      " of the connection. Check the port.",
                  0, ""});
}

// --- streams ---

void Session::choose(const std::vector<Choice>& choices, base::TimePoint now) {
  // After a redirect there are streams of the session before.
  routes_.fill({});
  current_ = nullptr;
  frame_.reset();
  byes_ = 0;
  streams_.clear();
  std::vector<std::size_t> indices;
  for (const Choice& choice : choices) {
    const sdp::Media& media = description().media[choice.media_index];
    std::vector<std::string> notes;
    auto depacketizer = std::make_unique<codec::H264Depacketizer>(sdp::sprop_parameter_sets(media, notes),
                                                                  choice.format, *choice.allocator);
    for (std::string& text : notes)
      dialogue_.note(std::move(text));
    streams_.push_back(std::make_unique<MediaStream>(
        choice.media_index, media.payload_type, media.clock_rate_hz, std::move(depacketizer), statistics_));
    indices.push_back(choice.media_index);
  }
  now_ = now;
  dialogue_.choose(indices, now);
}

void Session::open_channels() {
  // After the response to the last SETUP media may come at once, even before the one to PLAY.
  if (!dialogue_.expects_media()) return;
  std::bitset<256> known;
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    const Track& track = dialogue_.tracks()[i];
    const auto number = static_cast<std::uint8_t>(i);
    routes_[track.rtp_channel] = {streams_[i].get(), false, number};
    if (track.rtcp_channel != track.rtp_channel)
      routes_[track.rtcp_channel] = {streams_[i].get(), true, number};
    known.set(track.rtp_channel).set(track.rtcp_channel);
    if (streams_[i]->has_media()) continue;
    if (track.ssrc) streams_[i]->expect_ssrc(*track.ssrc);
    if (track.first_sequence) streams_[i]->expect_sequence(*track.first_sequence);
  }
  framer_.set_known_channels(known);
  last_media_ = now_;
}

void Session::take_frame(base::TimePoint now) {
  if (current_ == nullptr) return;
  auto frame = current_->pull(now, read_timed_out_, coalescer_);
  if (!frame) return;
  frame_.emplace();
  frame_->stream = current_number_;
  frame_->clock_jumped = current_->clock_jumped();
  frame_->frame = std::move(*frame);
}

std::optional<Event> Session::next_event() {
  if (frame_) {
    Event event = std::move(*frame_);
    frame_.reset();
    take_frame(now_);
    return event;
  }
  auto& events = dialogue_.events();
  if (events.empty()) return std::nullopt;
  Event event = std::move(events.front());
  events.pop_front();
  return event;
}

// --- time ---

std::optional<base::TimePoint> Session::deadline() const {
  std::optional<base::TimePoint> earliest = dialogue_.deadline();
  if (dialogue_.phase() == Phase::kPlaying && options_.idle_timeout > base::Duration::zero()) {
    const base::TimePoint idle = last_media_ + options_.idle_timeout;
    if (!earliest || idle < *earliest) earliest = idle;
  }
  return earliest;
}

void Session::on_time(base::TimePoint now) {
  now_ = now;
  dialogue_.on_time(now);
  if (dialogue_.phase() == Phase::kPlaying && options_.idle_timeout > base::Duration::zero() &&
      now >= last_media_ + options_.idle_timeout) {
    dialogue_.fail({Failure::Kind::kTimeout, "The camera sends no media any more (idle-timeout).", 0, ""});
  }
}

std::optional<Coalescer::Wait> Session::plan_wait(std::size_t unread_bytes, base::TimePoint now) const {
  // Responses are never delayed: only where nothing but media is waited for.
  if (current_ == nullptr || dialogue_.phase() != Phase::kPlaying) return std::nullopt;
  Coalescer::Gathered gathered = current_->gathered();
  if (gathered.bytes == 0) return std::nullopt;
  gathered.bytes += unread_bytes;
  return coalescer_.plan(gathered, now);
}

}  // namespace retina::client
