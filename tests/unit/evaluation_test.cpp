#include "evaluate/evaluation.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "peft/answer_endings.h"
#include "peft/error.h"
#include "peft/ops.h"
#include "support/tiny_gpt2.h"

namespace {

using namespace peft;
using namespace peft::host;
using test::attach;
using test::make;
using test::random_example;
using test::randomize;

// A token is a letter; 0 is end-of-text, 1 a space.
class Letters : public TextCodec {
 public:
  std::vector<int64_t> encode(std::string_view text) const override {
    std::vector<int64_t> ids;
    for (const char letter : text) ids.push_back(letter == ' ' ? 1 : letter - 'a' + 2);
    return ids;
  }
  std::string decode(const std::vector<int64_t>& ids) const override {
    std::string text;
    for (const int64_t id : ids) {
      if (id > 0) text.push_back(id == 1 ? ' ' : static_cast<char>('a' + id - 2));
    }
    return text;
  }
  std::optional<int64_t> end_of_text() const override { return 0; }
};

// The template of these tests: the turns, one after the other.
class Context : public EncodeContext {
 public:
  const TextCodec& codec() const override { return codec_; }
  int64_t max_length() const override { return 30; }
  int64_t max_target_length() const override { return 30; }
  EncodedSequence render(const Conversation&) override { return {}; }
  std::vector<int64_t> render_prompt(const Conversation& conversation, int64_t max_length) override {
    longest_asked = std::max(longest_asked, max_length);
    std::vector<int64_t> ids;
    for (const Turn& turn : conversation.turns) {
      for (const int64_t id : codec_.encode(turn.content)) ids.push_back(id);
    }
    if (static_cast<int64_t>(ids.size()) > max_length) ids.resize(static_cast<size_t>(max_length));
    return ids;
  }
  EncodedSequence render(const Text&) override { return {}; }

  int64_t longest_asked = 0;

 private:
  Letters codec_;
};

// Next-token prediction; the last turn is the answer.
class Language : public Task {
 public:
  std::optional<EncodedExample> encode(const Example&, EncodeContext&) const override { return {}; }
  int64_t target_count(const EncodedExample&, int64_t) const override { return 0; }
  LossSum loss(const TaskStep&) const override { return {}; }
  std::vector<Measured> measure(const TaskStep& step) const override {
    ++calls;
    Forward forward(step.model, step.batch, step.policy);
    const at::Tensor hidden = step.model.hidden(forward);
    const at::Tensor nll = target_nll(forward, *step.model.language_head(), hidden, scored_rows(forward));
    std::vector<Measured> measured(static_cast<size_t>(step.batch.input.sequences()));
    int64_t begin = 0;
    for (size_t s = 0; s < measured.size(); ++s) {
      measured[s].tokens = step.batch.input.offsets[s + 1] - step.batch.input.offsets[s] - 1;
      measured[s].negative_log_likelihood = nll.narrow(0, begin, measured[s].tokens).sum().item().toDouble();
      begin += measured[s].tokens;
    }
    return measured;
  }
  std::optional<PromptAndReference> prompt(const Example& example) const override {
    const auto* conversation = std::get_if<Conversation>(&example.content);
    if (conversation == nullptr) return {};
    return PromptAndReference{.prompt = {.turns = {conversation->turns.front()}},
                              .reference = conversation->turns.back().content};
  }

  mutable int calls = 0;
};

// Keeps what it is given.
class Recorder : public Metric {
 public:
  Recorder(MetricNeeds needs, std::vector<Measured>& seen) : needs_(needs), seen_(seen) {}
  MetricNeeds needs() const override { return needs_; }
  void add(const Measured& measured) override { seen_.push_back(measured); }
  std::vector<Figure> figures() const override {
    double nll = 0.0;
    int64_t tokens = 0;
    for (const Measured& one : seen_) {
      nll += one.negative_log_likelihood;
      tokens += one.tokens;
    }
    return {{.name = "perplexity",
             .value = std::exp(nll / static_cast<double>(tokens)),
             .lower_is_better = true}};
  }
  std::string signature() const override { return "as given"; }

 private:
  MetricNeeds needs_;
  std::vector<Measured>& seen_;
};

struct Fixture {
  std::unique_ptr<Model> model;
  Language task;
  Context context;
  AdapterSet set{"default"};
  std::vector<EncodedExample> encoded;
  std::vector<Example> raw;

