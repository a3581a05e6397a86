#include "engine/base_model.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <utility>

#include "base/json.h"
#include "base/sha256.h"
#include "engine/tensor_bytes.h"
#include "model_io/hf_folder.h"
#include "model_io/parameter_check.h"
#include "model_io/weights_hash.h"
#include "peft/error.h"
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

BaseTensors draw_weights(const Recipe& recipe, const ModelPlan& plan, BaseContent content,
                         const at::Device& device) {
  const RandomStream stream = RandomStream(static_cast<uint64_t>(recipe.seed)).child("base");
  BaseTensors tensors;
  for (const ParameterSpec& spec : plan.parameters) {
    tensors[spec.name] = content == BaseContent::shapes ? meta_tensor(spec.shape, base_type(recipe))
                                                        : draw(spec, stream).to(device, base_type(recipe));
  }
  return tensors;
}

// What `model_type` says must be what the recipe's family reads.
void check_model_type(const HfFolder& folder, const ModelFamilyDescriptor& family) {
  const Value* found = folder.config().find("model_type");
  if (found != nullptr && found->is_text() && found->as_text() == family.hf_model_type) return;
  const std::string what =
      found == nullptr || !found->is_text() ? "no 'model_type'" : "'model_type' " + dump_json(*found);
  throw UsageError((folder.path() / "config.json").string() + ": found " + what + ", expected \"" +
                   family.hf_model_type + "\" for the family '" + family.name +
                   "'; set model.family to the folder's");
}

void read_folder(const Recipe& recipe, const ModelFamilyDescriptor& descriptor, BaseContent content,
                 const at::Device& device, BaseModel& base, BaseTensors& tensors) {
  const HfFolder folder = HfFolder::open(recipe.model.weights);
  check_model_type(folder, descriptor);
  try {
    base.plan = base.family->plan(folder.config());
  } catch (const UsageError& error) {
    throw UsageError((folder.path() / "config.json").string() + ": " + error.what());
  }
  std::vector<ExpectedParameter> expected;
  for (const ParameterSpec& spec : base.plan.parameters)
    expected.push_back({.name = spec.name, .shape = spec.shape});
  MatchedParameters found =
      check_parameters(recipe.model.weights, expected, folder.tensors(),
                       [&](std::string_view name) { return base.family->canonical_name(base.plan, name); });
  base.ignored = std::move(found.ignored);
  for (const auto& [name, view] : found.parameters) {
    tensors[name] = content == BaseContent::shapes ? meta_tensor(view.shape, base_type(recipe))
                                                   : borrow_tensor(view).to(device, base_type(recipe));
  }
  if (content == BaseContent::weights) base.identity = weights_identity(found.parameters);
}

}  // namespace

BaseModel load_base(const Recipe& recipe, PluginSet& plugins, BaseContent content, const at::Device& device) {
  const at::NoGradGuard no_grad;
  const ModelFamilyDescriptor& descriptor = plugins.model_family(recipe.model.family);
  BaseModel base;
  base.family = descriptor.create();
  BaseTensors tensors;
  if (recipe.model.has_random_weights()) {
    try {
      base.plan = base.family->plan(recipe.model.config);
    } catch (const UsageError& error) {
      throw UsageError(recipe.where("model.config").text() + ": error: " + error.what());
    }
    tensors = draw_weights(recipe, base.plan, content, device);
    base.identity =
        "random:" + sha256(dump_json(recipe.model.config) + " seed " + std::to_string(recipe.seed));
  } else {
    read_folder(recipe, descriptor, content, device, base, tensors);
  }
  base.model = base.family->build(base.plan, tensors);
  return base;
}

}  // namespace peft::host
