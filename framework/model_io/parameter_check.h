// Compares the tensors of a weight file with the parameters a model has.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model_io/tensor_view.h"

namespace peft::host {

struct ExpectedParameter {
  std::string name;  // the canonical one
  std::vector<int64_t> shape;
  bool optional = false;  // may be absent, as a head that is tied to the embedding
};

// The canonical name of a tensor in a file ("transformer.h.0.ln_1.bias" -> "h.0.ln_1.bias"), or nothing for a
// leftover that is known not to be a parameter ("h.0.attn.masked_bias"). Names it does not know pass
// unchanged.
using NameCanonicaliser = std::function<std::optional<std::string>(std::string_view)>;

struct MatchedParameters {
  std::map<std::string, TensorView> parameters;  // by canonical name; every expected one that is not optional
  std::vector<std::string>
      ignored;  // names in the file of known leftovers and of second copies of a parameter
};

// Throws one `peft::Error` with every problem there is, a line each, in groups: missing, unexpected and
// misshapen parameters, those that are not floating-point, and names that mean one parameter but hold
// different values (the only case for which weights are read). `source`, a file or folder, begins the
// message.
MatchedParameters check_parameters(const std::string& source, const std::vector<ExpectedParameter>& expected,
                                   const std::vector<TensorView>& tensors,
                                   const NameCanonicaliser& canonical_name);

}  // namespace peft::host
