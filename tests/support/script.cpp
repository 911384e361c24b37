#include "support/script.h"

#include "base/ascii.h"

namespace retina::test {

namespace {

base::TimePoint now() {
  return base::MonotonicClock().now();
}

/// One run of a script: a function for each kind of step, false when the connection is over.
class Player {
 public:
  Player(Peer& peer, const ScriptContext& context) : peer_(peer), context_(context) {
    if (context.request != nullptr) request_ = *context.request;
  }

  bool operator()(const Script::Expect& step) {
    const Peer::Event event = peer_.wait(now() + kPatience);
    if (event == Peer::Event::kStopped) return false;
    const std::string expected = step.method.empty() ? "a request" : step.method;
    if (event != Peer::Event::kRequest) {
      return problem("expected " + expected +
                     (event == Peer::Event::kClosed ? ", client left" : ", nothing came"));
    }
    request_ = peer_.take_request().value_or(RtspRequest{});
    if (!step.method.empty() && request_.method != step.method) {
      return problem("expected " + expected + ", got " + request_.method);
    }
    const std::string complaint = step.check ? step.check(request_) : std::string();
    return complaint.empty() || problem(expected + ": " + complaint);
  }

  bool operator()(const Script::Transmit& step) {
    if (!step.is_template) return peer_.send(step.text, step.delivery);
    const Placeholders values = placeholders(peer_, &request_);
    return peer_.send(finish_message(expand(step.text, values), expand(step.body, values)), step.delivery);
  }

  bool operator()(const Media& media) {
    MediaCursor cursor(media, now());
    while (!cursor.ended()) {
      const Peer::Event event = peer_.wait(peer_.has_unsent() ? now() + kPatience : cursor.due());
      if (event == Peer::Event::kClosed || event == Peer::Event::kStopped) return false;
      if (event == Peer::Event::kRequest) request_ = peer_.take_request().value_or(RtspRequest{});
      if (event != Peer::Event::kDeadline) continue;
      if (peer_.has_unsent()) return problem("the client reads no media");
      const MediaPacket packet = cursor.next();
      const auto channel = static_cast<std::uint8_t>(packet.stream * 2 + (packet.rtcp ? 1 : 0));
      peer_.offer(interleave(channel, packet.bytes));
    }
    return peer_.send({});
  }

  bool operator()(const Script::Standard& step) {
    if (!context_.standard) return problem("standard() outside of a StandardCamera");
    return context_.standard(step);
  }

  bool operator()(const Script::Pause& step) { return peer_.pause(step.duration); }

  bool operator()(const std::function<void()>& action) {
    action();
    return true;
  }

  bool operator()(Script::Act act) {
    switch (act) {
      case Script::Act::kStall:
        peer_.stall();
        return false;
      case Script::Act::kStopReading:
        peer_.stop_reading();
        return false;
      case Script::Act::kClose:
        peer_.close();
        return false;
      case Script::Act::kReset:
        peer_.reset();
        return false;
      case Script::Act::kHalfClose:
        peer_.half_close();
        return true;
    }
    return false;
  }

 private:
  bool problem(const std::string& text) {
    peer_.problem(text);
    return false;
  }

  Peer& peer_;
  const ScriptContext& context_;
  RtspRequest request_;
};

}  // namespace

Script& Script::add(Step step) {
  steps_.push_back(std::move(step));
  return *this;
}

Script& Script::expect(std::string method, RequestCheck check) {
  return add(Expect{std::move(method), std::move(check)});
}

Script& Script::status(unsigned code, const std::string& reason, const std::string& headers, std::string body,
                       Delivery delivery) {
  return reply("RTSP/1.0 " + std::to_string(code) + " " + reason + "\nCSeq: {cseq}\n" + headers,
               std::move(body), std::move(delivery));
}

Script& Script::ok(const std::string& headers, std::string body, Delivery delivery) {
  return status(200, "OK", headers, std::move(body), std::move(delivery));
}

Script& Script::reply(std::string text, std::string body, Delivery delivery) {
  return add(Transmit{std::move(text), std::move(body), std::move(delivery), true});
}

Script& Script::send(std::string bytes, Delivery delivery) {
  return add(Transmit{std::move(bytes), {}, std::move(delivery), false});
}

Script& Script::send(base::ByteView bytes, Delivery delivery) {
  return send(std::string(base::as_text(bytes)), std::move(delivery));
}

Script& Script::play(Media media) {
  return add(std::move(media));
}
Script& Script::pause(base::Duration duration) {
  return add(Pause{duration});
}
Script& Script::stall() {
  return add(Act::kStall);
}
Script& Script::stop_reading() {
  return add(Act::kStopReading);
}
Script& Script::close() {
  return add(Act::kClose);
}
Script& Script::reset() {
  return add(Act::kReset);
}
Script& Script::half_close() {
  return add(Act::kHalfClose);
}
Script& Script::run(std::function<void()> action) {
  return add(std::move(action));
}
Script& Script::standard(Delivery delivery) {
  return add(Standard{true, std::move(delivery)});
}
Script& Script::standard_unanswered() {
  return add(Standard{false, {}});
}

bool play(const Script& script, Peer& peer, const ScriptContext& context) {
  Player player(peer, context);
  for (const Script::Step& step : script.steps()) {
    if (!std::visit(player, step)) return false;
  }
  return true;
}

Placeholders placeholders(const Peer& peer, const RtspRequest* request) {
  Placeholders values{{"address", peer.local_address()}, {"base", "rtsp://" + peer.local_address()}};
  if (request != nullptr) {
    values.emplace_back("cseq", request->header_or_empty("CSeq"));
    values.emplace_back("url", request->url);
    values.emplace_back("method", request->method);
  }
  return values;
}

}  // namespace retina::test
