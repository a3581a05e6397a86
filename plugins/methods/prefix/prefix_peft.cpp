// Prefixes in Hugging Face PEFT's format, which keeps what the projection makes, not the projection.
#include <ATen/core/grad_mode.h>

#include "peft/error.h"
#include "prefix_method.h"

namespace peft::prefix {

PeftFolder PrefixMethod::to_peft(const Model& model, const MethodInstance&) const {
  const at::NoGradGuard no_grad;
  PeftFolder folder;
  folder.tensors["prompt_embeddings"] = flat().detach();
  Value& config = folder.config;
  config.set("peft_type", "PREFIX_TUNING");
  config.set("num_virtual_tokens", options_.tokens);
  config.set("token_dim", model.info().hidden_size);
  config.set("num_attention_heads", model.info().heads);
  config.set("num_layers", model.info().layers);
  config.set("num_transformer_submodules", 1);
  config.set("encoder_hidden_size", model.info().hidden_size);
  config.set("prefix_projection", false);
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
