// `rank` and `rank_pattern`, `alpha` and `alpha_pattern`: one value for all targets, another for some.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace peft::lora {

class TargetValues {
 public:
  enum class Kind { whole, any };  // numbers at least 1, or above 0

  // `option`: "rank"; its pattern's name is "rank_pattern". Throws `peft::UsageError` where the pattern has a
  // value that is not of the kind.
  TargetValues(std::string option, Kind kind, double everywhere,
               const std::map<std::string, double>& pattern);

  // The value of a target by its role ("attn.qkv") or full name ("h.3.attn.qkv"). Throws `peft::UsageError`
  // where two entries of the pattern give it different ones.
  double of(const std::string& role, const std::string& name);
  // Throws `peft::UsageError` for an entry that named no target so far: it would go unnoticed.
  void require_all_used() const;

 private:
  struct Entry {
    std::string glob;
    double value;
    bool used = false;
  };
  std::string option_;
  double everywhere_;
  std::vector<Entry> pattern_;
  std::vector<std::string> names_;  // of the targets asked for, their roles first
};

}  // namespace peft::lora
