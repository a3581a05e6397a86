#include "evaluate/generate.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <ATen/ops/log_softmax.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <string>

#include "peft/error.h"
#include "support/tiny_gpt2.h"

namespace {

using namespace peft;
using namespace peft::host;
using test::attach;
using test::make;
using test::pack_all;
using test::random_example;
using test::randomize;

std::vector<int64_t> random_prompt(const Model& model, int64_t length, int64_t number) {
  return random_example(model, length, number, 31).inputs.front().ids;
}

// The scores behind the last token of `ids`, all computed anew.
at::Tensor last_scores(Model& model, const std::vector<ActiveSet>& sets, const std::vector<int64_t>& ids) {
  const at::NoGradGuard no_grad;
  EncodedExample example;
  example.inputs.push_back({.ids = ids, .labels = {}});
  const Batch batch = pack_all({example});
  ForwardOptions options;
  options.sets = sets;
  Forward forward(model, batch, options);
  const at::Tensor hidden = model.hidden(forward);
  return forward.linear(*model.language_head(), hidden)[hidden.size(0) - 1];
}

std::vector<int64_t> greedy_without_cache(Model& model, const std::vector<ActiveSet>& sets,
                                          std::vector<int64_t> ids, int64_t tokens) {
  std::vector<int64_t> answer;
  for (int64_t i = 0; i < tokens; ++i) {
    answer.push_back(last_scores(model, sets, ids).argmax().item().toLong());
    ids.push_back(answer.back());
  }
  return answer;
}

struct Methods {
  std::string what;
  std::function<void(Model&, AdapterSet&)> add;
};

const std::vector<Methods>& methods() {
  static const std::vector<Methods> list = {
      {"nothing", [](Model&, AdapterSet&) {}},
      {"lora", [](Model& model, AdapterSet& set) { attach(model, set, "lora"); }},
      {"prefix",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "prefix", {{"tokens", 3}});
       }},
      {"prompt",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "prompt", {{"tokens", 4}});
       }},
      {"prefix, prompt, lora on slices and on the head",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "prefix", {{"tokens", 2}, {"projection", true}});
         attach(model, set, "prompt", {{"tokens", 3}});
         attach(model, set, "lora", {{"rank", 4}, {"targets", Value::List{"attn.k", "mlp.in", "head"}}});
       }},
  };
  return list;
}

TEST_CASE("decoding on a cache chooses what decoding without one chooses, ragged batches too") {
  for (const at::ScalarType dtype : {at::kDouble, at::kFloat}) {
    for (const Methods& one : methods()) {
      DYNAMIC_SECTION(one.what << " in " << at::toString(dtype)) {
        const auto model = make({.dtype = dtype});
        AdapterSet set("default");
        one.add(*model, set);
        randomize(set);
        std::vector<GenerationPrompt> prompts;
        for (const int64_t length : {3, 1, 11, 6, 6}) {
          const auto number = static_cast<int64_t>(prompts.size());
          prompts.push_back({.ids = random_prompt(*model, length, number), .sample = 0});
        }
        Generator generator(*model, {&set});
        const auto answers = generator.generate(prompts, {.max_new_tokens = 12, .stop = {}});
        for (size_t i = 0; i < prompts.size(); ++i) {
          CHECK(answers[i].ids == greedy_without_cache(*model, {&set}, prompts[i].ids, 12));
          CHECK(answers[i].reason == StopReason::max_new_tokens);
        }
      }
    }
  }
}

