// Prompt tuning (Lester et al. 2021, arXiv:2104.08691): n learned embeddings in front of each sequence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "peft/method.h"
#include "peft/options.h"
#include "peft/peft_format.h"
#include "peft/peft_import.h"

namespace peft::prompt {

struct PromptOptions {
  int64_t tokens = 20;
  std::string init = "random";
  std::optional<std::string> text;
};

const Options<PromptOptions>& prompt_options();

class PromptMethod : public Method, public PeftFormat, public PeftImport {
 public:
  explicit PromptMethod(PromptOptions options) : options_(std::move(options)) {}

  void attach(Attacher& attacher) override;
  void* query(std::string_view id) noexcept override;

  bool reads(const std::string& peft_type) const override { return peft_type == "PROMPT_TUNING"; }
  PeftFolder to_peft(const Model& model, const MethodInstance& instance) const override;
  void from_peft(const PeftFolder& folder, const Model& model, MethodInstance& instance) const override;
  Value options_of(const PeftFolder& folder, const Model&) const override {
    return Value::Map{{"tokens", virtual_tokens_of(folder.config)}};
  }

 private:
  Init start(Attacher& attacher, const EmbeddingSite& site) const;

  PromptOptions options_;
  at::Tensor prompt_;  // [n, d]
};

}  // namespace peft::prompt
