#include "data/read_model_template.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "data/chat_template.h"
#include "data/codec.h"
#include "data/start_of_text.h"
#include "peft/error.h"
#include "templates/model_template.h"
#include "templates/notation.h"
#include "tokenizer/tokenizer.h"

namespace peft::host {
namespace {

TemplateVariables variables_of(const Tokenizer& tokenizer) {
  TemplateVariables variables;
  const SpecialTokenIds& ids = tokenizer.special_ids();
  for (const SpecialToken& token : tokenizer.special_tokens()) {
    variables.special.push_back(token.content);
    for (const auto& [name, id] : {std::pair("bos_token", ids.bos), std::pair("eos_token", ids.eos),
                                   std::pair("unk_token", ids.unk), std::pair("pad_token", ids.pad)}) {
      if (id == token.id) variables.tokens[name] = token.content;
    }
  }
  return variables;
}

}  // namespace

TemplateTexts read_model_template(const std::filesystem::path& folder) {
  const std::optional<ModelTemplate> found = find_model_template(folder);
  if (!found) {
    throw UsageError(
        folder.string() +
        ": found neither chat_template.jinja nor a chat_template in tokenizer_config.json, expected the "
        "model's own template; name another one: human_assistant, plain, empty, chatml, llama3");
  }
  const std::unique_ptr<Tokenizer> tokenizer = load_tokenizer(folder);
  try {
    TemplateTexts texts = recognize_template(found->jinja, variables_of(*tokenizer));
    const TokenizerCodec codec(*tokenizer);
    // transformers puts nothing in front of what a template wrote.
    if (!start_of_text(codec).empty()) texts.begin.insert(0, nothing_in_front);
    require_same_tokens(texts, codec);
    return texts;
  } catch (const Error& problem) {
    throw UsageError(
        found->file.string() + ": the model's own template is not understood: " + problem.what() +
        "; write what it does as a map, data.template: {user: …, assistant: …}, or name another one");
  }
}

}  // namespace peft::host
