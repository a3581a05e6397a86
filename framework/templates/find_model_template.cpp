#include "base/files.h"
#include "base/json.h"
#include "peft/error.h"
#include "templates/model_template.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

// Several stand in a list of {name, template}; what is not asked for by name is the default one.
const Value* default_of(const Value& templates) {
  if (!templates.is_list()) return &templates;
  for (const Value& each : templates.as_list()) {
    const Value* name = each.is_map() ? each.find("name") : nullptr;
    if (name != nullptr && *name == Value("default")) return each.find("template");
  }
  return nullptr;
}

}  // namespace

std::optional<ModelTemplate> find_model_template(const fs::path& folder) {
  const fs::path own = folder / "chat_template.jinja";
  if (fs::is_regular_file(own)) return ModelTemplate{.file = own, .jinja = read_file(own)};
  const fs::path config = folder / "tokenizer_config.json";
  if (!fs::is_regular_file(config)) return std::nullopt;
  const Value settings = read_json_file(config.string());
  const Value* templates = settings.is_map() ? settings.find("chat_template") : nullptr;
  if (templates == nullptr || templates->is_null()) return std::nullopt;
  const Value* text = default_of(*templates);
  if (text != nullptr && text->is_text()) return ModelTemplate{.file = config, .jinja = text->as_text()};
  throw Error(config.string() +
              ": error: found a chat_template that is neither a text nor a list with a 'default'");
}

}  // namespace peft::host