  explicit Fixture(at::ScalarType dtype = at::kFloat) : model(make({.dtype = dtype, .vocabulary = 28})) {
    attach(*model, set, "prefix", {{"tokens", 2}});
    attach(*model, set, "prompt", {{"tokens", 2}});
    randomize(set);
    for (int64_t i = 0; i < 17; ++i) {
      encoded.push_back(random_example(*model, 2 + (i * 5) % 19, i));
      const std::string question(static_cast<size_t>(1 + i % 6), static_cast<char>('a' + i));
      if (i % 4 == 3) {
        raw.push_back({.content = Text{"a document"}, .group = ""});
      } else {
        raw.push_back({.content = Conversation{{{"user", question}, {"assistant", "answer to " + question}}},
                       .group = ""});
      }
    }
  }

  std::optional<std::vector<MetricResult>> run(const std::vector<ActiveSet>& sets, MetricNeeds needs,
                                               std::vector<Measured>& seen, const EvaluationOptions& options,
                                               const EvaluationCallbacks& callbacks = {}) {
    std::vector<NamedMetric> metrics;
    metrics.push_back({.name = "recorder", .metric = std::make_unique<Recorder>(needs, seen)});
    return evaluate(*model, task, {.active = sets, .reference = {}}, {.encoded = encoded, .raw = raw},
                    metrics, context, options, callbacks);
  }
};

TEST_CASE("perplexity does not depend on how examples are batched") {
  for (const at::ScalarType dtype : {at::kFloat, at::kDouble}) {
    DYNAMIC_SECTION(at::toString(dtype)) {
      Fixture f(dtype);
      for (const std::vector<ActiveSet>& sets : {std::vector<ActiveSet>(), {&f.set}}) {
        std::vector<double> figures;
        for (const int64_t tokens : {1, 25, 60, 4096}) {
          f.task.calls = 0;
          std::vector<Measured> seen;
          const auto results =
              f.run(sets, {.likelihood = true}, seen, {.answers = {}, .tokens_per_batch = tokens});
          REQUIRE(results);
          figures.push_back(results->front().figures.front().value);
          CHECK(seen.size() == f.encoded.size());
          if (tokens == 1) CHECK(f.task.calls == 17);
          if (tokens == 4096) CHECK(f.task.calls == 1);
        }
        for (const double figure : figures) CHECK(figure == Approx(figures.front()).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("base and tuned are scored on the same tokens, and differ") {
  Fixture f;
  std::vector<Measured> base;
  std::vector<Measured> tuned;
  f.run({}, {.likelihood = true}, base, {});
  f.run({&f.set}, {.likelihood = true}, tuned, {});
  for (size_t i = 0; i < base.size(); ++i) {
    CHECK(base[i].tokens == static_cast<int64_t>(f.encoded[i].inputs.front().ids.size()) - 1);
    CHECK(base[i].tokens == tuned[i].tokens);
    CHECK(base[i].negative_log_likelihood != tuned[i].negative_log_likelihood);
  }
}

TEST_CASE("answers come in file order, whatever they were generated with, and only to what has a prompt") {
  Fixture f;
  EvaluationOptions options;
  options.answers.generation = {.max_new_tokens = 6, .temperature = 1.5, .seed = 4, .stop = {0}};
  std::vector<std::vector<Measured>> runs;
  for (const int64_t at_once : {1, 3, 16}) {
    options.answers.prompts_per_batch = at_once;
    std::vector<Measured> seen;
    REQUIRE(f.run({&f.set}, {.generation = true}, seen, options));
    CHECK(f.task.calls == 0);  // nothing is scored where no metric asks for it
    runs.push_back(std::move(seen));
  }
  std::vector<std::string> references;
  for (const Example& example : f.raw) {
    if (const auto* conversation = std::get_if<Conversation>(&example.content))
      references.push_back(conversation->turns.back().content);
  }
  for (const std::vector<Measured>& run : runs) {
    REQUIRE(run.size() == references.size());
    for (size_t i = 0; i < run.size(); ++i) {
      CHECK(run[i].reference == references[i]);
      CHECK(run[i].prediction == runs.front()[i].prediction);
    }
  }
  CHECK(std::any_of(runs[0].begin(), runs[0].end(),
                    [](const Measured& one) { return !one.prediction.empty(); }));
}

// Hears how answers end.
class EndingRecorder : public Recorder, public AnswerEndings {
 public:
  EndingRecorder(MetricNeeds needs, std::vector<Measured>& seen, std::vector<bool>& stopped)
      : Recorder(needs, seen), stopped_(stopped) {}
  void add_ending(bool stopped) override { stopped_.push_back(stopped); }
  void* query(std::string_view wanted) noexcept override {
    return wanted == AnswerEndings::id ? static_cast<AnswerEndings*>(this) : nullptr;
  }

 private:
  std::vector<bool>& stopped_;
};

TEST_CASE("a metric hears of every answer whether the model stopped by itself or was cut off") {
  Fixture f;
  EvaluationOptions options;
  options.answers.prompts_per_batch = 3;
  options.answers.generation = {.max_new_tokens = 6, .temperature = 1.5, .seed = 4, .stop = {0}};
  std::vector<Measured> seen;
  std::vector<bool> stopped;
  std::vector<NamedMetric> metrics;
  metrics.push_back(
      {.name = "endings",
       .metric = std::make_unique<EndingRecorder>(MetricNeeds{.generation = true}, seen, stopped)});
  REQUIRE(evaluate(*f.model, f.task, {.active = {&f.set}, .reference = {}},
                   {.encoded = f.encoded, .raw = f.raw}, metrics, f.context, options));
  REQUIRE(stopped.size() == seen.size());
  for (size_t i = 0; i < seen.size(); ++i) {
    // A letter a token, and the first may be a space that is not shown.
    const bool is_cut_off = seen[i].prediction.size() >= 5;
    if (stopped[i]) CHECK(seen[i].prediction.size() < 6);
    if (!stopped[i]) CHECK(is_cut_off);
  }
  CHECK(std::count(stopped.begin(), stopped.end(), true) > 0);
  CHECK(std::count(stopped.begin(), stopped.end(), false) > 0);
}

TEST_CASE("the space a template puts before an answer is not shown, and no other") {
  Fixture f;
  AnswerOptions options;
  options.generation = {.max_new_tokens = 8, .stop = {0}};
  // A head that says a space, whatever comes: then another, and so on.
  AdapterSet spaces("spaces");
  attach(*f.model, spaces, "full", {{"targets", Value::List{"transformer.ln_f.*"}}});
  {
    const at::NoGradGuard no_grad;
    spaces.methods().front().tensors[0].tensor.zero_();
    spaces.methods().front().tensors[1].tensor.copy_(
        f.model->sites().parameter("transformer.wte.weight").tensor[1] * 100);
  }
  const auto texts = [&](PromptForm form) {
    return continuations(*f.model, {&spaces}, f.context.codec(), {{2, 3}}, form, options, {})
        .value()
        .front()
        .text;
  };
  CHECK(texts(PromptForm::raw) == std::string(8, ' '));
  CHECK(texts(PromptForm::conversation) == std::string(7, ' '));
}

TEST_CASE("prompts are compared on base and tuned, cut at the front where they are raw and too long") {
  Fixture f;
  AnswerOptions options;
  options.generation = {.max_new_tokens = 5, .stop = {}};
  options.max_prompt_tokens = 3;
  const auto pairs =
      compare_answers(*f.model, f.task, {&f.set}, f.context, {"ab", "xyzdef"}, PromptForm::raw, options, {});
  REQUIRE(pairs);
  REQUIRE(pairs->size() == 2);
  CHECK((*pairs)[1].prompt == "xyzdef");
  CHECK((*pairs)[0].base != (*pairs)[0].tuned);
  const auto cut =
      compare_answers(*f.model, f.task, {&f.set}, f.context, {"ab", "def"}, PromptForm::raw, options, {});
  CHECK((*cut)[1].tuned == (*pairs)[1].tuned);
  compare_answers(*f.model, f.task, {&f.set}, f.context, {"ab"}, PromptForm::conversation, options, {});
  CHECK(f.context.longest_asked == 3);
}

TEST_CASE("an evaluation tells how far it is and ends where it is interrupted") {
  Fixture f;
  EvaluationOptions options;
  options.tokens_per_batch = 50;
  options.answers.generation.max_new_tokens = 5;
  std::vector<std::string> stages;
  int64_t last = 0;
  std::vector<Measured> seen;
  EvaluationCallbacks callbacks;
  callbacks.on_progress = [&](std::string_view what, int64_t done, int64_t total) {
    if (stages.empty() || stages.back() != what) stages.emplace_back(what);
    CHECK(done <= total);
    last = done;
  };
  REQUIRE(f.run({}, {.likelihood = true, .generation = true}, seen, options, callbacks));
  CHECK(stages == std::vector<std::string>{"scoring", "generating"});
  CHECK(last == 13);

  seen.clear();
  int asked = 0;
  callbacks.interrupted = [&] { return ++asked > 2; };
  CHECK_FALSE(f.run({}, {.likelihood = true}, seen, options, callbacks));
  CHECK(seen.empty());
  asked = 0;
  CHECK_FALSE(f.run({}, {.generation = true}, seen, options, callbacks));
}

TEST_CASE("encoded and raw examples that do not belong together are an error") {
  Fixture f;
  f.raw.pop_back();
  std::vector<Measured> seen;
  CHECK_THROWS_AS(f.run({}, {.likelihood = true}, seen, {}), Error);
}

}  // namespace
