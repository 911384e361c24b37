#include "client/session.h"

#include <algorithm>

#include "base/ascii.h"
#include "rtp/packet.h"

namespace retina::client {

using Phase = Dialogue::Phase;

Session::Session(const Options& options, rtsp::Url url, base::Log& log, Statistics& statistics)
    : options_(options),
      log_(log),
      statistics_(statistics),
      dialogue_(options, std::move(url), log),
      rtcp_(options.random_seed) {}

base::Duration Session::connect_timeout() const {
  // What comes over UDP has to find room until then in the sockets' buffers.
  constexpr base::Duration kWhilePlaying = std::chrono::seconds(1);
  const bool playing = dialogue_.phase() == Phase::kPlaying;
  return playing ? std::min(options_.tcp_timeout, kWhilePlaying) : options_.tcp_timeout;
}

void Session::connected(base::TimePoint now) {
  framer_ = rtsp::Framer();
  resyncs_ = 0;
  now_ = now;
  dialogue_.connected(now);
}

void Session::connection_lost(const std::string& error, bool unread, base::TimePoint now) {
  now_ = now;
  if (error.empty()) finish_answer(now);
  const bool cut_short = unread || framer_.in_message();
  dialogue_.connection_lost(error.empty() && cut_short ? "it ended in the middle of a message" : error, now);
  if (dialogue_.ended_in_order() && current_ != nullptr) flush({current_, false, current_number_});
}

// --- bytes in ---

std::size_t Session::receive(base::ByteView bytes, bool read_timed_out, base::TimePoint now) {
  now_ = now;
  read_timed_out_ = read_timed_out;
  const std::size_t used = parse(bytes, now);
  if (framer_.has_notes()) take_framing_notes();
  return used;
}

std::size_t Session::parse(base::ByteView bytes, base::TimePoint now) {
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
          interrupted_ = false;
          tell_sources();
        }
        // Stray bytes between packets do no harm; sequence numbers tell whether packets are missing. What is
        // longer may be the rest of a packet that has swallowed others.
        if (framer_.skipped_in_row() > rtsp::Framer::kMaxStrayBytes && !std::exchange(interrupted_, true)) {
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
  if (route.stream == nullptr && dialogue_.expects_media()) find_route(channel, payload);
  if (route.stream == nullptr || !dialogue_.expects_media()) return dialogue_.on_unassigned_data(now);
  if (route.rtcp) {
    if (rtp::is_rtcp(payload) || !route.stream->claims(payload)) return on_rtcp(route, payload);
    if (!std::exchange(route.other_noted, true)) {
      dialogue_.note("The camera sends media on the RTCP channel of " + name_of(*route.stream) +
                     "; taken as media.");
    }
  } else if (rtp::is_rtcp(payload)) {
    if (!std::exchange(route.other_noted, true)) {
      dialogue_.note("The camera sends RTCP on the RTP channel of " + name_of(*route.stream) +
                     "; taken as RTCP.");
    }
    return on_rtcp(route, payload);
  }
  // An encoder that starts anew says BYE, and goes on. In order, media behind it isn't late.
  if (on_rtp(route.stream, route.number, payload, now)) datagram_streams_[route.number].ended = false;
}

/// Cameras exist that number the channels as they like. Where a stream's own channel brings nothing and
/// another one brings what can only be its packets, that is its channel, until its own brings something after
/// all.
void Session::find_route(std::uint8_t channel, base::ByteView payload) {
  constexpr unsigned kFewPackets = 4;
  if (rtp::is_rtcp(payload) || !dialogue_.may_move_channels()) return;
  std::optional<std::size_t> only;
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    const Track& track = dialogue_.tracks()[i];
    if (track.refused || !track.interleaved()) continue;
    if (track.rtp_channel == channel) return move_stream(i, channel);
    if (streams_[i]->has_media() || !streams_[i]->claims(payload)) continue;
    if (only) return;
    only = i;
  }
  if (!only) return;
  if (std::exchange(stray_channel_, channel) != channel) stray_packets_ = 0;
  if (++stray_packets_ < kFewPackets) return;
  dialogue_.note("The camera sends " + name_of(*streams_[*only]) + " on channel " + std::to_string(channel) +
                 " and not on the one that it was given; taken from there.");
  move_stream(*only, channel);
}

