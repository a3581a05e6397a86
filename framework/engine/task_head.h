// The head a task trains, as Hugging Face's folders hold it.
#pragma once

#include "engine/merge.h"
#include "peft/adapter_set.h"
#include "peft/model.h"
#include "peft/peft_format.h"

namespace peft::host {

// The head among a set's methods; null where the task has none.
MethodInstance* head_of(AdapterSet& set);

// Puts the head beside the adapter of a folder of PEFT's, as its `modules_to_save`: the layers that are
// trained, and those of the base that PEFT takes for some of them.
void add_head(PeftFolder& folder, const Model& model, const MethodInstance& head);

// Takes the head out of a folder of PEFT's, if there is one, and fills `head` with it. Throws `peft::Error`
// where its tensors do not fit, naming them, and where a layer that is the base's here is another there.
void take_head(PeftFolder& folder, const Model& model, MethodInstance& head);

// Puts the head into a merged model, in the place of what the base had of it.
void put_head(Merged& merged, const Model& model, const MethodInstance& head);

}  // namespace peft::host
