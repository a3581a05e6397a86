#include "tokenizer/added_tokens.h"

#include <algorithm>
#include <utility>

#include "tokenizer/character_classes.h"
#include "tokenizer/utf8_classes.h"

namespace peft::host {
namespace {

bool is_word(std::string_view character) {
  return unicode::CharacterClasses::get().has(unicode::decode_first(character).code,
                                              unicode::CharacterClasses::word);
}

// Whether a word goes on to the left of `begin` or to the right of `end`.
bool touches_word(std::string_view text, std::size_t begin, std::size_t end) {
  return (begin > 0 && is_word(text.substr(unicode::previous_character(text, begin)))) ||
         (end < text.size() && is_word(text.substr(end)));
}

}  // namespace

AddedToken* find_added_token(std::vector<AddedToken>& tokens, std::string_view content) {
  const auto found = std::find_if(tokens.begin(), tokens.end(),
                                  [&](const AddedToken& token) { return token.content == content; });
  return found == tokens.end() ? nullptr : &*found;
}

AddedTokenFinder::AddedTokenFinder(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
  std::stable_sort(tokens_.begin(), tokens_.end(), [](const AddedToken& a, const AddedToken& b) {
    return a.content.size() > b.content.size();
  });
  for (const AddedToken& token : tokens_) begins_[static_cast<unsigned char>(token.content[0])] = true;
}

const AddedToken* AddedTokenFinder::longest_at(std::string_view text, std::size_t position) const {
  const std::string_view rest = text.substr(position);
  for (const AddedToken& token : tokens_) {
    if (rest.starts_with(token.content)) return &token;
  }
  return nullptr;
}

AddedTokenFinder::Match AddedTokenFinder::find(std::string_view text, std::size_t from,
                                               Special special) const {
  if (tokens_.empty()) return {};
  for (std::size_t i = from; i < text.size();) {
    if (!begins_[static_cast<unsigned char>(text[i])]) {
      ++i;
      continue;
    }
    const AddedToken* token = longest_at(text, i);
    if (token == nullptr) {
      ++i;
      continue;
    }
    const std::size_t end = i + token->content.size();
    if (token->special && special == Special::plain_text) {
      i = end;  // nothing is looked for inside it, either
      continue;
    }
    if (token->single_word && touches_word(text, i, end)) {
      i = end;
      continue;
    }
    const std::size_t before = token->lstrip ? unicode::trailing_white_space(text.substr(from, i - from)) : 0;
    const std::size_t after = token->rstrip ? unicode::leading_white_space(text.substr(end)) : 0;
    return {token, i - before, end + after};
  }
  return {};
}

}  // namespace peft::host
