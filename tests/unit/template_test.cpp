#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "data/codec.h"
#include "data/conversation_encoder.h"
#include "data/conversation_template.h"
#include "data/encode_context.h"
#include "data/marked_text.h"
#include "data_fixture.h"
#include "peft/error.h"
#include "support/temporary_folder.h"
#include "template_fixture.h"
#include "tokenizer/tokenizer.h"

using namespace peft::host;
using namespace peft::test;
using peft::Conversation;
using peft::EncodedSequence;
using Ids = std::vector<int64_t>;

namespace {

struct Rendered {
  std::string text;
  Counts counts;
};

Rendered render(const Conversation& conversation, int64_t max_length = 1000,
                TrainOn train_on = TrainOn::replies) {
  const HumanAssistantTemplate form;
  const ByteCodec codec;
  Rendered result;
  const EncodedSequence sequence =
      ConversationEncoder(form, codec, train_on).encode(conversation, max_length, result.counts);
  CHECK(static_cast<int64_t>(sequence.ids.size()) <= max_length);
  result.text = shown(sequence);
  return result;
}

Rendered render_prompt(const Conversation& conversation, int64_t max_length) {
  const HumanAssistantTemplate form;
  const ByteCodec codec;
  Rendered result;
  const Ids ids = ConversationEncoder(form, codec, TrainOn::replies)
                      .encode_prompt(conversation, max_length, result.counts);
  CHECK(static_cast<int64_t>(ids.size()) <= max_length);
  result.text = shown(ids);
  return result;
}

// 4 turns: 13, 18, 13 and 18 tokens.
const Conversation two_questions =
    conversation({{"user", "a"}, {"assistant", "b"}, {"user", "c"}, {"assistant", "d"}});
const Conversation with_system =
    conversation({{"system", "S"}, {"user", "a"}, {"assistant", "b"}, {"user", "c"}, {"assistant", "d"}});

// The codec of real GPT-2; null where its files are not at hand.
struct Gpt2 {
  TemporaryFolder folder;
  std::unique_ptr<Tokenizer> tokenizer;

  Gpt2() {
    const char* shared = std::getenv("PEFT_SHARED_DATA");
    const std::filesystem::path from = std::filesystem::path(shared == nullptr ? "" : shared) / "tokenizers";
    if (shared == nullptr || !std::filesystem::exists(from / "gpt2_vocab.json")) return;
    std::filesystem::copy(from / "gpt2_vocab.json", folder.path() / "vocab.json");
    std::filesystem::copy(from / "gpt2_merges.txt", folder.path() / "merges.txt");
    tokenizer = load_tokenizer(folder.path());
  }
};

}  // namespace

TEST_CASE("A conversation is written as human_assistant says, and replies are the targets") {
  CHECK(render(two_questions).text ==
        "### Human: a\n### Assistant:[ b$]\n### Human: c\n### Assistant:[ d$]\n");
}

TEST_CASE("A system text stands first, without a header") {
  CHECK(render(with_system).text ==
        "S\n### Human: a\n### Assistant:[ b$]\n### Human: c\n### Assistant:[ d$]\n");
}

TEST_CASE("Training on all makes every token a target") {
  CHECK(render(two_questions, 1000, TrainOn::all).text ==
        "[### Human: a\n### Assistant: b$\n### Human: c\n### Assistant: d$\n]");
}

TEST_CASE("Header, space-and-text, end-of-text and newline are pieces of their own") {
  const HumanAssistantTemplate form;
  const Piece newline = {.text = "\n"};
  const std::vector<Piece> user = {{.text = "### Human:"}, {.text = " hi", .content = true}, newline};
  CHECK(form.render({"user", "hi"}) == user);
  const std::vector<Piece> assistant = {{.text = "### Assistant:"},
                                        {.text = " yes", .reply = true, .content = true},
                                        {.text = "", .ends_text = true, .reply = true},
                                        newline};
  CHECK(form.render({"assistant", "yes"}) == assistant);
  const std::vector<Piece> system = {{.text = "Be kind.", .content = true}, newline};
  CHECK(form.render({"system", "Be kind."}) == system);
}

TEST_CASE("Every template's prompt ends in what an assistant's turn begins with") {
  const TemplateTokens tokens = {
      .special = {"<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"},
      .begin_of_text = "<|begin_of_text|>"};
  for (const std::string& name : template_names()) {
    const auto form = make_template(name, tokens);
    const std::vector<Piece> opening = form->begin_answer();
    const std::vector<Piece> turn = form->render({"assistant", "text"});
    REQUIRE(turn.size() > opening.size());
    CHECK(std::equal(opening.begin(), opening.end(), turn.begin()));
    CHECK(turn[opening.size()].text == std::string(form->answer_lead()) + "text");
    CHECK(shown_answer(*form, std::string(form->answer_lead()) + "text") == "text");
  }
}

