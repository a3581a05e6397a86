#include "engine/run_checkpoint.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/isfinite.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "base/json.h"
#include "base/utc_text.h"
#include "engine/adapters.h"
#include "engine/tensor_bytes.h"
#include "peft/error.h"

namespace peft::host {
namespace {

std::string trained_group() {
  return std::string("sets/") + trained_set;
}

std::string group_of(const MethodInstance& method) {
  return trained_group() + "/" + method.name;
}

template <class Visit>
void visit_tensors(const AdapterSet& set, const Visit& visit) {
  for (const MethodInstance& method : set.methods()) {
    for (const MethodTensor& tensor : method.tensors) {
      visit(tensor_path(group_of(method), tensor.name), tensor.tensor);
    }
  }
}

// The moments of one trained tensor, with their paths.
template <class Visit>
void visit_moments(const AdamW& optimizer, const Visit& visit) {
  for (const OptimizedTensor& state : optimizer.tensors()) {
    visit("optimizer/" + state.path + "/exp_avg", state.exp_avg);
    visit("optimizer/" + state.path + "/exp_avg_sq", state.exp_avg_sq);
  }
}

void copy_into(const at::Tensor& tensor, const Checkpoint& checkpoint, const std::string& path) {
  const at::NoGradGuard no_grad;
  tensor.copy_(borrow_tensor(*checkpoint.find(path)));
}

ExpectedTensor expected(const std::string& path, const at::Tensor& tensor) {
  return {.path = path, .type = element_type(tensor.scalar_type()), .shape = tensor.sizes().vec()};
}

void require_finite(const Checkpoint& checkpoint,
                    const std::vector<std::pair<std::string, at::Tensor>>& tensors) {
  std::string found;
  for (const auto& [path, tensor] : tensors) {
    if (!at::isfinite(borrow_tensor(*checkpoint.find(path))).all().item<bool>()) found += "\n  " + path;
  }
  if (!found.empty())
    throw Error("these tensors hold values that are not finite; nothing was loaded:" + found);
}

// Under `group` there must be the methods' tensors and no others.
void restore(const Checkpoint& checkpoint, std::string_view group,
             const std::vector<MethodInstance*>& methods) {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  std::vector<ExpectedTensor> wanted;
  for (const MethodInstance* method : methods) {
    for (const MethodTensor& tensor : method->tensors) {
      tensors.emplace_back(tensor_path(group_of(*method), tensor.name), tensor.tensor);
      wanted.push_back(expected(tensors.back().first, tensor.tensor));
    }
  }
  require_tensors(checkpoint, group, wanted);
  require_finite(checkpoint, tensors);
  for (const auto& [path, tensor] : tensors) copy_into(tensor, checkpoint, path);
}

Value plugins_value(const std::vector<PluginRecord>& plugins) {
  Value::List list;
  for (const PluginRecord& plugin : plugins) {
    Value entry;
    entry.set("name", plugin.name);
    entry.set("version", plugin.version);
    entry.set("headers", plugin.headers);
    entry.set("sha256", plugin.sha256);
    list.push_back(std::move(entry));
  }
  return list;
}

// Weights and data are compared by what they hold, not by where they lie.
bool may_differ(const std::string& path) {
  static const std::set<std::string> free = {
      "model.weights",          "model.tokenizer", "data.source",        "output", "name", "evaluate",
      "train.checkpoint_every", "train.keep",      "train.memory_limit", "sweep"};
  return std::any_of(free.begin(), free.end(),
                     [&](const std::string& key) { return path == key || path.starts_with(key + "."); });
}

// "train.learning_rate is 0.0001, was 0.0002", for every leaf that differs.
void collect_differences(const Value& now, const Value& then, const std::string& path,
                         std::vector<std::string>& found) {
  if (now == then || may_differ(path)) return;
  const auto below = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
  if (now.is_map() && then.is_map()) {
    std::set<std::string> keys;
    for (const Value::Entry& entry : now.as_map()) keys.insert(entry.first);
    for (const Value::Entry& entry : then.as_map()) keys.insert(entry.first);
    for (const std::string& key : keys) {
      const Value* a = now.find(key);
      const Value* b = then.find(key);
      collect_differences(a == nullptr ? Value() : *a, b == nullptr ? Value() : *b, below(key), found);
    }
    return;
  }
  if (now.is_list() && then.is_list() && now.as_list().size() == then.as_list().size()) {
    for (size_t i = 0; i < now.as_list().size(); ++i) {
      collect_differences(now.as_list()[i], then.as_list()[i], below(std::to_string(i)), found);
    }
    return;
  }
  found.push_back(path + " is " + dump_json(now) + ", was " + dump_json(then));
}

std::string text_of(const Checkpoint& checkpoint, const char* key) {
  const Value* value = checkpoint.metadata.find(key);
  return value != nullptr && value->is_text() ? value->as_text() : "";
}

}  // namespace

Checkpoint make_checkpoint(const RunIdentity& identity, const AdapterSet& set, const AdamW& optimizer,
                           int64_t step, const std::string& metrics) {
  Checkpoint checkpoint;
  checkpoint.step = step;
  const auto add = [&](const std::string& path, const at::Tensor& tensor) {
    checkpoint.tensors.push_back(tensor_view(path, tensor));
  };
  visit_tensors(set, add);
  visit_moments(optimizer, add);
  Value& metadata = checkpoint.metadata;
  metadata.set("recipe", identity.recipe);
  metadata.set("recipe_value", identity.recipe_value);
  metadata.set("plugins", plugins_value(identity.plugins));
  metadata.set("base", identity.base.get());
  metadata.set("data", identity.data);
  metadata.set("examples", identity.examples);
  metadata.set("libtorch", identity.libtorch);
  metadata.set("cpu_capability", identity.cpu_capability);
  metadata.set("saved", utc_text(std::chrono::system_clock::now()));
  metadata.set("metrics", metrics);
  return checkpoint;
}

Checkpoint adapter_checkpoint(const Recipe& recipe, const MethodInstance& method, const std::string& base,
                              int64_t step) {
  Checkpoint checkpoint;
  checkpoint.step = step;
  for (const MethodTensor& tensor : method.tensors) {
    checkpoint.tensors.push_back(tensor_view(tensor_path(group_of(method), tensor.name), tensor.tensor));
  }
  checkpoint.metadata.set("recipe", to_yaml(recipe));
  checkpoint.metadata.set("recipe_value", to_value(recipe));
  checkpoint.metadata.set("base", base);
  return checkpoint;
}

void restore_set(const Checkpoint& checkpoint, const std::vector<MethodInstance*>& methods) {
  restore(checkpoint, trained_group(), methods);
}

void restore_set(const Checkpoint& checkpoint, AdapterSet& set) {
  std::vector<MethodInstance*> methods;
  for (MethodInstance& method : set.methods()) methods.push_back(&method);
  restore_set(checkpoint, methods);
}

void restore_method(const Checkpoint& checkpoint, MethodInstance& method) {
  restore(checkpoint, group_of(method), {&method});
}

void restore_optimizer(const Checkpoint& checkpoint, AdamW& optimizer) {
  std::vector<ExpectedTensor> wanted;
  visit_moments(optimizer, [&](const std::string& path, const at::Tensor& tensor) {
    wanted.push_back(expected(path, tensor));
  });
  require_tensors(checkpoint, "optimizer", wanted);
  visit_moments(optimizer, [&](const std::string& path, const at::Tensor& tensor) {
    copy_into(tensor, checkpoint, path);
  });
}

std::string metrics_of(const Checkpoint& checkpoint) {
  return text_of(checkpoint, "metrics");
}

std::vector<std::string> resume_obstacles(const Checkpoint& checkpoint, const RunIdentity& identity) {
  std::vector<std::string> obstacles;
  const Value* then = checkpoint.metadata.find("recipe_value");
  collect_differences(identity.recipe_value, then == nullptr ? Value() : *then, "", obstacles);
  if (text_of(checkpoint, "base") != identity.base.get()) {
    obstacles.push_back("the base weights are " + identity.base.get() + ", were " +
                        text_of(checkpoint, "base"));
  }
  if (text_of(checkpoint, "data") != identity.data) {
    obstacles.emplace_back("the training examples are not those the run began with");
  }
  return obstacles;
}

std::vector<std::string> differences_from_trained(const Checkpoint& checkpoint, const Recipe& recipe) {
  const Value now = to_value(recipe);
  const Value* then = checkpoint.metadata.find("recipe_value");
  std::vector<std::string> found;
  for (const char* key : {"model", "methods", "task"}) {
    collect_differences(now.at(key), then == nullptr ? Value() : then->at(key), key, found);
  }
  collect_differences(now.at("data").at("template"),
                      then == nullptr ? Value() : then->at("data").at("template"), "data.template", found);
  return found;
}

std::vector<std::string> resume_warnings(const Checkpoint& checkpoint, const RunIdentity& identity) {
  std::vector<std::string> warnings;
  const auto compare = [&](const std::string& what, const std::string& now, const std::string& then) {
    if (now != then)
      warnings.push_back(what + " is " + now + ", was " + then +
                         ": the last bits may differ from a run never stopped");
  };
  compare("LibTorch", identity.libtorch, text_of(checkpoint, "libtorch"));
  compare("the processor's kernels", identity.cpu_capability, text_of(checkpoint, "cpu_capability"));
  const Value* plugins = checkpoint.metadata.find("plugins");
  if (plugins == nullptr || !plugins->is_list()) return warnings;
  for (const Value& then : plugins->as_list()) {
    for (const PluginRecord& now : identity.plugins) {
      if (then.at("name").as_text() != now.name) continue;
      compare("the build of the plugin " + now.name, now.sha256.substr(0, 12),
              then.at("sha256").as_text().substr(0, 12));
    }
  }
  return warnings;
}

}  // namespace peft::host
