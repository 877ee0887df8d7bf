#include "binder/edit_distance.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace sundog::binder {

namespace {

std::vector<std::string_view> Characters(std::string_view text) {
  std::vector<std::string_view> characters;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = begin + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    characters.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return characters;
}

}  // namespace

int EditDistance(std::string_view a, std::string_view b, int limit) {
  std::vector<std::string_view> left = Characters(a);
  std::vector<std::string_view> right = Characters(b);
  if (std::abs(static_cast<int>(left.size()) - static_cast<int>(right.size())) > limit) {
    return limit + 1;
  }
  std::vector<int> previous(right.size() + 1);
  std::vector<int> current(right.size() + 1);
  for (size_t j = 0; j <= right.size(); ++j) previous[j] = static_cast<int>(j);
  for (size_t i = 1; i <= left.size(); ++i) {
    current[0] = static_cast<int>(i);
    for (size_t j = 1; j <= right.size(); ++j) {
      int substitute = previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
      current[j] = std::min({substitute, previous[j] + 1, current[j - 1] + 1});
    }
    std::swap(previous, current);
  }
  return previous[right.size()];
}

}  // namespace sundog::binder
