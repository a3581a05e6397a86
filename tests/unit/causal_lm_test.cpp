// The task causal_lm: what examples become, and what is minimised on a model small enough to check by hand.
#include "tasks/causal_lm/causal_lm.h"

#include <ATen/ops/embedding.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/zeros.h>

#include <catch2/catch.hpp>
#include <numeric>

#include "data/encoded_data.h"
#include "data_fixture.h"
#include "peft/error.h"
#include "peft/model.h"
#include "peft/random.h"
#include "support/example_list.h"
#include "template_fixture.h"

using namespace peft::host;
using namespace peft::test;
using peft::Batch;
using peft::EncodedExample;
using peft::Example;
using peft::Forward;
using peft::ForwardOptions;
using peft::Measured;
using peft::causal_lm::CausalLm;

namespace {

constexpr int64_t vocabulary = 257;  // ByteCodec's
constexpr int64_t hidden_size = 8;

peft::ModelInfo bigram_info() {
  peft::ModelInfo info;
  info.family = "bigram";
  info.hidden_size = hidden_size;
  info.vocabulary = vocabulary;
  return info;
}

// Predicts the next token from the last one alone.
class Bigram : public peft::Model {
 public:
  Bigram() : Model(bigram_info()) {
    peft::ParameterSite& table = add_parameter("table", 1);
    embedding_ = &sites_.embeddings.emplace_back();
    embedding_->name = "table";
    embedding_->size = hidden_size;
    embedding_->weight = &table;
    peft::LinearSite& head = sites_.linears.emplace_back();
    head.name = "head";
    head.role = "head";
    head.in = hidden_size;
    head.out = vocabulary;
    head.weight = &add_parameter("head", 2);
  }

  at::Tensor hidden(Forward& forward) override { return forward.embed(*embedding_); }

  // −log p(next | last), by the definition.
  double nll(int64_t last, int64_t next) {
    const at::Tensor& table = sites_.parameters[0].tensor;
    const at::Tensor& head = sites_.parameters[1].tensor;
    return -head.mv(table[last]).to(at::kDouble).log_softmax(0)[next].item<double>();
  }

 private:
  peft::ParameterSite& add_parameter(const std::string& name, uint64_t seed) {
    at::Tensor tensor = at::zeros({vocabulary, hidden_size});
    peft::fill_normal(tensor, 0, 1, peft::RandomStream(seed));
    peft::ParameterSite& site = sites_.parameters.emplace_back();
    site.name = name;
    site.tensor = tensor;
    return site;
  }

  peft::EmbeddingSite* embedding_ = nullptr;
};

const ByteCodec codec;
const HumanAssistantTemplate form;

Example talk(const std::vector<std::pair<std::string, std::string>>& turns) {
  return {.content = conversation(turns), .group = ""};
}
Example text(const std::string& text) {
  return {.content = peft::Text{text}, .group = ""};
}

const std::vector<Example> examples = {
    talk({{"user", "hi"}, {"assistant", "hello"}}), text("some text"),
    talk({{"user", "?"}, {"assistant", "!"}, {"user", "??"}, {"assistant", "!!"}})};

EncodedData encode(const std::vector<Example>& list, const std::vector<size_t>& numbers,
                   int64_t max_length = 100) {
  const CausalLm task;
  const Encoding encoding{.task = task,
                          .codec = codec,
                          .form = form,
                          .settings = {.train_on = TrainOn::replies, .max_length = max_length}};
  return select_examples(encode_examples(encoding, list), numbers, max_length);
}

EncodedData encode(const std::vector<Example>& list, int64_t max_length = 100) {
  std::vector<size_t> numbers(list.size());
  std::iota(numbers.begin(), numbers.end(), size_t{0});
  return encode(list, numbers, max_length);
}

Batch batch_of(const EncodedData& data) {
  const std::vector<EncodedExample> all = decoded(data.examples);
  std::vector<const EncodedExample*> packed;
  for (const EncodedExample& example : all) packed.push_back(&example);
  return peft::pack(packed, at::kCPU);
}

double expected_nll(Bigram& model, const EncodedExample& example) {
  const peft::EncodedSequence& sequence = example.inputs.front();
  double sum = 0;
  for (size_t i = 1; i < sequence.ids.size(); ++i) {
    if (sequence.labels[i] != peft::no_target) sum += model.nll(sequence.ids[i - 1], sequence.ids[i]);
  }
  return sum;
}

}  // namespace

