// Runs merged into models of their own: what is folded, what stays beside, and that together they are the
// run.
#include <catch2/catch.hpp>
#include <filesystem>

#include "adapter_runs.h"
#include "base/json.h"
#include "model_io/safetensors.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

struct Exported {
  fs::path folder;
  Said said;
};

Exported merged(const std::string& run, const std::string& more = "") {
  Exported result{fs::path(run + "-merged"), {}};
  result.said =
      SmallRun::host("export " + run + " --format merged --to " + result.folder.string() + " " + more);
  INFO(result.said.err);
  REQUIRE(result.said.exit_code == 0);
  return result;
}

Value config_of(const fs::path& folder) {
  return host::read_json_file((folder / "config.json").string());
}

// By how much the merged model's logits differ, as the export says.
double told_difference(const Said& said) {
  const std::string words = "differ from the unmerged ones' by at most ";
  const size_t at = said.err.find(words);
  REQUIRE(at != std::string::npos);
  return std::stod(said.err.substr(at + words.size()));
}

// A run on the merged model as it is: nothing is trained that would matter.
std::string run_on(const fs::path& model, const std::string& name,
                   const std::string& methods = lora_methods) {
  const fs::path folder = small().path(name);
  const std::string recipe = recipe_of_methods(name, methods);
  std::string text = content_of_file(recipe);
  const size_t begin = text.find("  weights: random");
  const size_t end = text.find("  tokenizer:");
  text = text.substr(0, begin) + "  weights: " + model.string() + "\n" + text.substr(end);
  const Said said =
      SmallRun::host("run " + small().write(name + ".yaml", text).string() + " output=" + folder.string() +
                     " train.steps=1 evaluate.every=0 evaluate.metrics=[] evaluate.prompts=[]");
  INFO(said.err);
  REQUIRE(said.exit_code == 0);
  return folder.string();
}

}  // namespace

TEST_CASE("What folds is the merged model, and says how near it is to the run") {
  const Exported whole = merged(run_of_methods(
      "foldable", lora_methods + "  - full: {name: biases, targets: ['**.bias']}\n"
                                 "  - lora: {name: again, rank: 2, targets: [attn.q, mlp.in]}\n"));
  CHECK(whole.said.out == whole.folder.string() + "\n");
  CHECK(told_difference(whole.said) < 1e-4);
  CHECK_THAT(whole.said.err, !Contains("cannot be folded"));
  const std::string on = run_on(whole.folder, "on-foldable");
  CHECK(text("generate " + on + prompt + " --base") ==
        text("generate " + small().path("foldable").string() + prompt));
}

TEST_CASE(
    "Scales of a layer's inputs fold after its updates, which see them too, in any order of the recipe") {
  // Far from one, and updates that are not small: either alone would hide the order.
  const std::string scales = "  - ia3: {targets: [], feedforward: [mlp.out], learning_rate: 0.3}\n";
  const std::string updates =
      "  - lora: {rank: 4, targets: [mlp.out], learning_rate: 0.3}\n"
      "  - lora: {name: dora, rank: 4, use_dora: true, targets: [mlp.out]}\n";
  for (const auto& [name, methods] :
       {std::pair{"scales-first", scales + updates}, {"scales-last", updates + scales}}) {
    INFO(name);
    const Exported whole = merged(run_of_methods(name, methods + "  - norms: {}\n"));
    CHECK(whole.said.out == whole.folder.string() + "\n");
    CHECK(told_difference(whole.said) < 1e-4);
  }
}

TEST_CASE("What cannot be folded stands beside the merged model, and acts on it as in the run") {
  const std::string run =
      run_of_methods("hybrid", lora_methods + "  - prefix: {tokens: 3}\n  - prompt: {tokens: 2}\n");
  const Exported hybrid = merged(run);
  CHECK(hybrid.said.out == hybrid.folder.string() + "\n" + (hybrid.folder / "prefix").string() + "\n" +
                               (hybrid.folder / "prompt").string() + "\n");
  for (const std::string name : {"prefix", "prompt"}) {
    CHECK_THAT(hybrid.said.err,
               Contains("'" + name + "' cannot be folded into weights; it stands beside the model in " +
                        (hybrid.folder / name).string()));
  }
  CHECK(told_difference(hybrid.said) < 1e-4);
  const std::string beside = (hybrid.folder / "prefix").string() + "," + (hybrid.folder / "prompt").string();
  CHECK(text("generate " + run_on(hybrid.folder, "on-hybrid") + prompt + " --adapters " + beside) ==
        text("generate " + run + prompt));
}

