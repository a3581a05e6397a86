// The examples of a recipe's source files, encoded: from the token cache, or made and kept there.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "data/encoding.h"
#include "data/token_store.h"
#include "plugin/plugin_set.h"
#include "recipe/recipe.h"
#include "tokenizer/tokenizer.h"

namespace peft::host {

struct SourceTokens {
  std::shared_ptr<const TokenStore> store;
  std::vector<std::string> notes;  // of the cache, where there was something to say
};

// The first `limit` examples of `sources`; the encoding's codec is the tokenizer's. Throws `peft::UsageError`
// or `peft::Error` where files, columns or examples are at fault.
SourceTokens read_source(const Recipe& recipe, const SourcePaths& sources, size_t limit,
                         const Encoding& encoding, const Tokenizer& tokenizer, PluginSet& plugins);

}  // namespace peft::host
