// What of a run is told in more than one place of its page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peft/value.h"
#include "report/run_record.h"

namespace peft::host {

// The recipe's value under `path` ("train.batch_size"); null where there is none.
Value recipe_value(const RunRecord& record, std::string_view path);
// On one line: "attn.qkv, attn.out", "true"; empty for null.
std::string in_one_line(const Value& value);

// A method of the recipe, or another component: a name and its options.
struct NamedOptions {
  std::string name;    // of the plugin's component: "lora"
  std::string called;  // the method's own name in the run: "lora"
  Value options;       // a map
};
// `value` is a name, or a map of one name and its options.
NamedOptions named_options(const Value& value);
std::vector<NamedOptions> methods_of(const RunRecord& record);

int64_t last_step(const RunRecord& record);
// Steps the run was to make; nothing where that is not known.
std::optional<int64_t> steps_planned(const RunRecord& record);
bool stopped_early(const RunRecord& record);

}  // namespace peft::host
