#include "sdp/picture_size.h"

#include <array>
#include <cstddef>
#include <string_view>

#include "base/ascii.h"

namespace retina::sdp {
namespace {

constexpr std::size_t kMaxNumbers = 4;

/// All the numbers of a text, whatever stands between them; nullopt when there are not `count`, or one is too
/// large.
std::optional<std::array<unsigned, kMaxNumbers>> read_numbers(std::string_view text, std::size_t count) {
  std::array<unsigned, kMaxNumbers> numbers{};
  std::size_t found = 0;
  bool in_number = false;
  for (const char c : text) {
    if (!base::is_digit(c)) {
      in_number = false;
      continue;
    }
    if (!in_number && found == count) return std::nullopt;
    if (!in_number) ++found;
    in_number = true;
    unsigned& number = numbers[found - 1];
    number = number * 10 + static_cast<unsigned>(c - '0');
    if (number > 0xFFFF) return std::nullopt;
  }
  if (found != count) return std::nullopt;
  return numbers;
}

std::optional<PictureSize> checked(unsigned width, unsigned height) {
  if (width == 0 || height == 0) return std::nullopt;
  return PictureSize{width, height};
}

std::optional<PictureSize> read_framesize(std::string_view value) {
  const auto numbers = read_numbers(value, 3);  // the payload type stands first
  return numbers ? checked((*numbers)[1], (*numbers)[2]) : std::nullopt;
}

std::optional<PictureSize> read_dimensions(std::string_view value) {
  const auto numbers = read_numbers(value, 2);
  return numbers ? checked((*numbers)[0], (*numbers)[1]) : std::nullopt;
}

std::optional<PictureSize> read_cliprect(std::string_view value) {
  const auto edges = read_numbers(value, 4);
  if (!edges) return std::nullopt;
  const auto [top, left, bottom, right] = *edges;
  if (bottom <= top || right <= left) return std::nullopt;
  return PictureSize{right - left, bottom - top};
}

}  // namespace

std::optional<PictureSize> picture_size(const Media& media) {
  using Reader = std::optional<PictureSize> (*)(std::string_view);
  constexpr std::pair<std::string_view, Reader> kReaders[] = {
      {"framesize", read_framesize}, {"x-dimensions", read_dimensions}, {"cliprect", read_cliprect}};
  for (const auto& [name, read] : kReaders) {
    for (const Attribute& attribute : media.attributes) {
      if (!base::equals_ignore_case(attribute.name, name)) continue;
      if (const auto size = read(attribute.value)) return size;
    }
  }
  return std::nullopt;
}

}  // namespace retina::sdp
