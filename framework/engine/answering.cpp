#include "engine/answering.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/answer_stream.h"
#include "peft/error.h"
#include "peft/labelling.h"

namespace peft::host {

bool makes_text(const Session& session) {
  return query<Labelling>(*session.task) == nullptr && session.model().language_head() != nullptr;
}

void require_text(const Recipe& recipe, const Session& session) {
  if (makes_text(session)) return;
  throw UsageError(
      "found the task '" + recipe.task.name + "' on a " + session.model().info().family +
      ", which makes no text; expected a run that generates. See what it learnt by `peft-host eval " +
      recipe.output + "`");
}

namespace {

// What ends a reply in the template: a token, or where it is text, that text.
void stop_at_end_of_reply(const ConversationTemplate& form, const Session& session, AnswerOptions& options) {
  const Piece end = form.answer_end();
  if (end.ends_text) return;
  const std::vector<int64_t> ids = session.codec->encode(end.text);
  const std::vector<SpecialToken>& special = session.tokenizer->special_tokens();
  if (std::ranges::find(special, end.text, &SpecialToken::content) == special.end()) {
    options.stop_texts.push_back(end.text);
  } else if (std::ranges::find(options.generation.stop, ids.front()) == options.generation.stop.end()) {
    options.generation.stop.push_back(ids.front());
  }
}

}  // namespace

AnswerOptions answer_options(const RecipeGeneration& generation, const Session& session,
                             const ConversationTemplate* form, const std::vector<ActiveSet>& tuned) {
  const ModelInfo& info = session.base.model->info();
  AnswerOptions options;
  options.generation = {.max_new_tokens = generation.max_new_tokens,
                        .temperature = generation.temperature,
                        .top_k = generation.top_k,
                        .top_p = generation.top_p,
                        .repetition_penalty = generation.repetition_penalty,
                        .seed = static_cast<uint64_t>(generation.seed),
                        .beams = generation.beams,
                        .length_penalty = generation.length_penalty,
                        .stop = end_of_text_ids(info, *session.codec)};
  options.stop_texts = generation.stop;
  if (form != nullptr) {
    options.lead = form->answer_lead();
    stop_at_end_of_reply(*form, session, options);
  }
  options.max_prompt_tokens = prompt_room(info, virtual_tokens(tuned), generation.max_new_tokens);
  return options;
}

std::vector<Answer> generate_texts(const Session& session, const ConversationTemplate* form,
                                   const std::vector<GenerationPrompt>& prompts,
                                   const std::vector<ActiveSet>& sets, const AnswerOptions& options,
                                   bool stream, Observer& observer) {
  const StopTexts stop(*session.codec, options.stop_texts);
  AnswerStream shown(*session.tokenizer, form, stop, observer);
  const bool streams = stream && prompts.size() == 1;
  GenerationCallbacks calls;
  calls.interrupted = [&observer] { return observer.interrupted(); };
  if (streams) calls.on_token = [&](size_t, int64_t id) { shown.push(id); };
  calls.ends = stop.ends();
  Generator generator(session.model(), sets);
  std::vector<Answer> answers;
  for (const Generated& generated : generator.generate(prompts, options.generation, calls)) {
    const std::string text = stop.cut(session.codec->decode(generated.ids));
    answers.push_back({.text = form == nullptr ? text : std::string(shown_answer(*form, text)),
                       .is_finished = is_ended(generated.reason)});
  }
  if (streams) shown.finish();
  return answers;
}

EvaluationCallbacks callbacks(Observer& observer, std::string prefix) {
  EvaluationCallbacks calls;
  calls.on_progress = [&observer, prefix = std::move(prefix)](std::string_view what, int64_t done,
                                                              int64_t total) {
    observer.on_progress(prefix + std::string(what), done, total);
  };
  calls.interrupted = [&observer] { return observer.interrupted(); };
  return calls;
}

}  // namespace peft::host
