#include "engine/adapter_stack.h"

#include <cmath>
#include <set>
#include <utility>

#include "base/figures.h"
#include "engine/saved_adapter.h"
#include "evaluate/generate.h"
#include "peft/error.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

void check_weight(const AdapterSet& set, const AdapterChoice& choice) {
  if (!std::isfinite(choice.weight)) {
    throw UsageError("adapter '" + choice.source + "': found the weight " + std::to_string(choice.weight) +
                     ", expected a number");
  }
  if (choice.weight == 0.0 || choice.weight == 1.0 || set.virtual_tokens() == 0) return;
  throw UsageError("adapter '" + choice.source + "': found the weight " + figure(choice.weight) + " for " +
                   std::to_string(set.virtual_tokens()) +
                   " virtual tokens, which are there or are not; expected the weight 1 or 0");
}

void check_room(const std::vector<ActiveSet>& sets, const ModelInfo& info) {
  const int64_t needed = virtual_tokens(sets);
  if (info.max_positions == 0 || needed < info.max_positions) return;
  throw UsageError("the adapters have " + std::to_string(needed) +
                   " virtual tokens together, but the model has " + std::to_string(info.max_positions) +
                   " positions; use fewer of them at once");
}

}  // namespace

AdapterStack::AdapterStack(const Recipe& recipe, Session& session, PluginSet& plugins)
    : recipe_(recipe), session_(session), plugins_(plugins) {
  if (session.set->methods().empty()) return;
  entries_.push_back({.source = fs::weakly_canonical(recipe.output),
                      .name = recipe.output,
                      .set = session.set.get(),
                      .own = nullptr});
  active_ = {session.set.get()};
}

AdapterStack::~AdapterStack() {
  for (const Entry& entry : entries_) {
    if (entry.own != nullptr) session_.model().sites().detach(*entry.own);
  }
}

void AdapterStack::use(const std::vector<AdapterChoice>& chosen, Observer& observer) {
  std::vector<ActiveSet> active;
  std::set<const AdapterSet*> named;
  for (const AdapterChoice& choice : chosen) {
    const Entry& entry = entry_of(choice.source, observer);
    if (!named.insert(entry.set).second) {
      throw UsageError("adapter '" + choice.source +
                       "': found it twice, expected each once with the weight it acts by");
    }
    check_weight(*entry.set, choice);
    if (choice.weight != 0.0) active.emplace_back(entry.set, choice.weight);
  }
  check_room(active, session_.model().info());
  active_ = std::move(active);
}

std::vector<LoadedAdapter> AdapterStack::loaded() const {
  std::vector<LoadedAdapter> adapters;
  for (const Entry& entry : entries_) {
    LoadedAdapter adapter{.name = entry.name, .virtual_tokens = entry.set->virtual_tokens()};
    for (const MethodInstance& method : entry.set->methods()) {
      adapter.methods.push_back(method.name);
      for (const MethodTensor& tensor : method.tensors) adapter.parameters += tensor.tensor.numel();
    }
    for (const ActiveSet& active : active_) {
      if (active.set == entry.set) adapter.weight = active.weight;
    }
    adapters.push_back(std::move(adapter));
  }
  return adapters;
}

const AdapterStack::Entry& AdapterStack::entry_of(const std::string& name, Observer& observer) {
  const fs::path source = fs::weakly_canonical(name);
  for (const Entry& entry : entries_) {
    if (entry.source == source) return entry;
  }
  auto set = std::make_unique<AdapterSet>(name);
  try {
    attach_saved(source, recipe_, plugins_, session_, *set, observer);
  } catch (...) {
    session_.model().sites().detach(*set);
    throw;
  }
  const AdapterSet* loaded = set.get();
  return entries_.emplace_back(Entry{.source = source, .name = name, .set = loaded, .own = std::move(set)});
}

}  // namespace peft::host
