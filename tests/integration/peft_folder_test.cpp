// Adapter folders of Hugging Face PEFT and of AdapterHub's library: as sets beside each other, and as what a
// method starts from. What does not fit is told by its name.
#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>

#include "adapter_runs.h"
#include "base/json.h"
#include "model_io/safetensors.h"
#include "model_io/safetensors_writer.h"
#include "open_stack.h"
#include "peft/error.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

using Tensors = std::vector<host::TensorView>;

// The run's adapter as a folder.
std::string exported(const std::string& name, const std::string& run) {
  const fs::path folder = small().path(name);
  if (!fs::exists(folder)) text("export " + run + " --format peft --to " + folder.string());
  return folder.string();
}

// Where its tensors are: the one file's name is PEFT's, the other's AdapterHub's.
fs::path tensors_of(const fs::path& folder) {
  const fs::path hub = folder / "adapter.safetensors";
  return fs::exists(hub) ? hub : folder / "adapter_model.safetensors";
}

// The same with other tensors.
std::string changed_folder(const fs::path& folder, const std::function<void(Tensors&)>& change) {
  const fs::path changed = small().path("changed-folder");
  fs::remove_all(changed);
  fs::copy(folder, changed);
  const host::SafetensorsFile file(tensors_of(folder));
  Tensors tensors = file.tensors();
  change(tensors);
  host::write_safetensors(tensors_of(changed), tensors);
  return changed.string();
}

// A method, and what a folder of it holds.
struct Kind {
  std::string name;
  std::string options;
  std::string tensor;                // one of the folder's
  std::string other_size;            // options of another rank, or of another number of virtual tokens
  std::vector<std::string> refusal;  // what those meet with where the folder is given

  std::string method() const { return name.substr(0, name.find('-')); }
  std::string recipe(const std::string& with, const std::string& init_from = "") const {
    const std::string comma = with.empty() || init_from.empty() ? "" : ", ";
    const std::string start = init_from.empty() ? "" : "init_from: " + init_from;
    return recipe_of_methods(name + "-start", "  - " + method() + ": {" + with + comma + start + "}\n");
  }
  std::string folder() const {
    return exported(name + "-of", run_of_methods(name + "-run", "  - " + method() + ": {" + options + "}\n"));
  }
};

const std::vector<Kind>& kinds() {
  static const std::string module = "base_model.model.transformer.h.1.";
  static const std::vector<Kind> all = {
      {"lora",
       "rank: 4, targets: [attn.qkv, mlp.out]",
       module + "mlp.c_proj.lora_B.weight",
       "rank: 8, targets: [attn.qkv, mlp.out]",
       {"'r' is 4", "'rank' asks for 8"}},
      {"lora-dora",
       "rank: 4, use_dora: true",
       module + "attn.c_attn.lora_magnitude_vector",
       "rank: 2, use_dora: true",
       {"'r' is 4", "'rank' asks for 2"}},
      {"ia3",
       "",
       module + "mlp.c_proj.ia3_l",
       "feedforward: [mlp.in]",
       {"missing: '" + module + "mlp.c_fc.ia3_l'"}},
      {"norms",
       "",
       module + "ln_2.ln_tuning_layers.bias",
       "targets: [transformer.ln_f]",
       {"unexpected: '" + module + "ln_2.ln_tuning_layers.bias'"}},
      {"vera", "rank: 3", module + "attn.c_attn.vera_lambda_b", "rank: 4", {"'r' is 3", "'rank' asks for 4"}},
      {"adalora",
       "init_r: 3, target_r: 2",
       module + "attn.c_attn.lora_A",
       "init_r: 4, target_r: 2",
       {"'init_r' is 3", "asks for 4"}},
      {"prefix",
       "tokens: 3",
       "prompt_embeddings",
       "tokens: 4",
       {"'num_virtual_tokens' is 3", "'tokens' asks for 4"}},
      {"prompt",
       "tokens: 3",
       "prompt_embeddings",
       "tokens: 4",
       {"'num_virtual_tokens' is 3", "'tokens' asks for 4"}},
      {"p_tuning",
       "tokens: 3, encoder: none",
       "prompt_embeddings",
       "tokens: 4, encoder: none",
       {"'num_virtual_tokens' is 3", "'tokens' asks for 4"}},
      {"adapter",
       "reduction_factor: 8",
       "transformer.h.1.output_adapters.adapters.adapter.adapter_up.weight",
       "reduction_factor: 4",
       {"adapter_up.weight' is [32, 4], expected [32, 8]"}},
  };
  return all;
}

