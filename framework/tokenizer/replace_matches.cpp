#include "tokenizer/replace_matches.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace peft::host {

void replace_matches(const Pattern& pattern, std::string_view content, std::string& text) {
  std::vector<Match> stretches;
  pattern.find_all(text, stretches);
  const auto matches = [](const Match& stretch) { return stretch.matches; };
  if (std::none_of(stretches.begin(), stretches.end(), matches)) return;
  std::string replaced;
  replaced.reserve(text.size() * 2);
  for (const Match& stretch : stretches) {
    replaced.append(stretch.matches
                        ? content
                        : std::string_view(text).substr(stretch.begin, stretch.end - stretch.begin));
  }
  text = std::move(replaced);
}

}  // namespace peft::host
