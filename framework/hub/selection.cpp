#include "hub/selection.h"

#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <set>
#include <string_view>

#include "base/globs.h"
#include "base/suggest.h"
#include "peft/error.h"
#include "records/format.h"
#include "tokenizer/tokenizer_files.h"

namespace peft::host {
namespace {

constexpr std::array model_files = {"config.json", "generation_config.json"};
constexpr std::string_view single_weights = "model.safetensors";
constexpr std::string_view index_of_weights = "model.safetensors.index.json";

bool is_one_of(std::string_view name, const auto& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool has(const std::vector<HubFile>& files, std::string_view path) {
  return std::any_of(files.begin(), files.end(), [&](const HubFile& file) { return file.path == path; });
}

std::string described(const HubAddress& address, HubContent content) {
  return Repository::of(address, content).described();
}

// The first few names, for messages.
std::string some_of(const std::vector<HubFile>& files) {
  constexpr size_t enough = 8;
  std::string text;
  for (size_t i = 0; i < files.size() && i < enough; ++i) text += (i > 0 ? ", " : "") + files[i].path;
  if (files.size() > enough) text += ", … (" + std::to_string(files.size()) + " in all)";
  return text.empty() ? "nothing" : text;
}

std::vector<HubFile> matching(const std::vector<HubFile>& files, const auto& matches) {
  std::vector<HubFile> kept;
  std::copy_if(files.begin(), files.end(), std::back_inserter(kept), matches);
  return kept;
}

bool is_shard(std::string_view path) {
  return path.starts_with("model-") && path.ends_with(".safetensors") && path.find('/') == std::string::npos;
}

std::vector<HubFile> tokenizer_of(const std::vector<HubFile>& files, const HubAddress& address) {
  std::vector<HubFile> wanted =
      matching(files, [](const HubFile& file) { return is_one_of(file.path, tokenizer_files); });
  if (make_a_tokenizer([&](std::string_view name) { return has(files, name); })) return wanted;
  throw UsageError(described(address, HubContent::tokenizer) + ": found no tokeniser, expected " +
                   std::string(enough_for_a_tokenizer) + "; it holds " + some_of(files));
}

std::vector<HubFile> model_of(const std::vector<HubFile>& files, const HubAddress& address) {
  const bool is_single = has(files, single_weights);
  const std::string missing = !has(files, "config.json")                    ? "config.json"
                              : !is_single && !has(files, index_of_weights) ? single_weights.data()
                                                                            : "";
  if (!missing.empty()) {
    throw UsageError(described(address, HubContent::model) + ": found no " + missing +
                     ", expected a model in Hugging Face layout with weights in safetensors; it holds " +
                     some_of(files));
  }
  return matching(files, [&](const HubFile& file) {
    const bool is_weights =
        is_single ? file.path == single_weights : file.path == index_of_weights || is_shard(file.path);
    return is_weights || is_one_of(file.path, model_files) || is_one_of(file.path, tokenizer_files);
  });
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

bool is_data(const HubFile& file) {
  static const std::set<std::string> descriptions = {"dataset_infos.json", "dataset_info.json",
                                                     "readme.txt",         "license.txt",
                                                     "licence.txt",        "requirements.txt"};
  const bool is_hidden = file.path.starts_with('.') || file.path.find("/.") != std::string::npos;
  const std::string name = file.path.substr(file.path.rfind('/') + 1);
  return !is_hidden && file_kind(file.path) && !descriptions.contains(lower(name));
}

// As a word of its own: `data/train-00000-of-00002.parquet`, `train/a.csv`, `my_train.jsonl`; not
// `constraints.txt`.
bool is_of_train_split(const HubFile& file) {
  static const std::regex word("(^|[-._ /])train(ing)?([-._ /0-9]|$)", std::regex::icase);
  return std::regex_search(file.path, word);
}

std::string folder_of(const HubFile& file) {
  const size_t slash = file.path.rfind('/');
  return slash == std::string::npos ? "" : file.path.substr(0, slash + 1);
}

// "data/*.parquet".
std::string form_of(const HubFile& file) {
  std::string name = file.path.substr(folder_of(file).size());
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  return folder_of(file) + "*" + name.substr(name.rfind('.'));
}

std::vector<HubFile> training_files(const std::vector<HubFile>& files, const HubAddress& address) {
  std::vector<HubFile> chosen = matching(files, is_of_train_split);
  if (chosen.empty()) chosen = files;
  std::set<std::string> forms;
  for (const HubFile& file : chosen) forms.insert(form_of(file));
  if (forms.size() <= 1) return chosen;
  HubAddress example = address;
  example.path = *forms.begin();
  throw UsageError(
      described(address, HubContent::data) + ": found data files in several folders or of several kinds (" +
      some_of(chosen) +
      "), expected one set of files; say which, by a folder, a file or a glob: " + example.text());
}

std::vector<HubFile> data_of(const std::vector<HubFile>& all, const HubAddress& address) {
  const std::vector<HubFile> data = matching(all, is_data);
  const std::string found = described(address, HubContent::data) + ": found no ";
  if (address.path.empty()) {
    if (data.empty()) {
      throw UsageError(found + "data file, expected " + supported_kinds + "; it holds " + some_of(all));
    }
    return training_files(data, address);
  }
  if (is_glob(address.path)) {
    std::vector<HubFile> matched =
        matching(data, [&](const HubFile& file) { return matches_path(address.path, file.path); });
    if (matched.empty()) {
      throw UsageError(found + "data file that matches '" + address.path + "'; it holds " + some_of(data));
    }
    return matched;
  }
  for (const HubFile& file : all) {
    if (file.path == address.path) return {file};
  }
  const auto below =
      matching(data, [&](const HubFile& file) { return file.path.starts_with(address.path + "/"); });
  if (!below.empty()) return training_files(below, address);
  std::vector<std::string> paths;
  paths.reserve(data.size());
  for (const HubFile& file : data) paths.push_back(file.path);
  throw UsageError(found + "file and no folder '" + address.path + "'" + did_you_mean(address.path, paths) +
                   "; it holds " + some_of(data));
}

}  // namespace

std::vector<HubFile> select_files(const std::vector<HubFile>& files, const HubAddress& address,
                                  HubContent content) {
  switch (content) {
    case HubContent::model: return model_of(files, address);
    case HubContent::tokenizer: return tokenizer_of(files, address);
    case HubContent::data: return data_of(files, address);
  }
  return {};
}

void check_shards(const std::vector<HubFile>& files) {
  static const std::regex shard("(.*-)[0-9]{5}-of-([0-9]{5})(.*)");
  std::map<std::string, size_t> found;
  for (const HubFile& file : files) {
    std::smatch parts;
    if (!std::regex_match(file.path, parts, shard)) continue;
    ++found[parts[1].str() + "*-of-" + parts[2].str() + parts[3].str()];
  }
  for (const auto& [name, count] : found) {
    const size_t expected = std::stoul(name.substr(name.find("*-of-") + 5, 5));
    if (count == expected) continue;
    throw Error("found " + std::to_string(count) + " of the " + std::to_string(expected) + " files " + name +
                " in the cache");
  }
}

}  // namespace peft::host
