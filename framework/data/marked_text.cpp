#include "data/marked_text.h"

#include <span>

#include "base/utf8.h"

namespace peft::host {

std::vector<MarkedText> marked_text(const Tokenizer& tokenizer, const EncodedSequence& sequence) {
  const auto trained = [&](size_t i) { return !sequence.labels.empty() && sequence.labels[i] != no_target; };
  const std::span<const int64_t> ids = sequence.ids;
  std::vector<MarkedText> result;
  for (size_t begin = 0; begin < ids.size();) {
    size_t end = begin + 1;
    while (end < ids.size() && trained(end) == trained(begin)) ++end;
    MarkedText stretch{.text = tokenizer.decode(ids.subspan(begin, end - begin)), .trained = trained(begin)};
    replace_invalid_utf8(stretch.text);
    result.push_back(std::move(stretch));
    begin = end;
  }
  return result;
}

}  // namespace peft::host
