#include "data/chat_template.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "data/conversation_encoder.h"
#include "data/conversation_template.h"
#include "data/start_of_text.h"
#include "peft/error.h"
#include "templates/write_jinja.h"

namespace peft::host {
namespace {

std::string text_of(int64_t token, const Tokenizer& tokenizer) {
  const std::vector<SpecialToken>& special = tokenizer.special_tokens();
  const auto found = std::ranges::find(special, token, &SpecialToken::id);
  if (found != special.end()) return found->content;
  throw Error("the token " + std::to_string(token) +
              ", which begins or ends a text, is none of the tokenizer's special tokens");
}

TokenTexts token_texts(const TokenizerCodec& codec) {
  const Tokenizer& tokenizer = codec.tokenizer();
  TokenTexts texts;
  for (const int64_t token : start_of_text(codec)) texts.start_of_text += text_of(token, tokenizer);
  texts.begin_of_text = template_tokens(tokenizer).begin_of_text.value_or("");
  if (codec.end_of_text()) texts.end_of_text = text_of(*codec.end_of_text(), tokenizer);
  return texts;
}

}  // namespace

void require_same_tokens(const TemplateTexts& texts, const TokenizerCodec& codec) {
  const ConversationTemplate form(texts, template_tokens(codec.tokenizer()));
  Conversation conversation;
  if (texts.system) conversation.turns.push_back({"system", "Be brief, and kind."});
  for (const char* role : {"user", "assistant", "user", "assistant"}) {
    conversation.turns.push_back({role, "One, two: three? Four!"});
  }
  constexpr int64_t enough = 1 << 20;
  Counts counts;
  const std::vector<int64_t> ids =
      ConversationEncoder(form, codec, TrainOn::all).encode(conversation, enough, counts).ids;
  if (codec.encode(codec.tokenizer().decode(ids)) == ids) return;
  throw Error("its parts, encoded one by one, are other tokens than the whole");
}

std::string chat_template_of(const TemplateTexts& texts, const TokenizerCodec& codec) {
  require_same_tokens(texts, codec);
  return to_jinja(texts, token_texts(codec));
}

}  // namespace peft::host