TEST_CASE("Only the first space of an answer is hidden") {
  const HumanAssistantTemplate form;
  CHECK(shown_answer(form, "  two spaces ") == " two spaces ");
  CHECK(shown_answer(form, "none") == "none");
  CHECK(shown_answer(form, "") == "");
}

TEST_CASE("Too long a conversation loses whole turns from the front, no more than needed") {
  CHECK(render(two_questions, 62).text.front() == '#');
  CHECK(render(two_questions, 62).counts.empty());

  const Rendered one_dropped = render(two_questions, 61);
  CHECK(one_dropped.text == "### Assistant:[ b$]\n### Human: c\n### Assistant:[ d$]\n");
  CHECK(one_dropped.counts.of("turns dropped from the front") == 1);
  CHECK(one_dropped.counts.of("conversations without their first turns") == 1);
  CHECK(one_dropped.counts.of("conversations cut at their end") == 0);

  CHECK(render(two_questions, 48).text == "### Human: c\n### Assistant:[ d$]\n");
  CHECK(render(two_questions, 30).text == "### Assistant:[ d$]\n");
}

TEST_CASE("The last turn is cut at its end, and its end-of-text is then gone") {
  CHECK(render(two_questions, 18).text == "### Assistant:[ d$]\n");
  CHECK(render(two_questions, 17).text == "### Assistant:[ d$]");
  const Rendered cut = render(two_questions, 16);
  CHECK(cut.text == "### Assistant:[ d]");
  CHECK(cut.counts.of("conversations cut at their end") == 1);
  CHECK(cut.counts.of("turns dropped from the front") == 3);
  CHECK(render(two_questions, 14).text == "### Assistant:");  // no target is left
}

TEST_CASE("A system text stays while turns are dropped") {
  CHECK(render(with_system, 63).text == "S\n### Assistant:[ b$]\n### Human: c\n### Assistant:[ d$]\n");
  CHECK(render(with_system, 20).text == "S\n### Assistant:[ d$]\n");
  CHECK(render(with_system, 18).text == "S\n### Assistant:[ d]");
}

TEST_CASE("At every length, what is left is the end of the conversation, cut only in its last turn") {
  std::mt19937 random(7);
  for (int trial = 0; trial < 200; ++trial) {
    Conversation any;
    for (int i = 0; i < 1 + static_cast<int>(random() % 5); ++i) {
      any.turns.push_back({i % 2 == 0 ? "user" : "assistant", std::string(random() % 30, 'x')});
    }
    const std::string whole = render(any, 100000, TrainOn::all).text;
    const std::string last = render({{any.turns.back()}}, 100000, TrainOn::all).text;
    const std::string text = whole.substr(1, whole.size() - 2);
    const std::string last_turn = last.substr(1, last.size() - 2);
    const auto limit = 1 + static_cast<int64_t>(random() % (text.size() + 5));
    const std::string fitted = render(any, limit, TrainOn::all).text;
    const std::string kept = fitted.substr(1, fitted.size() - 2);
    if (kept.size() >= last_turn.size()) {
      CHECK(text.ends_with(kept));
      CHECK(kept.starts_with("###"));
    } else {
      CHECK(last_turn.starts_with(kept));
      CHECK(static_cast<int64_t>(kept.size()) == limit);
    }
  }
}

TEST_CASE("A prompt to answer ends where the answer begins") {
  const Conversation asked = conversation({{"user", "a"}, {"assistant", "b"}, {"user", "c"}});
  CHECK(render_prompt(asked, 100).text == "### Human: a\n### Assistant: b$\n### Human: c\n### Assistant:");
  CHECK(render_prompt(asked, 100).counts.empty());
  CHECK(render_prompt({}, 14).text == "### Assistant:");
}

TEST_CASE(
    "A prompt too long loses turns from the front, then the end of the last, never where the answer begins") {
  const Conversation asked = conversation({{"user", "a"}, {"assistant", "b"}, {"user", "c"}});
  CHECK(render_prompt(asked, 57).text == "### Assistant: b$\n### Human: c\n### Assistant:");
  CHECK(render_prompt(asked, 57).counts.of("prompts shortened") == 1);
  CHECK(render_prompt(asked, 27).text == "### Human: c\n### Assistant:");
  CHECK(render_prompt(asked, 25).text == "### Human: ### Assistant:");
  CHECK_THROWS_WITH(render_prompt(asked, 13), Catch::Contains("13") && Catch::Contains("14"));
}

