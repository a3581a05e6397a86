// Adapters beside each other on one base, and which of them act.
#pragma once

#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/session.h"

namespace peft::host {

// Not for several threads at once. Loading an adapter costs its own tensors, never a copy of the base;
// switching between loaded ones costs nothing.
class AdapterStack {
 public:
  // Of an open session: where it has a set of its own, that one acts. All must outlive the stack.
  AdapterStack(const Recipe& recipe, Session& session, PluginSet& plugins);
  ~AdapterStack();  // takes what it has loaded off the model
  AdapterStack(const AdapterStack&) = delete;
  AdapterStack& operator=(const AdapterStack&) = delete;

  // These act from now on, in this order, in the place of those that did; none: the base alone. What is not
  // loaded yet is loaded, and stays. Throws `peft::UsageError` where weights or virtual tokens do not fit and
  // as `attach_saved`; what acted before acts on then.
  void use(const std::vector<AdapterChoice>& chosen, Observer& observer);

  const std::vector<ActiveSet>& active() const { return active_; }
  std::vector<LoadedAdapter> loaded() const;

 private:
  struct Entry {
    std::filesystem::path source;  // canonical
    std::string name;              // as the user wrote it
    const AdapterSet* set = nullptr;
    std::unique_ptr<AdapterSet> own;  // null for the session's
  };

  const Entry& entry_of(const std::string& name, Observer& observer);

  const Recipe& recipe_;
  Session& session_;
  PluginSet& plugins_;
  std::deque<Entry> entries_;
  std::vector<ActiveSet> active_;
};

}  // namespace peft::host
