#include "data/read_model_template.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/codec.h"
#include "data/conversation_encoder.h"
#include "data/conversation_template.h"
#include "peft/error.h"
#include "templates/model_template.h"
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

// transformers encodes what a template wrote as one text: so must the pieces here come out.
void require_same_tokens(const TemplateTexts& texts, const Tokenizer& tokenizer) {
  const ConversationTemplate form(texts, template_tokens(tokenizer));
  const TokenizerCodec codec(tokenizer);
  Conversation conversation;
  if (texts.system) conversation.turns.push_back({"system", "Be brief, and kind."});
  for (const char* role : {"user", "assistant", "user", "assistant"}) {
    conversation.turns.push_back({role, "One, two: three? Four!"});
  }
  constexpr int64_t enough = 1 << 20;
  Counts counts;
  const std::vector<int64_t> ids =
      ConversationEncoder(form, codec, TrainOn::all).encode(conversation, enough, counts).ids;
  if (codec.encode(tokenizer.decode(ids)) == ids) return;
  throw Error("its parts, encoded one by one, are other tokens than the whole");
}

}  // namespace

TemplateTexts read_model_template(const std::filesystem::path& folder) {
  const std::optional<ModelTemplate> found = find_model_template(folder);
  if (!found) {
    throw UsageError(
        folder.string() +
        ": found neither chat_template.jinja nor a chat_template in tokenizer_config.json, expected the "
        "model's own template; name another one: human_assistant, plain, chatml, llama3");
  }
  const std::unique_ptr<Tokenizer> tokenizer = load_tokenizer(folder);
  try {
    TemplateTexts texts = recognize_template(found->jinja, variables_of(*tokenizer));
    require_same_tokens(texts, *tokenizer);
    return texts;
  } catch (const Error& problem) {
    throw UsageError(
        found->file.string() + ": the model's own template is not understood: " + problem.what() +
        "; write what it does as a map, data.template: {user: …, assistant: …}, or name another one");
  }
}

}  // namespace peft::host
