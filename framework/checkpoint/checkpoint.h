// A checkpoint: everything a run needs to go on as if it had never stopped, and a user needs to get the tuned
// model back. Not the base weights: only a hash of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model_io/tensor_view.h"
#include "peft/value.h"

namespace peft::host {

struct Checkpoint {
  // The optimiser step after which the run stood here; the first step is 1, and 0 is before any.
  int64_t step = 0;

  // A tensor's name is its path in the file, without a leading slash:
  //   sets/<set>/<method name>/<tensor>                              what is trained
  //   optimizer/<set>/<method name>/<tensor>/{exp_avg,exp_avg_sq}    the optimiser's state of it
  // Other groups may stand beside these; "metadata" and "manifest" are the file's own.
  // Written from borrowed bytes; the tensors of a checkpoint that was read own theirs.
  std::vector<TensorView> tensors;

  // A map of what else the run is: recipe, plugins, schedule, generator keys, data order and position,
  // metrics … Any value may be null, a list or a map; keys of the outermost map hold no '/'.
  Value metadata = Value(Value::Map{});

  // The tensor of this path; null where there is none. Valid until `tensors` changes.
  const TensorView* find(std::string_view path) const;
};

// "sets/default/lora" and "h.0.attn.qkv.A", as in `sets/default/lora/h.0.attn.qkv.A`.
std::string tensor_path(std::string_view group, std::string_view tensor);

// Throws `peft::Error` naming the tensor or the key where the checkpoint cannot be stored: a path with an
// empty part, given twice, or going through another tensor; bytes that are fewer or more than the shape asks
// for; metadata that is not a map.
void require_storable(const Checkpoint& checkpoint);

// What a model expects to find in a checkpoint.
struct ExpectedTensor {
  std::string path;
  ElementType type = ElementType::float32;
  std::vector<int64_t> shape;
};

// Throws one `peft::Error` that names every tensor under `group` ("sets/default/lora"; empty: the whole file)
// which is missing, unexpected, or of another shape or type than expected.
void require_tensors(const Checkpoint& checkpoint, std::string_view group,
                     std::span<const ExpectedTensor> expected);

}  // namespace peft::host
