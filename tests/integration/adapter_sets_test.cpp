// Adapters beside each other on one base, as `generate`, `chat` and `compare` name them.
#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <limits>

#include "adapter_runs.h"
#include "checkpoint/commit.h"
#include "checkpoint/load.h"
#include "memory/tensor_memory.h"
#include "open_stack.h"
#include "peft/error.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

// The run's last checkpoint, changed.
template <class Change>
std::string changed_checkpoint(const std::string& name, const std::string& run, const Change& change) {
  host::Checkpoint checkpoint = host::read_latest(fs::path(run) / "checkpoints").checkpoint;
  change(checkpoint);
  return host::write_checkpoint(small().path(name), checkpoint, 1).path.string();
}

host::TensorView& tensor_in(host::Checkpoint& checkpoint, const std::string& name) {
  return *std::ranges::find(checkpoint.tensors, name, &host::TensorView::name);
}

constexpr const char* some_tensor = "sets/default/lora/h.1.attn.qkv.A";

}  // namespace

TEST_CASE("An adapter answers on another run's base as in its own run, and off, the base does") {
  const std::string own = text("generate " + lora_run() + prompt);
  CHECK(text("generate " + tokens_run() + prompt + " --adapters " + lora_run()) == own);
  CHECK(text("generate" + prompt + " --adapters " + lora_run()) == own);
  CHECK(text("generate " + tokens_run() + prompt + " --adapters " + checkpoint_of(lora_run())) == own);
  const std::string base = text("generate " + lora_run() + prompt + " --base");
  CHECK(base != own);
  CHECK(text("generate " + lora_run() + prompt + " --adapters " + lora_run() + "=0") == base);
  const std::string both = text("generate" + prompt + " --adapters " + lora_run() + "=0.5," + tokens_run());
  CHECK(both != own);
  CHECK(both != base);
}

TEST_CASE("Switching back and forth gives the same bits, and takes the adapters' memory alone") {
  OpenStack open(lora_run());
  const std::vector<std::vector<host::AdapterChoice>> stacks = {
      {}, {{lora_run(), 1.0}}, {{lora_run(), 0.5}, {tokens_run(), 1.0}}, {{tokens_run(), 1.0}}};
  std::vector<at::Tensor> seen;
  std::vector<const void*> weights;
  for (const ParameterSite& site : open.session.model().sites().parameters)
    weights.push_back(site.tensor.const_data_ptr());
  {
    const host::TensorMemory memory;
    for (const auto& adapters : stacks) open.use(adapters);
    int64_t elements = 0;
    for (const host::LoadedAdapter& adapter : open.stack->loaded()) elements += adapter.parameters;
    CHECK(elements > 0);
    CHECK(memory.live() >= elements * 4);
    CHECK(memory.live() < elements * 4 + (1 << 14));
  }
  for (const auto& adapters : stacks) {
    open.use(adapters);
    seen.push_back(open.logits());
  }
  for (const size_t again : {2, 0, 3, 1, 2, 0}) {
    open.use(stacks[again]);
    CHECK(at::equal(open.logits(), seen[again]));
  }
  for (size_t i = 1; i < seen.size(); ++i) CHECK_FALSE(at::equal(seen[i], seen[i - 1]));
  size_t i = 0;
  for (const ParameterSite& site : open.session.model().sites().parameters)
    CHECK(site.tensor.const_data_ptr() == weights[i++]);
}

TEST_CASE("What cannot be used leaves what acts as it is") {
  OpenStack open(lora_run());
  open.use({{lora_run(), 1.0}});
  const at::Tensor before = open.logits();
  const auto refuses = [&](const std::vector<host::AdapterChoice>& adapters, const std::string& message) {
    CHECK_THROWS_WITH(open.use(adapters), Contains(message));
    CHECK(at::equal(open.logits(), before));
    CHECK(open.stack->loaded().size() <= 2);
  };
  refuses({{lora_run(), 1.0}, {other_base_run(), 1.0}}, "was trained on");
  refuses({{lora_run(), 0.5}, {lora_run(), 0.5}}, "twice");
  refuses({{lora_run(), std::numeric_limits<double>::infinity()}}, "expected a number");
  refuses({{tokens_run(), 0.5}}, "3 virtual tokens");
  for (const LinearSite& site : open.session.model().sites().linears) CHECK(site.attachments.size() <= 1);
}

