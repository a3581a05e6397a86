#include "method_cases.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/json.h"
#include "peft/error.h"

namespace peft::test {
namespace {

namespace fs = std::filesystem;

int64_t factor(const std::string& text, const TinyFamily& family) {
  const auto found = family.dimensions.find(text);
  if (found != family.dimensions.end()) return found->second;
  if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
    throw Error("found the factor '" + text + "', expected a number or a dimension of the model");
  }
  return std::stoll(text);
}

int64_t product(std::string text, const TinyFamily& family) {
  std::erase(text, ' ');
  int64_t value = 1;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('*', begin), text.size());
    value *= factor(text.substr(begin, end - begin), family);
    begin = end + 1;
  }
  return value;
}

std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

MethodCase parse_case(const fs::path& file, const TinyFamily& family) {
  static const std::set<std::string> keys = {"method",    "options",  "trained",
                                             "gradients", "not_with", "refused"};
  const Value content = host::read_json_file(file.string());
  for (const auto& [key, value] : content.as_map()) {
    if (!keys.contains(key)) throw Error("unknown key '" + key + "'");
  }
  MethodCase read;
  read.name = file.stem().string();
  read.plugin = content.at("method").as_text();
  read.options = content.at("options");
  if (const Value* why = content.find("refused")) {
    read.refused = why->as_text();
  } else {
    for (const Value& one : content.at("trained").as_list()) read.trained += product(one.as_text(), family);
  }
  read.has_own_gradients = content.find("gradients") == nullptr;
  if (const Value* others = content.find("not_with")) {
    for (const auto& [name, why] : others->as_map()) read.not_with[name] = why.as_text();
  }
  return read;
}

MethodCase read_case(const fs::path& file, const TinyFamily& family) {
  try {
    return parse_case(file, family);
  } catch (const std::exception& error) {
    throw Error(file.string() + ": " + error.what());
  }
}

}  // namespace

std::vector<MethodCase> method_cases(const TinyFamily& family) {
  std::vector<MethodCase> cases;
  const fs::path folder = environment("PEFT_METHOD_CASES", PEFT_METHOD_CASES);
  const std::string own = family.name == "gpt2" ? "" : family.name;
  for (const auto& entry : fs::directory_iterator(folder / own)) {
    if (entry.path().extension() == ".json") cases.push_back(read_case(entry.path(), family));
  }
  std::ranges::sort(cases, {}, &MethodCase::name);
  const std::string more = environment("PEFT_CASE", "");
  if (more.empty()) return cases;
  if (std::ranges::find(cases, wanted_case(), &MethodCase::name) != cases.end()) {
    throw Error(more + ": a case of the host's own has that name; give the file another");
  }
  cases.push_back(read_case(more, family));
  return cases;
}

std::string wanted_case() {
  return fs::path(environment("PEFT_CASE", "")).stem().string();
}

std::string name_of(const Composition& cases) {
  std::string name;
  for (const MethodCase* one : cases) name += (name.empty() ? "" : " + ") + one->name;
  return name;
}

}  // namespace peft::test
