// Mistakes in a recipe, through the program: each at its line and column, all at once, exit code 2.
#include <catch2/catch.hpp>
#include <filesystem>

#include "refusal.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

struct Mistake {
  std::string part;   // of the small recipe
  std::string other;  // instead
  std::string place;  // LINE:COL
  std::string message;
};

// `run` and `validate` say the same.
void check_recipe(const Mistake& mistake) {
  const std::string recipe = recipe_of(with(SmallRun::recipe_text(), mistake.part, mistake.other));
  for (const std::string verb : {"run ", "validate "}) {
    INFO(verb << "with '" << mistake.other << "' for '" << mistake.part << "'");
    check_refused(SmallRun::host(verb + recipe), 2,
                  {recipe + ":" + mistake.place + ": error: ", mistake.message});
  }
  CHECK_FALSE(fs::exists("unset"));
}

}  // namespace

TEST_CASE("A mistake that the recipe alone shows is refused at its line and column") {
  const std::vector<Mistake> mistakes = {
      {"rank: 4", "rnak: 4", "9:12", "unknown key 'lora.rnak'; did you mean 'rank'?"},
      {"seed: 3", "sead: 3", "2:1", "unknown key 'sead'; did you mean 'seed'?"},
      {"seed: 3\n", "seed: 3\nseed: 4\n", "3:1", "seed"},
      {"rank: 4", "rank: four", "9:18", "'lora.rank': found 'four', expected an integer at least 1"},
      {"rank: 4", "rank: 0", "9:18", "'lora.rank': found 0, expected an integer at least 1"},
      {"dropout: 0.1", "dropout: 1.5", "9:40", "'lora.dropout': found 1.5, expected a number at least 0"},
      {"batch_size: 3", "batch_size: -3", "18:32", "'train.batch_size': found -3"},
      {"max_length: 96", "max_length: '96'", "15:15", "'data.max_length': found '96', expected an integer"},
      {"task: causal_lm\n", "", "1:1", "'task' is missing"},
      {"  family: gpt2\n", "", "4:3", "'model.family' is missing"},
      {"family: gpt2", "family: gpt3", "4:11", "unknown model family 'gpt3'; did you mean 'gpt2'?"},
      {"- lora:", "- lroa:", "9:5", "unknown method 'lroa'; did you mean 'lora'?"},
      {"dataset: openassistant", "dataset: openasistant", "13:12", "did you mean 'openassistant'?"},
      {"task: causal_lm", "task: causal_ml", "17:7", "did you mean 'causal_lm'?"},
      {"[perplexity]", "[perplexty]", "20:13", "unknown metric 'perplexty'; did you mean 'perplexity'?"},
      {"n_embd: 32", "n_emdb: 32", "6:48", "did you mean 'n_embd'?"},
      {"  - prompt:", "  - prefix:", "11:5", "two methods are called 'prefix', the first at "},
      {"source: chats.jsonl", "source: chat.jsonl", "14:11", "did you mean 'chats.jsonl'?"},
      {"weights: random", "weights: nowhere", "5:12", "there is no folder"},
      {"weights: random", "weights: hub://gpt2", "5:12", "expected hub://OWNER/NAME"},
      {"every: 3", "every: [3", "23:10", "this is not valid YAML"},
      {"name: small", "extends: nowhere.yaml", "1:10", "nowhere.yaml"},
      {"name: small", "extends: wrong.yaml", "1:10", "wrong.yaml"},
  };
  for (const Mistake& mistake : mistakes) check_recipe(mistake);
}

TEST_CASE("All mistakes of a recipe are told at once, in their order, overrides beside them") {
  std::string text = SmallRun::recipe_text();
  for (const auto& [part, other] :
       std::vector<std::pair<std::string, std::string>>{{"sead: 3", "seed: 3"},
                                                        {"rnak: 4", "rank: 4"},
                                                        {"lroa:", "lora:"},
                                                        {"tokens: two", "tokens: 2"},
                                                        {"source: none", "source: chats.jsonl"},
                                                        {"keep: -1", "keep: 2"}}) {
    text = with(text, other, part);
  }
  const std::string recipe = recipe_of(text);
  for (const std::string verb : {"run ", "validate ", "eval "}) {
    const Said said = SmallRun::host(verb + recipe + " train.epoch=3 nonsense.key=1");
    check_refused(
        said, 2,
        {recipe + ":2:1: error: unknown key 'sead'", recipe + ":9:5: error: unknown method 'lroa'",
         recipe + ":11:22: error: 'prompt.tokens': found 'two'", recipe + ":14:11: error: 'data.source'",
         "'train.keep': found -1", "command line: 'train.epoch=3': error: unknown key 'train.epoch'",
         "command line: 'nonsense.key=1': error: "});
    CHECK(said.err.find(":2:1: ") < said.err.find(":9:5: "));
    CHECK(said.err.find(":9:5: ") < said.err.find(":14:11: "));
  }
}

