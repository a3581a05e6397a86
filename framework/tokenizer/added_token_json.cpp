#include "tokenizer/added_token_json.h"

#include "peft/error.h"

namespace peft::host {
namespace {

bool flag(const Value& token, std::string_view key, bool absent) {
  const Value* found = token.find(key);
  return found == nullptr ? absent : found->as_boolean();
}

}  // namespace

AddedToken read_added_token(const Value& token) {
  AddedToken added;
  added.content = token.at("content").as_text();
  if (added.content.empty()) throw Error("an added token without content found, expected its text");
  if (const Value* id = token.find("id")) added.id = id->as_integer();
  added.special = flag(token, "special", false);
  added.lstrip = flag(token, "lstrip", false);
  added.rstrip = flag(token, "rstrip", false);
  added.single_word = flag(token, "single_word", false);
  added.normalized = flag(token, "normalized", !added.special);
  return added;
}

}  // namespace peft::host
