#include "tokenizer/pattern.h"

#include <algorithm>

#include "peft/error.h"
#include "tokenizer/regex.h"

namespace peft::host {
namespace {

class Literal final : public Pattern {
 public:
  explicit Literal(std::string text) : text_(std::move(text)) {
    if (text_.empty()) throw Error("an empty pattern found, expected a string; fetch the file again");
  }

  void find_all(std::string_view text, std::vector<Match>& matches) const override {
    matches.clear();
    std::size_t from = 0;
    while (from < text.size()) {
      const std::size_t found = std::min(text.find(text_, from), text.size());
      if (found > from) matches.push_back({from, found, false});
      if (found == text.size()) return;
      from = found + text_.size();
      matches.push_back({found, from, true});
    }
  }

 private:
  std::string text_;
};

}  // namespace

Pattern::~Pattern() = default;

std::unique_ptr<Pattern> make_pattern(const Value& description) {
  if (const Value* text = description.find("String")) return std::make_unique<Literal>(text->as_text());
  if (const Value* regex = description.find("Regex")) return std::make_unique<Regex>(regex->as_text());
  throw Error("a pattern without 'String' and 'Regex' found, expected one of them; fetch the file again");
}

}  // namespace peft::host
