// BERT's configuration, by Hugging Face's names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peft/model.h"
#include "peft/options.h"

namespace peft::bert {

struct Config {
  int64_t vocab_size = 30522;
  int64_t hidden_size = 768;
  int64_t num_hidden_layers = 12;
  int64_t num_attention_heads = 12;
  int64_t intermediate_size = 3072;
  std::string hidden_act = "gelu";
  int64_t max_position_embeddings = 512;
  int64_t type_vocab_size = 2;
  double layer_norm_eps = 1e-12;
  double initializer_range = 0.02;
  std::string position_embedding_type = "absolute";

  int64_t head_size() const { return hidden_size / num_attention_heads; }
};

const Options<Config>& config_options();

// Throws `peft::UsageError` listing everything that is impossible or not supported.
Config read_config(const Value& values);

ModelInfo model_info(const Config& config);

// Every base tensor, by its name in Hugging Face's BertForSequenceClassification, with its shape and how it
// starts (Devlin et al. 2019: N(0, 0.02)). The pooler and a classifier of `labels` outputs are optional.
std::vector<ParameterSpec> parameters(const Config& config, int64_t labels);

// Files of the model alone leave the prefix `bert.` out; the oldest call a norm's tensors gamma and beta.
// The heads of pre-training and of question answering are leftovers.
std::optional<std::string> canonical_name(std::string_view found);

}  // namespace peft::bert