TEST_CASE("A text's tokens are all targets, end-of-text after them") {
  const ByteCodec codec;
  const HumanAssistantTemplate form;
  HostEncodeContext context(codec, form, {.train_on = TrainOn::replies, .max_length = 5});
  CHECK(shown(context.render(peft::Text{"abcd"})) == "[abcd$]");
  CHECK(context.counts().empty());
  CHECK(shown(context.render(peft::Text{"abcde"})) == "[abcde]");  // cut: no end-of-text
  CHECK(shown(context.render(peft::Text{"abcdefgh"})) == "[abcde]");
  CHECK(context.counts().of("texts cut at their end") == 2);
}

TEST_CASE("What cannot be rendered is refused") {
  CHECK_THROWS_WITH(render(conversation({{"user", "a"}, {"system", "late"}})),
                    Catch::Contains("system text as turn 2"));
  CHECK_THROWS_WITH(render(conversation({{"tool", "a"}})), Catch::Contains("'tool'"));
  CHECK_THROWS_AS(make_template("human_asistant", {}), peft::UsageError);
  CHECK_THROWS_WITH(make_template("human_asistant", {}), Catch::Contains("did you mean 'human_assistant'"));
  CHECK_THROWS_AS(parse_train_on("answers"), peft::UsageError);

  struct Endless : ByteCodec {
    std::optional<int64_t> end_of_text() const override { return {}; }
  };
  const Endless codec;
  const HumanAssistantTemplate form;
  HostEncodeContext context(codec, form, {});
  CHECK_THROWS_WITH(context.render(peft::Text{"a"}), Catch::Contains("no end-of-text token"));
  CHECK_THROWS_AS(HostEncodeContext(codec, form, {.train_on = TrainOn::all, .max_length = 0}),
                  peft::UsageError);
}

TEST_CASE("A special token typed in a turn or a text is plain text; the template's own stays") {
  const std::unique_ptr<Tokenizer> tokenizer = load_tokenizer(PEFT_TOKENIZER_TEST_DATA);
  const TokenizerCodec codec(*tokenizer);
  const HumanAssistantTemplate form;
  HostEncodeContext context(codec, form, {});
  const std::string typed = "a<|endoftext|>b";
  const int64_t end = codec.end_of_text().value();
  const auto ends = [&](const Ids& ids) { return std::count(ids.begin(), ids.end(), end); };
  REQUIRE(ends(codec.encode(typed)) == 1);

  const Ids ids =
      context.render(conversation({{"system", typed}, {"user", typed}, {"assistant", typed}})).ids;
  CHECK(ends(ids) == 1);  // the template's, after the answer
  CHECK(tokenizer->decode(ids) ==
        typed + "\n### Human: " + typed + "\n### Assistant: " + typed + "<|endoftext|>\n");
  CHECK(ends(context.render_prompt(conversation({{"user", typed}}), 100)) == 0);

  const Ids text = context.render(peft::Text{typed}).ids;
  CHECK(ends(text) == 1);
  CHECK(text.back() == end);
}

TEST_CASE("With GPT-2's vocabulary, the ids are Hugging Face's of each piece") {
  const Gpt2 gpt2;
  if (!gpt2.tokenizer) {
    WARN("skipped: GPT-2's vocabulary is not at hand (PEFT_SHARED_DATA)");
    return;
  }
  const TokenizerCodec codec(*gpt2.tokenizer);
  const HumanAssistantTemplate form;
  HostEncodeContext context(codec, form, {});
  const EncodedSequence sequence = context.render(conversation(
      {{"system", "Be kind."}, {"user", "What is 2+2?"}, {"assistant", "It is 4."}, {"user", "Hello!\n"}}));
  // The last two newlines stay two tokens, where one text would give 628 for both.
  CHECK(sequence.ids == Ids{3856, 1611,  13,  198,   21017, 5524,  25,    1867, 318, 362,
                            10,   17,    30,  198,   21017, 15286, 25,    632,  318, 604,
                            13,   50256, 198, 21017, 5524,  25,    18435, 0,    198, 198});
  Ids labels(30, peft::no_target);
  const Ids answer = {632, 318, 604, 13, 50256};
  std::copy(answer.begin(), answer.end(), labels.begin() + 17);
  CHECK(sequence.labels == labels);

  const std::vector<MarkedText> marked = marked_text(*gpt2.tokenizer, sequence);
  REQUIRE(marked.size() == 3);
  CHECK(marked[0] == MarkedText{"Be kind.\n### Human: What is 2+2?\n### Assistant:", false});
  CHECK(marked[1] == MarkedText{" It is 4.<|endoftext|>", true});
  CHECK(marked[2] == MarkedText{"\n### Human: Hello!\n\n", false});

  CHECK(codec.decode({632, 318, 604, 13, 50256}) == " It is 4.");
  CHECK(codec.decode({8582}) == "\xEF\xBF\xBD");  // the first half of an emoji
}
