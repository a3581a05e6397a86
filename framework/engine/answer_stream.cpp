#include "engine/answer_stream.h"

#include <utility>

namespace peft::host {

void AnswerStream::take(const std::string& text, bool last) {
  if (ended_) return;
  waiting_ += text;
  std::string certain = stop_.cut(waiting_);
  ended_ = certain.size() < waiting_.size();
  if (!ended_ && !last) certain.resize(certain.size() - stop_.uncertain(certain));
  waiting_.erase(0, certain.size());
  show(std::move(certain));
}

void AnswerStream::show(std::string text) {
  if (form_ != nullptr && !text.empty()) {
    text = shown_answer(*form_, text);
    form_ = nullptr;
  }
  if (!text.empty()) observer_.on_text(text);
}

}  // namespace peft::host
