#include "peft/plugin.h"
#include "imdb_dataset.h"

namespace {

void register_imdb(peft::Registry& registry) {
  registry.add(peft::imdb::descriptor());
}

}  // namespace

PEFT_PLUGIN("imdb", "1.0.0", register_imdb)
