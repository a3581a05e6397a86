#include "templates/named_templates.h"

#include <utility>

#include "base/suggest.h"
#include "peft/error.h"

namespace peft::host {
namespace {

struct NamedTemplate {
  std::string name;
  TemplateTexts texts;
};

const std::vector<NamedTemplate>& templates() {
  static const std::vector<NamedTemplate> all = {
      // Header, space-and-text, and newline are each encoded on their own.
      {"human_assistant",
       {.begin = "",
        .system = "{content}{|}\n",
        .default_system = {},
        .user = "### Human:{|} {content}{|}\n",
        .assistant = "### Assistant:{|}{reply} {content}{end_of_text}{/reply}{|}\n"}},
      // OpenAI's Chat Markup Language, as Qwen, SmolLM and others are trained with it.
      {"chatml",
       {.begin = "",
        .system = "<|im_start|>system\n{content}<|im_end|>\n",
        .default_system = {},
        .user = "<|im_start|>user\n{content}<|im_end|>\n",
        .assistant = "<|im_start|>assistant\n{reply}{content}<|im_end|>{/reply}\n"}},
      // Llama 3's, where white space around what was said is dropped.
      {"llama3",
       {.begin = "{begin_of_text}",
        .system = "<|start_header_id|>system<|end_header_id|>\n\n{content|trim}<|eot_id|>",
        .default_system = {},
        .user = "<|start_header_id|>user<|end_header_id|>\n\n{content|trim}<|eot_id|>",
        .assistant =
            "<|start_header_id|>assistant<|end_header_id|>\n\n{reply}{content|trim}<|eot_id|>{/reply}"}},
      // What was said and nothing else, each on lines of its own.
      {"plain",
       {.begin = "",
        .system = "{content}\n",
        .default_system = {},
        .user = "{content}\n",
        .assistant = "{reply}{content}{end_of_text}{/reply}\n"}},
      // What was said and not even a line's end: a prompt is a text to be continued.
      {"empty",
       {.begin = "",
        .system = "{content}",
        .default_system = {},
        .user = "{content}",
        .assistant = "{reply}{content}{end_of_text}{/reply}"}}};
  return all;
}

}  // namespace

const std::vector<std::string>& template_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result;
    for (const NamedTemplate& each : templates()) result.push_back(each.name);
    return result;
  }();
  return names;
}

const TemplateTexts& named_template(std::string_view name) {
  for (const NamedTemplate& each : templates()) {
    if (each.name == name) return each.texts;
  }
  throw UsageError("unknown template '" + std::string(name) + "'" + did_you_mean(name, template_names()) +
                   "; there are: " + join(template_names()));
}

}  // namespace peft::host
