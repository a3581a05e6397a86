#include "cli/fetch_recipe.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "cli/hub_library.h"
#include "peft/error.h"
#include "recipe/load_recipe.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

// Where an address stands in the recipe.
struct Named {
  std::string* text;
  std::string key;  // "model.weights"
  HubContent content;
};

void add_sources(std::vector<Named>& named, SourcePaths& sources, const std::string& key) {
  for (size_t i = 0; i < sources.size(); ++i) {
    const std::string item = sources.size() > 1 ? key + "." + std::to_string(i) : key;
    if (is_hub_address(sources[i])) named.push_back({&sources[i], item, HubContent::data});
  }
}

std::vector<Named> addresses_in(Recipe& recipe, const FetchOptions& options) {
  std::vector<Named> named;
  if (is_hub_address(recipe.model.weights))
    named.push_back({&recipe.model.weights, "model.weights", HubContent::model});
  // With the weights comes their own tokeniser.
  if (is_hub_address(recipe.model.tokenizer) && recipe.model.tokenizer != recipe.model.weights)
    named.push_back({&recipe.model.tokenizer, "model.tokenizer", HubContent::tokenizer});
  if (!options.needs_data) return named;
  add_sources(named, recipe.data.source, "data.source");
  if (auto* sources = std::get_if<SourcePaths>(&recipe.data.validation))
    add_sources(named, *sources, "data.validation");
  return named;
}

// What the output's run has in the place of an address without a revision.
std::vector<HubAddress> addresses_of_run(const Recipe& recipe, const Catalogue& catalogue) {
  std::error_code unknown;
  const fs::path file = fs::path(recipe.output) / recipe_file_name;
  if (!fs::is_regular_file(file, unknown)) return {};
  LoadedRecipe run = load_recipe(file, {}, catalogue, {.needs_data = false});
  if (!run.recipe) return {};
  std::vector<HubAddress> addresses;
  for (const Named& named : addresses_in(*run.recipe, {}))
    addresses.push_back(parse_hub_address(*named.text));
  return addresses;
}

HubAddress with_commit_of(const std::vector<HubAddress>& run, HubAddress address) {
  if (!address.revision.empty()) return address;
  const auto same = std::find_if(run.begin(), run.end(), [&](const HubAddress& other) {
    return other.repository() == address.repository() && other.path == address.path;
  });
  if (same != run.end()) address.revision = same->revision;
  return address;
}

// Two addresses of one repository mean the same commit, though somebody may push in between.
class Commits {
 public:
  HubAddress pinned(HubAddress address, HubContent content) const {
    const auto found = found_.find(key(address, content));
    if (found != found_.end()) address.revision = found->second;
    return address;
  }
  void keep(const HubAddress& address, HubContent content, const std::string& commit) {
    found_[key(address, content)] = commit;
  }

 private:
  using Key = std::tuple<std::string, std::string, bool>;
  static Key key(const HubAddress& address, HubContent content) {
    return {address.repository(), address.revision, content == HubContent::data};
  }
  std::map<Key, std::string> found_;
};

class Watching : public HubObserver {
 public:
  explicit Watching(Observer& observer) : observer_(observer) {}
  void note(const std::string& text) override { observer_.note(text); }
  void on_progress(const HubProgress& progress) override {
    observer_.on_transfer(
        {progress.what, progress.done, progress.total, progress.bytes_per_second, progress.seconds_left});
  }
  bool interrupted() const override { return observer_.interrupted(); }

 private:
  Observer& observer_;
};

// Runs `work`; what it throws becomes a diagnostic at the key, with the way around the hub.
template <class Work>
void at_key(const Recipe& recipe, const std::string& key, Diagnostics& diagnostics, const Work& work) {
  const auto message = [&](const Error& problem) {
    return "'" + key + "': " + problem.what() + "; or give files of this machine: " + key + "=PATH";
  };
  try {
    work();
  } catch (const UsageError& problem) {
    diagnostics.error(recipe.where(key), message(problem));
  } catch (const Error& problem) {
    diagnostics.failure(recipe.where(key), message(problem));
  }
}

std::vector<std::string> paths_below(const fs::path& folder, const std::vector<HubFile>& files) {
  std::vector<std::string> paths;
  paths.reserve(files.size());
  for (const HubFile& file : files) paths.push_back((folder / file.path).string());
  return paths;
}

void fetch_all(Recipe& recipe, const std::vector<Named>& named, const std::vector<HubAddress>& run,
               Observer& observer, Diagnostics& diagnostics) {
  Watching watching(observer);
  const std::unique_ptr<Hub> hub = open_hub(watching);
  Commits commits;
  std::vector<HubFiles> found(named.size());
  for (size_t i = 0; i < named.size(); ++i) {
    at_key(recipe, named[i].key, diagnostics, [&] {
      const HubAddress address = with_commit_of(run, parse_hub_address(*named[i].text));
      found[i] = hub->find(commits.pinned(address, named[i].content), named[i].content);
      commits.keep(address, named[i].content, found[i].address.revision);
    });
    for (const std::string& note : found[i].notes) observer.warning(note);
  }
  for (size_t i = 0; i < named.size() && !diagnostics.has_errors(); ++i) {
    at_key(recipe, named[i].key, diagnostics, [&] {
      const fs::path folder = hub->fetch(found[i]);
      const std::string address = found[i].address.text();
      if (named[i].content == HubContent::data) {
        recipe.fetched.add_files(address, paths_below(folder, found[i].files));
      } else {
        recipe.fetched.add_folder(address, folder.string());
      }
      *named[i].text = address;
    });
  }
}

}  // namespace

bool fetch_recipe(Recipe& recipe, const FetchOptions& options, const Catalogue& catalogue, Observer& observer,
                  Diagnostics& diagnostics) {
  const std::vector<Named> named = addresses_in(recipe, options);
  if (named.empty()) return true;
  const bool has_own_tokenizer = recipe.model.tokenizer == recipe.model.weights;
  try {
    fetch_all(recipe, named, addresses_of_run(recipe, catalogue), observer, diagnostics);
    if (has_own_tokenizer) recipe.model.tokenizer = recipe.model.weights;
    return true;
  } catch (const HubInterrupted&) {
    return false;
  }
}

bool fetch_recipe_or_throw(Recipe& recipe, const FetchOptions& options, const Catalogue& catalogue,
                           Observer& observer) {
  Diagnostics diagnostics;
  const bool is_done = fetch_recipe(recipe, options, catalogue, observer, diagnostics);
  diagnostics.throw_if_errors();
  return is_done;
}

}  // namespace peft::host
