// A classifier from recipe to exports, as its user sees it, and what such a run has no meaning for.
#include <catch2/catch.hpp>

#include "base/json.h"
#include "model_io/safetensors.h"
#include "support/small_run.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

namespace {

// A tiny GPT-2, or BERT, with a GPT-2's tokeniser, which any model can do with. Good texts have a word that
// bad ones have not.
std::string recipe_text(const std::string& model) {
  return "seed: 3\nmodel:\n" + model +
         "  tokenizer: " PEFT_DEMO
         "/model\n"
         "methods:\n  - lora: {rank: 4, alpha: 8, targets: [attn.v, mlp.in, mlp.out]}\n  - prompt: {tokens: "
         "2}\n"
         "data:\n  dataset: labelled_text\n  source: texts.csv\n  labels: [bad, good]\n"
         "  max_length: 32\n  validation: 0.25\n"
         "task:\n  classification: {names: [bad, good]}\n"
         "train: {epochs: 8, batch_size: 8, learning_rate: 1e-2}\n"
         "evaluate:\n  metrics: [accuracy, f1, loss]\n"
         "output: unset\n";
}

const std::string bert =
    "  family: bert\n  weights: random\n  config: {vocab_size: 8192, hidden_size: 32, num_hidden_layers: 2, "
    "num_attention_heads: 2, intermediate_size: 64, max_position_embeddings: 64, initializer_range: 0.2}\n";

struct ClassifierRun {
  ClassifierRun() {
    std::string rows = "text,label\n";
    for (int i = 0; i < 80; ++i) {
      const std::string number = std::to_string(i);
      rows += i % 2 == 0 ? "the tram " + number + " was awful,bad\n"
                         : "we liked tram " + number + " a lot,good\n";
    }
    small.write("texts.csv", rows);
    small.write("recipe.yaml", recipe_text(bert));
  }

  std::string path(const std::string& name) const { return small.path(name).string(); }
  Value evaluation() const { return host::read_json_file(path("run/evaluation.json")); }

  SmallRun small;
};

double figure(const Value& evaluation, const char* side, const char* name) {
  return evaluation.at(side).at(name).as_number();
}

}  // namespace

TEST_CASE("A classifier learns, and a new process measures the same") {
  const ClassifierRun run;
  const Said said = run.small.run("run");
  INFO(said.err);
  REQUIRE(said.exit_code == 0);
  CHECK_THAT(said.err, !Contains("generate") && !Contains("chat"));
  const Value before = run.evaluation();
  CHECK(figure(before, "tuned", "accuracy") > 0.95);
  CHECK(figure(before, "tuned", "loss") < figure(before, "base", "loss"));
  REQUIRE(SmallRun::host("eval " + run.path("run")).exit_code == 0);
  CHECK(run.evaluation() == before);

  for (const std::string& words : {"generate " + run.path("run") + " --prompt x",
                                   "compare " + run.path("run") + " --prompts " + run.path("texts.csv")}) {
    const Said refused = SmallRun::host(words);
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.err, Contains("makes no text") && Contains("eval"));
  }

  REQUIRE(SmallRun::host("export " + run.path("run") + " --format peft --to " + run.path("peft")).exit_code ==
          0);
  for (const char* method : {"lora", "prompt"}) {
    const Value config =
        host::read_json_file(run.path("peft/" + std::string(method) + "/adapter_config.json"));
    CHECK(config.at("task_type").as_text() == "SEQ_CLS");
    CHECK(config.at("modules_to_save") == Value(Value::List{"bert.pooler.dense", "classifier"}));
  }
  REQUIRE(
      SmallRun::host("export " + run.path("run") + " --format merged --to " + run.path("merged")).exit_code ==
      0);
  const Value config = host::read_json_file(run.path("merged/config.json"));
  CHECK(config.at("architectures") == Value(Value::List{"BertForSequenceClassification"}));
  CHECK(config.at("id2label").at("1").as_text() == "good");
  CHECK(config.at("label2id").at("bad").as_integer() == 0);
  bool has_head = false;
  for (const host::TensorView& view : host::SafetensorsFile(run.path("merged/model.safetensors")).tensors())
    has_head = has_head || view.name == "classifier.weight";
  CHECK(has_head);

  // The merged model has a head of two labels: a task of three is refused where the recipe says so.
  run.small.write("recipe.yaml", recipe_text("  family: bert\n  weights: " + run.path("merged") + "\n"));
  const Said other = SmallRun::host("validate " + run.small.recipe() +
                                    " task.classification.names=[] task.classification.labels=3");
  CHECK(other.exit_code == 2);
  CHECK_THAT(other.err,
             Contains("recipe.yaml:") && Contains("'classifier' of 2 outputs") && Contains("asks for 3"));
}

