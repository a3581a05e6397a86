// Model families: written once, without knowing any method.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peft/component.h"
#include "peft/forward.h"
#include "peft/options.h"
#include "peft/sites.h"

namespace peft {

enum class ModelKind { decoder, encoder, encoder_decoder };

struct ModelInfo {
  std::string family;  // "gpt2"
  ModelKind kind = ModelKind::decoder;
  int64_t hidden_size = 0;
  int64_t layers = 0;
  int64_t heads = 0;
  int64_t key_value_heads = 0;
  int64_t head_size = 0;
  int64_t vocabulary = 0;
  int64_t max_positions = 0;  // virtual tokens count; 0: no limit
  // The first ends a document; an answer ends at any of them. Empty: the tokeniser's.
  std::vector<int64_t> end_of_text;
  // What an encoder-decoder's decoder starts from.
  std::optional<int64_t> decoder_start;
};

// How a base tensor starts when weights are `random`.
struct BaseInit {
  enum class Kind { zeros, ones, normal } kind = Kind::normal;
  double standard_deviation = 0.02;
};

// A base tensor of the model.
struct ParameterSpec {
  std::string name;  // canonical
  std::vector<int64_t> shape;
  ParameterRole role = ParameterRole::weight;
  BaseInit init;
  // Files may do without it (a head of a task they were not trained for); it is then not among the tensors
  // the model is built from.
  bool optional = false;
};

// What a configuration means, before any weight is read.
struct ModelPlan {
  ModelInfo info;
  std::vector<ParameterSpec> parameters;
  Value config;  // as given
};

// The base tensors, by canonical name: all those of the plan that are not optional. On the meta device when
// only shapes are wanted.
using BaseTensors = std::map<std::string, at::Tensor, std::less<>>;

class Model : public Component {
 public:
  explicit Model(ModelInfo info);
  ~Model() override;

  const ModelInfo& info() const { return info_; }
  Sites& sites() { return sites_; }
  const Sites& sites() const { return sites_; }

  // The final hidden states [N', d] of every row (after the last norm), ready for a head. An
  // encoder-decoder's are its decoder's.
  virtual at::Tensor hidden(Forward& forward) = 0;

  // The vocabulary projection; null for a model that has none.
  LinearSite* language_head();  // a decoder has one, and so has an encoder-decoder

 protected:
  Sites sites_;

 private:
  ModelInfo info_;
};

class ModelFamily : public Component {
 public:
  ~ModelFamily() override;
  // Reads a Hugging Face config.json, or the recipe's `config` map (its options resolved). Throws
  // `peft::UsageError` naming every setting that is missing, impossible or not supported.
  virtual ModelPlan plan(const Value& config) const = 0;
  // Tensors are those of plan.parameters, in the base's type.
  virtual std::unique_ptr<Model> build(const ModelPlan& plan, const BaseTensors& tensors) const = 0;
  // The canonical name of a tensor found in a weights file; nothing for a known leftover that is to be
  // ignored. A name the family does not know comes back as it is, and is then reported as unexpected.
  virtual std::optional<std::string> canonical_name(const ModelPlan& plan, std::string_view found) const = 0;
};

struct ModelFamilyDescriptor {
  std::string name;
  std::string summary;
  std::vector<std::string> hf_model_types;  // what config.json's `model_type` may be: "gpt2"
  OptionTable options;                      // of the recipe's `model.config` map
  std::function<std::unique_ptr<ModelFamily>()> create;
};

}  // namespace peft
