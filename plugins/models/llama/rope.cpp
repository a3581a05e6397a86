#include "rope.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <numbers>
#include <optional>

namespace peft::llama {
namespace {

using Report = std::function<void(const std::string&)>;

// The map that tells, and its key; null: neither is there.
struct Found {
  const char* key;
  const Value* map;
};

Found find_rope(const Value& config) {
  for (const char* key : {"rope_parameters", "rope_scaling"}) {
    const Value* map = config.find(key);
    if (map != nullptr && map->is_map()) return {key, map};
  }
  return {"rope_scaling", nullptr};
}

std::string type_of(const Value& rope) {
  for (const char* key : {"rope_type", "type"}) {
    const Value* type = rope.find(key);
    if (type != nullptr && type->is_text()) return type->as_text();
  }
  return "default";
}

std::optional<double> positive(const Value& map, const char* key) {
  const Value* found = map.find(key);
  if (found == nullptr || !found->is_numeric() || !(found->as_number() > 0)) return {};
  return found->as_number();
}

void refuse_partial(const Value& map, const Report& report) {
  const Value* share = map.find("partial_rotary_factor");
  if (share != nullptr && share->is_numeric() && share->as_number() != 1.0)
    report("config: 'partial_rotary_factor' is " + std::to_string(share->as_number()) +
           ", which is not supported; expected 1: all of a head is rotated");
}

}  // namespace

Rope read_rope(const Value& config, int64_t max_position_embeddings, const Report& report) {
  Rope rope;
  rope.original_max_position_embeddings = max_position_embeddings;
  rope.theta = positive(config, "rope_theta").value_or(rope.theta);
  refuse_partial(config, report);
  const auto [key, map] = find_rope(config);
  if (map == nullptr) return rope;
  refuse_partial(*map, report);
  rope.theta = positive(*map, "rope_theta").value_or(rope.theta);
  const std::string type = type_of(*map);
  if (type == "default") return rope;
  if (type != "linear" && type != "llama3") {
    report("config: '" + std::string(key) + "' has the type '" + type +
           "', which is not supported; expected default, linear or llama3");
    return rope;
  }
  const auto required = [&](const char* name, double& to) {
    const std::optional<double> value = positive(*map, name);
    if (!value)
      report("config: '" + std::string(key) + "' of the type '" + type + "' has no '" + name +
             "' above 0; expected one");
    to = value.value_or(to);
  };
  required("factor", rope.factor);
  rope.scaling = type == "linear" ? RopeScaling::linear : RopeScaling::llama3;
  if (rope.scaling == RopeScaling::linear) return rope;
  required("low_freq_factor", rope.low_freq_factor);
  required("high_freq_factor", rope.high_freq_factor);
  if (rope.high_freq_factor <= rope.low_freq_factor)
    report("config: '" + std::string(key) + "' has 'high_freq_factor' " +
           std::to_string(rope.high_freq_factor) + ", expected one above 'low_freq_factor', " +
           std::to_string(rope.low_freq_factor));
  const auto original = positive(*map, "original_max_position_embeddings");
  if (original) rope.original_max_position_embeddings = static_cast<int64_t>(*original);
  return rope;
}

// A frequency is high where its wave fits more than high_freq_factor times into the original context, low
// where it fits less than low_freq_factor times.
std::vector<float> rope_frequencies(const Rope& rope, int64_t head_size) {
  std::vector<float> frequencies;
  const auto context = static_cast<double>(rope.original_max_position_embeddings);
  for (int64_t i = 0; i < head_size; i += 2) {
    // float32 all along: at a thousand places the angle is then that of the models' own training.
    const float exponent = static_cast<float>(i) / static_cast<float>(head_size);
    const float plain = 1.0f / std::pow(static_cast<float>(rope.theta), exponent);
    const double divided = plain / rope.factor;
    double frequency = plain;
    if (rope.scaling == RopeScaling::linear) frequency = divided;
    if (rope.scaling == RopeScaling::llama3) {
      const double waves = context * plain / (2.0 * std::numbers::pi);
      const double share = (waves - rope.low_freq_factor) / (rope.high_freq_factor - rope.low_freq_factor);
      if (share <= 0) frequency = divided;
      if (share > 0 && share < 1) frequency = (1.0 - share) * divided + share * plain;
    }
    frequencies.push_back(static_cast<float>(frequency));
  }
  return frequencies;
}

Angles rope_angles(const std::vector<float>& frequencies, const at::Tensor& positions, at::ScalarType type) {
  const at::Tensor turns = at::tensor(frequencies, at::kFloat).to(positions.device());
  const at::Tensor angles = positions.to(at::kFloat).unsqueeze(1) * turns;
  return {.cosines = at::cos(angles).to(type), .sines = at::sin(angles).to(type)};
}

}  // namespace peft::llama
