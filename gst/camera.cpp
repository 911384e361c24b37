#include "camera.h"

#include <algorithm>
#include <chrono>

#include "client/proxy_connector.h"

namespace retina::gst {
namespace {

/// An hour: nobody waits longer for a pipeline to stop.
constexpr std::uint64_t kLongestTeardownNs = 3600 * GST_SECOND;

/// How long one stream of several may hold up the others before it is left behind. Longer than a decoder or a
/// disk takes for one buffer, and shorter than any camera's patience.
constexpr std::chrono::milliseconds kPatience{500};

}  // namespace

Camera::Camera(GstElement* owner, Signals& signals, Chooser& chooser)
    : owner_(owner), signals_(signals), chooser_(chooser), log_(owner) {}

Camera::~Camera() {
  play();
}

// --- life ---

bool Camera::open(const Settings& settings) {
  settings_ = settings;
  client::Options options = settings_.client_options();
  options.hooks = signals_.hooks();
  io::TlsSettings tls = settings_.tls;
  tls.accept = signals_.certificate_hook();
  connector_ = client::make_connector(std::move(tls), settings_.proxy, settings_.user_agent, clock_);
  if (!connector_) {
    post_failure(owner_, {client::Failure::Kind::kSettings,
                          "proxy is unusable. Give [http://]host[:port], or socks5://host[:port].", 0, ""});
    return false;
  }
  auto created =
      client::LastingClient::create(std::move(options), settings_.reconnection(), log_, clock_, *connector_);
  if (!created) {
    post_failure(owner_, created.error());
    return false;
  }
  client_ = std::move(created).value();
  signals_.open(client_);
  return true;
}

void Camera::close() {
  play();
  post_progress(owner_, GST_PROGRESS_TYPE_START, "close", "Closing the session");
  end_step(GST_PROGRESS_TYPE_CANCELED, "Stopped while opening");
  signals_.close();
  client_->close(std::chrono::nanoseconds(std::min(settings_.teardown_timeout_ns, kLongestTeardownNs)));
  post_progress(owner_, GST_PROGRESS_TYPE_COMPLETE, "close", "Closed the session");
}

void Camera::interrupt(std::size_t stream) {
  if (auto* shared = hub()) {
    shared->interrupt(stream);
  } else {
    opening_interrupted_ = true;
    client_->interrupt();
  }
}

void Camera::resume(std::size_t stream) {
  // The description may have come meanwhile.
  if (opening_interrupted_.exchange(false)) client_->resume();
  if (auto* shared = hub()) shared->resume(stream);
}

// --- driving the session ---

GstFlowReturn Camera::describe() {
  if (hub()) return GST_FLOW_OK;
  while (!given_up_) {
    const auto event = client_->next();
    if (!event) return GST_FLOW_FLUSHING;
    if (const auto flow = handle(*event)) return *flow;
    if (hub()) {
      start_idling();
      return GST_FLOW_OK;
    }
  }
  return GST_FLOW_ERROR;
}

GstFlowReturn Camera::next(std::size_t stream, client::FrameReady& frame) {
  client::Hub* shared = hub();
  while (!given_up_) {
    auto event = shared->next(stream);
    if (!event) return GST_FLOW_FLUSHING;
    if (auto* ready = std::get_if<client::FrameReady>(&*event)) {
      frame = std::move(*ready);
      return GST_FLOW_OK;
    }
    if (std::holds_alternative<client::StreamEnded>(*event)) return GST_FLOW_EOS;
    if (const auto flow = handle(*event)) return *flow;
  }
  return GST_FLOW_ERROR;
}

std::optional<client::Event> Camera::Driven::pass(
    std::optional<client::Event> (client::LastingClient::*take)()) {
  for (;;) {
    auto event = (*camera_.client_.*take)();
    if (!event || !std::holds_alternative<client::Described>(*event)) return event;
    if (camera_.on_described()) continue;
    camera_.give_up();  // tells the hub
    return std::nullopt;
  }
}

/// Nullopt: go on.
std::optional<GstFlowReturn> Camera::handle(const client::Event& event) {
  if (const auto* ended = std::get_if<client::Ended>(&event)) return on_ended(*ended);
  if (const auto* response = std::get_if<client::UserResponse>(&event)) {
    signals_.on_response(*response);
  } else if (const auto* note = std::get_if<client::Note>(&event)) {
    post_note(owner_, note->text);
  } else if (const auto* requesting = std::get_if<client::Requesting>(&event)) {
    on_requesting(*requesting);
  } else if (std::holds_alternative<client::ConnectionNeeded>(event)) {
    on_connecting();
  } else if (const auto* reconnecting = std::get_if<client::Reconnecting>(&event)) {
    on_reconnecting(*reconnecting);
  } else if (const auto* reconnected = std::get_if<client::Reconnected>(&event)) {
    on_reconnected(*reconnected);
  } else if (std::holds_alternative<client::Playing>(event)) {
    on_playing();
  } else if (std::holds_alternative<client::Described>(event)) {
    if (!on_described()) return give_up();
  }
  return std::nullopt;
}

bool Camera::on_described() {
  const std::vector<client::Choice> choices = chooser_.choose(description());
  if (auto refusal = std::exchange(refusal_, std::nullopt)) {
    client_->refuse(std::move(*refusal));
    return true;
  }
  if (choices.empty()) return false;
  end_step(GST_PROGRESS_TYPE_COMPLETE, "Opened the session");
  client_->choose(choices);
  if (hub()) return true;  // sent elsewhere by a redirect
  client::Hub::Limits limits;
  limits.patience = kPatience;
  limits.queue_bytes = settings_.max_queue_bytes;
  hub_ = std::make_unique<client::Hub>(driven_, choices.size(), limits, client_->unclaimed_frames());
  hub_ready_ = hub_.get();
  return true;
}

// --- telling how it goes ---

void Camera::on_requesting(const client::Requesting& event) {
  const bool first = step_ == Step::kNone;
  if (first) step_ = Step::kRequest;
  post_progress(owner_, first ? GST_PROGRESS_TYPE_START : GST_PROGRESS_TYPE_CONTINUE, "request",
                "Sending " + event.what);
}

void Camera::on_connecting() {
  if (step_.exchange(Step::kOpen) != Step::kOpen)
    post_progress(owner_, GST_PROGRESS_TYPE_START, "open", "Opening the session");
  post_progress(owner_, GST_PROGRESS_TYPE_CONTINUE, "connect", "Connecting");
}

void Camera::on_playing() {
  end_step(GST_PROGRESS_TYPE_COMPLETE, "Playing");
}

/// Where a step has begun and has not ended.
void Camera::end_step(GstProgressType type, const std::string& text) {
  const Step step = step_.exchange(Step::kNone);
  if (step != Step::kNone) post_progress(owner_, type, step == Step::kOpen ? "open" : "request", text);
}

void Camera::on_reconnecting(const client::Reconnecting& event) {
  end_step(GST_PROGRESS_TYPE_ERROR, event.reason.text);
  GstStructure* structure = gst_structure_new(
      "retina-reconnecting", "attempt", G_TYPE_UINT, event.attempt, "delay", G_TYPE_UINT64,
      static_cast<guint64>(event.delay.count()), "reason", G_TYPE_STRING, event.reason.text.c_str(), nullptr);
  gst_element_post_message(owner_, gst_message_new_element(GST_OBJECT(owner_), structure));
}

void Camera::on_reconnected(const client::Reconnected& event) {
  GstStructure* structure = gst_structure_new("retina-reconnected", "outage", G_TYPE_UINT64,
                                              static_cast<guint64>(event.outage.count()), nullptr);
  gst_element_post_message(owner_, gst_message_new_element(GST_OBJECT(owner_), structure));
}

GstFlowReturn Camera::on_ended(const client::Ended& event) {
  if (event.failure) return fail(*event.failure);
  signals_.close();
  return failed_ ? GST_FLOW_ERROR : GST_FLOW_EOS;
}

void Camera::refuse(const client::Failure& failure) {
  if (client_->has_played()) {
    refusal_ = failure;
  } else {
    fail(failure);
  }
}

GstFlowReturn Camera::fail(const client::Failure& failure) {
  if (failed_.exchange(true)) return GST_FLOW_ERROR;
  signals_.close();
  end_step(GST_PROGRESS_TYPE_ERROR, failure.text);
  post_failure(owner_, failure);
  return GST_FLOW_ERROR;
}

GstFlowReturn Camera::give_up() {
  failed_ = given_up_ = true;
  signals_.close();
  step_ = Step::kNone;
  if (auto* shared = hub()) shared->end({});
  return GST_FLOW_ERROR;
}

// --- paused ---

void Camera::pause() {
  {
    const std::lock_guard lock(pausing_);
    paused_ = true;
  }
  if (hub()) start_idling();
}

void Camera::start_idling() {
  const std::lock_guard lock(pausing_);
  if (!paused_ || idler_.joinable()) return;
  hub()->pause();
  idler_ = std::thread([this] { idle(); });
}

void Camera::play() {
  const std::lock_guard lock(pausing_);
  paused_ = false;
  if (!idler_.joinable()) return;
  const std::size_t idler = hub()->idler();
  hub()->interrupt(idler);
  idler_.join();
  hub()->resume(idler);
  hub()->play();
}

void Camera::idle() {
  while (const auto event = hub()->next(hub()->idler())) {
    if (handle(*event)) return;
  }
}

}  // namespace retina::gst