TEST_CASE("chat lists, switches and turns off adapters while the conversation goes on") {
  const fs::path lines =
      small().write("chat.txt", "Hello there\n/adapters\n/adapters " + lora_run() + "=0.5\n" +
                                    "/adapters\n/base\n/new\nHello there\n/adapters " + tokens_run() +
                                    "\n/new\nHello there\n");
  const Said talk = SmallRun::host("chat " + tokens_run() + " --max-new-tokens 5 --json <" + lines.string());
  INFO(talk.err);
  REQUIRE(talk.exit_code == 0);
  std::vector<Value> exchanges;
  std::istringstream answers(talk.out);
  for (std::string line; std::getline(answers, line);) exchanges.push_back(host::parse_json(line));
  REQUIRE(exchanges.size() == 3);
  CHECK(exchanges[0] == exchanges[2]);  // switched off and on again
  CHECK(exchanges[1].find("base") != nullptr);
  CHECK(exchanges[1].at("base") != exchanges[0].at("tuned"));
  CHECK_THAT(talk.err, Contains("by 1  " + tokens_run() + " (prefix, biases; ") &&
                           Contains("by 0.5  " + lora_run() + " (lora; ") &&
                           Contains("off  " + tokens_run()));

  const fs::path wrong = small().write("wrong.txt", "/adapters " + other_base_run() + "\nHello\n");
  check_refused(SmallRun::host("chat " + tokens_run() + " <" + wrong.string()), 1, {"was trained on"});
}

TEST_CASE("compare shows stacks beside runs") {
  const fs::path prompts = small().write("prompts.txt", "Take me to Silver Bay\n");
  const std::string words = "compare " + lora_run() + " --prompts " + prompts.string() +
                            " --max-new-tokens 12 --json --adapters " + lora_run() + " --adapters " +
                            lora_run() + "=0.5," + tokens_run();
  const Value answers = host::parse_json(text(words)).as_list().front().at("answers");
  const std::string stack = lora_run() + " by 0.5, " + tokens_run();
  CHECK(answers.at(lora_run()).as_text() + "\n" == text("generate " + lora_run() + prompt));
  CHECK(answers.at(stack).as_text() + "\n" ==
        text("generate" + prompt + " --adapters " + lora_run() + "=0.5," + tokens_run()));
  CHECK(answers.at("base").as_text() + "\n" == text("generate " + lora_run() + prompt + " --base"));
}

TEST_CASE("An adapter of another base is refused, naming both") {
  const std::string words = "generate " + lora_run() + prompt + " --adapters ";
  check_refused(SmallRun::host(words + other_base_run()), 1,
                {other_base_run(), "was trained on the gpt2 with random weights (random:",
                 "and the base here is", "the base it was trained on"});
  // As `init_from` too.
  check_refused(
      SmallRun::host(
          "run " +
          recipe_of_methods("from-other", "  - lora: {rank: 4, targets: [attn.qkv, mlp.out], init_from: " +
                                              checkpoint_of(other_base_run()) + "}\n") +
          " output=" + small().path("never").string()),
      1, {"was trained on the gpt2", "and the base here is"});
}

