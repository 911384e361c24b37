#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "sdp/description.h"
#include "sdp/encoding_choice.h"
#include "sdp/lines.h"
#include "sdp/notes.h"

namespace retina::sdp {

/// Splits what follows `a=` into its parts.
Attribute parse_attribute(std::string_view value);

/// The address of a c= line, its last word, without TTL and count. The words before it are often wrong.
std::string_view parse_connection(std::string_view value);

/// One media section while its lines come. Nothing is decided before the last one: they come in any order.
class MediaSection {
 public:
  /// `value` of the m= line. `index` numbers the section.
  MediaSection(std::string_view value, std::size_t index, Notes& notes);

  /// A line after the m= line. Errors: kTooLarge over kMaxAttributes.
  base::Result<void> add(const Line& line);

  Media finish() &&;

 private:
  void read_media_line(std::string_view value);
  void read_formats(std::string_view rest);
  void read_bandwidth(std::string_view value);
  void read_hint(const Attribute& attribute);

  SectionNotes notes_;
  Media media_;
  Formats formats_;
  bool bandwidth_is_tias_ = false;  // media_.bandwidth_kbps is from b=TIAS
};

}  // namespace retina::sdp
