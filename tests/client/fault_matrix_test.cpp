// Every fault in every phase of a session: what comes of it. docs/reliability.md has the tables that come out
// of this; where they differ, this prints the right ones.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "client/fault_camera.h"
#include "client/hub.h"
#include "client/lasting_client.h"
#include "codec/registry.h"

namespace {

using namespace retina;
using namespace retina::test;
using namespace std::chrono_literals;

struct Row {
  Wrong wrong;
  const char* name;
};
constexpr Row kRows[] = {
    {Wrong::kEof, "closed"},
    {Wrong::kReset, "reset"},
    {Wrong::kStall, "silence"},
    {Wrong::kGarbage, "garbage, 3 kB"},
    {Wrong::kFlood, "garbage, 2 MiB"},
    {Wrong::kTrickle, "a byte a second"},
    {Wrong::kHalfStall, "half a message, then silence"},
    {Wrong::kHalfEof, "half a message, then closed"},
    {Wrong::kDeaf, "nothing is read any more"},
    {Wrong::kNotFound, "404"},
    {Wrong::kNoSession, "454"},
    {Wrong::kUnavailable, "503"},
};

struct Column {
  Phase phase;
  const char* name;
};
constexpr Column kDialogue[] = {
    {Phase::kConnect, "connect"}, {Phase::kOptions, "OPTIONS"}, {Phase::kDescribe, "DESCRIBE"},
    {Phase::kSetup, "SETUP"},     {Phase::kPlay, "PLAY"},
};

const char* name_of(client::Failure::Kind kind) {
  using Kind = client::Failure::Kind;
  switch (kind) {
    case Kind::kSettings:
      return "SETTINGS";
    case Kind::kNotFound:
      return "NOT_FOUND";
    case Kind::kNotAuthorized:
      return "NOT_AUTHORIZED";
    case Kind::kConnect:
    case Kind::kUnsupported:
    case Kind::kProtocol:
      return "OPEN_READ";
    case Kind::kTimeout:
    case Kind::kRead:
    case Kind::kClosed:
      break;
  }
  return "READ";
}

/// The sentences that errors and reasons say, numbered as they come.
class Sentences {
 public:
  std::string number(std::string text) {
    // Which byte it was says nothing here.
    const std::string at = "at byte ";
    if (const std::size_t found = text.find(at); found != std::string::npos) {
      const std::size_t digits = found + at.size();
      text.replace(digits, text.find_first_not_of("0123456789", digits) - digits, "N");
    }
    const auto found = std::find(all_.begin(), all_.end(), text);
    const auto index = static_cast<std::size_t>(found - all_.begin());
    if (found == all_.end()) all_.push_back(text);
    return std::to_string(index + 1);
  }
  std::string list() const {
    std::string text;
    for (std::size_t i = 0; i < all_.size(); ++i)
      text += std::to_string(i + 1) + ". " + all_[i] + "\n";
    return text;
  }

 private:
  std::vector<std::string> all_;
};

/// A lasting client that chooses the one stream there is, as an element does.
class Watcher final : public client::EventSource {
 public:
  explicit Watcher(std::vector<FaultPlan> plans, bool reconnect = true) : camera(clock, std::move(plans)) {
    client::Options options;
    options.location = "rtsp://cam/stream";
    options.user_agent = "test";
    client::Reconnection::Options again;
    again.enabled = reconnect;
    again.delay = again.max_delay = base::Duration::zero();
    auto created = client::LastingClient::create(options, again, log_, clock, camera);
    ck_assert(created.has_value());
    client = std::move(created).value();
  }

  std::optional<client::Event> next() override { return pass(&client::LastingClient::next); }
  std::optional<client::Event> poll() override { return pass(&client::LastingClient::poll); }
  void interrupt() override { client->interrupt(); }
  void resume() override { client->resume(); }

  FakeClock clock;
  FaultCamera camera;
  std::shared_ptr<client::LastingClient> client;

 private:
  std::optional<client::Event> pass(std::optional<client::Event> (client::LastingClient::*take)()) {
    auto event = (*client.*take)();
    if (!event || !std::holds_alternative<client::Described>(*event)) return event;
    const auto& media = client->description().media;
    if (!media.empty() && client::obstacle(media[0]).empty()) {
      client->choose({{0, {}, &allocator_}});
    } else {
      client->refuse({client::Failure::Kind::kNotFound, "The camera has no stream as asked for.", 0, ""});
    }
    return event;
  }

