#include "engine/answer_stream.h"

namespace peft::host {

void AnswerStream::show(std::string text) {
  if (form_ != nullptr && !text.empty()) {
    text = shown_answer(*form_, text);
    form_ = nullptr;
  }
  if (!text.empty()) observer_.on_text(text);
}

}  // namespace peft::host
