#include "prefix_method.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tanh.h>

#include <cmath>
#include <vector>

#include "peft/error.h"

namespace peft::prefix {
namespace {

// The prefix of one layer.
class LayerPrefix : public AttentionAttachment {
 public:
  LayerPrefix(const PrefixMethod& method, const AttentionSite& site, size_t slot, int64_t tokens)
      : method_(method), site_(site), slot_(slot), tokens_(tokens) {}

  int64_t length() const override { return tokens_; }

  KeysValues keys_values(const Forward& forward) const override {
    const std::vector<at::Tensor>& slots = forward.once(&method_, [this] {
      return method_.flat().unflatten(1, {-1, site_.key_value_heads, site_.head_size}).unbind(1);
    });
    return {.keys = slots.at(2 * slot_), .values = slots.at(2 * slot_ + 1)};
  }

 private:
  const PrefixMethod& method_;
  const AttentionSite& site_;
  size_t slot_;  // of the layer: keys at 2 · slot, values after them
  int64_t tokens_;
};

}  // namespace

const Options<PrefixOptions>& prefix_options() {
  static const Options<PrefixOptions> options = [] {
    Options<PrefixOptions> table;
    table
        .add("tokens", &PrefixOptions::tokens, "virtual tokens n in front of every layer's keys and values",
             at_least(1))
        .add("projection", &PrefixOptions::projection, "train through a two-layer perceptron")
        .add("projection_hidden", &PrefixOptions::projection_hidden,
             "its hidden width; absent: the model's width", at_least(1))
        .add("init", &PrefixOptions::init, "N(0, 1), zeros, or the keys and values of `text`",
             {"random", "zero", "text"})
        .add("text", &PrefixOptions::text, "cut or repeated to n tokens, for init: text");
    return table;
  }();
  return options;
}

Init PrefixMethod::flat_init(Attacher& attacher) const {
  if (options_.init == "zero") return init::zeros();
  if (options_.init == "random") return init::normal(1.0);
  return init::copy_of([this, &attacher] {
    TextServices& texts = attacher.texts();
    std::vector<at::Tensor> slots;  // [n, key/value heads, head size] each
    for (const KeysValues& layer :
         texts.keys_values(tiled_tokens(texts.codec(), *options_.text, options_.tokens))) {
      slots.push_back(layer.keys);
      slots.push_back(layer.values);
    }
    return at::stack(slots, 1);
  });
}

void PrefixMethod::declare_projection(Attacher& attacher, int64_t width) {
  const int64_t d = attacher.info().hidden_size;
  const int64_t hidden = options_.projection_hidden.value_or(d);
  const bool zero = options_.init == "zero";  // only the last layer: with all zeros nothing would ever move
  const auto uniform = [](int64_t fan_in) {
    return init::uniform(1.0 / std::sqrt(static_cast<double>(fan_in)));
  };
  embedding_ = attacher.tensor("embedding", {options_.tokens, d}, init::normal(1.0));
  weight_in_ = attacher.tensor("projection.0.weight", {hidden, d}, init::kaiming_uniform());
  bias_in_ = attacher.tensor("projection.0.bias", {hidden}, uniform(d), {.decays = false});
  weight_out_ =
      attacher.tensor("projection.2.weight", {width, hidden}, zero ? init::zeros() : init::kaiming_uniform());
  bias_out_ = attacher.tensor("projection.2.bias", {width}, zero ? init::zeros() : uniform(hidden),
                              {.decays = false});
}

void PrefixMethod::attach(Attacher& attacher) {
  if (options_.init == "text" && options_.projection) {
    throw UsageError(
        "'init: text' sets keys and values directly and cannot start a projection; set 'projection: false'");
  }
  if ((options_.init == "text") != options_.text.has_value()) {
    throw UsageError("'text' and 'init: text' go together; give both or neither");
  }
  std::vector<AttentionSite*> sites;
  for (AttentionSite& site : attacher.sites().attentions) {
    if (site.kind == AttentionKind::self) sites.push_back(&site);
  }
  if (sites.empty())
    throw UsageError("the model '" + attacher.info().family +
                     "' has no self-attention to put a prefix in front of");
  const int64_t width =
      2 * static_cast<int64_t>(sites.size()) * sites.front()->key_value_heads * sites.front()->head_size;
  if (options_.projection) {
    declare_projection(attacher, width);
  } else {
    prefix_ = attacher.tensor("prefix", {options_.tokens, width}, flat_init(attacher));
  }
  for (size_t layer = 0; layer < sites.size(); ++layer) {
    attacher.attach(*sites[layer],
                    std::make_unique<LayerPrefix>(*this, *sites[layer], layer, options_.tokens));
  }
}

at::Tensor PrefixMethod::flat() const {
  if (prefix_.defined()) return prefix_;
  const at::Tensor hidden = at::tanh(at::addmm(bias_in_, embedding_, weight_in_.t()));
  return at::addmm(bias_out_, hidden, weight_out_.t());
}

void* PrefixMethod::query(std::string_view wanted) noexcept {
  if (wanted == PeftFormat::id) return static_cast<PeftFormat*>(this);
  return wanted == PeftImport::id ? static_cast<PeftImport*>(this) : nullptr;
}

}  // namespace peft::prefix
