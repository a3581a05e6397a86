// DistilBERT's configuration, by Hugging Face's names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peft/model.h"
#include "peft/options.h"

namespace peft::distilbert {

struct Config {
  int64_t vocab_size = 30522;
  int64_t max_position_embeddings = 512;
  int64_t dim = 768;
  int64_t n_layers = 6;
  int64_t n_heads = 12;
  int64_t hidden_dim = 3072;
  std::string activation = "gelu";
  double initializer_range = 0.02;
  bool sinusoidal_pos_embds = false;

  int64_t head_size() const { return dim / n_heads; }
};

// Added to the variance in all norms; no configuration says otherwise.
inline constexpr double norm_epsilon = 1e-12;

const Options<Config>& config_options();

// Throws `peft::UsageError` listing everything that is impossible or not supported.
Config read_config(const Value& values);

ModelInfo model_info(const Config& config);

// Every base tensor, by its name in Hugging Face's DistilBertForSequenceClassification, with its shape and
// how it starts (N(0, 0.02)). The head, with a classifier of `labels` outputs, is optional.
std::vector<ParameterSpec> parameters(const Config& config, int64_t labels);

// Files of the model alone leave the prefix `distilbert.` out; the oldest call a norm's tensors gamma and
// beta. The heads of pre-training and of question answering are leftovers.
std::optional<std::string> canonical_name(std::string_view found);

}  // namespace peft::distilbert