  base::NullLog log_;
  codec::HeapAllocator allocator_;
};

/// How it went on.
struct Outcome {
  unsigned frames = 0;
  std::vector<client::Failure> reasons;  // of Reconnecting
  unsigned reconnected = 0;
  std::optional<client::Ended> ended;
};

/// Until the end, or so many frames: more than a keep-alive's interval holds.
constexpr unsigned kMany = 2000;

void take(Outcome& outcome, client::Event event) {
  if (std::holds_alternative<client::FrameReady>(event)) ++outcome.frames;
  if (std::holds_alternative<client::Reconnected>(event)) ++outcome.reconnected;
  if (auto* reconnecting = std::get_if<client::Reconnecting>(&event))
    outcome.reasons.push_back(reconnecting->reason);
  if (auto* ended = std::get_if<client::Ended>(&event)) outcome.ended = std::move(*ended);
}

Outcome watch(client::EventSource& source, unsigned frames = kMany) {
  Outcome outcome;
  for (unsigned events = 0; !outcome.ended && outcome.frames < frames; ++events) {
    ck_assert_msg(events < 10 * kMany, "it never ends");
    auto event = source.next();
    ck_assert(event.has_value());
    take(outcome, std::move(*event));
  }
  return outcome;
}

std::string error_text(const client::Failure& failure, Sentences& sentences) {
  return std::string(name_of(failure.kind)) + " (" + sentences.number(failure.text) + ")";
}

std::string at_first_start(const Fault& fault, Sentences& sentences) {
  Watcher watcher({FaultPlan{fault}});
  const base::TimePoint start = watcher.clock.now();
  const Outcome outcome = watch(watcher);
  ck_assert_msg(outcome.reasons.empty(), "a session that has not played is not opened again");
  if (!outcome.ended) return "plays";
  ck_assert_uint_eq(outcome.frames, 0);
  ck_assert(outcome.ended->failure.has_value());
  ck_assert_msg(watcher.clock.now() - start <= 21s, "an error that takes longer than tcp-timeout");
  return error_text(*outcome.ended->failure, sentences);
}

std::string while_playing(Wrong wrong, bool recording, Sentences& sentences) {
  FaultPlan plan{Fault{Phase::kPlaying, wrong}};
  plan.recording = recording;
  Watcher watcher({plan, FaultPlan{}});
  const Outcome outcome = watch(watcher);
  ck_assert_uint_ge(outcome.frames, 5);
  if (!outcome.ended && outcome.reasons.empty()) {
    ck_assert_uint_eq(watcher.camera.connections(), 1);
    return "goes on";
  }
  if (outcome.ended) {
    ck_assert_msg(recording, "live media comes back");
    if (!outcome.ended->failure) return "EOS";
    return error_text(*outcome.ended->failure, sentences);
  }
  ck_assert_uint_eq(outcome.reasons.size(), 1);
  ck_assert_uint_eq(outcome.reconnected, 1);
  ck_assert_uint_eq(watcher.camera.connections(), 2);
  return "comes back (" + sentences.number(outcome.reasons[0].text) + ")";
}

/// As gst/camera.cpp does it: nobody wants frames, and another thread drives the session.
std::string while_paused(Wrong wrong, Sentences& sentences) {
  Watcher watcher({FaultPlan{Fault{Phase::kPlaying, wrong}}, FaultPlan{}});
  base::Counter dropped;
  Outcome before;
  client::Hub hub(watcher, 1, {}, dropped);
  while (before.frames < 3)
    take(before, *hub.next(0));
  hub.pause();
  // A paused hub hands out no frames: the keep-alives show how the time goes.
  const auto keep_alives = [&] { return watcher.camera.count("OPTIONS"); };
  const unsigned at_pause = keep_alives();
  watcher.camera.asked.on_request = [&] {
    if (keep_alives() >= at_pause + 3) hub.interrupt(hub.idler());
  };
  Outcome paused;
  while (auto event = hub.next(hub.idler())) {
    take(paused, std::move(*event));
    ck_assert(!paused.ended);
  }
  watcher.camera.asked.on_request = nullptr;
  hub.resume(hub.idler());
  ck_assert_uint_eq(paused.frames, 0);
  ck_assert_uint_eq(paused.reconnected, paused.reasons.size());
  hub.play();
  Outcome after;
  while (after.frames < 3)
    take(after, *hub.next(0));
  if (paused.reasons.empty()) return "goes on";
  return "comes back (" + sentences.number(paused.reasons[0].text) + ")";
}

std::string at_teardown(Wrong wrong) {
  Watcher watcher({FaultPlan{Fault{Phase::kTeardown, wrong}}});
  watch(watcher, 5);
  const base::TimePoint start = watcher.clock.now();
  watcher.client->close(100ms);
  ck_assert_uint_eq(watcher.camera.count("TEARDOWN"), wrong == Wrong::kDeaf ? 0 : 1);
  const base::Duration taken = watcher.clock.now() - start;
  ck_assert_msg(taken <= 100ms, "stopping takes longer than teardown-timeout");
  return taken < 100ms ? "stops at once" : "stops";
}

std::string line(const std::string& first, const std::vector<std::string>& cells) {
  std::string text = "| " + first + " |";
  for (const std::string& cell : cells)
    text += " " + cell + " |";
  return text + "\n";
}

std::string rule(std::size_t columns) {
  std::string text = "|";
  for (std::size_t i = 0; i < columns; ++i)
    text += "---|";
  return text + "\n";
}

std::string tables() {
  Sentences sentences;
  std::vector<std::string> names;
  for (const Column& column : kDialogue)
    names.emplace_back(column.name);
  std::string text = line("at the first start", names) + rule(names.size() + 1);
  for (const Row& row : kRows) {
    std::vector<std::string> cells;
    for (const Column& column : kDialogue)
      cells.push_back(at_first_start({column.phase, row.wrong}, sentences));
    text += line(row.name, cells);
  }
  text +=
      "\n" + line("later", {"playing, live", "PAUSED, live", "playing, a recording", "TEARDOWN"}) + rule(5);
  for (const Row& row : kRows) {
    text += line(row.name, {while_playing(row.wrong, false, sentences), while_paused(row.wrong, sentences),
                            while_playing(row.wrong, true, sentences), at_teardown(row.wrong)});
  }
  return text + "\n" + sentences.list();
}

LAW(the_document_has_what_comes_of_each_fault_in_each_phase) {
  const char* docs = std::getenv("RETINA_DOCS");
  ck_assert_msg(docs != nullptr, "RETINA_DOCS is not set: meson test sets it");
  std::ifstream file(std::string(docs) + "/reliability.md");
  std::stringstream whole;
  whole << file.rdbuf();
  const std::string begin = "<!-- faults -->\n";
  const std::string document = whole.str();
  const std::size_t from = document.find(begin);
  const std::size_t to = document.find("<!-- /faults -->");
  ck_assert_msg(from != std::string::npos && to != std::string::npos, "no place for the tables");
  const std::string expected = tables();
  const std::string found = document.substr(from + begin.size(), to - from - begin.size());
  if (found != expected) std::printf("%s", expected.c_str());
  std::fflush(stdout);
  ck_assert_msg(found == expected, "docs/reliability.md has other tables; the right ones are printed above");
}

LAW(after_an_outage_every_fault_of_the_dialogue_is_one_more_attempt) {
  for (const Row& row : kRows) {
    for (const Column& column : kDialogue) {
      Watcher watcher(
          {FaultPlan{Fault{Phase::kPlaying, Wrong::kEof}}, FaultPlan{Fault{column.phase, row.wrong}}});
      const Outcome outcome = watch(watcher, 500);
      ck_assert_msg(!outcome.ended, "%s at %s ends it", row.name, column.name);
      ck_assert_msg(outcome.reconnected == 1, "%s at %s: reconnected %u times", row.name, column.name,
                    outcome.reconnected);
      ck_assert_uint_le(outcome.reasons.size(), 2);
    }
  }
}

LAW(without_reconnect_what_is_lost_is_an_error) {
  for (const Row& row : kRows) {
    Watcher watcher({FaultPlan{Fault{Phase::kPlaying, row.wrong}}}, false);
    const Outcome outcome = watch(watcher);
    ck_assert_uint_eq(outcome.reasons.size(), 0);
    if (outcome.ended) ck_assert_msg(outcome.ended->failure.has_value(), "%s", row.name);
  }
}

}  // namespace

int main() {
  return retina::test::run_laws("fault matrix");
}
