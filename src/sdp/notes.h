#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdp/description.h"

namespace retina::sdp {

/// Collects Description::notes: each sentence once, and a bounded number of them.
class Notes {
 public:
  explicit Notes(std::vector<std::string>& sentences) : sentences_(sentences) {}

  void add(std::string sentence) {
    if (sentences_.size() >= kMaxNotes) return;
    for (const std::string& known : sentences_) {
      if (known == sentence) return;
    }
    sentences_.push_back(std::move(sentence));
  }

 private:
  std::vector<std::string>& sentences_;  // the caller's, for this object's life
};

/// The notes on one media section, which is told by its number from 0.
class SectionNotes {
 public:
  SectionNotes(Notes& notes, std::size_t index) : notes_(notes), index_(index) {}

  /// `what` is a sentence without its period.
  void add(std::string_view what) {
    notes_.add("SDP, media section " + std::to_string(index_) + ": " + std::string(what) + ".");
  }

 private:
  Notes& notes_;  // the caller's, for this object's life
  std::size_t index_;
};

}  // namespace retina::sdp