struct Damage {
  std::string what;
  std::function<void(Tensors&, const std::string& tensor)> change;
  std::function<std::vector<std::string>(const std::string& tensor)> messages;
};

host::TensorView& named(Tensors& tensors, const std::string& name) {
  return *std::ranges::find(tensors, name, &host::TensorView::name);
}

const std::vector<Damage>& damages() {
  using Messages = std::vector<std::string>;
  static const std::vector<float> nan(1 << 14, std::numeric_limits<float>::quiet_NaN());
  static const std::vector<Damage> all = {
      {"missing",
       [](Tensors& tensors, const std::string& name) {
         std::erase_if(tensors, [&](const host::TensorView& tensor) { return tensor.name == name; });
       },
       [](const std::string& name) -> Messages { return {"missing: '" + name + "'"}; }},
      {"extra",
       [](Tensors& tensors, const std::string& name) {
         host::TensorView more = named(tensors, name);
         more.name = "stranger";
         tensors.push_back(more);
       },
       [](const std::string&) -> Messages { return {"unexpected: 'stranger'"}; }},
      {"misshapen",
       [](Tensors& tensors, const std::string& name) { named(tensors, name).shape.push_back(1); },
       [](const std::string& name) -> Messages {
         return {"'" + name + "' is [", ", 1], expected ["};
       }},
      {"not finite",
       [](Tensors& tensors, const std::string& name) {
         host::TensorView& tensor = named(tensors, name);
         tensor.bytes = std::as_bytes(std::span(nan)).first(tensor.bytes.size());
       },
       [](const std::string& name) -> Messages {
         return {"'" + name + "' holds values that are not finite"};
       }},
  };
  return all;
}

