#include "prefix_group.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tanh.h>

#include <cmath>
#include <memory>

namespace peft::prefix {
namespace {

// The prefix of one layer.
class LayerPrefix : public AttentionAttachment {
 public:
  LayerPrefix(const PrefixGroup& group, const AttentionSite& site, size_t slot, int64_t tokens)
      : group_(group), site_(site), slot_(slot), tokens_(tokens) {}

  int64_t length() const override { return tokens_; }

  KeysValues keys_values(const Forward& forward) const override {
    const std::vector<at::Tensor>& slots = forward.once(&group_, [this] {
      return group_.flat().unflatten(1, {-1, site_.key_value_heads, site_.head_size}).unbind(1);
    });
    return {.keys = slots.at(slot_), .values = slots.at(slot_ + 1)};
  }

 private:
  const PrefixGroup& group_;
  const AttentionSite& site_;
  size_t slot_;  // of its keys; its values come after them
  int64_t tokens_;
};

}  // namespace

Init PrefixGroup::flat_init(Attacher& attacher, const PrefixOptions& options) const {
  if (options.init == "zero") return init::zeros();
  if (options.init == "random") return init::normal(1.0);
  return init::copy_of([&attacher, options] {
    TextServices& texts = attacher.texts();
    std::vector<at::Tensor> slots;  // [n, key/value heads, head size] each
    for (const KeysValues& layer :
         texts.keys_values(tiled_tokens(texts.codec(), *options.text, options.tokens))) {
      slots.push_back(layer.keys);
      slots.push_back(layer.values);
    }
    return at::stack(slots, 1);
  });
}

void PrefixGroup::declare_projection(Attacher& attacher, const PrefixOptions& options, int64_t width) {
  const int64_t d = attacher.info().hidden_size;
  const int64_t hidden = options.projection_hidden.value_or(d);
  const bool zero = options.init == "zero";  // only the last layer: with all zeros nothing would ever move
  const auto uniform = [](int64_t fan_in) {
    return init::uniform(1.0 / std::sqrt(static_cast<double>(fan_in)));
  };
  embedding_ = attacher.tensor(stem_ + "embedding", {options.tokens, d}, init::normal(1.0));
  weight_in_ = attacher.tensor(stem_ + "projection.0.weight", {hidden, d}, init::kaiming_uniform());
  bias_in_ = attacher.tensor(stem_ + "projection.0.bias", {hidden}, uniform(d), {.decays = false});
  weight_out_ = attacher.tensor(stem_ + "projection.2.weight", {width, hidden},
                                zero ? init::zeros() : init::kaiming_uniform());
  bias_out_ = attacher.tensor(stem_ + "projection.2.bias", {width}, zero ? init::zeros() : uniform(hidden),
                              {.decays = false});
}

void PrefixGroup::attach(Attacher& attacher, const PrefixOptions& options) {
  const AttentionSite& one = *sites_.front();
  const int64_t width = 2 * layers() * one.key_value_heads * one.head_size;
  if (options.projection) {
    declare_projection(attacher, options, width);
  } else {
    prefix_ = attacher.tensor(stem_ + "prefix", {options.tokens, width}, flat_init(attacher, options));
  }
  for (size_t layer = 0; layer < sites_.size(); ++layer) {
    // PEFT reads an encoder-decoder's slots as if there were four a layer, twice over.
    const size_t slot = options.peft_compat ? 4 * layer % (2 * sites_.size()) : 2 * layer;
    attacher.attach(*sites_[layer],
                    std::make_unique<LayerPrefix>(*this, *sites_[layer], slot, options.tokens));
  }
}

at::Tensor PrefixGroup::flat() const {
  if (prefix_.defined()) return prefix_;
  const at::Tensor hidden = at::tanh(at::addmm(bias_in_, embedding_, weight_in_.t()));
  return at::addmm(bias_out_, hidden, weight_out_.t());
}

}  // namespace peft::prefix
