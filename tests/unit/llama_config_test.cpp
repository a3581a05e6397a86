// What configurations of the Llama kind mean, and what is refused by name.
#include <algorithm>
#include <catch2/catch.hpp>
#include <numbers>
#include <string>
#include <vector>

#include "models/llama/llama_config.h"
#include "peft/error.h"

namespace {

using namespace peft;
using Catch::Matchers::Contains;

// SmolLM's form, small.
Value config_with(Value::Map more = {}) {
  Value config = Value::Map{{"model_type", "llama"},       {"vocab_size", 100},
                            {"hidden_size", 48},           {"intermediate_size", 96},
                            {"num_hidden_layers", 2},      {"num_attention_heads", 4},
                            {"num_key_value_heads", 2},    {"max_position_embeddings", 64},
                            {"tie_word_embeddings", true}, {"rope_theta", 500.0}};
  for (auto& [key, value] : more) config.set(key, std::move(value));
  return config;
}

std::vector<std::string> biases(const llama::Config& config) {
  std::vector<std::string> names;
  for (const ParameterSpec& spec : llama::parameters(config)) {
    if (spec.role == ParameterRole::bias && spec.name.starts_with("model.layers.0."))
      names.push_back(spec.name);
  }
  return names;
}

}  // namespace

TEST_CASE("a configuration of the Llama kind is read by Hugging Face's names") {
  const llama::Config config = llama::read_config(config_with());
  const ModelInfo info = llama::model_info(config);
  CHECK(info.head_size == 12);
  CHECK(info.key_value_heads == 2);
  CHECK(info.max_positions == 64);
  CHECK(config.rope.theta == 500.0);
  CHECK(info.end_of_text.empty());
  CHECK(biases(config).empty());
  CHECK(llama::read_config(config_with({{"head_dim", 32}})).head_size() == 32);
}

TEST_CASE("biases are where the models have them: Qwen2's on queries, keys and values, Llama's as it says") {
  CHECK(biases(llama::read_config(config_with({{"model_type", "qwen2"}}))).size() == 3);
  CHECK(biases(llama::read_config(config_with({{"attention_bias", true}}))).size() == 4);
  CHECK(biases(llama::read_config(config_with({{"attention_bias", true}, {"mlp_bias", true}}))).size() == 7);
  CHECK(
      biases(llama::read_config(config_with({{"model_type", "mistral"}, {"attention_bias", true}}))).empty());
}

TEST_CASE("end-of-text may be one token or several, of which the first ends a document") {
  const auto ends = [](Value value) {
    return llama::model_info(llama::read_config(config_with({{"eos_token_id", std::move(value)}})))
        .end_of_text;
  };
  CHECK(ends(2) == std::vector<int64_t>{2});
  CHECK(ends(Value::List{7, 2}) == std::vector<int64_t>{7, 2});
  CHECK(ends(nullptr).empty());
  CHECK_THROWS_WITH(ends("</s>"), Contains("eos_token_id"));
}

TEST_CASE("positions end where a sliding window would begin to matter") {
  const auto positions = [](Value::Map more) {
    return llama::model_info(llama::read_config(config_with(std::move(more)))).max_positions;
  };
  CHECK(positions({{"model_type", "mistral"}, {"sliding_window", 16}}) == 16);
  CHECK(positions({{"model_type", "mistral"}, {"sliding_window", nullptr}}) == 64);
  CHECK(positions({{"model_type", "mistral"}, {"max_position_embeddings", 9000}}) == 4096);
  CHECK(positions({{"model_type", "qwen2"}, {"sliding_window", 16}}) == 64);
  CHECK(positions({{"model_type", "qwen2"}, {"sliding_window", 16}, {"use_sliding_window", true}}) == 16);
  CHECK(positions({{"sliding_window", 16}}) == 64);
}

