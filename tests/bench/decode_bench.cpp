// decode_bench RECIPE_OR_RUN PROMPTS.jsonl NEW_TOKENS REPEATS: continues the prompts (lists of token ids, one
// a line) with the base alone, greedily, all at once, none ending early. Prints one JSON line:
// {"seconds": [of each call after one that warms up], "ids": [a list for each prompt]}.
#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include "evaluate/generate.h"
#include "support/engine_tool.h"

namespace {

using namespace peft;
using namespace peft::host;

Value list_of(const std::vector<int64_t>& ids) {
  Value::List list;
  for (const int64_t id : ids) list.emplace_back(id);
  return Value(list);
}

void measure(const std::vector<std::string>& arguments) {
  EngineTool tool(arguments.at(0));
  std::vector<GenerationPrompt> prompts;
  for (std::vector<int64_t>& ids : read_ids(arguments.at(1))) prompts.push_back({.ids = std::move(ids)});
  GenerationOptions options;
  options.max_new_tokens = std::stoll(arguments.at(2));
  const int repeats = std::stoi(arguments.at(3));

  Generator generator(tool.session.model(), {});
  Value::List seconds;
  Value::List ids;
  for (int call = 0; call <= repeats; ++call) {
    const auto started = std::chrono::steady_clock::now();
    const std::vector<Generated> made = generator.generate(prompts, options);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    if (call > 0) seconds.emplace_back(took.count());
    ids.clear();
    for (const Generated& one : made) ids.push_back(list_of(one.ids));
  }
  Value found;
  found.set("seconds", Value(seconds));
  found.set("ids", Value(ids));
  std::cout << dump_json(found) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: decode_bench RECIPE_OR_RUN PROMPTS.jsonl NEW_TOKENS REPEATS\n";
    return 2;
  }
  try {
    measure({argv + 1, argv + argc});
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
