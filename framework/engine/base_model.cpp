#include "engine/base_model.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/sha256.h"
#include "engine/tensor_bytes.h"
#include "model_io/hf_folder.h"
#include "model_io/parameter_check.h"
#include "model_io/weights_hash.h"
#include "peft/error.h"
#include "peft/names.h"
#include "peft/random.h"

namespace peft::host {
namespace {

at::ScalarType base_type(const Recipe& recipe) {
  return recipe.dtype == "bfloat16" ? at::kBFloat16 : at::kFloat;
}

at::Tensor meta_tensor(const std::vector<int64_t>& shape, at::ScalarType type) {
  return at::empty(shape, at::TensorOptions().dtype(type).device(at::kMeta));
}

at::Tensor draw(const ParameterSpec& spec, const RandomStream& stream) {
  at::Tensor tensor = at::empty(spec.shape, at::kFloat);
  switch (spec.init.kind) {
    case BaseInit::Kind::zeros: tensor.zero_(); break;
    case BaseInit::Kind::ones: tensor.fill_(1.0); break;
    case BaseInit::Kind::normal:
      fill_normal(tensor, 0.0, spec.init.standard_deviation, stream.child(spec.name));
      break;
  }
  return tensor;
}

BaseTensors shapes_of(const ModelPlan& plan, at::ScalarType type) {
  BaseTensors tensors;
  for (const ParameterSpec& spec : plan.parameters) tensors[spec.name] = meta_tensor(spec.shape, type);
  return tensors;
}

std::shared_future<std::string> ready(std::string identity) {
  std::promise<std::string> promise;
  promise.set_value(std::move(identity));
  return promise.get_future().share();
}

BaseTensors draw_weights(const Recipe& recipe, const at::Device& device, BaseModel& base) {
  const RandomStream stream = RandomStream(static_cast<uint64_t>(recipe.seed)).child("base");
  BaseTensors tensors;
  for (const ParameterSpec& spec : base.plan.parameters)
    tensors[spec.name] = draw(spec, stream).to(device, base_type(recipe));
  base.identity =
      ready("random:" + sha256(dump_json(recipe.model.config) + " seed " + std::to_string(recipe.seed)));
  return tensors;
}

// Weights of the recipe's type are used where they are mapped; others are converted, and then no more of the
// file stays in memory than is being read.
BaseTensors load_weights(const Recipe& recipe, const at::Device& device, BaseModel& base) {
  BaseTensors tensors;
  bool all_borrowed = true;
  for (const auto& [name, view] : base.files) {
    const bool borrowed = device.is_cpu() && scalar_type(view.type) == base_type(recipe);
    tensors[name] = borrowed ? borrow_tensor(view) : convert_tensor(view, base_type(recipe), device);
    all_borrowed = all_borrowed && borrowed;
  }
  base.identity = std::async(std::launch::async, [files = base.files, all_borrowed] {
                    return all_borrowed ? weights_identity(files) : weights_identity_in_passing(files);
                  }).share();
  return tensors;
}

// What `model_type` says must be what the recipe's family reads.
void check_model_type(const HfFolder& folder, const ModelFamilyDescriptor& family) {
  const Value* found = folder.config().find("model_type");
  if (found != nullptr && found->is_text() &&
      std::ranges::find(family.hf_model_types, found->as_text()) != family.hf_model_types.end())
    return;
  const std::string what =
      found == nullptr || !found->is_text() ? "no 'model_type'" : "'model_type' " + dump_json(*found);
  throw UsageError((folder.path() / "config.json").string() + ": found " + what + ", expected " +
                   join(family.hf_model_types, " or ") + " for the family '" + family.name +
                   "'; set model.family to the folder's");
}

// What is optional and not there is no part of the model.
template <class Absent>
void leave_out(ModelPlan& plan, const Absent& absent) {
  std::erase_if(plan.parameters, absent);
}

void read_folder(const Recipe& recipe, const ModelFamilyDescriptor& descriptor, BaseModel& base) {
  const HfFolder folder = HfFolder::open(recipe.fetched.folder(recipe.model.weights));
  check_model_type(folder, descriptor);
  try {
    base.plan = base.family->plan(folder.config());
  } catch (const UsageError& error) {
    throw UsageError((folder.path() / "config.json").string() + ": " + error.what());
  }
  std::vector<ExpectedParameter> expected;
  for (const ParameterSpec& spec : base.plan.parameters)
    expected.push_back({.name = spec.name, .shape = spec.shape, .optional = spec.optional});
  MatchedParameters found =
      check_parameters(folder.path(), expected, folder.tensors(),
                       [&](std::string_view name) { return base.family->canonical_name(base.plan, name); });
  base.files = std::move(found.parameters);
  leave_out(base.plan, [&](const ParameterSpec& spec) { return !base.files.contains(spec.name); });
  base.ignored = std::move(found.ignored);
}

void read_plan(const Recipe& recipe, const ModelFamilyDescriptor& descriptor, BaseModel& base) {
  base.family = descriptor.create();
  if (!recipe.model.has_random_weights()) return read_folder(recipe, descriptor, base);
  try {
    base.plan = base.family->plan(recipe.model.config);
  } catch (const UsageError& error) {
    throw UsageError(recipe.where("model.config").text() + ": error: " + error.what());
  }
  leave_out(base.plan, [](const ParameterSpec& spec) { return spec.optional; });
}

}  // namespace

BaseModel load_base(const Recipe& recipe, PluginSet& plugins, BaseContent content, const at::Device& device) {
  const at::NoGradGuard no_grad;
  BaseModel base;
  read_plan(recipe, plugins.model_family(recipe.model.family), base);
  if (content == BaseContent::weights) {
    put_weights(recipe, base, device);
  } else {
    base.model = base.family->build(base.plan, shapes_of(base.plan, base_type(recipe)));
  }
  return base;
}

void put_weights(const Recipe& recipe, BaseModel& base, const at::Device& device) {
  const at::NoGradGuard no_grad;
  const BaseTensors tensors = recipe.model.has_random_weights() ? draw_weights(recipe, device, base)
                                                                : load_weights(recipe, device, base);
  base.model = base.family->build(base.plan, tensors);
}

}  // namespace peft::host
