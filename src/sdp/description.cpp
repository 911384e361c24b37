#include "sdp/description.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "sdp/lines.h"
#include "sdp/media_section.h"
#include "sdp/notes.h"
#include "sdp/range.h"

namespace retina::sdp {
namespace {

using base::ErrorCode;
using base::fail;

template <class Entry>
const std::string* find_value(const std::vector<Entry>& entries, std::string_view name) {
  for (const Entry& entry : entries) {
    if (base::equals_ignore_case(entry.name, name)) return &entry.value;
  }
  return nullptr;
}

/// The lines before the first m= line, and what holds for all sections.
class SessionPart {
 public:
  explicit SessionPart(Description& description) : description_(description) {}

  base::Result<void> add(const Line& line) {
    switch (line.type) {
      case 's':
        description_.session_name = line.value;
        break;
      case 'c':
        connection_address_ = parse_connection(line.value);
        break;
      case 'a':
        if (description_.attributes.size() >= kMaxAttributes) {
          return fail(ErrorCode::kTooLarge, line.offset, "number of session attributes in the SDP");
        }
        description_.attributes.push_back(parse_attribute(line.value));
        read_hint(description_.attributes.back());
        break;
      default:
        break;
    }
    return {};
  }

  std::string_view connection_address() const { return connection_address_; }

 private:
  void read_hint(const Attribute& attribute) {
    if (base::equals_ignore_case(attribute.name, "tool")) {
      description_.tool = attribute.value;
    } else if (base::equals_ignore_case(attribute.name, "control")) {
      if (description_.control.empty()) description_.control = attribute.value;
    } else if (base::equals_ignore_case(attribute.name, "range") && !attribute.value.empty()) {
      description_.range = parse_range(attribute.value);
    }
  }

  Description& description_;
  std::string_view connection_address_;
};

bool says_backchannel(const Media& media) {
  const auto says = [](const std::string& text) {
    return base::to_lower(text).find("backchannel") != std::string::npos;
  };
  return std::any_of(media.attributes.begin(), media.attributes.end(), [&](const Attribute& attribute) {
    return says(attribute.name) || says(attribute.value);
  });
}

/// See Media::backchannel. D-Link cameras mark what they send as sendonly, ONVIF what they want to be sent.
void mark_backchannels(std::vector<Media>& media) {
  const auto is_sendonly = [](const Media& one) { return one.direction == Direction::kSendOnly; };
  const bool own_viewpoint = std::all_of(media.begin(), media.end(), is_sendonly) ||
                             std::any_of(media.begin(), media.end(), [&](const Media& one) {
                               return one.kind != MediaKind::kAudio && is_sendonly(one);
                             });
  for (Media& one : media) {
    if (one.kind != MediaKind::kAudio) continue;
    one.backchannel = (is_sendonly(one) && !own_viewpoint) || says_backchannel(one);
  }
}

/// What the sections leave to the session, and the other way round.
void share(Description& description, std::string_view connection_address) {
  for (Media& media : description.media) {
    if (media.connection_address.empty()) media.connection_address = connection_address;
    const std::string* range = description.range ? nullptr : media.attribute("range");
    if (range != nullptr && !range->empty()) description.range = parse_range(*range);
  }
  mark_backchannels(description.media);
}

}  // namespace

const std::string* Media::format_parameter(std::string_view name) const {
  return find_value(format_parameters, name);
}

const std::string* Media::attribute(std::string_view name) const {
  return find_value(attributes, name);
}

base::Result<Description> parse(std::string_view text) {
  if (text.size() > kMaxTextBytes) return fail(ErrorCode::kTooLarge, kMaxTextBytes, "size of the SDP");
  Description description;
  Notes notes(description.notes);
  SessionPart session(description);
  std::optional<MediaSection> section;

  LineReader reader(text);
  std::size_t attributes = 0;
  while (const auto line = reader.next()) {
    if (line->size_bytes > kMaxLineBytes)
      return fail(ErrorCode::kTooLarge, line->offset, "length of an SDP line");
    if (line->type == 'a' && ++attributes > kMaxAttributesInAll)
      return fail(ErrorCode::kTooLarge, line->offset, "number of attributes in the SDP");
    if (line->type == 'm') {
      if (section) description.media.push_back(std::move(*section).finish());
      if (description.media.size() >= kMaxMedia) {
        return fail(ErrorCode::kTooLarge, line->offset, "number of media sections in the SDP");
      }
      section.emplace(line->value, description.media.size(), notes);
    } else {
      CHECK_OK(section ? section->add(*line) : session.add(*line));
    }
  }
  if (!section) return fail(ErrorCode::kMalformed, 0, "SDP without media (m= lines)");
  description.media.push_back(std::move(*section).finish());
  share(description, session.connection_address());
  return description;
}

}  // namespace retina::sdp
