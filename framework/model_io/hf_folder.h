// A model as Hugging Face lays it out: a folder with config.json and safetensors weights.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "model_io/tensor_view.h"
#include "peft/value.h"

namespace peft::host {

// Opening reads the JSON files and the headers of the weights, not the weights: names and shapes of a model
// of any size are known at once, and a view's bytes come from the disk when they are touched.
//
//   config.json                    the architecture
//   generation_config.json         optional
//   model.safetensors              the weights; or, in shards,
//   model.safetensors.index.json   {"weight_map": {tensor: shard's file name}} with the shards beside it
class HfFolder {
 public:
  // Throws `peft::Error` that says what was looked for where something is missing, damaged or contradictory.
  static HfFolder open(const std::filesystem::path& folder);

  const std::filesystem::path& path() const { return path_; }
  const Value& config() const { return config_; }
  const std::optional<Value>& generation_config() const { return generation_config_; }
  // Names are unique over all shards. By value from a temporary, so that a loop over it is safe.
  const std::vector<TensorView>& tensors() const& { return tensors_; }
  std::vector<TensorView> tensors() && { return std::move(tensors_); }

 private:
  HfFolder() = default;

  std::filesystem::path path_;
  Value config_;
  std::optional<Value> generation_config_;
  std::vector<TensorView> tensors_;
};

}  // namespace peft::host
