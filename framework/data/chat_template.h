// A template as the chat template that transformers applies.
#pragma once

#include <string>

#include "data/codec.h"
#include "templates/template_texts.h"

namespace peft::host {

// transformers encodes what a template wrote as one text, and here its pieces are encoded: throws
// `peft::Error` where these are other tokens.
void require_same_tokens(const TemplateTexts& texts, const TokenizerCodec& codec);

// In Jinja, with the tokenizer's special tokens and with what it puts in front of every text, which
// transformers adds to no conversation. Throws `peft::Error` where a tokenizer would not encode what it
// writes as conversations are encoded here.
std::string chat_template_of(const TemplateTexts& texts, const TokenizerCodec& codec);

}  // namespace peft::host
