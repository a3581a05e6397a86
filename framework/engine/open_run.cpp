#include "engine/open_run.h"

#include <utility>

#include "data/conversation_template.h"
#include "data/encode_context.h"
#include "engine/adapter_stack.h"
#include "engine/answering.h"
#include "engine/failure.h"
#include "engine/run_data.h"
#include "engine/run_template.h"

namespace peft::host {
namespace {

class SessionRun : public OpenRun {
 public:
  SessionRun(Recipe recipe, const RecipeGeneration& generation, Session session, PluginSet& plugins)
      : recipe_(std::move(recipe)),
        generation_(generation),
        session_(std::move(session)),
        adapters_(recipe_, session_, plugins),
        form_(template_of(recipe_, *session_.tokenizer)) {}

  void use(const std::vector<AdapterChoice>& adapters, Observer& observer) override {
    readably([&] { adapters_.use(adapters, observer); });
  }

  std::vector<LoadedAdapter> adapters() const override { return adapters_.loaded(); }

  Answer answer(const Conversation& conversation, bool base, bool stream, Observer& observer) override {
    return readably([&] { return answer_to(conversation, base, stream, observer); });
  }

  std::optional<std::vector<std::string>> answers(const std::vector<std::string>& prompts, bool base,
                                                  Observer& observer) override {
    return readably([&]() -> std::optional<std::vector<std::string>> {
      HostEncodeContext context = make_context();
      const AnswerOptions options = answer_options(generation_, session_, form_.get(), adapters_.active());
      std::vector<std::vector<int64_t>> ids;
      for (const std::string& prompt : prompts)
        ids.push_back(prompt_tokens(prompt, PromptForm::conversation, *session_.task, context, options));
      warn_of_cuts(context, observer);
      auto found = continuations(session_.model(), sets(base), *session_.codec, ids, PromptForm::conversation,
                                 options, callbacks(observer, base ? "base: " : "tuned: "));
      if (!found) return {};
      std::vector<std::string> texts;
      for (Continuation& one : *found) texts.push_back(std::move(one.text));
      return texts;
    });
  }

 private:
  Answer answer_to(const Conversation& conversation, bool base, bool stream, Observer& observer) {
    HostEncodeContext context = make_context();
    const AnswerOptions options = answer_options(generation_, session_, form_.get(), adapters_.active());
    const GenerationPrompt prompt{.ids = prompt_tokens(conversation, *session_.task, context, options),
                                  .sample = static_cast<uint64_t>(asked_++)};
    warn_of_cuts(context, observer);
    return generate_texts(session_, form_.get(), {prompt}, sets(base), options, stream, observer).front();
  }

  std::vector<ActiveSet> sets(bool base) const {
    return base ? std::vector<ActiveSet>() : adapters_.active();
  }

  HostEncodeContext make_context() const {
    return HostEncodeContext(*session_.codec, *form_, encode_settings(recipe_, session_));
  }

  static void warn_of_cuts(const HostEncodeContext& context, Observer& observer) {
    if (!context.counts().empty())
      observer.warning("what was said is longer than the model's positions allow: " +
                       to_text(context.counts()));
  }

  Recipe recipe_;
  RecipeGeneration generation_;
  Session session_;
  AdapterStack adapters_;
  std::unique_ptr<ConversationTemplate> form_;
  int64_t asked_ = 0;  // a sampled answer to the same words is another one
};

}  // namespace

std::unique_ptr<OpenRun> make_open_run(Recipe recipe, const RecipeGeneration& generation, Session session,
                                       PluginSet& plugins) {
  require_text(recipe, session);
  return std::make_unique<SessionRun>(std::move(recipe), generation, std::move(session), plugins);
}

}  // namespace peft::host
