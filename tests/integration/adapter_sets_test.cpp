// Adapters beside each other on one base, as `generate`, `chat` and `compare` name them.
#include "engine/adapter_stack.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>

#include "adapter_runs.h"
#include "checkpoint/commit.h"
#include "checkpoint/load.h"
#include "memory/tensor_memory.h"
#include "model_io/safetensors.h"
#include "model_io/safetensors_writer.h"
#include "peft/error.h"
#include "support/engine_tool.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

// A base in this process, and what is stacked on it.
struct OpenStack {
  explicit OpenStack(const std::string& run)
      : catalogue(host::find_plugins({PEFT_BUILT_PLUGINS})), plugins(catalogue) {
    recipe = *host::load_recipe(run + "/recipe.yaml", {}, catalogue, {.needs_data = false}).recipe;
    host::resolve_environment(recipe);
    session = host::open_base(recipe, plugins);
    stack.emplace(recipe, session, plugins);
  }

  void use(const std::vector<host::AdapterChoice>& adapters) { stack->use(adapters, observer); }

  at::Tensor logits() {
    const at::NoGradGuard no_grad;
    EncodedExample example;
    example.inputs.emplace_back().ids = {5, 17, 300, 42, 8000, 7};
    const Batch batch = pack({&example}, at::kCPU);
    ForwardOptions options;
    options.sets = stack->active();
    Forward forward(session.model(), batch, options);
    return forward.linear(*session.model().language_head(),
                          session.model().hidden(forward).index_select(0, forward.real_rows()));
  }

  host::PluginCatalogue catalogue;
  host::PluginSet plugins;
  host::SilentObserver observer;
  host::Recipe recipe;
  host::Session session;
  std::optional<host::AdapterStack> stack;
};

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

// As check_refused; "unexpected: NAME" is what these say.
void check_named(const Said& said, const std::vector<std::string>& messages) {
  INFO(said.err);
  CHECK(said.exit_code == 1);
  CHECK(said.out.empty());
  for (const std::string& message : messages) CHECK_THAT(said.err, Contains(message));
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

namespace {

// The run's adapter as a folder of Hugging Face PEFT.
std::string exported(const std::string& name, const std::string& run) {
  const fs::path folder = small().path(name);
  if (!fs::exists(folder)) text("export " + run + " --format peft --to " + folder.string());
  return folder.string();
}

// The same with other tensors.
template <class Change>
std::string changed_folder(const std::string& folder, const Change& change) {
  const fs::path changed = small().path("changed-folder");
  fs::remove_all(changed);
  fs::copy(folder, changed);
  const host::SafetensorsFile file(fs::path(folder) / "adapter_model.safetensors");
  std::vector<host::TensorView> tensors = file.tensors();
  change(tensors);
  host::write_safetensors(changed / "adapter_model.safetensors", tensors);
  return changed.string();
}

}  // namespace

TEST_CASE("A PEFT folder acts as the run it is from") {
  for (const std::string& run :
       {lora_run(), run_of_methods("projected", "  - prefix: {tokens: 3, projection: true}\n"),
        run_of_methods("prompted", "  - prompt: {tokens: 2}\n")}) {
    INFO(run);
    const std::string folder = exported(fs::path(run).filename().string() + "-folder", run);
    CHECK(text("generate " + tokens_run() + prompt + " --adapters " + folder) ==
          text("generate " + run + prompt));
  }
}

TEST_CASE("A PEFT folder of any method acts as the run it is from, its options read out of it") {
  const auto [name, methods] = GENERATE(table<std::string, std::string>(
      {{"ia3", "  - ia3: {learning_rate: 0.5}\n"},
       {"ia3-outputs", "  - ia3: {kind: peft_compat, feedforward: [], learning_rate: 0.5}\n"},
       {"norms", "  - norms: {targets: [transformer.h.*.ln_2, transformer.ln_f], learning_rate: 0.3}\n"},
       {"p_tuning", "  - p_tuning: {tokens: 3, encoder: lstm, hidden_size: 8}\n"},
       {"vera", "  - vera: {rank: 3, targets: [attn.qkv, mlp.out], projection_prng_key: 5}\n"},
       {"vera-drawn",
        "  - vera: {rank: 3, projection_prng_key: 5, save_projection: false, learning_rate: 0.5}\n"},
       {"adalora",
        "  - adalora: {init_r: 4, target_r: 2, alpha: 24, targets: [attn.qkv, mlp.in], learning_rate: "
        "0.5}\n"},
       {"adalora-slices",
        "  - adalora: {init_r: 2, target_r: 1, targets: [attn.q, attn.v], learning_rate: 0.5}\n"}}));
  INFO(name);
  const std::string run = run_of_methods(name, methods);
  OpenStack open(lora_run());
  const auto logits = [&](const std::vector<host::AdapterChoice>& adapters) {
    open.use(adapters);
    return open.logits();
  };
  const at::Tensor own = logits({{run, 1.0}});
  const auto distance = [&](const at::Tensor& other) { return (other - own).abs().max().item<double>(); };
  CHECK(distance(logits({})) > 1e-3);
  CHECK(distance(logits({{exported(name + "-folder", run), 1.0}})) < 1e-5);
}

TEST_CASE("A PEFT folder that is of nothing on this base is refused, saying so") {
  for (const auto& [name, methods] : {std::pair<std::string, std::string>{"ia3", "  - ia3: {}\n"},
                                      {"norms", "  - norms: {}\n"},
                                      {"vera", "  - vera: {rank: 3}\n"},
                                      {"adalora", "  - adalora: {init_r: 2, target_r: 1}\n"}}) {
    INFO(name);
    const std::string folder = exported(name + "-strange-folder", run_of_methods(name + "-strange", methods));
    const std::string strange = changed_folder(folder, [](std::vector<host::TensorView>& tensors) {
      for (host::TensorView& tensor : tensors) tensor.name = "of_another." + tensor.name;
    });
    check_refused(SmallRun::host("generate " + lora_run() + prompt + " --adapters " + strange), 1,
                  {"changed-folder", "none of the adapter's tensors"});
  }
}

TEST_CASE("A PEFT folder whose tensors do not fit is refused by their names, in sets and as a start") {
  const std::string folder = exported("flat-folder", run_of_methods("flat", "  - prefix: {tokens: 3}\n"));
  const std::string tensor = "prompt_embeddings";
  const auto check = [&](const std::string& changed, const std::vector<std::string>& messages) {
    check_named(SmallRun::host("generate " + lora_run() + prompt + " --adapters " + changed), messages);
    const std::string recipe =
        recipe_of_methods("start", "  - prefix: {tokens: 3, init_from: " + changed + "}\n");
    for (const std::string verb : {"validate ", "run "}) {
      check_named(SmallRun::host(verb + recipe + " output=" + small().path("never").string()), messages);
    }
  };
  using Tensors = std::vector<host::TensorView>;
  const std::vector<float> nan(3 * 128, std::numeric_limits<float>::quiet_NaN());
  check(changed_folder(folder, [](Tensors& tensors) { tensors.front().name = "stranger"; }),
        {"changed-folder", "missing: '" + tensor + "' [3, 128]", "unexpected: 'stranger' [3, 128]"});
  check(changed_folder(folder,
                       [](Tensors& tensors) {
                         tensors.front().shape = {128, 3};
                       }),
        {"changed-folder", "'" + tensor + "' is [128, 3], expected [3, 128]"});
  check(changed_folder(folder,
                       [&](Tensors& tensors) { tensors.front().bytes = std::as_bytes(std::span(nan)); }),
        {"changed-folder", "'" + tensor + "' holds values that are not finite"});
}
