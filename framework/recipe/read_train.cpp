#include <cmath>

#include "recipe/read_sections.h"

namespace peft::host {

RecipeTrain read_train(const Section& recipe, ReadContext& context) {
  const Section section = child_section(recipe, "train", context);
  const peft::Options<RecipeTrain> options = train_options();
  const RecipeTrain train = options.read(read_options(section, options.table(), {}, context));
  if (train.warmup >= 1 && train.warmup != std::floor(train.warmup)) {
    const Node& warmup = *section.map.find("warmup");
    report_value(warmup, "train.warmup",
                 "found " + describe(warmup) + ", expected a fraction below 1 or a whole number of steps",
                 context);
  }
  return train;
}

}  // namespace peft::host