TEST_CASE("a continuation does not depend on the prompts beside it, sampled or not, ended or not") {
  const auto model = make();
  AdapterSet set("default");
  attach(*model, set, "prefix", {{"tokens", 2}});
  attach(*model, set, "prompt", {{"tokens", 2}});
  randomize(set);
  const GenerationOptions options{.max_new_tokens = 15,
                                  .temperature = 1.3,
                                  .top_k = 20,
                                  .top_p = 0.95,
                                  .repetition_penalty = 1.2,
                                  .seed = 5,
                                  .stop = {3, 8, 12}};
  std::vector<GenerationPrompt> prompts;
  for (int64_t i = 0; i < 12; ++i) {
    prompts.push_back(
        {.ids = random_prompt(*model, 1 + (i * 7) % 10, i), .sample = static_cast<uint64_t>(i % 5)});
  }
  Generator generator(*model, {&set});
  const auto together = generator.generate(prompts, options);
  size_t stopped = 0;
  for (size_t i = 0; i < prompts.size(); ++i) {
    const auto alone = generator.generate({prompts[i]}, options).front();
    CHECK(together[i].ids == alone.ids);
    CHECK(together[i].reason == alone.reason);
    stopped += alone.reason == StopReason::stop_token ? 1 : 0;
  }
  CHECK(stopped > 2);
  CHECK(stopped < prompts.size());
}

TEST_CASE("the same prompt gives another sample under another number, the same under the same") {
  const auto model = make();
  const auto ids = random_prompt(*model, 4, 0);
  const auto answers =
      Generator(*model, {})
          .generate({{.ids = ids, .sample = 0}, {.ids = ids, .sample = 1}, {.ids = ids, .sample = 0}},
                    {.max_new_tokens = 20, .temperature = 2.0, .stop = {}});
  CHECK(answers[0].ids == answers[2].ids);
  CHECK(answers[0].ids != answers[1].ids);
}

TEST_CASE("samples follow the model's distribution") {
  const auto model = make({.vocabulary = 5, .positions = 8, .width = 6, .layers = 1, .heads = 2});
  const std::vector<int64_t> ids = {1, 4, 2};
  const at::Tensor probabilities = last_scores(*model, {}, ids).softmax(0);
  constexpr int count = 4000;
  std::vector<GenerationPrompt> prompts;
  for (uint64_t sample = 0; sample < count; ++sample) prompts.push_back({.ids = ids, .sample = sample});
  std::vector<int> drawn(5);
  for (const Generated& answer :
       Generator(*model, {})
           .generate(prompts, {.max_new_tokens = 1, .temperature = 1.0, .seed = 3, .stop = {}})) {
    ++drawn.at(static_cast<size_t>(answer.ids.at(0)));
  }
  double chi_square = 0.0;
  for (int64_t id = 0; id < 5; ++id) {
    const double expected = probabilities[id].item().toDouble() * count;
    REQUIRE(expected > 5.0);
    const double off = drawn[static_cast<size_t>(id)] - expected;
    chi_square += off * off / expected;
  }
  CHECK(chi_square < 18.47);  // 0.999 quantile at four degrees of freedom
}

TEST_CASE("the repetition penalty counts the prompt's tokens and the answer's") {
  const auto model = make();
  std::vector<int64_t> ids = random_prompt(*model, 5, 2);
  const auto answer =
      Generator(*model, {})
          .generate({{.ids = ids}}, {.max_new_tokens = 10, .repetition_penalty = 1.5, .stop = {}})
          .front();
  bool mattered = false;
  for (const int64_t chosen : answer.ids) {
    at::Tensor scores = last_scores(*model, {}, ids);
    const int64_t unpenalized = scores.argmax().item().toLong();
    for (int64_t id = 0; id < model->info().vocabulary; ++id) {
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) continue;
      const double score = scores[id].item().toDouble();
      scores[id].fill_(score < 0 ? score * 1.5 : score / 1.5);
    }
    CHECK(chosen == scores.argmax().item().toLong());
    mattered |= chosen != unpenalized;
    ids.push_back(chosen);
  }
  CHECK(mattered);
}