TEST_CASE("A module between layers stands beside, and a recipe on the merged model starts from it") {
  const std::string bottleneck = "  - adapter: {name: bottleneck, reduction_factor: 4";
  const std::string run = run_of_methods("serial", lora_methods + bottleneck + "}\n");
  const Exported serial = merged(run);
  const std::string beside = (serial.folder / "bottleneck").string();
  CHECK(serial.said.out == serial.folder.string() + "\n" + beside + "\n");
  CHECK_THAT(serial.said.err, Contains("'bottleneck' cannot be folded into weights"));
  const std::string on = run_on(serial.folder, "on-serial",
                                bottleneck + ", trainable: false, init_from: " + beside + "}\n" +
                                    "  - lora: {rank: 1, learning_rate: 1e-30}\n");
  CHECK(text("generate " + on + prompt) == text("generate " + run + prompt));
  CHECK(text("generate " + on + prompt + " --base") != text("generate " + run + prompt));
}

TEST_CASE("Where the head alone was changed, it gets a weight of its own") {
  const std::string run = run_of_methods("head", "  - lora: {rank: 4, targets: [head]}\n");
  const Exported head = merged(run);
  CHECK(config_of(head.folder).at("tie_word_embeddings") == Value(false));
  CHECK_THAT(head.said.err, Contains("tie_word_embeddings is false"));
  CHECK(told_difference(head.said) < 1e-4);
  const host::SafetensorsFile file(head.folder / "model.safetensors");
  REQUIRE(file.find("lm_head.weight") != nullptr);
  CHECK_FALSE(
      std::ranges::equal(file.find("lm_head.weight")->bytes, file.find("transformer.wte.weight")->bytes));
  CHECK(text("generate " + run_on(head.folder, "on-head") + prompt + " --base") ==
        text("generate " + run + prompt));
  // Changed alike, they stay one.
  const Exported both = merged(run_of_methods("table", "  - full: {targets: [transformer.wte.weight]}\n"));
  CHECK(config_of(both.folder).at("tie_word_embeddings") == Value(true));
  const host::SafetensorsFile shared(both.folder / "model.safetensors");
  CHECK(shared.find("lm_head.weight") == nullptr);
}

TEST_CASE("In bfloat16 the difference is told, and is that of the rounding") {
  const std::string run = run_of_methods("in-bfloat16", lora_methods, "dtype=bfloat16");
  const double difference = told_difference(merged(run).said);
  CHECK(difference > 1e-5);
  CHECK(difference < 0.5);
}

TEST_CASE("The template that a run's conversations were written with stands beside what is exported") {
  const std::string run = run_of_methods("templated", lora_methods);
  const Exported whole = merged(run);
  const std::string jinja = content_of_file(whole.folder / "chat_template.jinja");
  CHECK_THAT(jinja, Contains("{{ '### Human: ' + message['content'] + '\\n' }}") &&
                        Contains("{% if add_generation_prompt %}{{ '### Assistant:' }}{% endif %}"));
  CHECK_THAT(whole.said.err, Contains("the run's template, 'human_assistant', stands in ") &&
                                 Contains("templated-merged/chat_template.jinja"));
  const std::string adapter = small().path("templated-adapter").string();
  const Said said = SmallRun::host("export " + run + " --format peft --to " + adapter);
  REQUIRE(said.exit_code == 0);
  CHECK(content_of_file(adapter + "/chat_template.jinja") == jinja);
  CHECK_THAT(said.err, Contains("the run's template, 'human_assistant', stands in "));

  // A run on that model with its own template needs no other beside it.
  const std::string recipe = recipe_of_methods("own-template", lora_methods);
  std::string text = with(content_of_file(recipe), "data:\n", "data:\n  template: model\n");
  const size_t begin = text.find("  weights: random");
  text = text.substr(0, begin) + "  weights: " + whole.folder.string() + "\n" +
         text.substr(text.find("methods:"));
  const std::string own = small().path("own-template").string();
  const Said again =
      SmallRun::host("run " + small().write("own-template.yaml", text).string() + " output=" + own +
                     " train.steps=1 evaluate.every=0 evaluate.metrics=[] evaluate.prompts=[]");
  INFO(again.err);
  REQUIRE(again.exit_code == 0);
  const Exported next = merged(own);
  CHECK(content_of_file(next.folder / "chat_template.jinja") == jinja);
  CHECK_THAT(next.said.err, !Contains("the run's template"));
}