// What using the folder throws.
std::string refusal_of(OpenStack& open, const std::string& folder) {
  try {
    open.use({{folder, 1.0}});
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

void check_says(const std::string& said, const std::vector<std::string>& messages) {
  for (const std::string& message : messages) CHECK_THAT(said, Contains(message));
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
       {"pfeiffer", "  - adapter: {reduction_factor: 8, non_linearity: gelu, learning_rate: 0.5}\n"},
       {"houlsby", "  - adapter: {kind: houlsby, leave_out: ['h.0.**'], learning_rate: 0.5}\n"},
       {"parallel", "  - adapter: {kind: parallel, scale: 2, learning_rate: 0.5}\n"},
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

TEST_CASE(
    "A folder of any method that lacks a tensor, has one too many, or one that does not fit is refused by "
    "its name") {
  OpenStack open(lora_run());
  open.use({{lora_run(), 1.0}});
  const at::Tensor before = open.logits();
  for (const Kind& kind : kinds()) {
    const std::string folder = kind.folder();
    CHECK_NOTHROW(open.use({{folder, 1.0}}));
    open.use({{lora_run(), 1.0}});
    for (const Damage& damage : damages()) {
      INFO(kind.name << ", " << damage.what);
      const std::string changed =
          changed_folder(folder, [&](Tensors& tensors) { damage.change(tensors, kind.tensor); });
      std::vector<std::string> messages = damage.messages(kind.tensor);
      messages.emplace_back("changed-folder: ");
      check_says(refusal_of(open, changed), messages);
      CHECK(at::equal(open.logits(), before));
    }
  }
}

TEST_CASE("So it is as a method's start, by validate and by run") {
  for (const Kind& kind : kinds()) {
    for (const Damage& damage : {damages()[0], damages()[3]}) {
      INFO(kind.name << ", " << damage.what);
      const std::string changed =
          changed_folder(kind.folder(), [&](Tensors& tensors) { damage.change(tensors, kind.tensor); });
      const std::string words =
          kind.recipe(kind.options, changed) + " output=" + small().path("never").string();
      check_named(SmallRun::host("validate " + words), damage.messages(kind.tensor));
    }
  }
  const Kind& kind = kinds().front();
  const std::string changed =
      changed_folder(kind.folder(), [&](Tensors& tensors) { damages()[2].change(tensors, kind.tensor); });
  check_named(SmallRun::host("run " + kind.recipe(kind.options, changed) +
                             " output=" + small().path("never").string()),
              damages()[2].messages(kind.tensor));
  CHECK_FALSE(fs::exists(small().path("never")));
}

TEST_CASE("A folder of another rank, or of other places, does not start a method") {
  for (const Kind& kind : kinds()) {
    INFO(kind.name);
    const std::string words =
        kind.recipe(kind.other_size, kind.folder()) + " output=" + small().path("never").string();
    check_named(SmallRun::host("validate " + words), kind.refusal);
  }
}

TEST_CASE("A folder of a base of another width is refused by its tensors' names, in sets and as a start") {
  OpenStack open(lora_run());
  for (const Kind& kind : kinds()) {
    INFO(kind.name);
    const std::string run = run_of_methods(
        kind.name + "-wide", "  - " + kind.method() + ": {" + kind.options + "}\n", "model.config.n_embd=64");
    const std::string folder = exported(kind.name + "-wide-of", run);
    check_says(refusal_of(open, folder), {folder, kind.tensor, "expected ["});
    const std::string words = kind.recipe(kind.options, folder) + " output=" + small().path("never").string();
    check_named(SmallRun::host("validate " + words), {folder, kind.tensor, "expected ["});
  }
}

TEST_CASE("Tensors as a Python pickle are not read, and the error converts them") {
  for (const auto& [file, pickle] :
       {std::pair<std::string, std::string>{"adapter_model.safetensors", "adapter_model.bin"},
        {"adapter.safetensors", "pytorch_adapter.bin"}}) {
    const Kind& kind = file == "adapter.safetensors" ? kinds().back() : kinds().front();
    const fs::path folder = changed_folder(kind.folder(), [](Tensors&) {});
    fs::rename(folder / file, folder / pickle);
    const std::vector<std::string> messages = {(folder / pickle).string(), "Python pickle",
                                               "expected " + file, "torch.load('" + pickle + "'",
                                               "'" + file + "')"};
    check_named(SmallRun::host("generate " + lora_run() + prompt + " --adapters " + folder.string()),
                messages);
    const std::string words = kind.recipe(kind.options, folder) + " output=" + small().path("never").string();
    check_named(SmallRun::host("validate " + words), messages);
  }
}

TEST_CASE("Of a folder whose base is said to be another, and of no other, a warning tells") {
  for (const Kind& kind : {kinds().front(), kinds().back()}) {
    INFO(kind.name);
    const fs::path folder = changed_folder(kind.folder(), [](Tensors&) {});
    const std::string words = "generate " + lora_run() + prompt + " --adapters " + folder.string();
    CHECK_THAT(SmallRun::host(words).err, !Contains("warning"));
    const std::string config = content_of_file(folder / "adapter_config.json");
    small().write("changed-folder/adapter_config.json", with(config, "\"random\"", "\"somewhere/else\""));
    CHECK_THAT(SmallRun::host(words).err, Contains("warning: " + folder.string()) &&
                                              Contains("'somewhere/else'") && Contains("'random'"));
  }
}

TEST_CASE("AdapterHub's folders with settings that no option can say are refused, naming the setting") {
  OpenStack open(lora_run());
  const Kind& kind = kinds().back();
  const auto with_setting = [&](const std::string& key, const Value& value) {
    const fs::path folder = changed_folder(kind.folder(), [](Tensors&) {});
    Value config = host::read_json_file((folder / "adapter_config.json").string());
    Value inner = config.at("config");
    inner.set(key, value);
    config.set("config", inner);
    small().write("changed-folder/adapter_config.json", host::dump_json(config));
    return folder.string();
  };
  check_says(refusal_of(open, with_setting("use_gating", true)), {"'use_gating' is true"});
  check_says(refusal_of(open, with_setting("non_linearity", "mish")), {"mish", "relu"});
  check_says(refusal_of(open, with_setting("scaling", "learned")), {"'scale'", "learned"});
  check_says(refusal_of(open, with_setting("reduction_factor", Value::Map{{"1", 8}, {"default", 16}})),
             {"'reduction_factor'", "map"});
}