TEST_CASE("A classifier is not trained on one label alone, and is told of a label that it never sees") {
  const ClassifierRun run;
  run.small.write("texts.csv", "text,label\nthe tram was awful,bad\nthe bus was awful,bad\nso was it,bad\n");
  const Said one = SmallRun::host("validate " + run.small.recipe() + " data.validation=0");
  CHECK(one.exit_code == 2);
  CHECK_THAT(one.err, Contains("found the label 0 (bad) alone in all 3 training examples") &&
                          Contains("expected two labels or more"));

  run.small.write("texts.csv", "text,label\nawful,bad\nnice,good\n");
  const Said two = SmallRun::host("validate " + run.small.recipe() +
                                  " data.validation=0 'task.classification.names=[bad, good, fair]'");
  CHECK(two.exit_code == 0);
  CHECK_THAT(two.out + two.err, Contains("training examples: none has the label 2 (fair)"));

  std::string sorted = "text,label\n";
  for (int i = 0; i < 20; ++i) sorted += "tram " + std::to_string(i) + (i < 10 ? ",bad\n" : ",good\n");
  run.small.write("texts.csv", sorted);
  const std::string first = "the first of 10 held out, all have the label 0 (bad); raise evaluate.examples";
  const std::string half = "validate " + run.small.recipe() + " data.validation=0.5 evaluate.examples=";
  CHECK_THAT(SmallRun::host(half + "2").out, Contains("the 2 that are scored, " + first));
  CHECK_THAT(SmallRun::host(half + "10").out, !Contains("that are scored"));
}

TEST_CASE("validate shows a text and its label, and what a classifier cannot be measured by") {
  const ClassifierRun run;
  const Said said = SmallRun::host("validate " + run.small.recipe());
  INFO(said.err);
  REQUIRE(said.exit_code == 0);
  CHECK_THAT(said.out + said.err, Contains("its label is ") && Contains("tram"));

  const Said asked = SmallRun::host("validate " + run.small.recipe() +
                                    " 'evaluate.metrics=[bleu]' 'evaluate.prompts=[Hello]'");
  CHECK(asked.exit_code == 2);
  CHECK_THAT(asked.err, Contains("'bleu'") && Contains("labels texts") && Contains("prompts to be answered"));

  const Said labels = SmallRun::host("validate " + run.small.recipe() + " 'data.labels=[bad]'");
  CHECK(labels.exit_code == 2);
  CHECK_THAT(labels.err, Contains("texts.csv:3") && Contains("found 'good'"));
}

TEST_CASE("A label out of range is told with its file and line") {
  const ClassifierRun run;
  run.small.write("three.csv", "text,label\na,0\n\"b\n\",1\nc,2\n");
  const Said said = run.small.run("never", "data.source=" + run.path("three.csv") + " data.labels=[]");
  INFO(said.err);
  CHECK(said.exit_code == 2);
  CHECK_THAT(said.err, Contains("three.csv:5: error: found the label 2, expected one from 0 to 1"));
}