TEST_CASE("an answer ends at a stop token, which is no part of it") {
  const auto model = make();
  const auto ids = random_prompt(*model, 4, 1);
  const auto free = greedy_without_cache(*model, {}, ids, 10);
  const int64_t stop = free[4];
  const auto first = static_cast<size_t>(std::find(free.begin(), free.end(), stop) - free.begin());
  std::vector<int64_t> streamed;
  const auto answer = Generator(*model, {})
                          .generate({{.ids = ids}}, {.max_new_tokens = 10, .stop = {stop}},
                                    {.on_token = [&](size_t, int64_t id) { streamed.push_back(id); },
                                     .ends = {},
                                     .interrupted = {}})
                          .front();
  CHECK(answer.reason == StopReason::stop_token);
  CHECK(answer.ids == std::vector<int64_t>(free.begin(), free.begin() + static_cast<std::ptrdiff_t>(first)));
  CHECK(streamed == answer.ids);
}

TEST_CASE("an answer ends where the positions end, virtual tokens counted") {
  const auto model = make({.positions = 12});
  AdapterSet set("default");
  attach(*model, set, "prefix", {{"tokens", 3}});
  attach(*model, set, "prompt", {{"tokens", 2}});
  randomize(set);
  const auto answer =
      Generator(*model, {&set})
          .generate({{.ids = random_prompt(*model, 4, 0)}}, {.max_new_tokens = 50, .stop = {}})
          .front();
  CHECK(answer.reason == StopReason::out_of_positions);
  CHECK(answer.ids.size() == 4);  // 3 at the positions that are left, and one predicted by the last of them
  CHECK(Generator(*model, {&set}).generate({{.ids = random_prompt(*model, 7, 0)}}, {}).front().ids.size() ==
        1);
  CHECK_THROWS_WITH(
      Generator(*model, {&set}).generate({{.ids = random_prompt(*model, 8, 0)}}, {}),
      Catch::Contains("8 tokens") && Catch::Contains("5 virtual") && Catch::Contains("12 positions"));
  CHECK_THROWS_AS(Generator(*model, {}).generate({{.ids = {}}}, {}), Error);
}

TEST_CASE("an interruption brings back what there is so far") {
  const auto model = make();
  int asked = 0;
  const auto answers =
      Generator(*model, {})
          .generate({{.ids = {1}}, {.ids = {2, 3}}}, {.max_new_tokens = 9, .stop = {}},
                    {.on_token = {}, .ends = {}, .interrupted = [&] { return ++asked > 3; }});
  for (const Generated& answer : answers) {
    CHECK(answer.reason == StopReason::interrupted);
    CHECK(answer.ids.size() == 3);
  }
}

TEST_CASE("no prompts and no tokens are no work") {
  const auto model = make();
  CHECK(Generator(*model, {}).generate({}, {}).empty());
  CHECK(
      Generator(*model, {}).generate({{.ids = {1}}}, {.max_new_tokens = 0, .stop = {}}).front().ids.empty());
}

TEST_CASE("prompts are cut so that an answer fits, but not below half of the positions") {
  ModelInfo info;
  CHECK(prompt_room(info, 5, 64) == 0);
  info.max_positions = 100;
  CHECK(prompt_room(info, 20, 30) == 50);
  CHECK(prompt_room(info, 20, 200) == 40);
}

}  // namespace

namespace {

// The best of all continuations there are: their log-likelihood divided by length^penalty, a stop token
// counted.
struct Best {
  std::vector<int64_t> ids;
  double score = -1e300;
};

void search_all(Model& model, const std::vector<ActiveSet>& sets, const std::vector<int64_t>& prompt,
                const std::vector<int64_t>& answer, double sum, const GenerationOptions& options,
                Best& best) {
  std::vector<int64_t> ids = prompt;
  ids.insert(ids.end(), answer.begin(), answer.end());
  const at::Tensor scores = last_scores(model, sets, ids).log_softmax(0);
  const double length = static_cast<double>(answer.size()) + 1;
  for (int64_t id = 0; id < scores.size(0); ++id) {
    const double so_far = sum + scores[id].item().toDouble();
    std::vector<int64_t> longer = answer;
    if (id != options.stop.front()) longer.push_back(id);
    if (id != options.stop.front() && static_cast<int64_t>(length) < options.max_new_tokens) {
      search_all(model, sets, prompt, longer, so_far, options, best);
    } else if (so_far / std::pow(length, options.length_penalty) > best.score) {
      best = {longer, so_far / std::pow(length, options.length_penalty)};
    }
  }
}

}  // namespace

