// A recipe's training, as the trainer takes it.
#pragma once

#include "recipe/recipe.h"
#include "train/trainer.h"

namespace peft::host {

// Within a hundredth or two as fast as any larger number, which would cost memory (measured from GPT-2 small
// to Medium).
inline constexpr int64_t most_tokens_per_microbatch = 896;

inline TrainOptions train_options(const Recipe& recipe) {
  return {.seed = static_cast<uint64_t>(recipe.seed),
          .shuffle = recipe.data.shuffle,
          .batch_size = recipe.train.batch_size,
          .accumulate = recipe.train.accumulate,
          .tokens_per_microbatch = recipe.train.tokens_per_microbatch.value_or(most_tokens_per_microbatch),
          .recompute = recipe.train.recompute == "blocks",
          .epochs = recipe.train.epochs,
          .steps = recipe.train.steps.value_or(0),
          .learning_rate = recipe.train.learning_rate,
          .schedule = schedule_kind(recipe.train.schedule),
          .warmup = recipe.train.warmup,
          .weight_decay = recipe.train.weight_decay,
          .clip = recipe.train.clip};
}

}  // namespace peft::host
