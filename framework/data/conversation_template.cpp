#include "data/conversation_template.h"

#include "base/suggest.h"
#include "data/human_assistant.h"
#include "peft/error.h"

namespace peft::host {
namespace {

struct NamedTemplate {
  std::string name;
  std::unique_ptr<ConversationTemplate> (*make)();
};

template <class Template>
std::unique_ptr<ConversationTemplate> make() {
  return std::make_unique<Template>();
}

const std::vector<NamedTemplate>& templates() {
  static const std::vector<NamedTemplate> all = {{"human_assistant", make<HumanAssistant>}};
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

std::unique_ptr<ConversationTemplate> make_template(std::string_view name) {
  std::string known;
  for (const NamedTemplate& each : templates()) {
    if (each.name == name) return each.make();
    known += (known.empty() ? "" : ", ") + each.name;
  }
  throw UsageError("unknown template '" + std::string(name) + "'" + did_you_mean(name, template_names()) +
                   "; there are: " + known);
}

std::string_view shown_answer(const ConversationTemplate& form, std::string_view answer) {
  const std::string_view lead = form.answer_lead();
  return answer.substr(answer.starts_with(lead) ? lead.size() : 0);
}

}  // namespace peft::host
