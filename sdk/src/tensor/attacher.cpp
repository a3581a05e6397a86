#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <utility>

#include "peft/error.h"
#include "peft/method.h"

namespace peft {
namespace {

template <class Site, class Attachment>
void put(Site& site, const AdapterSet& set, std::unique_ptr<Attachment> attachment) {
  site.attachments.push_back({.set = &set, .attachment = std::move(attachment), .begin = 0, .size = 0});
}

}  // namespace

Attacher::Attacher(Model& model, AdapterSet& set, MethodInstance& instance, const RandomStream& seed,
                   at::ScalarType dtype, TextServices* texts, TensorValues values)
    : model_(model),
      set_(set),
      instance_(instance),
      seed_(seed.child(instance.name)),
      dtype_(dtype),
      texts_(texts),
      values_(values) {}

bool Attacher::shapes_only() const {
  return values_ == TensorValues::none || sites().parameters.front().tensor.is_meta();
}

TextServices& Attacher::texts() const {
  if (texts_ == nullptr) {
    throw UsageError("the method '" + instance_.name +
                     "' starts from a text, and this run has no tokeniser; give model.tokenizer");
  }
  return *texts_;
}

at::Tensor Attacher::tensor(std::string name, std::vector<int64_t> shape, const Init& init,
                            TensorTraits traits) {
  for (const MethodTensor& other : instance_.tensors) {
    if (other.name == name)
      throw Error("the method '" + instance_.name + "' declares its tensor '" + name + "' twice");
  }
  const at::Device device = sites().parameters.front().tensor.device();
  at::Tensor values = at::empty(shape, at::TensorOptions().dtype(dtype_).device(device));
  if (!shapes_only()) {
    const at::NoGradGuard no_grad;
    init(values, seed_.child(name));
  }
  values.set_requires_grad(traits.trained && instance_.trainable);
  instance_.tensors.push_back({.name = std::move(name),
                               .tensor = values,
                               .trained = traits.trained,
                               .decays = traits.decays,
                               .learning_rate_scale = traits.learning_rate_scale});
  return values;
}

void Attacher::attach(const LinearTarget& target, std::unique_ptr<LinearAttachment> attachment) {
  if (attachment->changes_input() && !target.whole()) {
    throw UsageError("the method '" + instance_.name + "' changes the input of '" + target.name +
                     "', which is a slice of " + target.site->name + "; target the whole site");
  }
  target.site->attachments.push_back(
      {.set = &set_, .attachment = std::move(attachment), .begin = target.begin, .size = target.size});
}

void Attacher::attach(AttentionSite& site, std::unique_ptr<AttentionAttachment> attachment) {
  instance_.prefix_length = std::max(instance_.prefix_length, attachment->length());
  put(site, set_, std::move(attachment));
}

void Attacher::attach(EmbeddingSite& site, std::unique_ptr<EmbeddingAttachment> attachment) {
  instance_.prompt_length += attachment->length();
  put(site, set_, std::move(attachment));
}

void Attacher::attach(ResidualSite& site, std::unique_ptr<ResidualAttachment> attachment) {
  put(site, set_, std::move(attachment));
}

void Attacher::attach(ParameterSite& site, std::unique_ptr<ParameterAttachment> attachment) {
  put(site, set_, std::move(attachment));
}

void Attacher::attach(HeadSite& site, std::unique_ptr<HeadAttachment> attachment) {
  put(site, set_, std::move(attachment));
}

}  // namespace peft
