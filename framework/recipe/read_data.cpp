#include <algorithm>
#include <utility>

#include "hub/address.h"
#include "peft/error.h"
#include "peft/names.h"
#include "recipe/component_reader.h"
#include "recipe/paths.h"
#include "recipe/read_sections.h"
#include "records/sources.h"

namespace peft::host {
namespace {

using peft::Value;

std::string read_source(const Node& node, const std::string& label, ReadContext& context) {
  const std::string& text = node.scalar.as_text();
  if (is_hub_address(text)) {
    try {
      return parse_hub_address(text).text();
    } catch (const peft::UsageError& problem) {
      report_value(node, label, problem.what(), context);
      return text;
    }
  }
  std::string path = resolve_path(text, node.where);
  if (!context.needs_data) return path;
  try {
    find_sources(text.empty() ? Value(text) : Value(path));
  } catch (const peft::Error& failure) {
    report_value(node, label, failure.what() + path_hint(text, node.where), context);
  }
  return path;
}

// A text or a list of texts.
SourcePaths read_sources(const Node& node, const std::string& label, ReadContext& context) {
  if (node.is_text()) return {read_source(node, label, context)};
  if (node.items.empty()) {
    report_value(node, label, "found an empty list, expected at least one file, folder or glob", context);
  }
  SourcePaths paths;
  for (const Node& item : node.items) paths.push_back(read_source(item, label, context));
  return paths;
}

std::variant<double, SourcePaths> read_validation(const Section& section, ReadContext& context) {
  std::variant<double, SourcePaths> default_share = RecipeData().validation;
  const Node* node = section.map.find("validation");
  if (node == nullptr) return default_share;
  const bool is_list = node->is_list() && std::all_of(node->items.begin(), node->items.end(),
                                                      [](const Node& item) { return item.is_text(); });
  if (node->is_text() || is_list) return read_sources(*node, "data.validation", context);
  if (node->kind == Node::Kind::scalar && node->scalar.is_numeric()) {
    const double share = node->scalar.as_number();
    if (peft::from_up_to_below(0, 1).contains(share)) return share;
  }
  report_value(*node, "data.validation",
               "found " + describe(*node) + ", expected a share, at least 0 and below 1, or files of its own",
               context);
  return default_share;
}

void check_columns(const Section& section, const ComponentInfo& dataset, ReadContext& context) {
  const Node* columns = section.map.find("columns");
  if (columns == nullptr) return;
  std::vector<std::string> known = dataset.columns;
  known.insert(known.end(), dataset.optional_columns.begin(), dataset.optional_columns.end());
  for (const MapEntry& entry : columns->entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    context.diagnostics.error(entry.key_where,
                              "unknown column 'data.columns." + entry.key + "' of '" + dataset.name + "'" +
                                  nearest_and_all(entry.key, known) +
                                  "; write the dataset's name of a column first, then the file's");
  }
}

// The name of a dataset that is known; null where it is not, which is reported.
const ComponentInfo* read_dataset(const Section& section, ReadContext& context) {
  const Node* name = section.map.find("dataset");
  if (name == nullptr) {
    report_missing(section, "dataset", "one of " + join(context.catalogue.names(ComponentKind::dataset)),
                   context);
    return nullptr;
  }
  if (name->is_text()) {
    return find_component(ComponentKind::dataset, name->scalar.as_text(), name->where, context);
  }
  report_value(*name, "data.dataset",
               "found " + describe(*name) + ", expected the name of a dataset; its options stand beside it",
               context);
  return nullptr;
}

}  // namespace

RecipeData read_data(const Section& recipe, ReadContext& context) {
  const Section section = child_section(recipe, "data", context);
  const ComponentInfo* info = read_dataset(section, context);
  const peft::Options<RecipeData> options = data_options();
  peft::OptionTable table = options.table();
  if (info != nullptr) table.insert(table.end(), info->options.begin(), info->options.end());
  const Value values = read_options(section, table, key_section("data").structured, context,
                                    info != nullptr ? UnknownKeys::refuse : UnknownKeys::ignore);
  RecipeData data = options.read(values);
  data.validation = read_validation(section, context);
  data.conversation_template = read_template(section, context);
  if (!values.at("source").is_null()) {  // else reported
    data.source = read_sources(*section.map.find("source"), "data.source", context);
  }
  if (info == nullptr) return data;
  check_columns(section, *info, context);
  data.dataset = {info->name, pick(values, info->options), "data"};
  return data;
}

}  // namespace peft::host
