// Adapter sets folded into the weights of their base.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/base_model.h"
#include "peft/adapter_set.h"

namespace peft::host {

struct Merged {
  // Of the whole model, float32. Where the token embedding and the head shared a weight and were not changed
  // alike, the head has one of its own, and the plan says so.
  BaseTensors tensors;
  ModelPlan plan;
  std::vector<const AdapterSet*> folded;
  // Sets that stay as they are, because something of theirs has no form in weights, or acts on what such a
  // thing has made. A set is folded whole or not at all.
  std::vector<const AdapterSet*> beside;
};

// `sets` stand on the model, in the order of their attachments. The base itself is not changed.
Merged merge(const BaseModel& base, const std::vector<std::unique_ptr<AdapterSet>>& sets);

// What is seen of the merged model and of the base with the folded sets active: the largest difference of
// their logits on some tokens, and the largest logit; of a model without a vocabulary projection, of its last
// hidden states.
struct MergeDifference {
  std::string what;  // "logits"
  double largest = 0.0;
  double scale = 0.0;
  int64_t tokens = 0;
};

// With the merged weights in `type`, the type they will be stored in. The model must not be an
// encoder-decoder.
MergeDifference merge_difference(const BaseModel& base, const Merged& merged, at::ScalarType type);

}  // namespace peft::host
