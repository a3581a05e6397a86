// One forward pass: what is running, with which sets, on which rows; and the operations a model family is
// written in.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "peft/adapter_set.h"
#include "peft/attachments.h"
#include "peft/batch.h"
#include "peft/random.h"
#include "peft/sites.h"

namespace peft {

class Model;

// The keys and values of the sequences decoded so far, one entry an attention site. It grows by doubling.
class KeyValueCache {
 public:
  KeyValueCache(const Model& model, int64_t sequences);
  ~KeyValueCache();
  KeyValueCache(KeyValueCache&&) noexcept;
  KeyValueCache& operator=(KeyValueCache&&) noexcept;

  // Tokens of sequence s that are in the cache; virtual ones counted.
  int64_t length(int64_t sequence) const;
  // Keeps only these sequences, in this order (a finished one is dropped, a beam copied).
  void select(const std::vector<int64_t>& sequences);

  struct State;
  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

struct ForwardOptions {
  std::vector<ActiveSet> sets;     // none: the base alone
  bool training = false;           // dropout acts
  RandomStream random{0};          // of this optimiser step
  KeyValueCache* cache = nullptr;  // decoding: the batch holds only new tokens; results are appended
  // Where not null: the keys and values each attention site saw, [N, key/value heads, head size], in site
  // order. (Prefixes that start from the keys and values of a text.)
  std::vector<KeysValues>* record = nullptr;
  // Of each block only what goes into it is kept; the backward pass computes the rest again.
  bool recompute = false;
};

// What is added to a head's scores for the distance alone between a query and a key (Raffel et al. 2020,
// arXiv:1910.10683; Press et al. 2022, arXiv:2108.12409), after they are scaled.
struct DistanceBias {
  // [heads, D]: column c is for the distance lowest + c, the key's place less
  // the query's. What stands in front counts as places.
  at::Tensor values;  // undefined: none
  int64_t lowest = 0;
};

class Forward {
 public:
  // The model and what the options point to must outlive the forward, and its graph where there is one.
  Forward(Model& model, const Batch& batch, const ForwardOptions& options);
  ~Forward();
  Forward(const Forward&) = delete;
  Forward& operator=(const Forward&) = delete;

  const Batch& batch() const;
  bool training() const;
  bool active(const AdapterSet* set) const { return weight_of(set) != 0.0; }
  // Of the set in this forward: 0 where it does not act.
  double weight_of(const AdapterSet* set) const;

  // Of an encoder-decoder, for which this forward is the decoder's: rows, positions and labels are those of
  // `batch().decoder`. The encoder has a forward of its own, for what stands before the decoder's first
  // block; within a block use `encoder_rows`. Null for other models, and while decoding goes on: what the
  // decoder needs of the encoder is in the cache then.
  Forward* encoder() const;
  const Rows& encoder_rows() const;

  // The rows the model computes, virtual tokens included: N' = N + B · virtual tokens.
  const Rows& rows() const;
  // [N'] int64 position ids. The first real token stands at the number of virtual tokens, as in HF PEFT.
  const at::Tensor& positions() const;
  // [N'] int64, `no_target` at virtual tokens.
  const at::Tensor& labels() const;
  // [N] int64: the row of each real token, in batch order.
  const at::Tensor& real_rows() const;
  // Virtual tokens among the rows, in front of each sequence: those of prompts, not those of prefixes. An
  // encoder-decoder has them in front of what its encoder reads.
  int64_t virtual_tokens_in_front() const;
  // The most keys a query of self-attention meets in this forward: what is in front and in the cache counted.
  int64_t longest_reach() const;

  // The type in which the base's linears multiply: what comes between two of them may be given in it. The
  // residual stream, to which sub-layers are added, is float32 (float64 where the base is).
  at::ScalarType operand_type() const;

  // --- What a model family calls, each at its site. x is [M, features] with rows(). ---

  // Token embeddings with virtual tokens in front: [N', d].
  at::Tensor embed(EmbeddingSite& site);
  at::Tensor linear(LinearSite& site, const at::Tensor& x);
  // The same on some of the rows: the vocabulary projection at targets only.
  at::Tensor linear(LinearSite& site, const at::Tensor& x, const Rows& rows);
  // Attention of each sequence with itself: q [N', heads, head size], k and v [N', key/value heads, head
  // size] -> [N', heads · head size].
  at::Tensor attention(AttentionSite& site, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                       const DistanceBias& bias = {});
  // Of each sequence of the decoder with its sequence of the encoder: q [N', heads, head size], k and v of
  // `encoder_rows`. While decoding goes on k and v are undefined: the cache has them.
  at::Tensor cross_attention(AttentionSite& site, const at::Tensor& q, const at::Tensor& k,
                             const at::Tensor& v);
  // What is added to the residual stream: the sub-layer's output as attachments leave it.
  at::Tensor residual(ResidualSite& site, const ResidualStreams& streams);
  // The value of a base tensor in this forward: the base's own, or what overrides it.
  at::Tensor parameter(const ParameterSite& site) const;
  at::Tensor head(HeadSite& site, const at::Tensor& hidden, const Rows& rows);

  // One of the blocks a model is a stack of: `run` of the block's input. Where activations are recomputed it
  // is called once more in the backward pass, when this object may be gone: what it calls, it calls on the
  // forward it is given, and everything else it refers to must live as long as the model.
  using Block = std::function<at::Tensor(Forward& forward, const at::Tensor& x)>;
  at::Tensor block(const at::Tensor& x, const Block& run);
  // The same of a block that reads more than its input: other tensors that were computed in this forward (an
  // encoder's output, a bias all layers share) and may need a gradient. Some may be undefined.
  using BlockWithMore =
      std::function<at::Tensor(Forward& forward, const at::Tensor& x, const std::vector<at::Tensor>& more)>;
  at::Tensor block(const at::Tensor& x, const std::vector<at::Tensor>& more, const BlockWithMore& run);

  // What several attachments of a method share (the projection of a prefix), or what an attachment makes of
  // its tensors alone (the norms of DoRA): computed at the first call with `key` in this forward, or, without
  // gradient, in all forwards of a cache. Whatever is kept in a forward and may need a gradient is kept here,
  // so that it is back-propagated through once, recomputation or not.
  const std::vector<at::Tensor>& once(const void* key,
                                      const std::function<std::vector<at::Tensor>()>& compute) const;

  // The frozen linear without its bias, on other inputs: outputs begin … begin+size-1, [M, in] -> [M, size].
  at::Tensor base_linear(const LinearSite& site, const at::Tensor& x, int64_t begin, int64_t size) const;

  // Zero with probability p, else x / (1 - p); the identity outside training. The mask depends on the step,
  // the row's example and place, and `site`: a name that is unique to the caller.
  at::Tensor dropout(const at::Tensor& x, double p, std::string_view site, const Rows& rows) const;

 private:
  struct State;
  explicit Forward(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace peft
