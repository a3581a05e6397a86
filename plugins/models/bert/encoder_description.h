// An encoder of BERT's kind: its dimensions, and what its parts are called in Hugging Face's layout.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peft/model.h"

namespace peft::bert {

// Modules within a block.
struct BlockModules {
  std::string q, k, v, attention_out, attention_norm, mlp_in, mlp_out, mlp_norm;
};

struct EncoderDescription {
  std::string family;
  int64_t vocabulary = 0;
  int64_t width = 0;
  int64_t layers = 0;
  int64_t heads = 0;
  int64_t inner = 0;  // the feed-forward's width
  int64_t positions = 0;
  int64_t segments = 0;  // kinds of them; 0: it does not tell any
  std::string activation;
  double norm_epsilon = 0.0;
  double initializer_range = 0.0;

  std::string model;   // what all but the head is in: "bert"
  std::string blocks;  // within it: "encoder.layer"
  BlockModules modules;
  std::string head;  // the classifier's first layer, of which files may have none
  std::string head_activation;
  std::string classifier_class;
  std::vector<std::string> leftovers;  // what names of tensors begin with that are other heads'

  int64_t head_size() const { return width / heads; }
  std::string embeddings(const std::string& module) const { return model + ".embeddings." + module; }
  std::string block(int64_t layer) const { return model + "." + blocks + "." + std::to_string(layer) + "."; }
};

ModelInfo model_info(const EncoderDescription& encoder);

// Every base tensor, by its name in Hugging Face's classifier, with its shape and how it starts (Devlin et
// al. 2019: N(0, 0.02)). The head, whose classifier has `labels` outputs, is optional.
std::vector<ParameterSpec> parameters(const EncoderDescription& encoder, int64_t labels);

// Files of the model alone leave its name out in front; the oldest call a norm's tensors gamma and beta.
std::optional<std::string> canonical_name(const EncoderDescription& encoder, std::string_view found);

}  // namespace peft::bert
