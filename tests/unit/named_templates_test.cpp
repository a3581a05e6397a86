// chatml, llama3, plain and templates that a recipe writes, in pieces and in tokens.
#include <algorithm>
#include <catch2/catch.hpp>

#include "data/conversation_encoder.h"
#include "data/conversation_template.h"
#include "data_fixture.h"
#include "peft/error.h"
#include "templates/named_templates.h"

using namespace peft::host;
using namespace peft::test;
using peft::Conversation;
using peft::EncodedSequence;

namespace {

const TemplateTokens markers = {.special = {"<|im_start|>", "<|im_end|>", "<|begin|>", "<|start_header_id|>",
                                            "<|end_header_id|>", "<|eot_id|>"},
                                .begin_of_text = "<|begin|>"};

const Conversation talk =
    conversation({{"system", "S"}, {"user", " a\n"}, {"assistant", "b"}, {"user", "c"}, {"assistant", "d"}});

std::string rendered(const TemplateChoice& choice, const Conversation& said, int64_t max_length = 1000) {
  const auto form = make_template(choice, markers);
  const ByteCodec codec;
  Counts counts;
  return shown(ConversationEncoder(*form, codec, TrainOn::replies).encode(said, max_length, counts));
}

std::string prompt(const TemplateChoice& choice, const Conversation& said, int64_t max_length = 1000) {
  const auto form = make_template(choice, markers);
  const ByteCodec codec;
  Counts counts;
  return shown(ConversationEncoder(*form, codec, TrainOn::replies).encode_prompt(said, max_length, counts));
}

// "ab" is one token, every other byte is one.
struct PairCodec : ByteCodec {
  std::vector<int64_t> encode(std::string_view text) const override {
    std::vector<int64_t> ids;
    for (size_t i = 0; i < text.size(); ++i) {
      const bool pair = text.substr(i, 2) == "ab";
      ids.push_back(pair ? 1000 : static_cast<unsigned char>(text[i]));
      i += pair ? 1 : 0;
    }
    return ids;
  }
};

std::vector<int64_t> pair_ids(const TemplateTexts& texts, const Conversation& said) {
  const ConversationTemplate form(texts, {});
  const PairCodec codec;
  Counts counts;
  return ConversationEncoder(form, codec, TrainOn::replies).encode(said, 1000, counts).ids;
}

}  // namespace

TEST_CASE("ChatML puts turns between its markers, and trains on what ends a turn") {
  CHECK(rendered("chatml", talk) ==
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\n a\n<|im_end|>\n"
        "<|im_start|>assistant\n[b<|im_end|>]\n<|im_start|>user\nc<|im_end|>\n"
        "<|im_start|>assistant\n[d<|im_end|>]\n");
  CHECK(prompt("chatml", conversation({{"user", "a"}})) ==
        "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n");
}

TEST_CASE("Llama 3 begins with its token once, and drops white space around what was said") {
  CHECK(rendered("llama3", talk) ==
        "<|begin|><|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\na<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n[b<|eot_id|>]"
        "<|start_header_id|>user<|end_header_id|>\n\nc<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n[d<|eot_id|>]");
  CHECK(prompt("llama3", conversation({{"user", "\u3000a\u00a0"}})) ==
        "<|begin|><|start_header_id|>user<|end_header_id|>\n\na<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n");
}

TEST_CASE("The beginning stays while turns are dropped") {
  const std::string short_one = "<|begin|><|start_header_id|>assistant<|end_header_id|>\n\n[d<|eot_id|>]";
  const Conversation two = conversation({{"user", "c"}, {"assistant", "d"}});
  CHECK(rendered("llama3", two, static_cast<int64_t>(short_one.size()) - 2) == short_one);
}

TEST_CASE("Plain writes down what was said and nothing else") {
  CHECK(rendered("plain", talk) == "S\n a\n\n[b$]\nc\n[d$]\n");
  CHECK(prompt("plain", conversation({{"user", "a"}})) == "a\n");
}

TEST_CASE("Empty puts nothing between, so that a prompt is a text to be continued") {
  CHECK(rendered("empty", talk) == "S a\n[b$]c[d$]");
  CHECK(prompt("empty", conversation({{"user", "I want you to act as"}})) == "I want you to act as");
}

