#include "bert_config.h"

#include "peft/error.h"

namespace peft::bert {
namespace {

struct BertConfig {
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
};

Options<BertConfig> make_options() {
  Options<BertConfig> options;
  options.add("vocab_size", &BertConfig::vocab_size, "tokens in the vocabulary", at_least(1))
      .add("hidden_size", &BertConfig::hidden_size, "width of the residual stream", at_least(1))
      .add("num_hidden_layers", &BertConfig::num_hidden_layers, "blocks", at_least(1))
      .add("num_attention_heads", &BertConfig::num_attention_heads,
           "attention heads; must divide hidden_size", at_least(1))
      .add("intermediate_size", &BertConfig::intermediate_size, "width of the feed-forward", at_least(1))
      .add("hidden_act", &BertConfig::hidden_act, "of the feed-forward",
           {"gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu"})
      .add("max_position_embeddings", &BertConfig::max_position_embeddings,
           "positions, virtual tokens counted", at_least(1))
      .add("type_vocab_size", &BertConfig::type_vocab_size, "kinds of segments; a text is the first",
           at_least(1))
      .add("layer_norm_eps", &BertConfig::layer_norm_eps, "added to the variance", above(0))
      .add("initializer_range", &BertConfig::initializer_range, "standard deviation of random weights",
           above(0))
      .add("position_embedding_type", &BertConfig::position_embedding_type, "how positions are told",
           {"absolute"});
  return options;
}

const Options<BertConfig>& options() {
  static const Options<BertConfig> options = make_options();
  return options;
}

void check(const BertConfig& config, const Value& values) {
  std::string problems;
  const auto report = [&](const std::string& problem) {
    problems += (problems.empty() ? "" : "\n") + problem;
  };
  if (config.hidden_size % config.num_attention_heads != 0) {
    report("config: 'hidden_size' is " + std::to_string(config.hidden_size) +
           ", which 'num_attention_heads' " + std::to_string(config.num_attention_heads) +
           " does not divide");
  }
  for (const char* key : {"is_decoder", "add_cross_attention"}) {
    const Value* found = values.find(key);
    if (found != nullptr && found->is_boolean() && found->as_boolean())
      report(std::string("config: '") + key + ": true' is not supported; expected false");
  }
  if (!problems.empty()) throw UsageError(problems);
}

}  // namespace

const OptionTable& bert_options() {
  return options().table();
}

EncoderDescription describe_bert(const Value& values) {
  const BertConfig config = options().read(resolve_known_options(bert_options(), values, "config"));
  check(config, values);
  return {.family = "bert",
          .vocabulary = config.vocab_size,
          .width = config.hidden_size,
          .layers = config.num_hidden_layers,
          .heads = config.num_attention_heads,
          .inner = config.intermediate_size,
          .positions = config.max_position_embeddings,
          .segments = config.type_vocab_size,
          .activation = config.hidden_act,
          .norm_epsilon = config.layer_norm_eps,
          .initializer_range = config.initializer_range,
          .model = "bert",
          .blocks = "encoder.layer",
          .modules = {.q = "attention.self.query",
                      .k = "attention.self.key",
                      .v = "attention.self.value",
                      .attention_out = "attention.output.dense",
                      .attention_norm = "attention.output.LayerNorm",
                      .mlp_in = "intermediate.dense",
                      .mlp_out = "output.dense",
                      .mlp_norm = "output.LayerNorm"},
          .head = "bert.pooler.dense",
          .head_activation = "tanh",
          .classifier_class = "BertForSequenceClassification",
          .leftovers = {"cls.", "qa_outputs."}};
}

}  // namespace peft::bert
