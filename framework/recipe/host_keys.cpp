#include "recipe/host_keys.h"

#include <algorithm>
#include <stdexcept>

namespace peft::host {

using peft::above;
using peft::at_least;
using peft::Options;

namespace {

peft::Range share_above_zero() {
  peft::Range range = peft::between(0, 1);
  range.above_minimum = true;
  return range;
}

std::vector<KeySection> make_sections() {
  return {
      {"",
       top_options().table(),
       {{"extends", "another recipe underneath; a path relative to this file"},
        {"threads", "threads to compute with: auto or a number"},
        {"model", "the frozen base"},
        {"methods", "what is trained on it: a list of methods, each a name or a map {name: {options}}"},
        {"data", "what it is trained on"},
        {"task", "what is minimised: a task's name, or a map {name: {options}}"},
        {"train", "how it is trained"},
        {"evaluate", "what is measured"},
        {"sweep", "what the verb sweep varies; not read by the others"}}},
      {"model", model_options().table(), {{"config", "the family's options; of weights: random alone"}}},
      {"data",
       data_options().table(),
       {{"dataset", "the dataset that reads the rows; its options stand beside the keys of this section"},
        {"template",
         "how a conversation is written down: human_assistant, chatml, llama3, plain, empty, model (the "
         "model's "
         "own), or a map with the texts of its own"},
        {"validation", "the share of trees or documents held out (0: none), or a source of its own"}}},
      {"data.template", template_options().table(), {}},
      {"train",
       train_options().table(),
       {{"tokens_per_microbatch",
         "a step's examples are computed in parts of at most so many tokens: auto (as memory_limit allows), "
         "a number, or off (parts of batch_size examples)"},
        {"memory_limit", "what a run may take: bytes, or 8GB; auto: 75 % of what there is for the process"}}},
      {"evaluate",
       evaluate_options().table(),
       {{"metrics", "a list of metrics, each a name or a map {name: {options}}"},
        {"generation", "how answers are generated"}}},
      {"evaluate.generation", generation_options().table(), {}},
      {"sweep",
       sweep_options().table(),
       {{"space",
         "a map from keys (methods.0.lora.rank) to a list of values, {log: [low, high]} or {linear: "
         "[low, high]}"},
        {"objective", "{metric: NAME, goal: minimize | maximize}"}}},
  };
}

}  // namespace

Options<TopKeys> top_options() {
  Options<TopKeys> options;
  options.add("name", &TopKeys::name, "what to call the run; the file's name unless given");
  options.add("seed", &TopKeys::seed, "of every random choice", at_least(0));
  options.add("device", &TopKeys::device, "where to compute", {"auto", "cpu", "cuda"});
  options.add("dtype", &TopKeys::dtype, "of the frozen base; trained tensors stay float32",
              {"float32", "bfloat16"});
  options.add("output", &TopKeys::output, "the run's folder, relative to the working directory").required();
  return options;
}

Options<ModelKeys> model_options() {
  Options<ModelKeys> options;
  options.add("family", &ModelKeys::family, "the model family").required();
  options.add("weights", &ModelKeys::weights, "a folder in Hugging Face layout, hub://OWNER/NAME, or random")
      .required();
  options.add("tokenizer", &ModelKeys::tokenizer, "the tokeniser's folder; that of the weights unless given");
  return options;
}

Options<RecipeMethod> reserved_method_options() {
  Options<RecipeMethod> options;
  options.add("name", &RecipeMethod::name,
              "this method's name among the recipe's; the method's unless given");
  options.add("learning_rate", &RecipeMethod::learning_rate, "its own; train.learning_rate unless given",
              above(0));
  options.add("weight_decay", &RecipeMethod::weight_decay, "its own; train.weight_decay unless given",
              at_least(0));
  options.add("trainable", &RecipeMethod::trainable, "whether its tensors are trained");
  options.add("init_from", &RecipeMethod::init_from,
              "a Hugging Face PEFT adapter folder or a checkpoint to start from");
  return options;
}

Options<RecipeData> data_options() {
  Options<RecipeData> options;
  options.add("source", &RecipeData::source, "files, folders or globs, or hub://OWNER/NAME").required();
  options.add("train_on", &RecipeData::train_on, "which tokens of a conversation are targets",
              {"replies", "all"});
  options.add("max_length", &RecipeData::max_length,
              "tokens of an example, special ones included, virtual ones not", at_least(1));
  options.add("max_target_length", &RecipeData::max_target_length, "tokens of a target, where it is apart",
              at_least(1));
  options.add("shuffle", &RecipeData::shuffle, "a new order in every epoch");
  options.add("columns", &RecipeData::columns, "the dataset's columns by the file's names: {text: review}");
  options.add("bad_rows", &RecipeData::bad_rows,
              "a row that cannot be read is an error, or left out and counted; of a dataset that makes "
              "examples of several rows, only where the file itself is at fault",
              {"error", "skip"});
  return options;
}

Options<TemplateTexts> template_options() {
  Options<TemplateTexts> options;
  options.add(
      "begin", &TemplateTexts::begin,
      "in front of every conversation; one that begins with {|} also stands for what the tokenizer puts in "
      "front of every text");
  options.add("system", &TemplateTexts::system,
              "a system text: \"{content}\\n\"; without it there may be none");
  options.add("default_system", &TemplateTexts::default_system,
              "the system text of a conversation that has none");
  options.add("user", &TemplateTexts::user, "a user's turn: \"### Human: {content}\\n\"").required();
  options
      .add("assistant", &TemplateTexts::assistant,
           "an assistant's turn: \"### Assistant:{reply} {content}{end_of_text}{/reply}\\n\"; the model "
           "writes "
           "what is between {reply} and {/reply}")
      .required();
  return options;
}

Options<RecipeTrain> train_options() {
  Options<RecipeTrain> options;
  options.add("epochs", &RecipeTrain::epochs, "times through the data", at_least(1));
  options.add("steps", &RecipeTrain::steps,
              "ends the run after so many optimiser steps, whatever epochs says", at_least(1));
  options.add("batch_size", &RecipeTrain::batch_size, "examples of a batch, over all processes", at_least(1));
  options.add("accumulate", &RecipeTrain::accumulate, "batches of an optimiser step", at_least(1));
  options.add("learning_rate", &RecipeTrain::learning_rate, "AdamW's, at its highest", above(0));
  options.add("schedule", &RecipeTrain::schedule, "of the learning rate after warm-up",
              {"constant", "linear", "cosine"});
  options.add("warmup", &RecipeTrain::warmup, "below 1 a fraction of all steps, else steps", at_least(0));
  options.add("weight_decay", &RecipeTrain::weight_decay, "AdamW's, never on biases and norms", at_least(0));
  options.add("clip", &RecipeTrain::clip, "the largest global norm of the gradients; 0: not clipped",
              at_least(0));
  options.add("recompute", &RecipeTrain::recompute,
              "what the backward pass computes again instead of keeping it: less memory, more time",
              {"off", "blocks"});
  options.add("checkpoint_every", &RecipeTrain::checkpoint_every,
              "steps between checkpoints; 0: only at the end", at_least(0));
  options.add("keep", &RecipeTrain::keep, "checkpoints that are kept", at_least(1));
  return options;
}

Options<RecipeEvaluate> evaluate_options() {
  Options<RecipeEvaluate> options;
  options.add("examples", &RecipeEvaluate::examples, "validation examples measured, in file order",
              at_least(1));
  options.add("every", &RecipeEvaluate::every, "steps between evaluations; 0: before and after training only",
              at_least(0));
  options.add("prompts", &RecipeEvaluate::prompts, "prompts that base and tuned both answer");
  return options;
}

Options<RecipeGeneration> generation_options() {
  Options<RecipeGeneration> options;
  options.add("max_new_tokens", &RecipeGeneration::max_new_tokens, "tokens of an answer at most",
              at_least(1));
  options.add("temperature", &RecipeGeneration::temperature, "0: the likeliest token, always", at_least(0));
  options.add("top_k", &RecipeGeneration::top_k, "samples from the k likeliest tokens; 0: from all",
              at_least(0));
  options.add("top_p", &RecipeGeneration::top_p,
              "samples from the likeliest tokens of this total probability", share_above_zero());
  options.add("repetition_penalty", &RecipeGeneration::repetition_penalty,
              "divides the logits of tokens seen before; 1: none", above(0));
  options.add("seed", &RecipeGeneration::seed, "of the samples", at_least(0));
  options.add("beams", &RecipeGeneration::beams, "above 1: beam search with so many", at_least(1));
  options.add("length_penalty", &RecipeGeneration::length_penalty,
              "of beams: what ends is compared by its log-likelihood / length^length_penalty",
              at_least(-100));
  options.add("stop", &RecipeGeneration::stop, "a text, or several, before which an answer ends");
  return options;
}

Options<SweepKeys> sweep_options() {
  Options<SweepKeys> options;
  options.add("search", &SweepKeys::search, "how the space is searched", {"grid", "random", "asha"});
  return options;
}

std::vector<std::string> KeySection::names() const {
  std::vector<std::string> names;
  for (const peft::OptionSpec& option : options) names.push_back(option.name);
  for (const StructuredKey& key : structured) names.push_back(key.name);
  return names;
}

const std::vector<KeySection>& key_sections() {
  static const std::vector<KeySection> sections = make_sections();
  return sections;
}

const KeySection& key_section(std::string_view path) {
  const std::vector<KeySection>& sections = key_sections();
  const auto found = std::find_if(sections.begin(), sections.end(),
                                  [&](const KeySection& section) { return section.path == path; });
  if (found == sections.end()) throw std::out_of_range("no section of a recipe: " + std::string(path));
  return *found;
}

}  // namespace peft::host