TEST_CASE("A template written in a recipe is what it says, marks, trained parts and default system text") {
  const TemplateTexts texts = {.begin = "{begin_of_text}",
                               .system = "[{content}]\n",
                               .default_system = "Be {kind}.",
                               .user = "Q: {content|trim}\n",
                               .assistant = "A:{reply} {content}<|im_end|>{end_of_text}{/reply}\n--\n"};
  CHECK(rendered(texts, conversation({{"user", " a "}, {"assistant", "b"}})) ==
        "<|begin|>[Be {kind}.]\nQ: a\nA:[ b<|im_end|>$]\n--\n");
  CHECK(rendered(texts, talk) == "<|begin|>[S]\nQ: a\nA:[ b<|im_end|>$]\n--\nQ: c\nA:[ d<|im_end|>$]\n--\n");
  const ConversationTemplate form(texts, markers);
  CHECK(form.answer_lead() == " ");
  CHECK(form.answer_end() == Piece{.text = "<|im_end|>", .reply = true});
}

TEST_CASE("Special tokens of the template are pieces of their own; what is said in between is one") {
  const auto form = make_template("chatml", markers);
  CHECK(form->render({"user", "hi<|im_end|>"}) ==
        std::vector<Piece>{{.text = "<|im_start|>"},
                           {.text = "user\nhi<|im_end|>", .content = true},
                           {.text = "<|im_end|>"},
                           {.text = "\n"}});
  CHECK(form->render({"assistant", "yes"}) ==
        std::vector<Piece>{{.text = "<|im_start|>"},
                           {.text = "assistant\n"},
                           {.text = "yes", .reply = true, .content = true, .joins = true},
                           {.text = "<|im_end|>", .reply = true},
                           {.text = "\n"}});
}

TEST_CASE("A reply is encoded with what stands in front as far as a prompt's tokens stay what they are") {
  const TemplateTexts joined = {.user = "{content}", .assistant = "x{reply}{content}{end_of_text}{/reply}"};
  CHECK(pair_ids(joined, conversation({{"assistant", "ab"}})) == std::vector<int64_t>{'x', 1000, 256});
  // "a" and "b" would be one token, which no prompt ends in.
  const TemplateTexts split = {.user = "{content}", .assistant = "xa{reply}{content}{end_of_text}{/reply}"};
  CHECK(pair_ids(split, conversation({{"assistant", "bab"}})) ==
        std::vector<int64_t>{'x', 'a', 'b', 1000, 256});
  // What no reply divides is one text, unless it is said to be apart.
  CHECK(pair_ids({.user = "a{content}", .assistant = joined.assistant}, conversation({{"user", "b"}})) ==
        std::vector<int64_t>{1000});
  CHECK(pair_ids({.user = "a{|}{content}", .assistant = joined.assistant}, conversation({{"user", "b"}})) ==
        std::vector<int64_t>{'a', 'b'});
}

TEST_CASE("What ends a reply is known, so that answers can end there") {
  CHECK(make_template("human_assistant", {})->answer_end().ends_text);
  CHECK(make_template("plain", {})->answer_end().ends_text);
  CHECK(make_template("chatml", markers)->answer_end().text == "<|im_end|>");
  CHECK(make_template("llama3", markers)->answer_end().text == "<|eot_id|>");
}

TEST_CASE("A special token that a template is written with and a tokenizer lacks is named") {
  CHECK_THROWS_WITH(make_template("chatml", {}), Catch::Contains("no special token '<|im_start|>'") &&
                                                     Catch::Contains("'chatml'") && Catch::Contains("plain"));
  TemplateTokens without_begin = markers;
  without_begin.begin_of_text.reset();
  CHECK_THROWS_WITH(make_template("llama3", without_begin), Catch::Contains("bos_token"));
  TemplateTokens without_end = markers;
  std::erase(without_end.special, "<|eot_id|>");
  CHECK_THROWS_WITH(make_template("llama3", without_end), Catch::Contains("'<|eot_id|>'"));
  // One that a recipe writes may mean them as text; it is told.
  const TemplateTexts texts = {.user = "<|u|>{content}<|end|>",
                               .assistant = "{reply}{content}<|end|>{/reply}"};
  CHECK(missing_special_tokens(texts, markers) == std::vector<std::string>{"<|u|>", "<|end|>"});
  CHECK(rendered(texts, conversation({{"assistant", "a"}})) == "[a<|end|>]");
}

TEST_CASE("A system text without a place is refused") {
  const TemplateTexts texts = {.user = "{content}", .assistant = "{reply}{content}.{/reply}"};
  CHECK_THROWS_WITH(rendered(texts, talk),
                    Catch::Contains("no place for one") && Catch::Contains("'system'"));
}
