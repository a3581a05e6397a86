// Prefixes in Hugging Face PEFT's format, which keeps what the projection makes, not the projection.
#include <ATen/core/grad_mode.h>

#include "peft/error.h"
#include "prefix_method.h"

namespace peft::prefix {

PeftFolder PrefixMethod::to_peft(const Model& model, const MethodInstance&) const {
  const at::NoGradGuard no_grad;
  PeftFolder folder;
  folder.tensors["prompt_embeddings"] = flat().detach();
  folder.config = prompt_learning_config("PREFIX_TUNING", options_.tokens, model.info());
  folder.config.set("encoder_hidden_size", model.info().hidden_size);
  folder.config.set("prefix_projection", false);
  return folder;
}

void PrefixMethod::from_peft(const PeftFolder& folder, const Model&, MethodInstance&) const {
  expect_peft_setting(folder.config, "num_virtual_tokens", options_.tokens, "tokens");
  if (!prefix_.defined()) {
    throw Error(
        "a PEFT folder holds a prefix without its projection; set 'projection: false' to start from it");
  }
  load_peft_tensors(folder, {{.name = "prompt_embeddings", .into = prefix_}});
}

}  // namespace peft::prefix
