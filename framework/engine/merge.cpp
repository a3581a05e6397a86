#include "engine/merge.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "peft/error.h"

namespace peft::host {
namespace {

using Sets = std::set<const AdapterSet*>;

bool stands_at(const auto& sites, const AdapterSet& set) {
  for (const auto& site : sites) {
    for (const auto& attached : site.attachments) {
      if (attached.set == &set) return true;
    }
  }
  return false;
}

// One try to fold all sets but some. Where a set turns out not to be foldable, it is one more of those, and
// the next try begins anew.
class Attempt {
 public:
  Attempt(const Model& model, Sets& beside) : model_(model), beside_(beside) {}

  bool succeeds() {
    for (const ParameterSite& site : model_.sites().parameters) weights_[&site] = overridden(site);
    for (const LinearSite& site : model_.sites().linears) {
      if (!fold_linear(site)) return false;
    }
    for (const EmbeddingSite& site : model_.sites().embeddings) {
      if (!fold_embedding(site)) return false;
    }
    return true;
  }

  BaseTensors tensors() const {
    BaseTensors tensors = own_;
    for (const auto& [site, tensor] : weights_) tensors[site->name] = tensor;
    return tensors;
  }
  // Whether a weight that was shared is not any more.
  bool unties() const { return !own_.empty(); }

 private:
  // As Forward::parameter has it.
  at::Tensor overridden(const ParameterSite& site) const {
    const at::Tensor base = site.tensor.to(at::kFloat);
    at::Tensor value;
    for (const auto& attached : site.attachments) {
      if (beside_.contains(attached.set)) continue;
      const at::Tensor one = attached.attachment->value(site.tensor).detach().to(at::kFloat);
      value = value.defined() ? value + (one - base) : one;
    }
    return value.defined() ? value : base;
  }

  // The attachments as they act on the weight: first what is done to the outputs, in order; then what is done
  // to the inputs, from the last, which stands next to the weight.
  static std::vector<const Attached<LinearAttachment>*> in_order(const LinearSite& site) {
    std::vector<const Attached<LinearAttachment>*> outputs;
    std::vector<const Attached<LinearAttachment>*> inputs;
    for (const auto& attached : site.attachments) {
      (attached.attachment->changes_input() ? inputs : outputs).push_back(&attached);
    }
    outputs.insert(outputs.end(), inputs.rbegin(), inputs.rend());
    return outputs;
  }

  // Virtual tokens in front of a sequence leave what is looked up as it is.
  static std::vector<const Attached<EmbeddingAttachment>*> in_order(const EmbeddingSite& site) {
    std::vector<const Attached<EmbeddingAttachment>*> found;
    for (const auto& attached : site.attachments) {
      if (attached.attachment->length() == 0) found.push_back(&attached);
    }
    return found;
  }

  // The attachments that are to be folded. What comes after one that stays has to stay too: then nothing, and
  // its set is among those that stay.
  template <class Site>
  auto to_fold(const Site& site) {
    auto attachments = in_order(site);
    const auto stays = [&](const auto* attached) { return beside_.contains(attached->set); };
    const auto first = std::ranges::find_if(attachments, stays);
    const auto refused = std::find_if_not(first, attachments.end(), stays);
    if (refused != attachments.end()) {
      beside_.insert((*refused)->set);
      return std::optional<decltype(attachments)>();
    }
    attachments.erase(first, attachments.end());
    return std::optional(attachments);
  }

  bool refuses(const AdapterSet* set) {
    beside_.insert(set);
    return false;
  }

  bool is_shared(const LinearSite& site) const {
    return std::ranges::any_of(model_.sites().embeddings,
                               [&](const EmbeddingSite& other) { return other.weight == site.weight; });
  }

