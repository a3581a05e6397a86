// A recipe's training, as the trainer takes it.
#pragma once

#include "recipe/recipe.h"
#include "train/trainer.h"

namespace peft::host {

inline TrainOptions train_options(const Recipe& recipe) {
  return {.seed = static_cast<uint64_t>(recipe.seed),
          .shuffle = recipe.data.shuffle,
          .batch_size = recipe.train.batch_size,
          .accumulate = recipe.train.accumulate,
          .epochs = recipe.train.epochs,
          .steps = recipe.train.steps.value_or(0),
          .learning_rate = recipe.train.learning_rate,
          .schedule = schedule_kind(recipe.train.schedule),
          .warmup = recipe.train.warmup,
          .weight_decay = recipe.train.weight_decay,
          .clip = recipe.train.clip};
}

}  // namespace peft::host
