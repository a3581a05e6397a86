// Heads of tasks: a score or several for each sequence.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "peft/forward.h"
#include "peft/method.h"
#include "peft/model.h"
#include "peft/value.h"

namespace peft {

// A method that puts the family's head on the model, with so many outputs. Its last layer is trained, from
// what the base has of it or anew; layers before it are trained where the base has none. `dropout` acts on
// what the last layer reads. Throws, when attached, `peft::UsageError` where the base has a last layer with
// another number of outputs, or no head site.
std::unique_ptr<Method> make_head(int64_t outputs, double dropout);

// The scores of each sequence, [B, outputs] in float32 (float64 on a float64 base), from the row the family
// pools; a first row may be a virtual token's, as in HF PEFT.
at::Tensor sequence_scores(Forward& forward, Model& model);

// How many labels a Hugging Face configuration states for a head: those of `id2label`, else `num_labels`,
// else two.
int64_t labels_of(const Value& config);

}  // namespace peft
