// Prefix tuning (Li and Liang 2021, arXiv:2101.00190): learned keys and values in front of every layer's own.
//
// An encoder-decoder has three prefixes, each its own: in front of the encoder's attention, the decoder's
// attention to itself, and its attention to the encoder, as in the paper. `peft_compat` is what Hugging Face
// PEFT makes of them: the decoder's attention to itself alone, where layers share slots.
#pragma once

#include <deque>
#include <utility>

#include "peft/method.h"
#include "peft/peft_format.h"
#include "peft/peft_import.h"
#include "prefix_group.h"
#include "prefix_options.h"

namespace peft::prefix {

class PrefixMethod : public Method, public PeftFormat, public PeftImport {
 public:
  explicit PrefixMethod(PrefixOptions options) : options_(std::move(options)) {}

  void attach(Attacher& attacher) override;
  void* query(std::string_view id) noexcept override;

  bool reads(const std::string& peft_type) const override { return peft_type == "PREFIX_TUNING"; }
  PeftFolder to_peft(const Model& model, const MethodInstance& instance) const override;
  void from_peft(const PeftFolder& folder, const Model& model, MethodInstance& instance) const override;
  Value options_of(const PeftFolder& folder, const Model& model) const override;

 private:
  void check_options(const Attacher& attacher) const;

  PrefixOptions options_;
  std::deque<PrefixGroup> groups_;
};

}  // namespace peft::prefix
