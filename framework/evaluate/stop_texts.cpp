#include "evaluate/stop_texts.h"

#include <algorithm>
#include <utility>

#include "peft/error.h"

namespace peft::host {

StopTexts::StopTexts(const TextCodec& codec, std::vector<std::string> texts)
    : codec_(codec), texts_(std::move(texts)) {
  if (std::ranges::find(texts_, "") != texts_.end())
    throw UsageError("'stop' holds an empty text, before which every answer would end; expected texts");
}

size_t StopTexts::first_in(std::string_view answer) const {
  size_t first = std::string_view::npos;
  for (const std::string& text : texts_) first = std::min(first, answer.find(text));
  return first;
}

std::function<bool(const std::vector<int64_t>& answer)> StopTexts::ends() const {
  if (texts_.empty()) return {};
  return [this](const std::vector<int64_t>& answer) {
    return first_in(codec_.decode(answer)) != std::string_view::npos;
  };
}

std::string StopTexts::cut(std::string answer) const {
  answer.resize(std::min(answer.size(), first_in(answer)));
  return answer;
}

size_t StopTexts::uncertain(std::string_view answer) const {
  size_t most = 0;
  for (const std::string& text : texts_) {
    for (size_t length = std::min(text.size() - 1, answer.size()); length > most; --length) {
      if (answer.ends_with(std::string_view(text).substr(0, length))) most = length;
    }
  }
  return most;
}

}  // namespace peft::host
