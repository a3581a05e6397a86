#include "cli/verbs.h"

#include "base/shell.h"

namespace peft::host {

std::string Invocation::typed() const {
  std::string text = shell_quoted(program) + " " + std::string(verb->name);
  for (const std::string& word : words) text += " " + shell_quoted(word);
  return text;
}

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all = {
      {"run", "run RECIPE [key=value …] [--resume]", "trains, evaluates base and tuned, saves", run},
      {"validate", "validate RECIPE [key=value …]",
       "finds everything that is wrong, at once; then says what a run would do", validate},
      {"eval", "eval RUN_OR_RECIPE [key=value …]", "base against tuned on the recipe's metrics", evaluate},
      {"generate", "generate RUN --prompt TEXT [--adapters A,B=0.5 | --base] [--raw] [sampling options]",
       "prints a continuation, and nothing else, on stdout", generate},
      {"chat", "chat RUN [--adapters A,B=0.5] [--base] [--compare]", "many turns, as they are typed or piped",
       chat},
      {"compare", "compare RUN [RUN…] [--adapters A,B=0.5] [--prompts FILE] [--blind]",
       "answers of base and runs, side by side", compare},
      {"export", "export RUN --to DIR --format peft|merged [--dtype TYPE]",
       "writes folders that Hugging Face's libraries load", export_run},
      {"report", "report RUN [--output FILE]",
       "curves, figures, samples and recipe of a run on one HTML page", report},
      {"inspect", "inspect FILE.h5 | RUN", "what a checkpoint holds, verified", inspect},
      {"plugins", "plugins list | describe NAME", "what there is, and what can be set on it", plugins},
      {"recipes", "recipes ls | cp NAME [TO]", "recipes to begin with", recipes},
  };
  return all;
}

}  // namespace peft::host
