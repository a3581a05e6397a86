#include "distilbert_config.h"

#include "peft/error.h"

namespace peft::bert {
namespace {

struct DistilBertConfig {
  int64_t vocab_size = 30522;
  int64_t max_position_embeddings = 512;
  int64_t dim = 768;
  int64_t n_layers = 6;
  int64_t n_heads = 12;
  int64_t hidden_dim = 3072;
  std::string activation = "gelu";
  double initializer_range = 0.02;
};

Options<DistilBertConfig> make_options() {
  Options<DistilBertConfig> options;
  options.add("vocab_size", &DistilBertConfig::vocab_size, "tokens in the vocabulary", at_least(1))
      .add("max_position_embeddings", &DistilBertConfig::max_position_embeddings,
           "positions, virtual tokens counted", at_least(1))
      .add("dim", &DistilBertConfig::dim, "width of the residual stream", at_least(1))
      .add("n_layers", &DistilBertConfig::n_layers, "blocks", at_least(1))
      .add("n_heads", &DistilBertConfig::n_heads, "attention heads; must divide dim", at_least(1))
      .add("hidden_dim", &DistilBertConfig::hidden_dim, "width of the feed-forward", at_least(1))
      .add("activation", &DistilBertConfig::activation, "of the feed-forward",
           {"gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu"})
      .add("initializer_range", &DistilBertConfig::initializer_range, "standard deviation of random weights",
           above(0));
  return options;
}

const Options<DistilBertConfig>& options() {
  static const Options<DistilBertConfig> options = make_options();
  return options;
}

}  // namespace

const OptionTable& distilbert_options() {
  return options().table();
}

EncoderDescription describe_distilbert(const Value& values) {
  const DistilBertConfig config =
      options().read(resolve_known_options(distilbert_options(), values, "config"));
  if (config.dim % config.n_heads != 0) {
    throw UsageError("config: 'dim' is " + std::to_string(config.dim) + ", which 'n_heads' " +
                     std::to_string(config.n_heads) + " does not divide");
  }
  return {.family = "distilbert",
          .vocabulary = config.vocab_size,
          .width = config.dim,
          .layers = config.n_layers,
          .heads = config.n_heads,
          .inner = config.hidden_dim,
          .positions = config.max_position_embeddings,
          .segments = 0,
          .activation = config.activation,
          .norm_epsilon = 1e-12,  // no setting of it
          .initializer_range = config.initializer_range,
          .model = "distilbert",
          .blocks = "transformer.layer",
          .modules = {.q = "attention.q_lin",
                      .k = "attention.k_lin",
                      .v = "attention.v_lin",
                      .attention_out = "attention.out_lin",
                      .attention_norm = "sa_layer_norm",
                      .mlp_in = "ffn.lin1",
                      .mlp_out = "ffn.lin2",
                      .mlp_norm = "output_layer_norm"},
          .head = "pre_classifier",
          .head_activation = "relu",
          .classifier_class = "DistilBertForSequenceClassification",
          .leftovers = {"vocab_transform.", "vocab_layer_norm.", "vocab_projector.", "qa_outputs."}};
}

}  // namespace peft::bert
