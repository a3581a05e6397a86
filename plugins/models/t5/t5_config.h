// T5's configuration, by Hugging Face's names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "peft/model.h"
#include "peft/options.h"

namespace peft::t5 {

struct Config {
  int64_t vocab_size = 32128;
  int64_t d_model = 512;
  int64_t d_kv = 64;
  int64_t d_ff = 2048;
  int64_t num_layers = 6;
  std::optional<int64_t> num_decoder_layers;  // absent: as many as the encoder has
  int64_t num_heads = 8;
  int64_t relative_attention_num_buckets = 32;
  int64_t relative_attention_max_distance = 128;
  double layer_norm_epsilon = 1e-6;
  double initializer_factor = 1.0;
  std::string feed_forward_proj = "relu";
  bool tie_word_embeddings = true;
  std::optional<bool> scale_decoder_outputs;  // absent: where embedding and head are tied
  int64_t eos_token_id = 1;
  int64_t decoder_start_token_id = 0;

  int64_t decoder_layers() const { return num_decoder_layers.value_or(num_layers); }
  int64_t inner() const { return num_heads * d_kv; }
  bool gated() const { return feed_forward_proj.starts_with("gated-"); }
  std::string activation() const;
  // T5 1.0: one matrix is embedding and head, and hidden states are scaled for it. 1.1 has a head of its own.
  bool scales() const { return scale_decoder_outputs.value_or(tie_word_embeddings); }
};

const Options<Config>& config_options();
Config read_config(const Value& values);

ModelInfo model_info(const Config& config);

// Every base tensor, by its name in Hugging Face's T5ForConditionalGeneration, with its shape and how it
// starts there. The head of 1.1 is optional: files that tie it all the same have none.
std::vector<ParameterSpec> parameters(const Config& config);

// Files hold the embedding up to four times, and a table of distances that nothing reads.
std::optional<std::string> canonical_name(const Config& config, std::string_view found);

}  // namespace peft::t5
