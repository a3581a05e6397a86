// Adapters of Hugging Face PEFT that come without a recipe.
#pragma once

#include <cstdint>

#include "peft/model.h"
#include "peft/peft_format.h"
#include "peft/value.h"

namespace peft {

// Found by `query` on a Method that has a PeftFormat; asked of one that was made with its default options and
// stands on no model.
class PeftImport {
 public:
  static constexpr const char* id = "peft.peft_import.1";
  virtual ~PeftImport();
  // The options (those that are not the defaults will do) with which `PeftFormat::from_peft` takes the
  // folder. Throws `peft::Error` naming what of the folder no options can say.
  virtual Value options_of(const PeftFolder& folder, const Model& model) const = 0;
};

// `num_virtual_tokens` of a prompt-learning method's configuration. Throws `peft::Error` where it is none.
int64_t virtual_tokens_of(const Value& config);

}  // namespace peft