TEST_CASE("Adapters that are named wrongly are refused with what was expected") {
  const std::string words = "generate " + lora_run() + prompt + " --adapters ";
  check_refused(SmallRun::host(words + "/nowhere"), 2,
                {"/nowhere", "found nothing", "expected a run's folder"});
  check_refused(SmallRun::host(words + small().folder().string()), 2, {"neither checkpoints nor an adapter"});
  check_refused(SmallRun::host(words + lora_run() + "=much"), 2, {"found 'much' behind '='", "0.5"});
  check_refused(SmallRun::host(words + lora_run() + "=nan"), 2, {"found 'nan' behind '='"});
  check_refused(SmallRun::host(words + lora_run() + ",," + tokens_run()), 2, {"empty name"});
  check_refused(SmallRun::host(words + "=0.5"), 2, {"no name"});
  check_refused(SmallRun::host(words + lora_run() + "," + lora_run() + "/../lora"), 2, {"twice"});
  check_refused(SmallRun::host(words + tokens_run() + "=0.5"), 2, {"0.5", "3 virtual tokens", "1 or 0"});
  check_refused(SmallRun::host(words + lora_run() + " --base"), 2, {"--base and --adapters"});
}

TEST_CASE(
    "A checkpoint whose tensors are not its methods' is refused by their names, in sets and as a start") {
  struct Damage {
    std::string name;
    std::function<void(host::Checkpoint&)> change;
    std::vector<std::string> messages;
  };
  const std::vector<float> nan(4 * 32, std::numeric_limits<float>::quiet_NaN());
  const std::vector<Damage> damages = {
      {"missing",
       [](host::Checkpoint& checkpoint) {
         std::erase_if(checkpoint.tensors, [](const auto& tensor) { return tensor.name == some_tensor; });
       },
       {std::string("missing: ") + some_tensor, "[4, 32]"}},
      {"extra",
       [](host::Checkpoint& checkpoint) {
         host::TensorView tensor = tensor_in(checkpoint, some_tensor);
         tensor.name = "sets/default/lora/stranger";
         checkpoint.tensors.push_back(tensor);
       },
       {"unexpected: sets/default/lora/stranger"}},
      {"misshapen",
       [](host::Checkpoint& checkpoint) {
         tensor_in(checkpoint, some_tensor).shape = {32, 4};
       },
       {std::string("misshapen: ") + some_tensor, "[32, 4]", "[4, 32]"}},
      {"nan",
       [&](host::Checkpoint& checkpoint) {
         tensor_in(checkpoint, some_tensor).bytes = std::as_bytes(std::span(nan));
       },
       {"not finite", some_tensor}},
  };
  for (const Damage& damage : damages) {
    INFO(damage.name);
    const std::string path = changed_checkpoint(damage.name, lora_run(), damage.change);
    check_named(SmallRun::host("generate " + lora_run() + prompt + " --adapters " + path), damage.messages);
    const std::string recipe = recipe_of_methods(
        "damaged", "  - lora: {rank: 4, targets: [attn.qkv, mlp.out], init_from: " + path + "}\n");
    for (const std::string verb : {"validate ", "run "}) {
      check_named(SmallRun::host(verb + recipe + " output=" + small().path("never").string()),
                  damage.messages);
    }
  }
  const std::string stranger = changed_checkpoint("ghost", lora_run(), [](host::Checkpoint& checkpoint) {
    host::TensorView tensor = tensor_in(checkpoint, some_tensor);
    tensor.name = "sets/default/ghost/A";
    checkpoint.tensors.push_back(tensor);
  });
  check_named(SmallRun::host("generate " + lora_run() + prompt + " --adapters " + stranger),
              {"unexpected: sets/default/ghost/A"});
}

TEST_CASE("An adapter of another rank does not start a method") {
  const std::string recipe = recipe_of_methods(
      "rank",
      "  - lora: {rank: 8, targets: [attn.qkv, mlp.out], init_from: " + checkpoint_of(lora_run()) + "}\n");
  check_refused(SmallRun::host("validate " + recipe + " output=" + small().path("never").string()), 1,
                {some_tensor, "[4, 32]", "[8, 32]"});
}
