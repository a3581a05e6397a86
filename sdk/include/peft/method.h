// Methods: LoRA, prefix tuning and the rest.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peft/adapter_set.h"
#include "peft/component.h"
#include "peft/model.h"
#include "peft/options.h"
#include "peft/random.h"
#include "peft/text_codec.h"

namespace peft {

// How a method's tensor starts: writes every element in place. It is not called when only shapes are wanted
// or when values are loaded instead. The stream is keyed by seed, method name and tensor name.
using Init = std::function<void(at::Tensor& tensor, const RandomStream& stream)>;

namespace init {
Init zeros();
Init ones();
Init constant(double value);
Init normal(double standard_deviation);
Init uniform(double bound);  // U(-bound, bound)
Init kaiming_uniform();      // [.., fan_in]: U(±1/√fan_in), PyTorch's default for linear layers (a = √5)
Init copy_of(std::function<at::Tensor()> source);  // of any tensor with as many elements
}  // namespace init

struct TensorTraits {
  bool trained = true;
  bool decays = true;
  double learning_rate_scale = 1.0;
};

// What a method needs of texts while it starts: offered where the run has a tokeniser and real weights.
class TextServices {
 public:
  virtual ~TextServices();
  virtual const TextCodec& codec() const = 0;
  // The frozen base's keys and values of a token sequence, one entry for each attention site, [T, key/value
  // heads, head size].
  virtual std::vector<KeysValues> keys_values(const std::vector<int64_t>& ids) = 0;
};

// What a method's tensors hold once it is attached.
enum class TensorValues {
  initial,  // what it starts with
  none      // nothing: names and shapes are wanted, or the memory it takes
};

// How a method gets onto a model: it declares its tensors here, and attaches to sites.
class Attacher {
 public:
  // The instance's tensors and attachments belong to `set`. `dtype` is float32, float64 in tests; on a model
  // of meta tensors `values` are none in any case. `texts` may be null.
  Attacher(Model& model, AdapterSet& set, MethodInstance& instance, const RandomStream& seed,
           at::ScalarType dtype, TextServices* texts, TensorValues values = TensorValues::initial);

  Model& model() const { return model_; }
  Sites& sites() const { return model_.sites(); }
  const ModelInfo& info() const { return model_.info(); }
  // The instance's name in the recipe: unique in its set, so that streams and dropout sites may be named by
  // it.
  const std::string& name() const { return instance_.name; }
  // Whether shapes alone are wanted: no tensor has content.
  bool shapes_only() const;
  // Throws `peft::UsageError` where the run has no tokeniser.
  TextServices& texts() const;

  // Declares a tensor of the method, on the base's device. The handle stays valid; values loaded or trained
  // later appear in it.
  at::Tensor tensor(std::string name, std::vector<int64_t> shape, const Init& init, TensorTraits traits = {});

  void attach(const LinearTarget& target, std::unique_ptr<LinearAttachment> attachment);
  void attach(AttentionSite& site, std::unique_ptr<AttentionAttachment> attachment);
  void attach(EmbeddingSite& site, std::unique_ptr<EmbeddingAttachment> attachment);
  void attach(ResidualSite& site, std::unique_ptr<ResidualAttachment> attachment);
  void attach(ParameterSite& site, std::unique_ptr<ParameterAttachment> attachment);
  void attach(HeadSite& site, std::unique_ptr<HeadAttachment> attachment);

 private:
  Model& model_;
  AdapterSet& set_;
  MethodInstance& instance_;
  RandomStream seed_;
  at::ScalarType dtype_;
  TextServices* texts_;
  TensorValues values_;
};

class Method : public Component {
 public:
  ~Method() override;
  // Once, on a model whose family it may not know. Throws `peft::UsageError` where the options do not fit the
  // model (no site of that kind, a rank above the width), naming both.
  virtual void attach(Attacher& attacher) = 0;
};

struct MethodDescriptor {
  std::string name;
  std::string summary;
  std::string paper;    // "Hu et al. 2021, arXiv:2106.09685"
  OptionTable options;  // but for the reserved keys: name, learning_rate, weight_decay, trainable, init_from
  std::function<std::unique_ptr<Method>(const Value& options)> create;
};

}  // namespace peft