  bool fold_linear(const LinearSite& site) {
    const auto attachments = to_fold(site);
    if (!attachments) return false;
    if (attachments->empty()) return true;
    const at::Tensor& stored = weights_.at(site.weight);
    const at::Tensor weight =
        (site.layout == WeightLayout::in_out ? stored.t() : stored).clone();  // [out, in]
    const at::Tensor bias = site.bias == nullptr ? at::Tensor() : weights_.at(site.bias).clone();
    for (const Attached<LinearAttachment>* attached : *attachments) {
      const at::Tensor weight_slice = weight.narrow(0, attached->begin, attached->size);
      const at::Tensor bias_slice =
          bias.defined() ? bias.narrow(0, attached->begin, attached->size) : at::Tensor();
      at::Tensor new_weight = weight_slice;
      at::Tensor new_bias = bias_slice;
      if (!attached->attachment->fold(site, new_weight, new_bias)) return refuses(attached->set);
      if (new_bias.defined() && !bias.defined()) return refuses(attached->set);  // nowhere to put it
      weight_slice.copy_(new_weight);
      if (bias.defined()) bias_slice.copy_(new_bias);
    }
    const at::Tensor folded = site.layout == WeightLayout::in_out ? weight.t().contiguous() : weight;
    if (is_shared(site)) {
      own_[site.hf_module + ".weight"] = folded;
    } else {
      weights_.at(site.weight) = folded;
    }
    if (bias.defined()) weights_.at(site.bias) = bias;
    return true;
  }

  bool fold_embedding(const EmbeddingSite& site) {
    const auto attachments = to_fold(site);
    if (!attachments) return false;
    if (attachments->empty()) return true;
    at::Tensor table = weights_.at(site.weight).clone();
    for (const Attached<EmbeddingAttachment>* attached : *attachments) {
      if (!attached->attachment->fold(site, table)) return refuses(attached->set);
    }
    // A head that shared the table goes on with what it was.
    for (const LinearSite& linear : model_.sites().linears) {
      if (linear.weight == site.weight)
        own_.try_emplace(linear.hf_module + ".weight", weights_.at(site.weight));
    }
    weights_.at(site.weight) = table;
    return true;
  }

  const Model& model_;
  Sets& beside_;
  std::map<const ParameterSite*, at::Tensor> weights_;
  BaseTensors own_;  // of sites that shared their weight, by its name in an untied model
};

// The plan of the same model with a weight of its own for the head.
ModelPlan untied(const BaseModel& base, const BaseTensors& tensors) {
  Value config = base.plan.config;
  config.set("tie_word_embeddings", false);
  ModelPlan plan = base.family->plan(config);
  std::erase_if(plan.parameters,
                [&](const ParameterSpec& spec) { return spec.optional && !tensors.contains(spec.name); });
  return plan;
}

void require_plan(const ModelPlan& plan, const BaseTensors& tensors) {
  bool fits = plan.parameters.size() == tensors.size();
  for (const ParameterSpec& spec : plan.parameters) {
    const auto found = tensors.find(spec.name);
    fits = fits && found != tensors.end() && found->second.sizes() == at::IntArrayRef(spec.shape);
  }
  if (fits) return;
  throw Error("the head and the token embedding share a weight in this " + plan.info.family +
              ", which has no form without that; export with --format peft");
}

}  // namespace

Merged merge(const BaseModel& base, const std::vector<std::unique_ptr<AdapterSet>>& sets) {
  const Sites& sites = base.model->sites();
  Sets beside;
  for (const auto& set : sets) {
    const bool elsewhere =
        stands_at(sites.attentions, *set) || stands_at(sites.residuals, *set) || stands_at(sites.heads, *set);
    if (elsewhere || set->prompt_length() > 0) beside.insert(set.get());
  }
  for (;;) {
    Attempt attempt(*base.model, beside);
    if (!attempt.succeeds()) continue;
    Merged merged;
    merged.tensors = attempt.tensors();
    merged.plan = attempt.unties() ? untied(base, merged.tensors) : base.plan;
    require_plan(merged.plan, merged.tensors);
    for (const auto& set : sets)
      (beside.contains(set.get()) ? merged.beside : merged.folded).push_back(set.get());
    return merged;
  }
}

}  // namespace peft::host
