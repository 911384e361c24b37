#include "bin_streams.h"

#include <algorithm>
#include <utility>

#include "media_choice.h"
#include "report.h"
#include "rtp_caps.h"
#include "stream_matching.h"

namespace retina::gst {
namespace {

/// At one time, those included that are about to go.
constexpr std::size_t kMaxStreams = 64;
/// A camera that boots describes its streams one after the other: so many descriptions in a row may lack one
/// before it counts as gone.
constexpr unsigned kMaxLacking = 3;

std::string kind_text(const sdp::Media& media) {
  switch (media.kind) {
    case sdp::MediaKind::kVideo:
    case sdp::MediaKind::kImage:
      return "video";
    case sdp::MediaKind::kAudio:
      return "audio";
    default:
      return "application";
  }
}

}  // namespace

BinStreams::BinStreams(GstBin* bin, Errands& errands) : bin_(bin), errands_(errands) {}

// --- choosing ---

std::vector<client::Choice> BinStreams::choose(const std::shared_ptr<Camera>& camera,
                                               const sdp::Description& description) {
  if (camera_) return choose_again(description);
  camera_ = camera;
  group_.id = gst_util_group_id_next();
  const auto made = make(wanted_streams(description, camera_->settings()), description);
  if (made.empty()) {
    camera_->fail(no_such_stream(description));
    return {};
  }
  return show(made) ? choices() : std::vector<client::Choice>();
}

/// The streams run already, and must find themselves again.
std::vector<client::Choice> BinStreams::choose_again(const sdp::Description& description) {
  const std::vector<std::size_t> live = live_slots();
  std::vector<sdp::Media> known;
  for (const std::size_t number : live)
    known.push_back(slots_[number].media);
  known.insert(known.end(), declined_.begin(), declined_.end());
  std::vector<std::size_t> unknown = wanted_streams(description, camera_->settings());
  auto matches = match_streams(known, description, unknown);
  const auto declined = matches.begin() + static_cast<std::ptrdiff_t>(live.size());
  const bool lacks_one = std::find(matches.begin(), declined, std::nullopt) != declined;
  if (unknown.empty() || (lacks_one && ++lacking_ <= kMaxLacking)) {
    camera_->refuse({client::Failure::Kind::kUnsupported,
                     "The camera has other streams than it described before.", 0, ""});
    return {};
  }
  lacking_ = 0;
  keep_declined({declined, matches.end()}, description);
  for (const auto& match : matches)
    if (match) std::erase(unknown, *match);

  const auto made = make(unknown, description);
  if (made.empty() && std::count(matches.begin(), declined, std::nullopt) == declined - matches.begin()) {
    camera_->refuse(no_such_stream(description));
    return {};
  }
  for (std::size_t i = 0; i < live.size(); ++i) {
    if (matches[i]) {
      slots_[live[i]].choice.media_index = *matches[i];
    } else {
      end(live[i]);
    }
  }
  for (const std::size_t number : made)
    camera_->open_stream(number);
  if ((lacks_one || !made.empty()) && !show(made)) return {};
  if (!made.empty()) errands_.run([this] { start(); });
  return choices();
}

std::vector<std::size_t> BinStreams::live_slots() {
  const std::lock_guard lock(mutex_);
  std::vector<std::size_t> live;
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].state == Slot::State::kLive) live.push_back(i);
  return live;
}

/// Those that are described still.
void BinStreams::keep_declined(const std::vector<std::optional<std::size_t>>& matches,
                               const sdp::Description& description) {
  declined_.clear();
  for (const auto& match : matches)
    if (match) declined_.push_back(description.media[*match]);
}

std::vector<client::Choice> BinStreams::choices() {
  const std::lock_guard lock(mutex_);
  std::vector<client::Choice> choices;
  for (const Slot& slot : slots_) {
    choices.push_back(slot.choice);
    choices.back().absent = slot.state != Slot::State::kLive;
  }
  return choices;
}

bool BinStreams::is_selected(std::size_t index, const sdp::Description& description) {
  const CapsRef packets = rtp_caps(description.media[index], description.attributes);
  gboolean selected = TRUE;
  g_signal_emit_by_name(bin_, kSelectStream, static_cast<guint>(index), packets.get(), &selected);
  return selected != FALSE;
}

// --- making ---

/// Streams of these media sections, unless the application declines them; nobody sees them yet.
std::vector<std::size_t> BinStreams::make(const std::vector<std::size_t>& wanted,
                                          const sdp::Description& description) {
  std::vector<std::size_t> made;
  for (const std::size_t index : wanted) {
    const sdp::Media& media = description.media[index];
    if (!is_selected(index, description)) {
      declined_.push_back(media);
      continue;
    }
    const std::size_t number = free_slot();
    if (number == kMaxStreams) {
      post_note(GST_ELEMENT(bin_), "The camera changes its streams too fast; a new one is left out.");
      break;
    }
    BinStream::Place place = place_of(number, index, description);
    const std::string pad_name = place.pad_name;
    auto stream = std::make_unique<BinStream>(bin_, camera_, std::move(place), group_);
    const std::lock_guard lock(mutex_);
    Slot& slot = slots_[number];
    slot.stream = std::move(stream);
    slot.pad_name = pad_name;
    slot.media = media;
    slot.choice = {};
    slot.started = false;
    slot.state = Slot::State::kLive;
    made.push_back(number);
  }
  return made;
}

