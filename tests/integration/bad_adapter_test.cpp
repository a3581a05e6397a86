// Adapter folders of Hugging Face PEFT that `init_from` must not take: what another base, another alpha or
// another form of LoRA would change unnoticed.
#include <catch2/catch.hpp>
#include <filesystem>

#include "base/json.h"
#include "refusal.h"

using namespace peft;
using namespace peft::test;
namespace fs = std::filesystem;

namespace {

// One method, and where it may start from.
const std::string& recipe() {
  static const std::string path =
      small()
          .write("adapter.yaml",
                 with(with(SmallRun::recipe_text(), "  - prefix: {tokens: 3, projection: true}\n", ""),
                      "  - prompt: {tokens: 2}\n", ""))
          .string();
  return path;
}

// An adapter as this host writes it, of one step's training.
const fs::path& exported() {
  static const fs::path folder = [] {
    const std::string run = small().path("to-export").string();
    const fs::path to = small().path("exported");
    const Said trained = SmallRun::host("run " + recipe() + " train.steps=1 evaluate.every=0 output=" + run);
    if (trained.exit_code != 0) throw std::runtime_error(trained.err);
    const Said said = SmallRun::host("export " + run + " --format peft --to " + to.string());
    if (said.exit_code != 0) throw std::runtime_error(said.err);
    return to;
  }();
  return folder;
}

Value exported_config() {
  return host::read_json_file((exported() / "adapter_config.json").string());
}

// The adapter with another configuration.
fs::path with_config(const std::string& content) {
  const fs::path folder = small().path("changed-adapter");
  fs::remove_all(folder);
  fs::copy(exported(), folder);
  small().write("changed-adapter/adapter_config.json", content);
  return folder;
}

void check_adapter(const fs::path& folder, int exit_code, const std::vector<std::string>& messages) {
  const std::string words = " " + recipe() + " train.steps=1 output=" + small().path("never").string() +
                            " methods.0.lora.init_from=" + folder.string();
  for (const std::string verb : {"validate", "run"}) {
    INFO(verb);
    check_refused(SmallRun::host(verb + words), exit_code, messages);
  }
  CHECK_FALSE(fs::exists(small().path("never")));
}

struct Change {
  std::string key;
  Value value;
  std::vector<std::string> messages;
};

}  // namespace

TEST_CASE("An adapter with a setting that the recipe has not is refused, naming both") {
  const std::vector<Change> changes = {
      {"r", 8, {"'r' is 8", "'rank'", "4"}},
      {"lora_alpha", 16, {"'lora_alpha' is 16", "'alpha'", "8"}},
      {"alpha_pattern",
       Value::Map{{"transformer.h.0.attn.c_attn", 32}},
       {"alpha_pattern", "h.0.attn.c_attn", "32"}},
      {"rank_pattern",
       Value::Map{{"transformer.h.1.attn.c_attn", 2}},
       {"rank_pattern", "h.1.attn.c_attn", "2"}},
      {"use_rslora", true, {"'use_rslora'"}},
      {"use_dora", true, {"'use_dora'"}},
      {"init_lora_weights",
       "pissa",
       {"'init_lora_weights' is 'pissa'", "path_initial_model_for_weight_conversion"}},
      {"init_lora_weights", "pissa_niter_16", {"pissa_niter_16"}},
      {"init_lora_weights", "olora", {"olora"}},
      {"bias", "lora_only", {"'bias' is 'lora_only'", "'bias' asks for 'none'"}},
      {"modules_to_save", Value::List{"lm_head"}, {"'modules_to_save' is set"}},
      {"layer_replication", Value::List{Value::List{0, 2}}, {"'layer_replication' is set"}},
      {"trainable_token_indices", Value::List{1, 2}, {"'trainable_token_indices' is set"}},
      {"lora_bias", true, {"'lora_bias' is set"}},
      {"target_parameters", Value::List{"transformer.wte.weight"}, {"'target_parameters' is set"}},
      {"peft_type", "IA3", {"peft_type is IA3", "'lora' does not read"}},
  };
  for (const Change& change : changes) {
    INFO(change.key);
    Value config = exported_config();
    config.set(change.key, change.value);
    const fs::path folder = with_config(host::dump_json(config));
    std::vector<std::string> messages = change.messages;
    messages.push_back(folder.string());
    check_adapter(folder, 1, messages);
  }
}

TEST_CASE("What says nothing in an adapter's settings is taken as it is") {
  Value config = exported_config();
  config.set("alpha_pattern", Value::Map{{"transformer.h.0.attn.c_attn", 8}});
  config.set("rank_pattern", Value::Map{});
  config.set("init_lora_weights", "gaussian");
  config.set("modules_to_save", nullptr);
  config.set("a_setting_of_tomorrow", false);
  const Said said =
      SmallRun::host("validate " + recipe() + " output=" + small().path("never").string() +
                     " methods.0.lora.init_from=" + with_config(host::dump_json(config)).string());
  INFO(said.err);
  CHECK(said.exit_code == 0);
}

TEST_CASE("An adapter folder that is damaged or incomplete is refused, naming the file") {
  check_adapter(with_config("{"), 1, {"changed-adapter/adapter_config.json:"});
  check_adapter(with_config("[]"), 1, {"adapter_config.json"});
  check_adapter(with_config("{}"), 1, {"adapter_config.json", "peft_type"});
  const std::string config = host::dump_json(exported_config());
  fs::resize_file(with_config(config) / "adapter_model.safetensors", 100);
  check_adapter(small().path("changed-adapter"), 1, {"adapter_model.safetensors"});
  fs::remove(with_config(config) / "adapter_model.safetensors");
  check_adapter(small().path("changed-adapter"), 1, {"adapter_model.safetensors"});
  fs::remove(with_config(config) / "adapter_config.json");
  check_adapter(small().path("changed-adapter"), 1, {"adapter_config.json"});
}