void Session::move_stream(std::size_t number, std::uint8_t channel) {
  for (Route& route : routes_) {
    if (route.stream == streams_[number].get() && !route.rtcp) route.stream = nullptr;
  }
  routes_[channel] = {streams_[number].get(), false, static_cast<std::uint8_t>(number)};
  known_channels_.set(channel);
  framer_.set_known_channels(known_channels_);
}

/// So that packets are found again between stray bytes.
void Session::tell_sources() {
  std::vector<rtsp::Framer::Source> sources;
  for (std::size_t channel = 0; channel < routes_.size(); ++channel) {
    const Route& route = routes_[channel];
    if (route.stream == nullptr || route.rtcp || !route.stream->has_media()) continue;
    sources.push_back({static_cast<std::uint8_t>(channel), *route.stream->ssrc()});
  }
  framer_.set_sources(std::move(sources));
}

/// False: a packet that isn't the stream's, or had come before.
bool Session::on_rtp(MediaStream* stream, std::uint8_t number, base::ByteView payload, base::TimePoint now) {
  current_ = stream;
  current_number_ = number;
  const bool accepted = current_->on_rtp(payload, now);
  if (accepted) {
    last_media_ = now;
    dialogue_.on_media(now);
  }
  if (const auto complaint = current_->take_complaint(); complaint.what != nullptr) note(complaint);
  take_frame(now);
  if (stream->needs_key_frame()) rtcp_.key_frames(number).on_need(now);
  return accepted;
}

std::string Session::name_of(const MediaStream& stream) {
  return "stream " + std::to_string(stream.media_index());
}

void Session::note(const MediaStream::Complaint& complaint) {
  if (complaint.dropped) {
    dialogue_.note("A packet of " + name_of(*current_) + " was dropped: " + complaint.what + ".");
  } else {
    dialogue_.note("The packets of " + name_of(*current_) + " have " + complaint.what +
                   "; taken all the same.");
  }
}

void Session::on_rtcp(Route& route, base::ByteView payload) {
  rtcp_.on_received(route.number, payload.size());
  const bool bye = route.stream->on_rtcp(payload, now_);
  take_report(*route.stream, route.number);
  if (route.stream->take_foreign_report()) dialogue_.on_unknown_rtcp_ssrc(name_of(*route.stream));
  if (!bye) return;
  flush(route);
  on_bye(route.number);
}

/// Cameras repeat it, and one stream must not end another.
void Session::on_bye(std::size_t stream) {
  datagram_streams_[stream].ended = true;
  if (std::ranges::all_of(datagram_streams_, &DatagramStream::ended)) dialogue_.end_of_media();
}

void Session::flush(const Route& route) {
  current_ = route.stream;
  current_number_ = route.number;
  current_->flush();
  take_frame(now_);
}

void Session::on_message(base::TimePoint now) {
  rtsp::Message message = framer_.take_message();
  take_framing_notes();
  if (const auto* response = std::get_if<rtsp::Response>(&message)) {
    const Phase before = dialogue_.phase();
    dialogue_.on_response(*response, now);
    if (dialogue_.phase() != before) open_channels();
    punch_holes();
  } else {
    dialogue_.on_request(std::get<rtsp::Request>(message));
    if (dialogue_.ended_in_order() && current_ != nullptr) flush({current_, false, current_number_});
  }
}

void Session::take_framing_notes() {
  for (std::string& text : framer_.take_notes())
    dialogue_.note(std::move(text));
}

/// An answer whose body doesn't come to its announced end is better than none; a description needs one.
void Session::finish_answer(base::TimePoint now) {
  const Phase phase = dialogue_.phase();
  const bool describes = phase == Phase::kDescribe;
  const bool answers = phase == Phase::kOptions || phase == Phase::kSetup || phase == Phase::kPlay;
  if ((describes || answers) && framer_.finish_message(describes ? 1 : 0)) on_message(now);
}

void Session::on_framing_error(const base::Error& error) {
  take_framing_notes();
  dialogue_.fail({Failure::Kind::kProtocol,
                  std::string("What answers there doesn't speak RTSP as a camera does: ") + error.what +
                      " at byte " + std::to_string(framer_.offset() + error.offset) +
                      " of the connection. Check the port.",
                  0, ""});
}

// --- frames ---

