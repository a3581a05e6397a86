#include <algorithm>
#include <string_view>

#include "peft/error.h"
#include "recipe/component_reader.h"
#include "recipe/read_sections.h"
#include "templates/named_templates.h"
#include "templates/notation.h"

namespace peft::host {
namespace {

void check_notation(const Section& section, std::string_view key, TemplateText which, ReadContext& context) {
  const Node* node = section.map.find(key);
  if (node == nullptr || !node->is_text() || node->scalar.as_text().empty()) return;
  try {
    parse_template_text(node->scalar.as_text(), which);
  } catch (const peft::UsageError& problem) {
    report_value(*node, section.label_of(key), problem.what(), context);
  }
}

TemplateTexts read_texts(const Section& data, ReadContext& context) {
  const Section section = child_section(data, "template", context);
  const peft::Options<TemplateTexts> options = template_options();
  TemplateTexts texts = options.read(read_options(section, options.table(), {}, context));
  check_notation(section, "begin", TemplateText::begin, context);
  check_notation(section, "system", TemplateText::said, context);
  check_notation(section, "user", TemplateText::said, context);
  check_notation(section, "assistant", TemplateText::assistant, context);
  if (texts.default_system && !texts.system) {
    report_value(*section.map.find("default_system"), section.label_of("default_system"),
                 "found a text, and no 'system' to put it in; give the template a 'system'", context);
  }
  return texts;
}

}  // namespace

TemplateChoice read_template(const Section& data, ReadContext& context) {
  const Node* node = data.map.find("template");
  if (node == nullptr) return RecipeData().conversation_template;
  if (node->is_map()) return read_texts(data, context);
  std::vector<std::string> names = template_names();
  names.emplace_back(template_of_model);
  const std::string name = node->is_text() ? node->scalar.as_text() : "";
  if (std::ranges::find(names, name) != names.end()) return name;
  report_value(*node, data.label_of("template"),
               "found " + describe(*node) + ", expected the name of a template or a map with its texts" +
                   nearest_and_all(name, names),
               context);
  return RecipeData().conversation_template;
}

}  // namespace peft::host