/// kMaxStreams: there is none.
std::size_t BinStreams::free_slot() {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].state == Slot::State::kFree) return i;
  if (slots_.size() < kMaxStreams) slots_.emplace_back();
  return slots_.size() == kMaxStreams ? kMaxStreams : slots_.size() - 1;
}

BinStream::Place BinStreams::place_of(std::size_t number, std::size_t media_index,
                                      const sdp::Description& description) {
  const std::string kind = kind_text(description.media[media_index]);
  BinStream::Place place;
  place.number = number;
  place.media_index = media_index;
  place.serial = made_[media_index]++;
  const std::lock_guard lock(mutex_);
  for (unsigned i = 0;; ++i) {
    place.pad_name = kind + "_" + std::to_string(i);
    const bool taken = std::any_of(slots_.begin(), slots_.end(), [&](const Slot& slot) {
      return slot.state != Slot::State::kFree && slot.pad_name == place.pad_name;
    });
    if (!taken) return place;
  }
}

/// Tells of the streams as they are now, and shows the pads of those that were made. False: one of them is
/// of no use to whoever has linked it, which has been posted.
bool BinStreams::show(const std::vector<std::size_t>& made) {
  gst_element_post_message(GST_ELEMENT(bin_), gst_message_new_latency(GST_OBJECT(bin_)));
  const CollectionRef collection(gst_stream_collection_new(nullptr));
  const std::vector<std::size_t> live = live_slots();
  for (const std::size_t number : live) {
    GstStream* stream = slots_[number].stream->stream();
    gst_stream_collection_add_stream(collection.get(), GST_STREAM(gst_object_ref(stream)));
  }
  // decodebin3 (1.22) waits for ever for a stream that has ended when it hears that it isn't there any more.
  if (!made.empty()) {
    for (const std::size_t number : live)
      slots_[number].stream->set_collection(collection.get());
  }
  gst_element_post_message(GST_ELEMENT(bin_),
                           gst_message_new_stream_collection(GST_OBJECT(bin_), collection.get()));
  if (made.empty()) return true;
  for (const std::size_t number : made)
    slots_[number].stream->expose();
  gst_element_no_more_pads(GST_ELEMENT(bin_));
  for (const std::size_t number : made) {
    const auto choice = slots_[number].stream->negotiate();
    if (!choice) return false;
    slots_[number].choice = *choice;
  }
  return true;
}

void BinStreams::start() {
  std::vector<BinStream*> waiting;
  {
    const std::lock_guard lock(mutex_);
    for (Slot& slot : slots_)
      if (slot.stream && !std::exchange(slot.started, true)) waiting.push_back(slot.stream.get());
  }
  for (BinStream* stream : waiting)
    stream->start();
}

// --- ending ---

/// Its thread pushes EOS when it has pushed what is queued; then the pad can go.
void BinStreams::end(std::size_t number) {
  BinStream* stream = nullptr;
  {
    const std::lock_guard lock(mutex_);
    slots_[number].state = Slot::State::kEnding;
    stream = slots_[number].stream.get();
  }
  camera_->end_stream(number);
  stream->on_over([this, number] { errands_.run([this, number] { remove(number); }); });
}

std::shared_ptr<CommonEnd> BinStreams::end_together() {
  // remove() waits for this: a stream that is told must be there still.
  const std::lock_guard lock(mutex_);
  std::vector<BinStream*> told;
  std::vector<const Progress*> streams;
  for (const Slot& slot : slots_) {
    const bool timed = slot.media.kind == sdp::MediaKind::kVideo || slot.media.kind == sdp::MediaKind::kAudio;
    if (slot.state != Slot::State::kLive || !slot.stream || !slot.started || !timed) continue;
    told.push_back(slot.stream.get());
    streams.push_back(&slot.stream->progress());
  }
  auto common = std::make_shared<CommonEnd>(streams);
  if (common->time() == 0) return nullptr;
  for (BinStream* stream : told)
    stream->end_at(common);
  return common;
}

void BinStreams::end_rest() {
  std::vector<BinStream*> streams;
  {
    const std::lock_guard lock(mutex_);
    for (const Slot& slot : slots_)
      if (slot.stream && slot.started) streams.push_back(slot.stream.get());
  }
  for (BinStream* stream : streams)
    stream->end();
}

void BinStreams::remove(std::size_t number) {
  std::unique_ptr<BinStream> gone;
  {
    const std::lock_guard lock(mutex_);
    gone = std::move(slots_[number].stream);
  }
  gone.reset();
  const std::lock_guard lock(mutex_);
  slots_[number].state = Slot::State::kFree;
}

void BinStreams::clear() {
  slots_.clear();
  declined_.clear();
  made_.clear();
  lacking_ = 0;
  camera_.reset();
}

}  // namespace retina::gst