TEST_CASE("rotary scaling is read in both forms, and Llama 3's keeps high frequencies and divides low ones") {
  const Value::Map scaling = {{"rope_type", "llama3"},  {"factor", 8.0},
                              {"low_freq_factor", 1.0}, {"high_freq_factor", 4.0},
                              {"rope_theta", 10000.0},  {"original_max_position_embeddings", 64}};
  const llama::Rope now = llama::read_config(config_with({{"rope_parameters", scaling}})).rope;
  CHECK(now.theta == 10000.0);
  Value::Map older(scaling.begin(), scaling.end());
  std::erase_if(older, [](const Value::Entry& entry) { return entry.first == "rope_theta"; });
  const llama::Rope before =
      llama::read_config(config_with({{"rope_scaling", older}, {"rope_theta", 10000.0}})).rope;
  CHECK(llama::rope_frequencies(now, 12) == llama::rope_frequencies(before, 12));

  const std::vector<float> plain = llama::rope_frequencies({}, 12);
  const std::vector<float> scaled = llama::rope_frequencies(now, 12);
  int kept = 0;
  int divided = 0;
  for (size_t i = 0; i < plain.size(); ++i) {
    const double waves = 64 * plain[i] / (2 * std::numbers::pi);
    if (waves > 4) CHECK((++kept, scaled[i] == plain[i]));
    if (waves < 1) CHECK((++divided, scaled[i] == Approx(plain[i] / 8)));
  }
  CHECK(kept > 0);
  CHECK(divided > 0);
  const llama::Rope linear =
      llama::read_config(config_with({{"rope_scaling", Value::Map{{"type", "linear"}, {"factor", 4}}}})).rope;
  CHECK(llama::rope_frequencies(linear, 12)[3] ==
        Approx(llama::rope_frequencies({.theta = 500.0}, 12)[3] / 4));
}

TEST_CASE("what is not supported is refused by its name and value") {
  const auto refusal = [](Value::Map more) {
    try {
      llama::read_config(config_with(std::move(more)));
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string("nothing");
  };
  const auto rope = [&](Value::Map parameters) {
    return refusal({{"rope_parameters", std::move(parameters)}});
  };
  for (const char* type : {"dynamic", "yarn", "longrope", "su"})
    CHECK_THAT(rope({{"rope_type", type}, {"factor", 2}}), Contains("rope_parameters") && Contains(type));
  CHECK_THAT(rope({{"rope_type", "linear"}}), Contains("'factor'"));
  CHECK_THAT(rope({{"rope_type", "llama3"}, {"factor", 2}}),
             Contains("'low_freq_factor'") && Contains("'high_freq_factor'"));
  CHECK_THAT(refusal({{"partial_rotary_factor", 0.5}}), Contains("partial_rotary_factor") && Contains("0.5"));
  CHECK_THAT(refusal({{"hidden_act", "gelu"}}),
             Contains("hidden_act") && Contains("gelu") && Contains("silu"));
  CHECK_THAT(refusal({{"num_key_value_heads", 3}}), Contains("4") && Contains("'num_key_value_heads' 3"));
  CHECK_THAT(refusal({{"num_attention_heads", 5}, {"num_key_value_heads", 5}}),
             Contains("'hidden_size' is 48") && Contains("5"));
  CHECK_THAT(refusal({{"head_dim", 7}}), Contains("7") && Contains("even"));
  CHECK_THAT(refusal({{"model_type", "mistral"}, {"num_key_value_heads", nullptr}}),
             Contains("'num_key_value_heads' is missing"));
  CHECK_THAT(refusal({{"model_type", "gemma"}}), Contains("gemma"));
  CHECK_THAT(refusal({{"hidden_size", nullptr}, {"vocab_size", nullptr}}),
             Contains("hidden_size") && Contains("vocab_size"));
}

TEST_CASE("names in files become Hugging Face's own, and leftovers none") {
  const llama::Config tied = llama::read_config(config_with());
  const llama::Config untied = llama::read_config(config_with({{"tie_word_embeddings", false}}));
  CHECK(llama::canonical_name(tied, "lm_head.weight") == "model.embed_tokens.weight");
  CHECK(llama::canonical_name(untied, "lm_head.weight") == "lm_head.weight");
  CHECK(llama::canonical_name(tied, "layers.0.mlp.up_proj.weight") == "model.layers.0.mlp.up_proj.weight");
  CHECK_FALSE(llama::canonical_name(tied, "model.layers.0.self_attn.rotary_emb.inv_freq"));
  CHECK(llama::canonical_name(tied, "model.layers.0.self_attn.q_norm.weight") ==
        "model.layers.0.self_attn.q_norm.weight");
}

TEST_CASE(
    "a classifier's head is of the model where its file says so, and the vocabulary's may then be absent") {
  const Value architecture = Value::List{"LlamaForSequenceClassification"};
  const llama::Config config =
      llama::read_config(config_with({{"tie_word_embeddings", false},
                                      {"architectures", architecture},
                                      {"id2label", Value::Map{{"0", "a"}, {"1", "b"}, {"2", "c"}}}}));
  const auto specs = llama::parameters(config);
  const auto spec = [&](const std::string& name) {
    return *std::ranges::find(specs, name, &ParameterSpec::name);
  };
  CHECK(spec("score.weight").shape == std::vector<int64_t>{3, 48});
  CHECK(spec("score.weight").optional);
  CHECK(spec("lm_head.weight").optional);
}