TEST_CASE("Loss and measures are the sums over the targets, by the definition") {
  Bigram model;
  const ForwardOptions none;
  const EncodedData data = encode(examples);
  const Batch batch = batch_of(data);
  const peft::TaskStep step{model, batch, none, none};
  const CausalLm task;

  const peft::LossSum loss = task.loss(step);
  const std::vector<Measured> measured = task.measure(step);
  REQUIRE(measured.size() == data.examples.size());
  double sum = 0;
  int64_t count = 0;
  for (size_t i = 0; i < measured.size(); ++i) {
    const double expected = expected_nll(model, data.examples[i]);
    CHECK(measured[i].negative_log_likelihood == Approx(expected).epsilon(1e-6));
    CHECK(measured[i].tokens == task.target_count(data.examples[i], 0));
    sum += expected;
    count += measured[i].tokens;
  }
  CHECK(loss.sum.item<double>() == Approx(sum).epsilon(1e-6));
  CHECK(loss.count == count);
  CHECK(count == 7 + 9 + 3 + 4);
}

TEST_CASE("What is measured on an example does not depend on the batch it stands in") {
  Bigram model;
  const ForwardOptions none;
  const CausalLm task;
  const EncodedData data = encode(examples);
  const Batch together = batch_of(data);
  const std::vector<Measured> in_batch = task.measure({model, together, none, none});
  for (size_t i = 0; i < data.examples.size(); ++i) {
    const EncodedExample example = data.examples[i];
    const Batch alone = peft::pack({&example}, at::kCPU);
    const Measured by_itself = task.measure({model, alone, none, none}).front();
    CHECK(by_itself.negative_log_likelihood == Approx(in_batch[i].negative_log_likelihood).epsilon(1e-12));
    CHECK(by_itself.tokens == in_batch[i].tokens);
  }
}

TEST_CASE("A first token is a target only behind virtual tokens") {
  const EncodedData data = encode({text("abc"), talk({{"user", "a"}, {"assistant", "b"}})});
  const CausalLm task;
  CHECK(task.target_count(data.examples[0], 0) == 3);  // b, c and the end
  CHECK(task.target_count(data.examples[0], 5) == 4);
  CHECK(task.target_count(data.examples[1], 0) == 3);
  CHECK(task.target_count(data.examples[1], 5) == 3);
}

TEST_CASE("Examples without a target are skipped and counted; the others keep their numbers") {
  const EncodedData data = encode(
      {talk({{"user", "unanswered"}}), talk({{"user", "a"}, {"assistant", "b"}}), text(""), text("x")});
  REQUIRE(data.examples.size() == 2);
  CHECK(data.examples[0].index == 1);
  CHECK(data.examples[1].index == 3);
  CHECK(data.summary.examples == 2);
  CHECK(data.summary.skipped == 2);
  CHECK(data.summary.counts.of("examples left without a target") == 2);
  CHECK(data.summary.tokens == 31 + 2);
  CHECK(data.summary.longest == 31);
  CHECK_THROWS_WITH(encode({talk({{"user", "a"}, {"assistant", "b"}})}, 14),
                    Catch::Contains("found no example with a target left") &&
                        Catch::Contains("turns dropped from the front: 1") && Catch::Contains("is 14"));
}

TEST_CASE("Part of the examples keep their numbers in the dataset") {
  const EncodedData data = encode(examples, std::vector<size_t>{0, 2});
  REQUIRE(data.examples.size() == 2);
  CHECK(data.examples[1].index == 2);
}

TEST_CASE("The content hash tells apart whatever training would see differently") {
  const EncodedData data = encode(examples);
  const std::string hash = content_hash(data.examples);
  CHECK(content_hash(encode(examples).examples) == hash);
  const std::vector<EncodedExample> all = decoded(data.examples);
  std::vector<EncodedExample> changed = all;
  changed[1].inputs[0].labels[2] = peft::no_target;
  CHECK(content_hash(changed) != hash);
  changed = all;
  std::swap(changed[0], changed[1]);
  CHECK(content_hash(changed) != hash);
  changed = all;
  changed[2].index = 9;
  CHECK(content_hash(changed) != hash);
}

TEST_CASE("The prompt is the conversation up to its last answer") {
  const CausalLm task;
  const auto prompt = task.prompt(talk({{"system", "s"},
                                        {"user", "a"},
                                        {"assistant", "b"},
                                        {"user", "c"},
                                        {"assistant", "d"},
                                        {"user", "e"}}));
  REQUIRE(prompt);
  CHECK(prompt->prompt.turns.size() == 4);
  CHECK(prompt->prompt.turns.back().content == "c");
  CHECK(prompt->reference == "d");
  CHECK(!task.prompt(text("abc")));
  CHECK(!task.prompt(talk({{"user", "a"}})));
  CHECK(!task.prompt(talk({{"assistant", "a"}})));
}

TEST_CASE("An example of another kind is refused by name") {
  HostEncodeContext context(codec, form, {});
  const Example labelled{.content = peft::LabelledText{"good", 1}, .group = ""};
  CHECK_THROWS_AS(CausalLm().encode(labelled, context), peft::UsageError);
  CHECK_THROWS_WITH(CausalLm().encode(labelled, context), Catch::Contains("found labelled text"));
}
