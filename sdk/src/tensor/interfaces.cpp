// The SDK's interfaces with tensors in them: one home for their type information, and their defaults.
#include <utility>

#include "peft/attachments.h"
#include "peft/labelling.h"
#include "peft/method.h"
#include "peft/model.h"
#include "peft/peft_format.h"
#include "peft/peft_import.h"
#include "peft/registry.h"
#include "peft/task.h"
#include "peft/training_hooks.h"

namespace peft {

LinearAttachment::~LinearAttachment() = default;
bool LinearAttachment::changes_input() const {
  return false;
}
at::Tensor LinearAttachment::input(const LinearCall&, const at::Tensor& x) const {
  return x;
}
at::Tensor LinearAttachment::output(const LinearCall&, const at::Tensor&, const at::Tensor& y) const {
  return y;
}
bool LinearAttachment::fold(const LinearSite&, at::Tensor&, at::Tensor&) const {
  return false;
}

AttentionAttachment::~AttentionAttachment() = default;

EmbeddingAttachment::~EmbeddingAttachment() = default;
int64_t EmbeddingAttachment::length() const {
  return 0;
}
at::Tensor EmbeddingAttachment::virtual_tokens(const Forward&) const {
  return {};
}
at::Tensor EmbeddingAttachment::output(const Forward&, const Rows&, const at::Tensor&,
                                       const at::Tensor& y) const {
  return y;
}

bool EmbeddingAttachment::fold(const EmbeddingSite&, at::Tensor&) const {
  return false;
}

ResidualAttachment::~ResidualAttachment() = default;
ParameterAttachment::~ParameterAttachment() = default;
HeadAttachment::~HeadAttachment() = default;

Model::Model(ModelInfo info) : info_(std::move(info)) {}
Model::~Model() = default;
LinearSite* Model::language_head() {
  for (LinearSite& site : sites_.linears) {
    if (site.role == "head") return &site;
  }
  return nullptr;
}

ModelFamily::~ModelFamily() = default;
TextServices::~TextServices() = default;
Method::~Method() = default;
TrainingHooks::~TrainingHooks() = default;
void TrainingHooks::begin(int64_t) {}
at::Tensor TrainingHooks::penalty() const {
  return {};
}
void TrainingHooks::after_update(int64_t) {}
PeftFormat::~PeftFormat() = default;
PeftImport::~PeftImport() = default;
EncodeContext::~EncodeContext() = default;
std::optional<int64_t> EncodeContext::decoder_start() const {
  return {};
}
Labelling::~Labelling() = default;
Task::~Task() = default;
std::optional<PromptAndReference> Task::prompt(const Example&) const {
  return {};
}
std::vector<int64_t> Task::encode_prompt(const Conversation& prompt, EncodeContext& context,
                                         int64_t max_length) const {
  return context.render_prompt(prompt, max_length);
}
void Task::check(const Model&) const {}
std::unique_ptr<Method> Task::head() const {
  return nullptr;
}
Registry::~Registry() = default;

}  // namespace peft
