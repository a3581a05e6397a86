// GPT-2's configuration, by Hugging Face's names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "peft/model.h"
#include "peft/options.h"

namespace peft::gpt2 {

struct Config {
  int64_t vocab_size = 50257;
  int64_t n_positions = 1024;
  int64_t n_embd = 768;
  int64_t n_layer = 12;
  int64_t n_head = 12;
  std::optional<int64_t> n_inner;  // absent: 4 · n_embd
  std::string activation_function = "gelu_new";
  double layer_norm_epsilon = 1e-5;
  double initializer_range = 0.02;
  bool tie_word_embeddings = true;
  bool scale_attn_weights = true;
  bool scale_attn_by_inverse_layer_idx = false;
  std::optional<int64_t> eos_token_id;

  int64_t inner() const { return n_inner.value_or(4 * n_embd); }
  int64_t head_size() const { return n_embd / n_head; }
};

const Options<Config>& config_options();

// Throws `peft::UsageError` listing everything that is impossible or not supported.
Config read_config(const Value& values);

ModelInfo model_info(const Config& config);

// Every base tensor, by its name in Hugging Face's GPT2LMHeadModel, with its shape and how it starts
// (Radford et al. 2019: N(0, 0.02), projections into the residual stream scaled by 1/√(2 · layers)).
std::vector<ParameterSpec> parameters(const Config& config);

// The hub's older files leave the prefix `transformer.` out and carry the causal mask as buffers; a tied head
// may be stored a second time.
std::optional<std::string> canonical_name(const Config& config, std::string_view found);

}  // namespace peft::gpt2