void Session::take_frame(base::TimePoint now) {
  if (current_ == nullptr) return;
  auto frame = current_->pull(now, read_timed_out_, coalescers_[current_number_]);
  if (!frame) return;
  if (current_->has_faults()) note_faults(*current_);
  frame_.emplace();
  frame_->stream = current_number_;
  take_report(*current_, current_number_);
  frame_->times = time_->place(current_number_, frame->timestamp, frame->arrival, current_->clock_jumped(),
                               current_->capture_time(frame->timestamp));
  frame->discontinuity = frame->discontinuity || frame_->times.jumped;
  frame_->drift = time_->drift(current_number_);
  frame_->jitter = current_->jitter();
  frame_->frame = std::move(*frame);
}

void Session::note_faults(MediaStream& stream) {
  while (const auto fault = stream.take_fault())
    dialogue_.note(codec::sentence_of(*fault, name_of(stream)));
}

void Session::take_report(MediaStream& stream, std::size_t number) {
  if (const auto report = stream.take_report()) time_->on_report(number, report->ntp, report->rtp_timestamp);
}

std::optional<Event> Session::next_event() {
  if (frame_) {
    Event event = std::move(*frame_);
    frame_.reset();
    take_frame(now_);
    if (!frame_) release();
    return event;
  }
  auto& events = dialogue_.events();
  if (events.empty()) return std::nullopt;
  Event event = std::move(events.front());
  events.pop_front();
  if (std::holds_alternative<Playing>(event)) start_rtcp();
  return event;
}

// --- time ---

std::optional<base::TimePoint> Session::deadline() const {
  return base::sooner(base::sooner(dialogue_.deadline(), silence_deadline()),
                      base::sooner(reorder_deadline(), rtcp_.due()));
}

/// When it has been too long that no media comes.
std::optional<base::TimePoint> Session::silence_deadline() const {
  if (dialogue_.phase() != Phase::kPlaying) return std::nullopt;
  const bool may_give_up_udp = !udp_seen_ && dialogue_.can_give_up_datagrams();
  const base::Duration limit = may_give_up_udp && options_.udp_timeout > base::Duration::zero()
                                   ? options_.udp_timeout
                                   : options_.idle_timeout;
  if (limit <= base::Duration::zero()) return std::nullopt;
  return last_media_ + limit;
}

void Session::on_silence(base::TimePoint now) {
  if (!udp_seen_ && dialogue_.can_give_up_datagrams() && options_.udp_timeout > base::Duration::zero()) {
    return dialogue_.give_up_datagrams(now);
  }
  const char* text = "The camera sends no media any more (idle-timeout).";
  if (!udp_seen_ && dialogue_.transport() == Transport::kUdp)
    text =
        "No media has come over UDP (idle-timeout). Perhaps a firewall keeps it off: let the ports of "
        "port-range pass, or allow tcp in protocols.";
  if (!udp_seen_ && dialogue_.transport() == Transport::kMulticast)
    text =
        "No media has come over multicast (idle-timeout). Perhaps the network doesn't forward the group "
        "to here, or multicast-iface should name the interface; or allow tcp in protocols.";
  dialogue_.fail({Failure::Kind::kTimeout, text, 0, ""});
}

void Session::on_time(base::TimePoint now) {
  now_ = now;
  if (const auto due = dialogue_.deadline(); due && now >= *due) finish_answer(now);
  dialogue_.on_time(now);
  on_reorder_time(now);
  on_rtcp_time(now);
  if (const auto due = silence_deadline(); due && now >= *due) on_silence(now);
}

std::optional<Coalescer::Wait> Session::plan_wait(std::size_t unread_bytes, base::TimePoint now) const {
  // Responses are never delayed: only where nothing but media is waited for.
  if (current_ == nullptr || dialogue_.phase() != Phase::kPlaying) return std::nullopt;
  // Sockets can't be told to wake for so many bytes of datagrams.
  if (is_datagrams(dialogue_.transport())) return std::nullopt;
  // Of the stream whose packet came last, or else of one that it came between.
  std::size_t waiting = current_number_;
  for (std::size_t i = 0; i < streams_.size() && streams_[waiting]->gathered().bytes == 0; ++i)
    waiting = i;
  Coalescer::Gathered gathered = streams_[waiting]->gathered();
  if (gathered.bytes == 0) return std::nullopt;
  gathered.bytes += unread_bytes;
  auto wait = coalescers_[waiting].plan(gathered, now);
  for (std::size_t i = 0; wait && i < streams_.size(); ++i) {
    if (i != waiting) wait->deadline = std::min(wait->deadline, coalescers_[i].latest_wait(now));
  }
  return wait;
}

}  // namespace retina::client
