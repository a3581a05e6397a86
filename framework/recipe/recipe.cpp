#include "recipe/recipe.h"

#include <utility>

#include "recipe/yaml_writer.h"

namespace peft::host {
namespace {

using peft::Value;

template <class T>
Value or_null(const std::optional<T>& value) {
  return value ? Value(*value) : Value();
}

Value text_list(const std::vector<std::string>& texts) {
  return Value::List(texts.begin(), texts.end());
}

Value choice(const ComponentChoice& component) {
  if (component.options.as_map().empty()) return component.name;
  return Value::Map{{component.name, component.options}};
}

Value model_value(const RecipeModel& model) {
  Value::Map map{{"family", model.family}, {"weights", model.weights}, {"tokenizer", model.tokenizer}};
  if (model.has_random_weights()) map.emplace_back("config", model.config);
  return map;
}

Value methods_value(const std::vector<RecipeMethod>& methods) {
  Value::List list;
  for (const RecipeMethod& method : methods) {
    Value::Map map{{"name", method.name},
                   {"learning_rate", or_null(method.learning_rate)},
                   {"weight_decay", or_null(method.weight_decay)},
                   {"trainable", method.trainable},
                   {"init_from", or_null(method.init_from)}};
    for (const Value::Entry& option : method.component.options.as_map()) map.push_back(option);
    list.emplace_back(Value::Map{{method.component.name, std::move(map)}});
  }
  return list;
}

Value validation_value(const RecipeData& data) {
  if (const double* share = std::get_if<double>(&data.validation)) return *share;
  return text_list(std::get<SourcePaths>(data.validation));
}

Value data_value(const RecipeData& data) {
  Value::Map columns;
  for (const auto& [name, in_file] : data.columns) columns.emplace_back(name, in_file);
  Value::Map map{{"dataset", data.dataset.name},
                 {"source", text_list(data.source)},
                 {"template", to_value(data.conversation_template)},
                 {"train_on", data.train_on},
                 {"max_length", data.max_length},
                 {"max_target_length", or_null(data.max_target_length)},
                 {"shuffle", data.shuffle},
                 {"validation", validation_value(data)},
                 {"columns", std::move(columns)},
                 {"bad_rows", data.bad_rows}};
  for (const Value::Entry& option : data.dataset.options.as_map()) map.push_back(option);
  return map;
}

Value microbatch_value(const std::optional<int64_t>& tokens) {
  if (!tokens) return "auto";
  return *tokens == whole_batches ? Value("off") : Value(*tokens);
}

Value train_value(const RecipeTrain& train) {
  return Value::Map{{"epochs", train.epochs},
                    {"steps", or_null(train.steps)},
                    {"batch_size", train.batch_size},
                    {"accumulate", train.accumulate},
                    {"learning_rate", train.learning_rate},
                    {"schedule", train.schedule},
                    {"warmup", train.warmup},
                    {"weight_decay", train.weight_decay},
                    {"clip", train.clip},
                    {"tokens_per_microbatch", microbatch_value(train.tokens_per_microbatch)},
                    {"memory_limit", train.memory_limit ? Value(*train.memory_limit) : Value("auto")},
                    {"recompute", train.recompute},
                    {"checkpoint_every", train.checkpoint_every},
                    {"keep", train.keep}};
}

Value evaluate_value(const RecipeEvaluate& evaluate) {
  Value::List metrics;
  for (const ComponentChoice& metric : evaluate.metrics) metrics.push_back(choice(metric));
  const RecipeGeneration& generation = evaluate.generation;
  return Value::Map{{"metrics", std::move(metrics)},
                    {"examples", evaluate.examples},
                    {"every", evaluate.every},
                    {"prompts", text_list(evaluate.prompts)},
                    {"generation", Value::Map{{"max_new_tokens", generation.max_new_tokens},
                                              {"temperature", generation.temperature},
                                              {"top_k", generation.top_k},
                                              {"top_p", generation.top_p},
                                              {"repetition_penalty", generation.repetition_penalty},
                                              {"beams", generation.beams},
                                              {"length_penalty", generation.length_penalty},
                                              {"stop", text_list(generation.stop)},
                                              {"seed", generation.seed}}}};
}

}  // namespace

bool operator==(const Recipe& a, const Recipe& b) {
  return to_value(a) == to_value(b);
}

Value to_value(const Recipe& recipe) {
  Value::Map map{{"name", recipe.name},
                 {"seed", recipe.seed},
                 {"device", recipe.device},
                 {"dtype", recipe.dtype},
                 {"threads", recipe.threads ? Value(*recipe.threads) : Value("auto")},
                 {"model", model_value(recipe.model)},
                 {"methods", methods_value(recipe.methods)},
                 {"data", data_value(recipe.data)},
                 {"task", choice(recipe.task)},
                 {"train", train_value(recipe.train)},
                 {"evaluate", evaluate_value(recipe.evaluate)},
                 {"output", recipe.output}};
  if (!recipe.sweep.is_null()) map.emplace_back("sweep", recipe.sweep);
  return map;
}

std::string to_yaml(const Recipe& recipe) {
  return write_yaml(to_value(recipe));
}

}  // namespace peft::host
