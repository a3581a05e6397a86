#include "engine/answering.h"

#include <string>
#include <utility>

#include "evaluate/generate.h"

namespace peft::host {

AnswerOptions answer_options(const RecipeGeneration& generation, const Session& session) {
  const ModelInfo& info = session.base.model->info();
  AnswerOptions options;
  options.generation = {.max_new_tokens = generation.max_new_tokens,
                        .temperature = generation.temperature,
                        .top_k = generation.top_k,
                        .top_p = generation.top_p,
                        .repetition_penalty = generation.repetition_penalty,
                        .seed = static_cast<uint64_t>(generation.seed),
                        .stop = end_of_text_ids(info, *session.codec)};
  options.max_prompt_tokens =
      prompt_room(info, virtual_tokens({session.set.get()}), generation.max_new_tokens);
  return options;
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
