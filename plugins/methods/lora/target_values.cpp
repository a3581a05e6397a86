#include "target_values.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "peft/error.h"
#include "peft/names.h"

namespace peft::lora {

TargetValues::TargetValues(std::string option, Kind kind, double everywhere,
                           const std::map<std::string, double>& pattern)
    : option_(std::move(option)), everywhere_(everywhere) {
  const bool whole = kind == Kind::whole;
  for (const auto& [glob, value] : pattern) {
    if (!std::isfinite(value) || value <= 0.0 || (whole && value != std::floor(value))) {
      throw UsageError("'" + option_ + "_pattern': found " + std::to_string(value) + " for '" + glob +
                       "', expected " + (whole ? "a whole number at least 1" : "a number above 0"));
    }
    pattern_.push_back({.glob = glob, .value = value});
  }
}

double TargetValues::of(const std::string& role, const std::string& name) {
  if (std::find(names_.begin(), names_.end(), role) == names_.end()) names_.insert(names_.begin(), role);
  names_.push_back(name);
  const Entry* chosen = nullptr;
  for (Entry& entry : pattern_) {
    if (entry.glob != role && !matches_site(entry.glob, name)) continue;
    entry.used = true;
    if (chosen != nullptr && chosen->value != entry.value) {
      throw UsageError("'" + option_ + "_pattern': found '" + chosen->glob + "' and '" + entry.glob +
                       "', which give '" + name + "' different values; let each target have one");
    }
    chosen = &entry;
  }
  return chosen == nullptr ? everywhere_ : chosen->value;
}

void TargetValues::require_all_used() const {
  for (const Entry& entry : pattern_) {
    if (entry.used) continue;
    throw UsageError("'" + option_ + "_pattern': none of the targets is called '" + entry.glob +
                     "'; expected one of their roles, or a glob on full names such as '" + names_.back() +
                     "'" + did_you_mean(entry.glob, names_));
  }
}

}  // namespace peft::lora
