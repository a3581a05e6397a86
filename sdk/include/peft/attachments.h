// Attachments: what a method puts at a site. Each is a plain differentiable function; third parties write no
// backward.
//
// The order of attachments at a site is the order of the methods in the recipe. Every function must be
// row-wise: it may be fed any rows of the batch (see Rows), and called again for the same rows
// (recomputation), and must give the same result. Trained tensors are float32 (float64 in tests); activations
// come in the residual stream's type, which is the same.
//
// Of a set that acts by a weight w other than 1, the host takes before + w · (after - before) of what an
// attachment changes; attachments know nothing of it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "peft/component.h"

namespace peft {

class AdapterSet;
class Forward;
struct EmbeddingSite;
struct LinearSite;
struct Rows;

// An attachment at a site, and the set it belongs to; it acts only in forwards in which that set is active.
template <class Attachment>
struct Attached {
  const AdapterSet* set = nullptr;
  std::unique_ptr<Attachment> attachment;
  int64_t begin = 0;  // at a linear site: the slice of the outputs it acts on
  int64_t size = 0;
};

// One call of a linear site.
struct LinearCall {
  const Forward& forward;
  const Rows& rows;
  const LinearSite& site;
  int64_t begin;  // the slice of outputs this attachment acts on
  int64_t size;
  // The frozen linear without its bias on other inputs: [M, in] -> [M, size]. (DoRA needs it.)
  at::Tensor base(const at::Tensor& x) const;
};

class LinearAttachment : public Component {
 public:
  ~LinearAttachment() override;

  // Changes the site's input, [M, in], before base and deltas see it. (IA³ at the feed-forward's second
  // linear.) Only called where `changes_input`; such an attachment stands at the whole site.
  virtual bool changes_input() const;
  virtual at::Tensor input(const LinearCall& call, const at::Tensor& x) const;

  // What becomes of the output: x [M, in] is the site's input, y [M, size] the output so far. Returns the new
  // y. LoRA: y + s·B A x. IA³: y ⊙ l. DoRA: y + (m/‖W'‖ - 1)·base(x) + m/‖W'‖·s·B A x.
  virtual at::Tensor output(const LinearCall& call, const at::Tensor& x, const at::Tensor& y) const;

  // The same on weights, for merging: `weight` [size, in] and `bias` [size] (undefined: none) of the slice
  // become those of a plain linear that does in evaluation what `output` (and `input`) do. False where that
  // has no meaning; nothing is changed then.
  virtual bool fold(const LinearSite& site, at::Tensor& weight, at::Tensor& bias) const;
};

// Found by `query` on a LinearAttachment: its output is y + scale · (dropout(x) Aᵀ) Bᵀ, which is then
// computed together with the base, with a backward pass of its own; `output` is called where that is not
// possible.
struct LowRankDelta {
  static constexpr const char* id = "peft.low_rank_delta.1";
  at::Tensor a;  // [rank, in]
  at::Tensor b;  // [size, rank]
  double scale = 1.0;
  double dropout = 0.0;
  std::string stream;  // names the dropout's masks, as for Forward::dropout
};

// Keys and values that stand in front of every sequence's own, visible to all its tokens.
struct KeysValues {
  at::Tensor keys;    // [P, key/value heads, head size]
  at::Tensor values;  // the same
};

class AttentionAttachment : public Component {
 public:
  ~AttentionAttachment() override;
  virtual int64_t length() const = 0;  // P; the same at every site of a method
  virtual KeysValues keys_values(const Forward& forward) const = 0;
};

class EmbeddingAttachment : public Component {
 public:
  ~EmbeddingAttachment() override;
  // Virtual tokens in front of each sequence: their number, and their embeddings [length, d].
  virtual int64_t length() const;
  virtual at::Tensor virtual_tokens(const Forward& forward) const;
  // What becomes of looked-up embeddings: ids [M], y [M, d].
  virtual at::Tensor output(const Forward& forward, const Rows& rows, const at::Tensor& ids,
                            const at::Tensor& y) const;
  // The same on the table, for merging: `weight` [vocabulary, d] becomes what, looked up, gives `output` in
  // evaluation. False where that has no meaning; nothing is changed then.
  virtual bool fold(const EmbeddingSite& site, at::Tensor& weight) const;
};

// What meets at a residual site, all [M, d].
struct ResidualStreams {
  at::Tensor residual;        // the stream the sub-layer's output is about to be added to
  at::Tensor sublayer_input;  // what the sub-layer read (after its norm, in pre-norm models)
  at::Tensor sublayer_output;
};

class ResidualAttachment : public Component {
 public:
  ~ResidualAttachment() override;
  // The new sub-layer output. Serial: output + f(output). Parallel: output + f(input).
  virtual at::Tensor output(const Forward& forward, const Rows& rows,
                            const ResidualStreams& streams) const = 0;
};

class ParameterAttachment : public Component {
 public:
  ~ParameterAttachment() override;
  // The value that stands for the base's; differentiable in what is trained. Called once a forward and use.
  // Where several act on a parameter, it changes by the sum of what each changes.
  virtual at::Tensor value(const at::Tensor& base) const = 0;
};

class HeadAttachment : public Component {
 public:
  ~HeadAttachment() override;
  // hidden [M, d] -> [M, k].
  virtual at::Tensor output(const Forward& forward, const Rows& rows, const at::Tensor& hidden) const = 0;
};

}  // namespace peft
