#include "peft/head.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/tanh.h>

#include <utility>
#include <vector>

#include "index_tensor.h"
#include "packed_rows.h"
#include "peft/error.h"

namespace peft {
namespace {

// A layer of a head with what stands for its weights: a tensor of the method's own, or the base's.
struct BoundLayer {
  const HeadLayer* layer = nullptr;
  at::Tensor weight;  // undefined: the base's
  at::Tensor bias;
};

at::Tensor activated(const at::Tensor& x, const std::string& name) {
  if (name == "tanh") return at::tanh(x);
  return name == "relu" ? at::relu(x) : x;
}

class Head : public HeadAttachment {
 public:
  Head(std::vector<BoundLayer> layers, double dropout, std::string stream)
      : layers_(std::move(layers)), dropout_(dropout), stream_(std::move(stream)) {}

  at::Tensor output(const Forward& forward, const Rows& rows, const at::Tensor& hidden) const override {
    at::Tensor x = hidden;
    for (const BoundLayer& bound : layers_) {
      if (&bound == &layers_.back() && dropout_ > 0) x = forward.dropout(x, dropout_, stream_, rows);
      const auto value = [&](const at::Tensor& own, const ParameterSite* base) {
        return (own.defined() ? own : forward.parameter(*base)).to(x.scalar_type());
      };
      const at::Tensor weight = value(bound.weight, bound.layer->weight).t();
      x = bound.layer->has_bias ? at::addmm(value(bound.bias, bound.layer->bias), x, weight)
                                : x.matmul(weight);
      x = activated(x, bound.layer->activation);
    }
    return x;
  }

 private:
  std::vector<BoundLayer> layers_;
  double dropout_;
  std::string stream_;
};

class HeadMethod : public Method {
 public:
  HeadMethod(int64_t outputs, double dropout) : outputs_(outputs), dropout_(dropout) {}

  void attach(Attacher& attacher) override {
    if (attacher.sites().heads.empty())
      throw UsageError("the model '" + attacher.info().family + "' has no place for a head");
    HeadSite& site = attacher.sites().heads.front();
    std::vector<BoundLayer> layers;
    int64_t width = site.size;
    for (const HeadLayer& layer : site.layers) {
      const bool last = &layer == &site.layers.back();
      const int64_t out = last ? outputs_ : layer.out;
      check_outputs(layer, out);
      BoundLayer& bound = layers.emplace_back(BoundLayer{.layer = &layer, .weight = {}, .bias = {}});
      if (last || layer.weight == nullptr) {
        bound.weight = attacher.tensor(layer.name + ".weight", {out, width},
                                       start(layer.weight, init::normal(site.initializer_range)));
        if (layer.has_bias)
          bound.bias = attacher.tensor(layer.name + ".bias", {out}, start(layer.bias, init::zeros()),
                                       {.decays = false});
      }
      width = out;
    }
    attacher.attach(site,
                    std::make_unique<Head>(std::move(layers), dropout_, attacher.name() + "." + site.name));
  }

 private:
  static Init start(const ParameterSite* base, Init anew) {
    if (base == nullptr) return anew;
    return init::copy_of([base] { return base->tensor; });
  }

  static void check_outputs(const HeadLayer& layer, int64_t wanted) {
    if (layer.weight == nullptr || layer.weight->tensor.size(0) == wanted) return;
    throw UsageError("the weights have a head '" + layer.name + "' of " +
                     std::to_string(layer.weight->tensor.size(0)) + " outputs, the task asks for " +
                     std::to_string(wanted) + "; set the task to what the weights have, or take weights " +
                     "without that head");
  }

  int64_t outputs_;
  double dropout_;
};

}  // namespace

std::unique_ptr<Method> make_head(int64_t outputs, double dropout) {
  return std::make_unique<HeadMethod>(outputs, dropout);
}

at::Tensor sequence_scores(Forward& forward, Model& model) {
  HeadSite& site = model.sites().heads.front();
  const at::Tensor hidden = model.hidden(forward);
  const std::vector<int64_t>& offsets = forward.rows().offsets;
  std::vector<int64_t> pooled;
  for (size_t s = 0; s + 1 < offsets.size(); ++s)
    pooled.push_back(site.pooling == Pooling::first_token ? offsets[s] : offsets[s + 1] - 1);
  return forward.head(site, hidden.index_select(0, index_tensor(pooled, hidden.device())),
                      some_rows(forward.rows(), pooled));
}

int64_t labels_of(const Value& config) {
  const Value* names = config.find("id2label");
  if (names != nullptr && names->is_map() && !names->as_map().empty())
    return static_cast<int64_t>(names->as_map().size());
  const Value* count = config.find("num_labels");
  return count != nullptr && count->is_integer() ? count->as_integer() : 2;
}

}  // namespace peft
