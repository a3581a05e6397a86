// What a family cannot have is refused when the recipe is validated: at the place that asks for it, with the
// reason.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "refusal.h"

using namespace peft::test;

namespace {

const std::map<std::string, std::string>& models() {
  static const std::map<std::string, std::string> all = {
      {"gpt2", "{vocab_size: 8192, n_positions: 64, n_embd: 32, n_layer: 2, n_head: 2}"},
      {"llama",
       "{vocab_size: 8192, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, "
       "num_attention_heads: 2, "
       "max_position_embeddings: 64}"},
      {"t5", "{vocab_size: 8192, d_model: 32, d_kv: 16, d_ff: 64, num_layers: 2, num_heads: 2}"},
      {"bert",
       "{vocab_size: 8192, hidden_size: 32, num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: "
       "64, "
       "max_position_embeddings: 64}"},
      {"distilbert",
       "{vocab_size: 8192, dim: 32, n_layers: 2, n_heads: 2, hidden_dim: 64, max_position_embeddings: 64}"}};
  return all;
}

const std::map<std::string, std::string>& data() {
  static const std::map<std::string, std::string> all = {
      {"causal_lm", "text, source: " + small().write("texts.csv", "text\na\nb\n").string()},
      {"seq2seq_lm", "pairs, source: " + small().write("pairs.csv", "source,target\na,b\nc,d\n").string()},
      {"classification",
       "labelled_text, source: " + small().write("labelled.csv", "text,label\na,0\nb,1\n").string()}};
  return all;
}

Said validate(const std::string& family, const std::string& method, const std::string& task) {
  const std::string recipe =
      recipe_of("model: {family: " + family + ", weights: random, config: " + models().at(family) +
                ", tokenizer: " PEFT_DEMO "/model}\n" + "methods: [" + method + "]\n" + "task: " + task +
                "\ndata: {max_length: 32, validation: 0, dataset: " + data().at(task) +
                "}\ntrain: {steps: 2}\noutput: unset\n");
  return SmallRun::host("validate " + recipe);
}

struct Refused {
  std::string family;
  std::string method;
  std::string task;
  std::string place;  // line and column
  std::string reason;
};

const std::vector<Refused>& refused() {
  static const std::vector<Refused> all = {
      {"t5", "bitfit", "seq2seq_lm", "2:11", "no bias of the model 't5', and BitFit trains nothing else"},
      {"llama", "bitfit", "causal_lm", "2:11", "no bias of the model 'llama'"},
      {"t5", "lora: {bias: all}", "seq2seq_lm", "2:24", "the model has no bias"},
      {"t5", "full: {targets: [\"**.bias\"]}", "seq2seq_lm", "2:27", "no parameter matches '**.bias'"},
      {"t5", "prefix: {init: text, text: a}", "seq2seq_lm", "2:26", "the encoder-decoder t5 has three kinds"},
      {"bert", "prefix: {peft_compat: true}", "classification", "2:33",
       "encoder-decoders, which bert is not"},
      {"bert", "lora: {targets: [cross.q]}", "classification", "2:27", "no linear site is called 'cross.q'"},
      {"distilbert", "lora: {targets: [head]}", "classification", "2:27", "no linear site is called 'head'"},
      {"bert", "freeze: {final_norm: true}", "classification", "2:32", "no norm behind its last block"},
      {"distilbert", "freeze: {head: true}", "classification", "2:26", "the model 'distilbert' has none"},
      {"gpt2", "lora: {targets: [head]}", "classification", "3:7", "does without the vocabulary projection"},
      {"t5", "lora", "classification", "3:7", "a head on the model, for which the family 't5' has no place"},
      {"t5", "lora", "causal_lm", "3:7", "needs a decoder, which t5 is not"},
      {"bert", "lora", "causal_lm", "3:7", "needs a decoder, which bert is not"},
      {"gpt2", "lora", "seq2seq_lm", "3:7", "needs an encoder-decoder, which gpt2 is not"}};
  return all;
}

}  // namespace

TEST_CASE("What a family cannot have is refused once, where the recipe asks for it, with the reason") {
  for (const Refused& one : refused()) {
    INFO(one.family << ", " << one.method << ", " << one.task);
    const Said said = validate(one.family, one.method, one.task);
    check_refused(said, 2, {"wrong.yaml:" + one.place + ": error: ", one.reason});
    CHECK(std::count(said.err.begin(), said.err.end(), '\n') == 1);
  }
}

TEST_CASE("A recipe that fits is not refused, on any family") {
  const std::map<std::string, std::string> tasks = {{"gpt2", "causal_lm"},
                                                    {"llama", "classification"},
                                                    {"t5", "seq2seq_lm"},
                                                    {"bert", "classification"},
                                                    {"distilbert", "classification"}};
  for (const auto& [family, task] : tasks) {
    INFO(family);
    const Said said = validate(family, "lora", task);
    INFO(said.err);
    CHECK(said.exit_code == 0);
  }
}
