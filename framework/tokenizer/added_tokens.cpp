#include "tokenizer/added_tokens.h"

#include <algorithm>
#include <utility>

#include "tokenizer/utf8_classes.h"

namespace peft::host {
namespace {

using unicode::Character;
using unicode::Class;
using unicode::first_character;

// Length in bytes of the white space that begins `text`.
std::size_t leading_white_space(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size()) {
    const Character next = first_character(text.substr(end));
    if (next.which != Class::white_space) break;
    end += next.length;
  }
  return end;
}

// Length in bytes of the white space that ends `text`.
std::size_t trailing_white_space(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0) {
    std::size_t last = begin - 1;
    while ((static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) --last;  // to the lead byte
    if (first_character(text.substr(last)).which != Class::white_space) break;
    begin = last;
  }
  return text.size() - begin;
}

}  // namespace

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
    const std::size_t before = token->lstrip ? trailing_white_space(text.substr(from, i - from)) : 0;
    const std::size_t after = token->rstrip ? leading_white_space(text.substr(end)) : 0;
    return {token, i - before, end + after};
  }
  return {};
}

}  // namespace peft::host
