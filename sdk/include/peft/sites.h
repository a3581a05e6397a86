// Injection sites: the named, typed places of a model where methods attach.
//
// A model family creates its sites when it is built and calls `Forward` at each of them; it knows no method.
// A method chooses sites and attaches to them; it knows no family. Names are dotted and stable
// ("h.3.attn.qkv"): they stand in recipes and in checkpoints. Roles are shared by all families: attn.q attn.k
// attn.v attn.qkv attn.out mlp.in mlp.gate mlp.out, cross.q … for cross-attention, head, embed.tokens.
//
// Sites belong to their model and live as long as it; their addresses do not change.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peft/attachments.h"

namespace peft {

class AdapterSet;

enum class ParameterRole { weight, bias, norm, embedding };

// A tensor of the base model. It is never written to: what trains it overrides it (see ParameterAttachment).
struct ParameterSite {
  std::string
      name;  // canonical, as in the family's Hugging Face layout: "transformer.h.0.attn.c_attn.weight"
  at::Tensor tensor;  // may be mapped, read-only memory
  ParameterRole role = ParameterRole::weight;
  std::vector<Attached<ParameterAttachment>> attachments;

  // AdamW decays it: not a bias and not a norm's weight (decided as Hugging Face's Trainer does).
  bool decays() const { return role == ParameterRole::weight || role == ParameterRole::embedding; }
};

// A slice of a fused linear's outputs with a role of its own: q is features 0 … d-1 of qkv.
struct LinearPart {
  std::string role;  // "attn.q"
  int64_t begin = 0;
  int64_t size = 0;
};

// How a weight lies in memory: PyTorch's Linear is [out, in]; GPT-2's Conv1D is [in, out].
enum class WeightLayout { out_in, in_out };

// y [M, out] = x [M, in] Wᵀ + b.
struct LinearSite {
  std::string name;       // "h.3.attn.qkv"
  std::string role;       // "attn.qkv"
  std::string hf_module;  // "transformer.h.3.attn.c_attn", for import and export
  int64_t layer = -1;     // -1: not in a block
  int64_t in = 0;
  int64_t out = 0;
  WeightLayout layout = WeightLayout::out_in;
  ParameterSite* weight = nullptr;
  ParameterSite* bias = nullptr;  // null: none
  std::vector<LinearPart> parts;  // of a fused weight; else empty
  std::vector<Attached<LinearAttachment>> attachments;
};

// All of a linear site's outputs, or a slice of them.
struct LinearTarget {
  LinearSite* site = nullptr;
  std::string name;  // "h.3.attn.qkv", or "h.3.attn.q" for a slice
  int64_t begin = 0;
  int64_t size = 0;
  bool whole() const { return size == site->out; }
};

struct EmbeddingSite;

// Sites with a weight that may be updated.
struct WeightTargets {
  std::vector<LinearTarget> linears;
  std::vector<EmbeddingSite*> embeddings;
};

// `encoder`: an encoder-decoder's encoder with itself. A model that is an encoder alone has `self`.
enum class AttentionKind { self, cross, encoder };

// Scaled dot-product attention of one layer: learned keys and values may stand in front.
struct AttentionSite {
  std::string name;  // "h.3.attn"
  AttentionKind kind = AttentionKind::self;
  int64_t layer = 0;  // counted within its kind
  int64_t heads = 0;
  int64_t key_value_heads = 0;
  int64_t head_size = 0;
  bool causal = true;
  // What scores are multiplied by; absent: 1 / √head_size.
  std::optional<double> scale = {};
  std::vector<Attached<AttentionAttachment>> attachments;
};

// Token embeddings: virtual tokens may stand in front of each sequence, and what is looked up may be changed.
struct EmbeddingSite {
  std::string name;                 // "wte"
  std::string role;                 // "embed.tokens"
  std::string hf_module;            // "transformer.wte"
  int64_t size = 0;                 // d
  ParameterSite* weight = nullptr;  // [vocabulary, d]
  std::vector<Attached<EmbeddingAttachment>> attachments;
};

enum class ResidualPlace { after_attention, after_cross_attention, after_feed_forward };

// Where a sub-layer's output is added to the residual stream.
struct ResidualSite {
  std::string name;  // "h.3.attn.residual"
  ResidualPlace place = ResidualPlace::after_attention;
  int64_t layer = 0;
  int64_t size = 0;  // d
  std::vector<Attached<ResidualAttachment>> attachments;
};

// Which row of a sequence stands for all of it.
enum class Pooling { first_token, last_token };

// A linear of a head, y = activation(x Wᵀ + b).
struct HeadLayer {
  std::string name;  // in the family's Hugging Face layout: "pre_classifier"
  int64_t out = 0;   // 0: what the task asks for; the last layer's
  bool has_bias = true;
  std::string activation = {};      // "tanh", "relu"; empty: none
  ParameterSite* weight = nullptr;  // [out, in]; null where the base has none, and the layer is new
  ParameterSite* bias = nullptr;
};

// Where a task puts a head of its own on hidden states (classes, a reward), in the form the family's models
// with such a head have.
struct HeadSite {
  std::string name;  // "score"
  int64_t size = 0;  // d
  Pooling pooling = Pooling::last_token;
  std::vector<HeadLayer> layers;
  double initializer_range = 0.02;   // standard deviation of new weights; new biases are zero
  std::string hf_architecture = {};  // "GPT2ForSequenceClassification"
  std::vector<Attached<HeadAttachment>> attachments;
};

// All sites of a model. A family adds them, in forward order, while it builds itself.
class Sites {
 public:
  std::deque<ParameterSite> parameters;
  std::deque<LinearSite> linears;
  std::deque<AttentionSite> attentions;
  std::deque<EmbeddingSite> embeddings;
  std::deque<ResidualSite> residuals;
  std::deque<HeadSite> heads;

  // Throws `peft::Error` where there is none of that name.
  ParameterSite& parameter(std::string_view name);

  // What `patterns` name, in forward order, each once. A pattern is a role ("attn.qkv"; on a model whose
  // projections are separate that is three sites; "attn.q" on a fused weight is its slice) or, where no role
  // is called so, a glob on full site names (`*` stops at a dot, `**` does not). Throws `peft::UsageError`
  // for a pattern without a match, naming the roles there are and the nearest one, and for patterns that
  // overlap (a fused site and its slice), naming both.
  std::vector<LinearTarget> linear_targets(const std::vector<std::string>& patterns);
  // The same of linear sites and of token embeddings; these by role ("embed.tokens") or full name alone, so
  // that a glob over all linears does not name them.
  WeightTargets weight_targets(const std::vector<std::string>& patterns);
  // Globs on the parameters' names, but for a head's last layer, which a task trains; errors as above.
  std::vector<ParameterSite*> parameter_targets(const std::vector<std::string>& patterns);

  // Takes off everything that belongs to `set`.
  void detach(const AdapterSet& set);
};

// The weight of a linear site in [out, in] order (a view), as it is with nothing attached.
at::Tensor weight_out_in(const LinearSite& site);

}  // namespace peft
