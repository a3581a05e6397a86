#include "engine/engine.h"

#include "engine/environment.h"
#include "engine/evaluate_run.h"
#include "engine/export_run.h"
#include "engine/failure.h"
#include "engine/generate_run.h"
#include "engine/open_run.h"
#include "engine/run.h"
#include "engine/run_data.h"
#include "engine/run_template.h"
#include "engine/session.h"
#include "engine/validate.h"
#include "peft/error.h"
#include "plugin/plugin_set.h"

namespace peft::host {
namespace {

class LibTorchEngine : public Engine {
 public:
  explicit LibTorchEngine(const PluginCatalogue& catalogue) : plugins_(catalogue) {}

  RunOutcome run(const Recipe& recipe, const RunOptions& options, Observer& observer) override {
    return readably([&] { return run_recipe(recipe, options, plugins_, observer); });
  }

  ValidateOutcome validate(const Recipe& recipe, Observer&) override {
    return readably([&] { return validate_recipe(recipe, plugins_); });
  }

  std::optional<EvaluationTable> evaluate(const Recipe& given, Observer& observer) override {
    return readably([&] {
      const Recipe recipe = resolved(given, observer);
      Session session = open_run(recipe, plugins_, observer);
      const RunData data = read_run_data(recipe, session, plugins_);
      return evaluate_run(recipe, session, data, plugins_, observer);
    });
  }

  std::vector<std::string> generate(const Recipe& given, const GenerateRequest& request,
                                    Observer& observer) override {
    return readably([&] {
      const Recipe recipe = resolved(given, observer);
      Session session =
          request.adapters.empty() ? open_run(recipe, plugins_, observer) : open_base(recipe, plugins_);
      return generate_answers(recipe, session, plugins_, request, observer);
    });
  }

  std::unique_ptr<OpenRun> open(const Recipe& given, const RecipeGeneration& generation, bool base_only,
                                Observer& observer) override {
    return readably([&] {
      const Recipe recipe = resolved(given, observer);
      return make_open_run(recipe, generation,
                           base_only ? open_base(recipe, plugins_) : open_run(recipe, plugins_, observer),
                           plugins_);
    });
  }

  ExportOutcome export_run(const Recipe& given, const ExportRequest& request, Observer& observer) override {
    return readably([&] {
      const Recipe recipe = resolved(given, observer);
      if (request.format == ExportFormat::merged) {
        return export_merged(recipe, open_run_by_method(recipe, plugins_, observer), request);
      }
      Session session = open_run(recipe, plugins_, observer);
      return export_peft(recipe, session, request);
    });
  }

 private:
  static Recipe resolved(Recipe recipe, Observer& observer) {
    for (const std::string& note : resolve_environment(recipe)) observer.note(note);
    resolve_template(recipe);
    return recipe;
  }

  PluginSet plugins_;
};

}  // namespace
}  // namespace peft::host

extern "C" __attribute__((visibility("default"))) peft::host::Engine* peft_make_engine(
    const peft::host::PluginCatalogue& catalogue) {
  return new peft::host::LibTorchEngine(catalogue);
}
