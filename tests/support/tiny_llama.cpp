#include "support/tiny_llama.h"

#include <ATen/ops/empty.h>

#include "models/llama/llama_model.h"
#include "peft/random.h"

namespace peft::test {

std::unique_ptr<Model> make(const TinyLlama& description) {
  llama::Config config;
  config.model_type = description.model_type;
  config.vocab_size = description.vocabulary;
  config.max_position_embeddings = description.positions;
  config.hidden_size = description.width;
  config.intermediate_size = description.inner;
  config.num_hidden_layers = description.layers;
  config.num_attention_heads = description.heads;
  config.num_key_value_heads = description.key_value_heads;
  config.head_dim = description.head_size;
  config.tie_word_embeddings = description.tied;
  config.attention_bias = config.mlp_bias = description.biases;
  config.rope = description.rope;
  BaseTensors tensors;
  for (const ParameterSpec& spec : llama::parameters(config)) {
    at::Tensor tensor = at::empty(spec.shape, description.dtype);
    const double mean = spec.role == ParameterRole::norm ? 1.0 : 0.0;
    fill_normal(tensor, mean, 0.3, RandomStream(description.seed).child(spec.name));
    tensors.emplace(spec.name, tensor);
  }
  return std::make_unique<llama::Llama>(config, tensors);
}

}  // namespace peft::test