TEST_CASE("a search with as many beams as there are continuations finds the best of all") {
  const auto model = make({.vocabulary = 5, .positions = 12, .width = 6, .layers = 1, .heads = 2});
  AdapterSet set("default");
  attach(*model, set, "prefix", {{"tokens", 2}});
  randomize(set);
  size_t shortest = 9;
  size_t longest = 0;
  for (const double penalty : {0.0, 1.0, 3.0}) {
    for (int64_t stop = 0; stop < 5; ++stop) {
      const GenerationOptions options{
          .max_new_tokens = 3, .beams = 125, .length_penalty = penalty, .stop = {stop}};
      const std::vector<GenerationPrompt> prompts = {{.ids = {1, 4, 2}}, {.ids = {3}}};
      const std::vector<Generated> found = Generator(*model, {&set}).generate(prompts, options);
      for (size_t i = 0; i < prompts.size(); ++i) {
        Best best;
        search_all(*model, {&set}, prompts[i].ids, {}, 0.0, options, best);
        INFO("penalty " << penalty << ", stop " << stop << ", prompt " << i);
        CHECK(found[i].ids == best.ids);
        CHECK((found[i].reason == StopReason::stop_token) == (best.ids.size() < 3));
        shortest = std::min(shortest, best.ids.size());
        longest = std::max(longest, best.ids.size());
      }
    }
  }
  CHECK(shortest < longest);
}

TEST_CASE("what a search finds does not depend on the prompts beside it, and an interrupted one says so") {
  const auto model = make({.vocabulary = 40, .positions = 30});
  std::vector<GenerationPrompt> prompts;
  for (int64_t i = 0; i < 4; ++i) prompts.push_back({.ids = random_prompt(*model, 2 + 3 * i, i)});
  const GenerationOptions options{.max_new_tokens = 9, .beams = 3, .stop = {7, 11}};
  Generator generator(*model, {});
  const std::vector<Generated> together = generator.generate(prompts, options);
  for (size_t i = 0; i < prompts.size(); ++i) {
    CHECK(generator.generate({prompts[i]}, options).front().ids == together[i].ids);
  }
  int steps = 0;
  const std::vector<Generated> cut = generator.generate(
      {prompts[0]}, options, {.on_token = {}, .ends = {}, .interrupted = [&] { return ++steps > 3; }});
  CHECK(cut.front().reason == StopReason::interrupted);
  CHECK(cut.front().ids.size() == 3);
}

TEST_CASE("an answer ends where its caller says so, beams too") {
  const auto model = make({.vocabulary = 40, .positions = 30});
  const std::vector<GenerationPrompt> prompts = {{.ids = random_prompt(*model, 4, 1)}};
  for (const int64_t beams : {1, 3}) {
    const GenerationOptions options{.max_new_tokens = 12, .beams = beams, .stop = {}};
    Generator generator(*model, {});
    const std::vector<int64_t> whole = generator.generate(prompts, options).front().ids;
    REQUIRE(whole.size() == 12);
    GenerationCallbacks calls;
    calls.ends = [](const std::vector<int64_t>& answer) { return answer.size() == 5; };
    const Generated cut = generator.generate(prompts, options, calls).front();
    CHECK(cut.ids.size() == 5);
    CHECK(cut.reason == StopReason::stop_text);
    if (beams == 1) CHECK(std::equal(cut.ids.begin(), cut.ids.end(), whole.begin()));
  }
}
