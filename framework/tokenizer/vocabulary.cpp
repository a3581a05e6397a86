#include "tokenizer/vocabulary.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "peft/error.h"
#include "tokenizer/byte_alphabet.h"

namespace peft::host {
namespace {

constexpr std::int64_t max_id =
    (1 << 24) - 1;  // far above any model's; a damaged id must not ask for gigabytes

std::string in_quotes(std::string_view token) {
  return "'" + std::string(token) + "'";
}

[[noreturn]] void fail(const std::string& file, const std::string& message) {
  throw Error(file + ": error: " + message);
}

// One id, one token: holds for vocabulary and added tokens together.
class IdRegister {
 public:
  void add(const std::string& file, std::string_view token, std::int64_t id) {
    if (id < 0 || id > max_id) {
      fail(file, "token " + in_quotes(token) + " has the id " + std::to_string(id) + ", expected 0 to " +
                     std::to_string(max_id) + "; the file is damaged, fetch it again");
    }
    const auto [known, is_new] = tokens_.emplace(id, token);
    if (!is_new && known->second != token) {
      fail(file, "tokens " + in_quotes(known->second) + " and " + in_quotes(token) + " both have the id " +
                     std::to_string(id) + ", expected an id for each; the file is damaged, fetch it again");
    }
  }

 private:
  std::unordered_map<std::int64_t, std::string_view> tokens_;
};

}  // namespace

VocabularyIndex::VocabularyIndex(const TokenizerDefinition& definition) : definition_(definition) {
  const std::string& file = definition.vocabulary_file;
  IdRegister ids;
  ids_.reserve(definition.vocabulary.size());
  for (const auto& [token, id] : definition.vocabulary) {
    ids.add(file, token, id);
    ids_.emplace(token, static_cast<TokenId>(id));
  }
  for (const AddedToken& token : definition.added_tokens) {
    ids.add(file, token.content, token.id);
    const auto known = id_of(token.content);
    if (known && *known != token.id) {
      fail(file, "the added token " + in_quotes(token.content) + " has the id " + std::to_string(token.id) +
                     ", but " + std::to_string(*known) + " in the vocabulary; make the two the same");
    }
  }
}

std::optional<TokenId> VocabularyIndex::id_of(std::string_view token) const {
  const auto found = ids_.find(token);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::vector<Merge> VocabularyIndex::merges(const BpeDefinition& definition) const {
  std::vector<Merge> merges;
  merges.reserve(definition.merges.size());
  const auto known = [&](const std::string& token, const std::string& left, const std::string& right) {
    if (const auto id = id_of(token)) return *id;
    fail(definition_.merges_file, "merge " + std::to_string(merges.size() + 1) + " (" + in_quotes(left) +
                                      " with " + in_quotes(right) + ") needs the token " + in_quotes(token) +
                                      ", which " + definition_.vocabulary_file +
                                      " lacks; take vocabulary and merges from the same tokenizer");
  };
  for (const auto& [left, right] : definition.merges) {
    merges.push_back({.left = known(left, left, right),
                      .right = known(right, left, right),
                      .merged = known(left + right, left, right),
                      .rank = static_cast<std::int32_t>(merges.size())});
  }
  return merges;
}

TokenTable::TokenTable(const Vocabulary& vocabulary, const std::vector<AddedToken>& added, bool as_bytes) {
  std::int64_t largest = -1;
  for (const auto& [token, id] : vocabulary) largest = std::max(largest, id);
  for (const AddedToken& token : added) largest = std::max(largest, token.id);
  tokens_.resize(static_cast<std::size_t>(largest + 1));
  for (const auto& [token, id] : vocabulary) {
    std::string text = as_bytes ? bytes_of_token(token).value_or(token) : token;
    tokens_[static_cast<std::size_t>(id)] = {.text = std::move(text), .special = false, .exists = true};
  }
  for (const AddedToken& token : added) {
    tokens_[static_cast<std::size_t>(token.id)] = {token.content, token.special, true};
  }
}

const TokenTable::Token* TokenTable::find(std::int64_t id) const {
  if (id < 0 || id >= size()) return nullptr;
  const Token& token = tokens_[static_cast<std::size_t>(id)];
  return token.exists ? &token : nullptr;
}

}  // namespace peft::host
