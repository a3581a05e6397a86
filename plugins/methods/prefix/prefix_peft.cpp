// Prefixes in Hugging Face PEFT's format, which keeps what the projection makes, not the projection.
#include <ATen/core/grad_mode.h>

#include "peft/error.h"
#include "prefix_method.h"

namespace peft::prefix {
namespace {

bool is_compatible(const Model& model, const PrefixOptions& options) {
  return model.info().kind != ModelKind::encoder_decoder || options.peft_compat;
}

// PEFT reads every head as d / heads wide.
void check_heads(const ModelInfo& info) {
  if (info.head_size * info.heads == info.hidden_size) return;
  throw Error("PEFT's prefixes need heads of " + std::to_string(info.hidden_size) + " / " +
              std::to_string(info.heads) + " features; those of this " + info.family + " have " +
              std::to_string(info.head_size));
}

}  // namespace

PeftFolder PrefixMethod::to_peft(const Model& model, const MethodInstance&) const {
  const at::NoGradGuard no_grad;
  if (!is_compatible(model, options_)) {
    throw UsageError(
        "PEFT has no form of the three prefixes of an encoder-decoder; train one with 'peft_compat: true' to "
        "export it");
  }
  if (options_.peft_compat) check_heads(model.info());
  PeftFolder folder;
  folder.tensors["prompt_embeddings"] = groups_.front().flat().detach();
  folder.config = prompt_learning_config("PREFIX_TUNING", options_.tokens, model.info());
  folder.config.set("encoder_hidden_size", model.info().hidden_size);
  folder.config.set("prefix_projection", false);
  return folder;
}

void PrefixMethod::from_peft(const PeftFolder& folder, const Model& model, MethodInstance&) const {
  expect_peft_setting(folder.config, "num_virtual_tokens", options_.tokens, "tokens");
  if (!is_compatible(model, options_)) {
    throw Error(
        "a PEFT folder holds one prefix of an encoder-decoder, of the three here; set 'peft_compat: "
        "true' to start from it");
  }
  if (!groups_.front().stored().defined()) {
    throw Error(
        "a PEFT folder holds a prefix without its projection; set 'projection: false' to start from it");
  }
  load_peft_tensors(folder, {{.name = "prompt_embeddings", .into = groups_.front().stored()}});
}

Value PrefixMethod::options_of(const PeftFolder& folder, const Model& model) const {
  Value options = Value::Map{{"tokens", virtual_tokens_of(folder.config)}};
  if (model.info().kind == ModelKind::encoder_decoder) options.set("peft_compat", true);
  return options;
}

}  // namespace peft::prefix
