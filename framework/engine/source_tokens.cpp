#include "engine/source_tokens.h"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "base/json.h"
#include "base/xxh3.h"
#include "data/encode_source.h"
#include "data/token_cache.h"
#include "peft/dataset.h"
#include "records/format.h"
#include "records/parquet.h"
#include "records/sources.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

Value content_of(const std::vector<fs::path>& files) {
  Value::List list;
  for (const fs::path& file : files) list.push_back(Value::List{file.string(), xxh3_of_file(file)});
  return list;
}

// The library (or the program) that this code is in: another build may encode otherwise.
std::string this_build() {
  static const std::string hash = [] {
    Dl_info found{};
    const bool known = ::dladdr(reinterpret_cast<const void*>(&content_of), &found) != 0;
    return known ? xxh3_of_file(found.dli_fname) : std::string();
  }();
  return hash;
}

Value component(const ComponentChoice& choice, const PluginRecord& plugin) {
  Value value;
  value.set("name", choice.name);
  value.set("options", choice.options);
  value.set("plugin", plugin.sha256);
  return value;
}

// The code that reads Parquet files is in another library.
Value parquet_build(const std::vector<fs::path>& files) {
  const bool any = std::any_of(files.begin(), files.end(), [](const fs::path& file) {
    const auto kind = file_kind(file);
    return kind && kind->format == Format::parquet;
  });
  return any ? Value(xxh3_of_file(parquet_library_file())) : Value();
}

// Everything the store depends on. Files stand with their names too: they may appear in examples' groups.
std::string key_of(const Recipe& recipe, const std::vector<fs::path>& files, size_t limit,
                   const Encoding& encoding, const Tokenizer& tokenizer, const PluginSet& plugins) {
  const RecipeData& data = recipe.data;
  const std::optional<int64_t> end_of_text = encoding.codec.end_of_text();
  Value::Map columns;
  for (const auto& [name, in_file] : data.columns) columns.emplace_back(name, in_file);
  Value key;
  key.set("build", this_build());
  key.set("parquet", parquet_build(files));
  key.set("source", content_of(files));
  key.set("limit", static_cast<int64_t>(limit));
  key.set("dataset", component(data.dataset, plugins.record(ComponentKind::dataset, data.dataset.name)));
  key.set("columns", std::move(columns));
  key.set("bad_rows", data.bad_rows);
  key.set("template", to_value(data.conversation_template));
  key.set("train_on", data.train_on);
  key.set("max_length", encoding.settings.max_length);
  key.set("max_target_length", encoding.settings.max_target_length);
  key.set("decoder_start",
          encoding.settings.decoder_start ? Value(*encoding.settings.decoder_start) : Value());
  key.set("task", component(recipe.task, plugins.record(ComponentKind::task, recipe.task.name)));
  key.set("tokenizer", tokenizer.identity());
  key.set("end_of_text", end_of_text ? Value(*end_of_text) : Value());
  return dump_json(key);
}

}  // namespace

SourceTokens read_source(const Recipe& recipe, const SourcePaths& sources, size_t limit,
                         const Encoding& encoding, const Tokenizer& tokenizer, PluginSet& plugins) {
  const SourcePaths places = recipe.fetched.files(sources);
  const std::vector<fs::path> files = find_sources(Value::List(places.begin(), places.end()));
  // Also where the cache has everything: the run records its plugins, and their options are checked.
  const DatasetDescriptor& descriptor = plugins.dataset(recipe.data.dataset.name);
  const std::unique_ptr<Dataset> dataset = descriptor.create(recipe.data.dataset.options);
  const DataSource source{.dataset = *dataset,
                          .descriptor = descriptor,
                          .files = files,
                          .columns = recipe.data.columns,
                          .bad_rows = parse_bad_rows(recipe.data.bad_rows)};
  const auto encode = [&](TokenFile& file) {
    return encode_source(encoding, source, limit, static_cast<size_t>(recipe.threads.value_or(1)), file);
  };
  const std::optional<fs::path> folder = token_cache_folder();
  if (!folder) {
    TokenFile unkept;
    return {encode(unkept), {}};
  }
  const TokenCache cache(*folder);
  const std::string key = key_of(recipe, files, limit, encoding, tokenizer, plugins);
  SourceTokens tokens;
  const auto note = [&tokens](std::string text) {
    if (!text.empty()) tokens.notes.push_back(std::move(text));
  };
  TokenCache::Found found = cache.find(key);
  note(std::move(found.note));
  tokens.store = std::move(found.store);
  if (tokens.store) return tokens;

  TokenCache::Begun begun = cache.begin(key);
  tokens.store = encode(*begun.file);
  if (!begun.note.empty()) {
    note(std::move(begun.note));
    return tokens;
  }
  // Where a file changed while it was read, nobody can say what the tokens are of.
  if (key_of(recipe, files, limit, encoding, tokenizer, plugins) == key) note(cache.keep(key, *begun.file));
  return tokens;
}

}  // namespace peft::host
