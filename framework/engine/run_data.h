// The examples of a recipe, read, split and encoded.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/conversation_template.h"
#include "data/encode_context.h"
#include "data/encoded_data.h"
#include "engine/session.h"
#include "plugin/plugin_set.h"
#include "recipe/recipe.h"

namespace peft::host {

struct RunData {
  std::unique_ptr<ConversationTemplate> conversation_template;
  bool conversations = false;  // the dataset yields what is answered: prompts of the recipe are then put as
                               // the task puts a prompt, else they are texts to be continued
  EncodedData training;
  // The first `evaluate.examples` of the examples held out, in file order, as they were read and as they are
  // scored.
  std::vector<Example> held_out;
  EncodedData held_out_encoded;
  int64_t validation_examples = 0;  // held out in all
  std::vector<std::string> notes;   // what was counted, skipped or shortened
};

// The session may have no model yet.
EncodeSettings encode_settings(const Recipe& recipe, const Session& session);

// Throws `peft::UsageError` where files, columns or examples are at fault: what a recipe names as its data is
// a part of it.
RunData read_run_data(const Recipe& recipe, const Session& session, PluginSet& plugins);

}  // namespace peft::host
