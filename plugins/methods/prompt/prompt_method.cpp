#include "prompt_method.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <utility>
#include <vector>

#include "peft/error.h"

namespace peft::prompt {
namespace {

class Prompt : public EmbeddingAttachment {
 public:
  explicit Prompt(at::Tensor prompt) : prompt_(std::move(prompt)) {}
  int64_t length() const override { return prompt_.size(0); }
  at::Tensor virtual_tokens(const Forward&) const override { return prompt_; }

 private:
  at::Tensor prompt_;
};

// Copies the embeddings of `ids` into the rows of `prompt`.
void copy_embeddings(at::Tensor& prompt, const EmbeddingSite& site, const std::vector<int64_t>& ids) {
  for (int64_t row = 0; row < prompt.size(0); ++row) {
    prompt.select(0, row).copy_(site.weight->tensor.select(0, ids[static_cast<size_t>(row)]));
  }
}

}  // namespace

const Options<PromptOptions>& prompt_options() {
  static const Options<PromptOptions> options = [] {
    Options<PromptOptions> table;
    table.add("tokens", &PromptOptions::tokens, "virtual tokens n in front of each sequence", at_least(1))
        .add("init", &PromptOptions::init,
             "N(0, 1), random tokens of the vocabulary, or the tokens of `text`",
             {"random", "sample_vocab", "text"})
        .add("text", &PromptOptions::text, "cut or repeated to n tokens, for init: text");
    return table;
  }();
  return options;
}

Init PromptMethod::start(Attacher& attacher, const EmbeddingSite& site) const {
  if (options_.init == "random") return init::normal(1.0);
  if (options_.init == "sample_vocab") {
    return [&site](at::Tensor& prompt, const RandomStream& stream) {
      std::vector<int64_t> ids;
      const auto vocabulary = static_cast<uint64_t>(site.weight->tensor.size(0));
      for (int64_t row = 0; row < prompt.size(0); ++row) {
        ids.push_back(static_cast<int64_t>(stream.below(static_cast<uint64_t>(row), vocabulary)));
      }
      copy_embeddings(prompt, site, ids);
    };
  }
  return [this, &attacher, &site](at::Tensor& prompt, const RandomStream&) {
    copy_embeddings(prompt, site, tiled_tokens(attacher.texts().codec(), *options_.text, prompt.size(0)));
  };
}

void PromptMethod::attach(Attacher& attacher) {
  if ((options_.init == "text") != options_.text.has_value()) {
    throw UsageError("'text' and 'init: text' go together; give both or neither");
  }
  if (attacher.sites().embeddings.empty()) {
    throw UsageError("the model '" + attacher.info().family +
                     "' has no token embedding to put a prompt in front of");
  }
  EmbeddingSite& site = attacher.sites().embeddings.front();
  prompt_ = attacher.tensor("prompt", {options_.tokens, site.size}, start(attacher, site));
  attacher.attach(site, std::make_unique<Prompt>(prompt_));
}

void* PromptMethod::query(std::string_view wanted) noexcept {
  if (wanted == PeftFormat::id) return static_cast<PeftFormat*>(this);
  return wanted == PeftImport::id ? static_cast<PeftImport*>(this) : nullptr;
}

// Of an encoder-decoder PEFT keeps twice as many rows and uses the first half.
PeftFolder PromptMethod::to_peft(const Model& model, const MethodInstance&) const {
  const bool doubled = model.info().kind == ModelKind::encoder_decoder;
  PeftFolder folder;
  folder.tensors["prompt_embeddings"] =
      doubled ? at::cat({prompt_.detach(), at::zeros_like(prompt_)}) : prompt_.detach();
  folder.config = prompt_learning_config("PROMPT_TUNING", options_.tokens, model.info());
  folder.config.set("prompt_tuning_init", "RANDOM");
  return folder;
}

void PromptMethod::from_peft(const PeftFolder& folder, const Model& model, MethodInstance&) const {
  expect_peft_setting(folder.config, "num_virtual_tokens", options_.tokens, "tokens");
  const bool doubled = model.info().kind == ModelKind::encoder_decoder;
  const at::Tensor into = doubled ? at::zeros({2 * prompt_.size(0), prompt_.size(1)}) : prompt_;
  load_peft_tensors(folder, {{.name = "prompt_embeddings", .into = into}});
  const at::NoGradGuard no_grad;
  if (doubled) at::Tensor(prompt_).copy_(into.narrow(0, 0, prompt_.size(0)));
}

}  // namespace peft::prompt
