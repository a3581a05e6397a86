#include "checkpoint/folder.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <functional>
#include <system_error>

#include "base/json.h"
#include "peft/error.h"

namespace peft::host {
namespace {

constexpr std::string_view prefix = "step-";
constexpr std::string_view suffix = ".h5";

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) return {};
  std::error_code failure;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    files.push_back(entry->path());
  }
  if (failure) throw Error("cannot list " + folder.string() + ": " + failure.message());
  return files;
}

}  // namespace

std::string checkpoint_name(int64_t step) {
  const std::string digits = std::to_string(step);
  constexpr size_t width = 6;
  return std::string(prefix) + std::string(width - std::min(width, digits.size()), '0') + digits +
         std::string(suffix);
}

std::optional<int64_t> step_of_name(std::string_view name) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix) || name.size() < prefix.size() + suffix.size())
    return {};
  const std::string_view digits = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
  int64_t step = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), step);
  if (error != std::errc() || end != digits.data() + digits.size() || checkpoint_name(step) != name)
    return {};
  return step;
}

std::vector<int64_t> steps_in(const std::filesystem::path& folder) {
  std::vector<int64_t> steps;
  for (const std::filesystem::path& file : files_in(folder)) {
    if (const auto step = step_of_name(file.filename().string())) steps.push_back(*step);
  }
  std::sort(steps.begin(), steps.end(), std::greater<>());
  return steps;
}

std::vector<std::filesystem::path> unfinished_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> unfinished;
  for (const std::filesystem::path& file : files_in(folder)) {
    std::string name = file.filename().string();
    if (!name.ends_with(unfinished_suffix)) continue;
    name.resize(name.size() - unfinished_suffix.size());
    if (name == latest_name || step_of_name(name)) unfinished.push_back(file);
  }
  return unfinished;
}

std::string latest_text(const Latest& latest) {
  return dump_json(Value::Map{{"name", latest.name},
                              {"size", static_cast<int64_t>(latest.bytes)},
                              {"sha256", latest.sha256}}) +
         "\n";
}

Latest read_latest_file(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / latest_name;
  if (!std::filesystem::exists(path)) throw Error(path.string() + " is missing");
  const Value value = read_json_file(path.string());
  try {
    Latest latest{value.at("name").as_text(), static_cast<uint64_t>(value.at("size").as_integer()),
                  value.at("sha256").as_text()};
    if (!step_of_name(latest.name)) throw Error("'" + latest.name + "' is no checkpoint's name");
    return latest;
  } catch (const Error& error) {
    throw Error(path.string() + " is damaged: " + error.what());
  }
}

}  // namespace peft::host
