#include "engine/generate_run.h"

#include <memory>
#include <utility>

#include "data/conversation_template.h"
#include "data/encode_context.h"
#include "data/start_of_text.h"
#include "engine/adapter_stack.h"
#include "engine/answering.h"
#include "engine/run_data.h"
#include "engine/run_template.h"

namespace peft::host {

std::vector<std::string> generate_answers(const Recipe& recipe, Session& session, PluginSet& plugins,
                                          const GenerateRequest& request, Observer& observer) {
  require_text(recipe, session);
  AdapterStack adapters(recipe, session, plugins);
  if (!request.adapters.empty()) adapters.use(request.adapters, observer);
  const std::unique_ptr<ConversationTemplate> form = template_of(recipe, *session.tokenizer);
  HostEncodeContext context(*session.codec, *form, encode_settings(recipe, session));
  const AnswerOptions options =
      answer_options(request.generation, session, request.raw ? nullptr : form.get(), adapters.active());
  const std::vector<int64_t> tokens =
      prompt_tokens(request.prompt, request.raw ? PromptForm::raw : PromptForm::conversation, *session.task,
                    context, options);

  const size_t front = start_of_text(*session.codec).size();
  if (request.raw && front + session.codec->encode(request.prompt).size() > tokens.size()) {
    observer.warning("the prompt is longer than the model's positions allow: its beginning was cut off");
  }
  if (!context.counts().empty()) {
    observer.warning("the prompt is longer than the model's positions allow: " + to_text(context.counts()));
  }

  std::vector<GenerationPrompt> prompts;
  for (int64_t sample = 0; sample < request.samples; ++sample) {
    prompts.push_back({.ids = tokens, .sample = static_cast<uint64_t>(sample)});
  }
  const std::vector<ActiveSet> sets = request.base ? std::vector<ActiveSet>() : adapters.active();
  std::vector<std::string> texts;
  for (Answer& answer : generate_texts(session, request.raw ? nullptr : form.get(), prompts, sets, options,
                                       request.stream, observer)) {
    texts.push_back(std::move(answer.text));
  }
  return texts;
}

}  // namespace peft::host
