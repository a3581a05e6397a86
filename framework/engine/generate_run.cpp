#include "engine/generate_run.h"

#include <memory>

#include "data/conversation_template.h"
#include "data/encode_context.h"
#include "engine/answer_stream.h"
#include "engine/answering.h"
#include "engine/run_data.h"
#include "evaluate/generate.h"

namespace peft::host {

std::vector<std::string> generate_answers(const Recipe& recipe, Session& session,
                                          const GenerateRequest& request, Observer& observer) {
  const std::unique_ptr<ConversationTemplate> form = make_template(recipe.data.conversation_template);
  HostEncodeContext context(*session.codec, *form, encode_settings(recipe));
  const AnswerOptions options = answer_options(request.generation, session);
  const std::vector<int64_t> tokens = prompt_tokens(
      request.prompt, request.raw ? PromptForm::raw : PromptForm::conversation, context, options);

  if (request.raw && session.codec->encode(request.prompt).size() > tokens.size()) {
    observer.warning("the prompt is longer than the model's positions allow: its beginning was cut off");
  }
  if (!context.counts().empty()) {
    observer.warning("the prompt is longer than the model's positions allow: " + to_text(context.counts()));
  }

  std::vector<GenerationPrompt> prompts;
  for (int64_t sample = 0; sample < request.samples; ++sample) {
    prompts.push_back({.ids = tokens, .sample = static_cast<uint64_t>(sample)});
  }
  const bool stream = request.stream && request.samples == 1;
  AnswerStream shown(*session.tokenizer, request.raw ? nullptr : form.get(), observer);
  GenerationCallbacks calls;
  calls.interrupted = [&observer] { return observer.interrupted(); };
  if (stream) calls.on_token = [&](size_t, int64_t id) { shown.push(id); };

  std::vector<const AdapterSet*> sets;
  if (!request.base) sets.push_back(session.set.get());
  std::vector<std::string> answers;
  for (const Generated& generated :
       Generator(session.model(), sets).generate(prompts, options.generation, calls)) {
    const std::string text = session.codec->decode(generated.ids);
    answers.emplace_back(request.raw ? text : std::string(shown_answer(*form, text)));
  }
  if (stream) shown.finish();
  return answers;
}

}  // namespace peft::host