TEST_CASE("A recipe that is no recipe is refused") {
  const auto refused = [](const std::string& argument, const std::string& message) {
    INFO(argument);
    for (const std::string verb : {"run ", "validate "}) {
      check_refused(SmallRun::host(verb + argument), 2, {message});
    }
  };
  refused("nowhere.yaml", "nowhere.yaml");
  refused(small().folder().string(), small().folder().string());
  refused(recipe_of(""), "wrong.yaml:1:1: error: ");
  refused(recipe_of("just text"), "wrong.yaml:1:1: error: ");
  refused(recipe_of("- a\n- list\n"), "wrong.yaml:1:1: error: ");
  refused(recipe_of("name: \"not ended\nseed: 1\n"), "wrong.yaml:");
  refused(recipe_of(std::string("name: \xff\xfe\n")), "wrong.yaml:");
  refused(recipe_of(std::string("name: a\0b\n", 10)), "wrong.yaml:");
  refused(recipe_of("a: &a [*a]\n"), "wrong.yaml:");
  refused(recipe_of("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"), "wrong.yaml:");
  refused(recipe_of(std::string(20000, '[')), "wrong.yaml:");
  refused(small().recipe() + " train.epochs", "expected key=value");
  refused(small().recipe() + " =3", "");
  refused(small().recipe() + " methods.7.lora.rank=3", "command line: 'methods.7.lora.rank=3': error: ");
  refused("", "found no RECIPE");
}

TEST_CASE("An evaluation that cannot be what was asked for is warned of, once, before the training") {
  const std::string recipe = recipe_of(with(
      with(SmallRun::recipe_text(), "max_new_tokens: 4", "max_new_tokens: 124"), "[perplexity]", "[bleu]"));
  const std::vector<std::string> warnings = {
      recipe + ":22:10: warning: 'every' is 3, but bleu takes generated answers",
      recipe +
          ":24:32: warning: 'max_new_tokens' is 124, but the model has 128 positions, 5 of them for virtual "
          "tokens: answers will end where the positions do; set it to at most 122",
  };
  const Said validated = SmallRun::host("validate " + recipe);
  const Said run = SmallRun::host(
      "run " + recipe + " train.steps=1 evaluate.examples=1 output=" + small().path("warned").string());
  CHECK(validated.exit_code == 0);
  CHECK(run.exit_code == 0);
  for (const std::string& warning : warnings) {
    for (const Said& said : {validated, run}) {
      CHECK_THAT(said.err, Contains(warning));
      CHECK(said.err.find(warning) == said.err.rfind(warning));
    }
  }
  // Neither where no answer is asked for, nor where they fit.
  const Said fitting =
      SmallRun::host("validate " + small().recipe() + " evaluate.generation.max_new_tokens=122");
  CHECK_THAT(fitting.err, !Contains("warning"));
  const Said unasked = SmallRun::host("validate " + small().recipe() +
                                      " evaluate.generation.max_new_tokens=500 evaluate.prompts=[]");
  CHECK_THAT(unasked.err, !Contains("warning"));
}

TEST_CASE("What only the model shows is refused at its line and column, all at once") {
  const std::vector<Mistake> mistakes = {
      {"[attn.qkv]", "[attn.qvk]", "9:54",
       "no linear site is called 'attn.qvk': expected one of the roles attn.qkv, attn.q, "},
      {"[attn.qkv]", "['h.7.**']", "9:54", "'h.7.**'"},
      {"[attn.qkv]", "[attn.qkv, attn.q]", "9:54", "'attn.qkv' and 'attn.q', which overlap"},
      {"max_length: 96", "max_length: 124", "15:15",
       "5 virtual tokens and 'max_length' 124 make 129, but the model has 128 positions"},
      {"vocab_size: 8192", "vocab_size: 100", "7:14", "ids up to 4095, but the model has embeddings for 100"},
      {"n_head: 2", "n_head: 3", "6:11", "'n_embd' is 32, which 'n_head' 3 does not divide"},
  };
  for (const Mistake& mistake : mistakes) check_recipe(mistake);

  const std::string text =
      with(with(SmallRun::recipe_text(), "[attn.qkv]", "[mlp.iin]"), "tokens: 3", "tokens: 50");
  const std::string recipe = recipe_of(text);
  for (const std::string verb : {"run ", "validate "}) {
    check_refused(SmallRun::host(verb + recipe), 2,
                  {recipe + ":9:", "did you mean 'mlp.in'?", recipe + ":15:15: error: 52 virtual tokens"});
  }

  const std::string long_texts =
      recipe_of(with(with(with(SmallRun::recipe_text(), "  - prefix: {tokens: 3, projection: true}\n", ""),
                          "  - prompt: {tokens: 2}\n", ""),
                     "max_length: 96", "max_length: 129"));
  check_refused(SmallRun::host("validate " + long_texts), 2,
                {":13:15: error: 'max_length' 129 found, but the model has 128 positions"});
}
