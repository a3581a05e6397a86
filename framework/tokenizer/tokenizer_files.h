// The files that make the tokenizer of a model folder in Hugging Face's layout.
#pragma once

#include <array>
#include <string_view>

namespace peft::host {

// All that may belong to one: what is fetched, read and copied with a model.
inline constexpr std::array<std::string_view, 10> tokenizer_files = {
    "added_tokens.json", "chat_template.jinja",
    "merges.txt",        "special_tokens_map.json",
    "spiece.model",      "tokenizer.json",
    "tokenizer.model",   "tokenizer_config.json",
    "vocab.json",        "vocab.txt"};

// Those of which one, or a pair, is enough; for messages.
inline constexpr std::string_view enough_for_a_tokenizer =
    "tokenizer.json, or vocab.json and merges.txt, or vocab.txt, or spiece.model, or tokenizer.model";

// Whether the files that `has` tells of are enough.
template <class Has>
bool make_a_tokenizer(const Has& has) {
  return has("tokenizer.json") || (has("vocab.json") && has("merges.txt")) || has("vocab.txt") ||
         has("spiece.model") || has("tokenizer.model");
}

}  // namespace peft::host
