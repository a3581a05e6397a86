#include "tokenizer/pre_tokenizers/split.h"

#include <vector>

#include "tokenizer/pre_tokenizers/cl100k_pattern.h"
#include "tokenizer/pre_tokenizers/gpt2_pattern.h"

namespace peft::host {
namespace {

constexpr std::string_view gpt2 =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr std::string_view qwen2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view llama3 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

std::function<std::size_t(std::string_view)> automaton_for(const Value& pattern) {
  const Value* regex = pattern.find("Regex");
  if (regex == nullptr) return {};
  if (*regex == Value(gpt2)) return first_gpt2_word;
  if (*regex == Value(qwen2)) return [](std::string_view text) { return first_cl100k_word(text, 1); };
  if (*regex == Value(llama3)) return [](std::string_view text) { return first_cl100k_word(text, 3); };
  return {};
}

}  // namespace

PatternSplit::PatternSplit(const Component& description)
    : pattern_(make_pattern(description.at("pattern"))),
      behavior_(read_behavior(description, SplitBehavior::isolated)),
      invert_(description.flag("invert", false)) {
  description.only_keys({"pattern", "behavior", "invert"});
  // These match every byte of a text, so the matches are the words.
  if (behavior_ == SplitBehavior::isolated) first_word_ = automaton_for(description.at("pattern"));
}

void PatternSplit::pre_tokenize(Words& words) const {
  if (first_word_) {
    words.split([&](std::string_view text, auto emit) {
      while (!text.empty()) {
        const std::size_t length = first_word_(text);
        emit(text.substr(0, length));
        text.remove_prefix(length);
      }
    });
    return;
  }
  std::vector<Match> stretches;
  words.split([&](std::string_view text, auto emit) {
    pattern_->find_all(text, stretches);
    if (invert_) {
      for (Match& stretch : stretches) stretch.matches = !stretch.matches;
    }
    apply_behavior(behavior_, stretches);
    for (const Match& part : stretches) emit(text.substr(part.begin, part.end - part.begin));
  });
}

}  // namespace peft::host
