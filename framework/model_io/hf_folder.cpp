#include "model_io/hf_folder.h"

#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/json.h"
#include "model_io/safetensors.h"
#include "peft/error.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

constexpr const char* config_file = "config.json";
constexpr const char* generation_config_file = "generation_config.json";
constexpr const char* weights_file = "model.safetensors";
constexpr const char* index_file = "model.safetensors.index.json";

// Like `fs::exists`, but a folder that may not be searched is an error of ours.
bool present(const fs::path& path) {
  std::error_code problem;
  const fs::file_status status = fs::status(path, problem);
  if (status.type() == fs::file_type::none) {
    throw Error(path.string() + ": cannot examine this path: " + problem.message());
  }
  return fs::exists(status);
}

std::string what_a_folder_holds() {
  return std::string("a Hugging Face model folder holds ") + config_file + " and " + weights_file + " (or " +
         index_file + " with its shards)";
}

void require_folder(const fs::path& folder) {
  if (!present(folder)) throw Error(folder.string() + ": there is no such folder; " + what_a_folder_holds());
  if (!fs::is_directory(folder)) {
    throw Error(folder.string() + ": expected a folder, found a file; " + what_a_folder_holds());
  }
}

Value read_map(const fs::path& path) {
  Value value = read_json_file(path.string());
  if (!value.is_map()) {
    throw Error(path.string() + ": expected a JSON map, found type " + std::string(type_name(value.type())));
  }
  return value;
}

[[noreturn]] void refuse_without_weights(const fs::path& folder) {
  for (const char* pickled : {"pytorch_model.bin", "pytorch_model.bin.index.json"}) {
    if (!present(folder / pickled)) continue;
    throw Error(folder.string() + ": the weights are in " + pickled +
                ", a Python pickle, which can run code when it is read and is not read here; expected " +
                weights_file +
                ". Convert it once in Python: AutoModelForCausalLM.from_pretrained(FOLDER)"
                ".save_pretrained(NEW_FOLDER)");
  }
  throw Error(folder.string() + ": found neither " + weights_file + " nor " + index_file + "; " +
              what_a_folder_holds());
}

// The index's statement: in which shard each tensor stands.
std::map<std::string, std::string> read_weight_map(const fs::path& path) {
  const Value index = read_map(path);
  const Value* weight_map = index.find("weight_map");
  if (weight_map == nullptr || !weight_map->is_map()) {
    throw Error(path.string() + ": expected a map 'weight_map' from tensor to shard");
  }
  if (weight_map->as_map().empty()) throw Error(path.string() + ": weight_map names no tensor");
  std::map<std::string, std::string> shard_of;
  for (const auto& [tensor, shard] : weight_map->as_map()) {
    // A shard stands beside its index; a path could name any file of the machine.
    if (!shard.is_text() || shard.as_text().empty() ||
        fs::path(shard.as_text()).filename() != shard.as_text() || shard.as_text() == "." ||
        shard.as_text() == "..") {
      throw Error(path.string() + ": tensor '" + tensor +
                  "': expected the name of a shard in the same folder" +
                  (shard.is_text() ? ", found '" + shard.as_text() + "'" : ""));
    }
    shard_of.emplace(tensor, shard.as_text());
  }
  return shard_of;
}

std::vector<TensorView> open_shards(const fs::path& folder) {
  const fs::path index = folder / index_file;
  const auto shard_of = read_weight_map(index);
  std::set<std::string> shards;
  for (const auto& [tensor, shard] : shard_of) shards.insert(shard);

  std::vector<TensorView> tensors;
  std::set<std::string> found;
  std::string problems;
  const auto tell = [&problems](std::initializer_list<std::string_view> parts) {
    problems += "\n  ";
    for (const std::string_view part : parts) problems += part;
  };
  for (const std::string& shard : shards) {
    if (!present(folder / shard)) {
      tell({"shard ", shard, " is missing"});
      continue;
    }
    for (const TensorView& tensor : SafetensorsFile(folder / shard).tensors()) {
      const auto listed = shard_of.find(tensor.name);
      if (listed == shard_of.end()) {
        tell({"tensor '", tensor.name, "' stands in ", shard, ", but the index does not list it"});
      } else if (listed->second != shard) {
        tell({"tensor '", tensor.name, "' stands in ", shard, "; the index says ", listed->second});
      } else {
        found.insert(tensor.name);
        tensors.push_back(tensor);
      }
    }
  }
  for (const auto& [tensor, shard] : shard_of) {
    if (found.contains(tensor) || !present(folder / shard)) continue;
    tell({"tensor '", tensor, "' is not in ", shard, ", where the index says it is"});
  }
  if (!problems.empty()) {
    throw Error(index.string() + ": the shards do not agree with the index; fetch the folder again" +
                problems);
  }
  return tensors;
}

// transformers prefers the single file where both are present, so the index beside it is not looked at.
std::vector<TensorView> open_weights(const fs::path& folder) {
  if (present(folder / weights_file)) return SafetensorsFile(folder / weights_file).tensors();
  if (present(folder / index_file)) return open_shards(folder);
  refuse_without_weights(folder);
}

}  // namespace

HfFolder HfFolder::open(const fs::path& folder) {
  require_folder(folder);
  if (!present(folder / config_file)) {
    throw Error(folder.string() + ": " + config_file + " is missing; " + what_a_folder_holds());
  }
  HfFolder opened;
  opened.path_ = folder;
  opened.config_ = read_map(folder / config_file);
  if (present(folder / generation_config_file)) {
    opened.generation_config_ = read_map(folder / generation_config_file);
  }
  opened.tensors_ = open_weights(folder);
  return opened;
}

}  // namespace peft::host
