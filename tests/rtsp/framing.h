#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/ascii.h"
#include "base/bytes.h"
#include "rtsp/framer.h"

/// Drives a Framer as a connection does, and writes down what comes out.
namespace retina::test {

inline std::string describe(const rtsp::Message& message) {
  std::string text;
  const auto add_rest = [&](const auto& m) {
    for (const auto& [name, value] : m.headers)
      text += "|" + name + "=" + value;
    if (!m.body.empty()) text += "|body:" + m.body;
  };
  if (const auto* response = std::get_if<rtsp::Response>(&message)) {
    text = std::to_string(response->status) + " " + response->reason;
    add_rest(*response);
  } else {
    const auto& request = std::get<rtsp::Request>(message);
    text = request.method + " " + request.uri;
    add_rest(request);
  }
  return text;
}

/// What a stream was cut into, and where each part stood.
struct Trace {
  struct Item {
    std::uint64_t offset = 0;
    std::string text;  ///< a message as describe() has it, or "$channel:payload"
    bool operator==(const Item& other) const = default;
  };
  std::vector<Item> items;
  std::vector<rtsp::Message> messages;
  std::string unread;  ///< shown, but not consumed
  std::uint64_t consumed = 0;
  bool in_message = false;
  std::uint64_t skipped_bytes = 0;
  std::uint64_t resyncs = 0;
  std::string error;
  std::vector<std::string> notes;

  std::string texts() const {
    std::string joined;
    for (const Item& item : items)
      joined += item.text + "\n";
    return joined;
  }
  /// Where it differs, the way the stream was cut has mattered. (An error may be seen earlier or later.)
  bool same_as(const Trace& other) const {
    if (error != other.error || items != other.items) return false;
    return !error.empty() || (unread == other.unread && consumed == other.consumed && notes == other.notes &&
                              in_message == other.in_message && skipped_bytes == other.skipped_bytes &&
                              resyncs == other.resyncs);
  }
};

class FramerDriver {
 public:
  explicit FramerDriver(std::bitset<256> channels = {}) { framer_.set_known_channels(channels); }

  void feed(std::string_view piece) {
    unread_ += piece;
    while (trace_.error.empty() && step()) {
    }
    if (begin_ > 4096) {
      unread_.erase(0, begin_);
      begin_ = 0;
    }
  }

  Trace finish() {
    trace_.unread = unread_.substr(begin_);
    trace_.in_message = framer_.in_message();
    trace_.skipped_bytes = framer_.skipped_bytes();
    trace_.resyncs = framer_.resyncs();
    trace_.notes = framer_.take_notes();
    return std::move(trace_);
  }

  rtsp::Framer& framer() { return framer_; }
  /// kNeedMore's, of the last step.
  std::size_t missing() const { return missing_; }

 private:
  bool step() {
    const auto step = framer_.next(base::as_bytes(std::string_view(unread_).substr(begin_)));
    if (!step) {
      trace_.error = step.error().what;
      return false;
    }
    using Kind = rtsp::Framer::Step::Kind;
    if (step->kind == Kind::kInterleaved) {
      const auto& [channel, payload] = step->interleaved;
      trace_.items.push_back(
          {framer_.offset(), "$" + std::to_string(channel) + ":" + std::string(base::as_text(payload))});
    } else if (step->kind == Kind::kMessage) {
      trace_.messages.push_back(framer_.take_message());
      trace_.items.push_back({framer_.offset(), describe(trace_.messages.back())});
    }
    missing_ = step->missing;
    begin_ += step->consumed;
    trace_.consumed += step->consumed;
    return step->kind != Kind::kNeedMore;
  }

  rtsp::Framer framer_;
  std::string unread_;  // from begin_ on
  std::size_t begin_ = 0;
  Trace trace_;
  std::size_t missing_ = 0;
};

inline Trace feed_whole(std::string_view stream, std::bitset<256> channels = {}) {
  FramerDriver driver(channels);
  driver.feed(stream);
  return driver.finish();
}

inline Trace feed_bytewise(std::string_view stream, std::bitset<256> channels = {}) {
  FramerDriver driver(channels);
  for (const char c : stream)
    driver.feed({&c, 1});
  return driver.finish();
}

/// The first way of cutting the stream in two, or into bytes, that matters; nullopt: none does.
inline std::optional<std::size_t> find_split_that_matters(std::string_view stream,
                                                          std::bitset<256> channels = {}) {
  const Trace whole = feed_whole(stream, channels);
  for (std::size_t split = 0; split <= stream.size(); ++split) {
    FramerDriver driver(channels);
    driver.feed(stream.substr(0, split));
    driver.feed(stream.substr(split));
    if (!driver.finish().same_as(whole)) return split;
  }
  if (!feed_bytewise(stream, channels).same_as(whole)) return stream.size() + 1;
  return std::nullopt;
}

inline std::string interleaved(std::uint8_t channel, std::string_view payload) {
  std::string packet = "$";
  packet += static_cast<char>(channel);
  packet += static_cast<char>(payload.size() >> 8);
  packet += static_cast<char>(payload.size() & 0xFF);
  return packet.append(payload);
}

/// The start of an RTP header (version 2) and `text`.
inline std::string rtp(std::string_view text) {
  return "\x80\x60" + std::string(text);
}

inline std::bitset<256> channels(std::initializer_list<std::uint8_t> numbers) {
  std::bitset<256> set;
  for (const std::uint8_t number : numbers)
    set.set(number);
  return set;
}

}  // namespace retina::test

/// Feeds a stream whole, at every split and byte by byte, and compares what comes out, an item a line.
#define ASSERT_FRAMES(stream, known_channels, expected)                                                     \
  do {                                                                                                      \
    const std::string framed_stream{stream};                                                                \
    ASSERT_TEXT(                                                                                            \
        ::retina::base::printable(::retina::test::feed_whole(framed_stream, known_channels).texts(), 4096), \
        ::retina::base::printable(expected, 4096));                                                         \
    const auto bad_split = ::retina::test::find_split_that_matters(framed_stream, known_channels);          \
    ck_assert_msg(!bad_split, "the result depends on a split at %zu", bad_split.value_or(0));               \
  } while (false)
