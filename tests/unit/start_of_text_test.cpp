// What a model's own tokeniser puts in front of a text, a Llama's <s>, stands in front of whatever is read.
#include "data/start_of_text.h"

#include <catch2/catch.hpp>

#include "data/conversation_encoder.h"
#include "data/encode_context.h"
#include "data_fixture.h"
#include "evaluate/answers.h"
#include "peft/error.h"
#include "tasks/causal_lm/causal_lm.h"
#include "template_fixture.h"

using namespace peft::host;
using namespace peft::test;

namespace {

// A byte is a token; ^ begins a text and ! ends what the tokeniser makes of it.
class StartingCodec : public ByteCodec {
 public:
  std::vector<int64_t> with_special_tokens(const std::vector<int64_t>& ids) const override {
    std::vector<int64_t> around = {'^'};
    around.insert(around.end(), ids.begin(), ids.end());
    around.push_back('!');
    return around;
  }
};

const StartingCodec codec;
const HumanAssistantTemplate form;

HostEncodeContext context_of(int64_t max_length, TrainOn train_on = TrainOn::replies) {
  return {codec, form, {.train_on = train_on, .max_length = max_length}};
}

std::string text(const std::string& content, int64_t max_length) {
  return shown(context_of(max_length).render(peft::Text{content}));
}

const peft::Conversation question = conversation({{"system", "S"}, {"user", "a"}, {"assistant", "b"}});
const peft::Conversation two_questions =
    conversation({{"user", "a"}, {"assistant", "b"}, {"user", "c"}, {"assistant", "d"}});

}  // namespace

TEST_CASE("A text begins as the model's tokeniser has it begin: read, counted, and no target") {
  CHECK(text("abc", 100) == "^[abc$]");
  CHECK(text("abc", 5) == "^[abc$]");
  CHECK(text("abc", 3) == "^[ab]");
  CHECK(text("", 100) == "[$]");  // nothing to learn, as without a beginning
}

TEST_CASE("A conversation begins so once, before its system text, however many turns are dropped") {
  CHECK(shown(context_of(100).render(question)) == "^S\n### Human: a\n### Assistant:[ b$]\n");
  CHECK(shown(context_of(100, TrainOn::all).render(question)) == "^[S\n### Human: a\n### Assistant: b$\n]");
  CHECK(shown(context_of(32).render(two_questions)) == "^### Human: c\n### Assistant:[ d$]\n");
  CHECK(shown(context_of(31).render(two_questions)) == "^### Assistant:[ d$]\n");
}

TEST_CASE("A conversation that begins so already does not begin twice") {
  CHECK(shown(context_of(100).render(conversation({{"system", "^S"}, {"user", "a"}, {"assistant", "b"}}))) ==
        "^S\n### Human: a\n### Assistant:[ b$]\n");
}

TEST_CASE("A conversation begins with nothing where its template says so, and a text still as ever") {
  TemplateTexts texts = named_template("human_assistant");
  texts.begin = "{|}";
  const ConversationTemplate own(texts, {});
  HostEncodeContext context(codec, own, {.max_length = 100});
  CHECK(shown(context.render(question)) == "S\n### Human: a\n### Assistant:[ b$]\n");
  CHECK(shown(context.render_prompt(conversation({{"user", "a"}}), 28)) == "### Human: a\n### Assistant:");
  CHECK_THROWS_WITH(context.render_prompt(conversation({{"user", "a"}}), 13),
                    Catch::Matchers::Contains("alone needs 14"));
  CHECK(shown(context.render(peft::Text{"abc"})) == "^[abc$]");
}

TEST_CASE("A prompt begins so, as a conversation and as it stands, and when it is shortened") {
  const peft::causal_lm::CausalLm task;
  const auto prompt = [&](const std::string& content, PromptForm as, int64_t limit) {
    HostEncodeContext context = context_of(100);
    AnswerOptions options;
    options.max_prompt_tokens = limit;
    return shown(prompt_tokens(content, as, task, context, options));
  };
  CHECK(prompt("hi", PromptForm::conversation, 100) == "^### Human: hi\n### Assistant:");
  CHECK(prompt("hi", PromptForm::conversation, 20) == "^### H### Assistant:");
  CHECK_THROWS_WITH(prompt("hi", PromptForm::conversation, 14), Catch::Matchers::Contains("alone needs 15"));
  CHECK(prompt("abcdef", PromptForm::raw, 100) == "^abcdef");
  CHECK(prompt("abcdef", PromptForm::raw, 4) == "^def");
}
