// Templates for tests that need one.
#pragma once

#include "data/conversation_template.h"
#include "templates/named_templates.h"

namespace peft::test {

class HumanAssistantTemplate : public host::ConversationTemplate {
 public:
  HumanAssistantTemplate() : ConversationTemplate(host::named_template("human_assistant"), {}) {}
};

}  // namespace peft::test
