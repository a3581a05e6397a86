// The configuration of a decoder of the Llama kind, by Hugging Face's names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "peft/model.h"
#include "peft/options.h"
#include "rope.h"

namespace peft::llama {

struct Config {
  std::string model_type = "llama";
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t num_hidden_layers = 0;
  int64_t num_attention_heads = 0;
  std::optional<int64_t> num_key_value_heads;  // absent: num_attention_heads
  std::optional<int64_t> head_dim;             // absent: hidden_size / num_attention_heads
  int64_t max_position_embeddings = 0;
  double rms_norm_eps = 1e-6;
  std::string hidden_act = "silu";
  bool attention_bias = false;
  bool mlp_bias = false;
  bool tie_word_embeddings = false;
  double rope_theta = 10000.0;  // as in the recipe; `rope` is what counts
  std::optional<int64_t> sliding_window;
  bool use_sliding_window = false;
  double initializer_range = 0.02;
  std::optional<int64_t> eos_token_id;  // as in the recipe; `end_of_text` is what counts

  // Read from more than one key.
  Rope rope;
  std::vector<int64_t> end_of_text;
  // Of a model with a head of classes in place of the vocabulary's; 0: it has none.
  int64_t labels = 0;

  int64_t key_value_heads() const { return num_key_value_heads.value_or(num_attention_heads); }
  int64_t head_size() const { return head_dim.value_or(hidden_size / num_attention_heads); }
  // Qwen2 has biases on queries, keys and values alone; Llama, where it has any, on the output too.
  bool has_qkv_bias() const { return model_type == "qwen2" || has_output_bias(); }
  bool has_output_bias() const { return model_type == "llama" && attention_bias; }
  bool has_mlp_bias() const { return model_type == "llama" && mlp_bias; }
  // "Llama", "Mistral", "Qwen2": as names of Hugging Face's classes begin.
  std::string class_prefix() const;
};

const Options<Config>& config_options();

// Throws `peft::UsageError` listing everything that is impossible or not supported.
Config read_config(const Value& values);

ModelInfo model_info(const Config& config);

// Every base tensor, by its name in Hugging Face's LlamaForCausalLM, with its shape and how it starts.
std::vector<ParameterSpec> parameters(const Config& config);

// Files of the model without a head leave the prefix `model.` out; older ones carry the rotary frequencies as
// buffers; a tied head may be stored a second time.
std::optional<std::string> canonical_name(const Config& config, std::string_view found);

}  // namespace peft::llama
