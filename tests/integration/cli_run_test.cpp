// What a run leaves behind, and what the verbs make of it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "base/json.h"
#include "refusal.h"
#include "support/well_formed.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

std::vector<Value> json_lines(const fs::path& file) {
  std::istringstream text(content_of_file(file));
  std::vector<Value> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(host::parse_json(line));
  return lines;
}

std::vector<std::string> keys(const Value& map) {
  std::vector<std::string> names;
  for (const Value::Entry& entry : map.as_map()) names.push_back(entry.first);
  return names;
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

// The hybrid, trained once; with everything it said.
struct Trained {
  fs::path folder = small().path("hybrid");
  Said said = small().run("hybrid", "evaluate.metrics=[perplexity,bleu]");
};

const Trained& hybrid() {
  static const Trained trained;
  if (trained.said.exit_code != 0) throw std::runtime_error(trained.said.err);
  return trained;
}

// A verb on the hybrid's folder that must go well.
Said on_hybrid(const std::string& verb, const std::string& more = "") {
  Said said = SmallRun::host(verb + " " + hybrid().folder.string() + " " + more);
  INFO(verb << " " << more << "\n" << said.err);
  REQUIRE(said.exit_code == 0);
  return said;
}

// The norm of each LoRA tensor in a run's newest checkpoint.
std::map<std::string, double> lora_norms(const fs::path& run) {
  std::map<std::string, double> norms;
  const Value found = host::parse_json(SmallRun::host("inspect --json " + run.string()).out);
  for (const Value& tensor : found.at("tensors").as_list()) {
    const std::string& path = tensor.at("path").as_text();
    if (path.starts_with("sets/default/lora/")) norms[path] = tensor.at("norm").as_number();
  }
  return norms;
}

}  // namespace

TEST_CASE("A run's folder holds the contract's files, and nothing else") {
  const fs::path run = hybrid().folder;
  CHECK(names_in(run) == std::set<std::string>{"recipe.yaml", "metrics.jsonl", "evaluation.json",
                                               "samples.jsonl", "checkpoints", "report.html"});
  CHECK(names_in(run / "checkpoints") == std::set<std::string>{"LATEST", "step-000008.h5", "step-000012.h5"});
}

TEST_CASE("metrics.jsonl has a line a step, with the contract's keys, and the evaluations between them") {
  int64_t step = 0;
  std::vector<int64_t> evaluated;
  for (const Value& line : json_lines(hybrid().folder / "metrics.jsonl")) {
    if (line.find("eval") != nullptr) {
      CHECK(keys(line) == std::vector<std::string>{"step", "eval"});
      CHECK(line.at("eval").at("perplexity").as_number() > 1);
      evaluated.push_back(line.at("step").as_integer());
      continue;
    }
    CHECK(keys(line) == std::vector<std::string>{"step", "epoch", "loss", "learning_rate", "tokens",
                                                 "tokens_per_second", "seconds", "peak_memory_bytes",
                                                 "grad_norm"});
    CHECK(line.at("step") == Value(++step));
    CHECK(line.at("loss").as_number() > 0);
    CHECK(line.at("grad_norm").as_number() > 0);
    CHECK(line.at("tokens").as_integer() > 0);
    CHECK(line.at("peak_memory_bytes").as_integer() > 1 << 20);
    // `linear`, without a warm-up.
    CHECK(line.at("learning_rate").as_number() == Approx(1e-2 * static_cast<double>(13 - step) / 12));
  }
  CHECK(step == SmallRun::steps);
  CHECK(evaluated == std::vector<int64_t>{3, 6, 9, 12});
}

TEST_CASE("evaluation.json has base and tuned by metric, and the parameters' numbers") {
  const Value found = host::read_json_file((hybrid().folder / "evaluation.json").string());
  for (const std::string which : {"base", "tuned"}) {
    const Value& figures = found.at(which);
    CHECK(figures.at("perplexity").as_number() > 1);
    CHECK(figures.at("bleu").as_number() >= 0);
    CHECK(figures.at("bleu").as_number() <= 100);
    CHECK(figures.at("bleu_fraction").as_number() == Approx(figures.at("bleu").as_number() / 100));
  }
  CHECK(found.at("tuned").at("perplexity").as_number() < found.at("base").at("perplexity").as_number());
  // LoRA on two fused weights, 3 projected prefix tokens, 2 prompt tokens.
  const int64_t width = 32;
  const int64_t lora = (width + 3 * width) * 4 * 2;
  const int64_t prefix = 3 * width + (width * width + width) + (width * 4 * width + 4 * width);
  CHECK(found.at("trainable_parameters") == Value(lora + prefix + 2 * width));
  CHECK(found.at("total_parameters").as_integer() > 8192 * width);
  for (const Value& sample : json_lines(hybrid().folder / "samples.jsonl")) {
    CHECK(keys(sample) == std::vector<std::string>{"prompt", "base", "tuned"});
    CHECK(sample.at("prompt") == Value("Take me to Silver Bay"));
  }
  CHECK_THAT(hybrid().said.out,
             Contains("perplexity") && Contains("bleu") && Contains("base") && Contains("tuned"));
}

TEST_CASE("A run ends with its report, in which the figures of evaluation.json stand") {
  const fs::path file = hybrid().folder / "report.html";
  CHECK_THAT(hybrid().said.err, Contains("with its report in ") && Contains("report.html; next:"));
  const std::string page = content_of_file(file);
  const ParsedPage parsed = parse_page(page);
  CHECK(parsed.problem.empty());
  CHECK(parsed.count("svg") == 6);  // loss, held-out perplexity, learning rate, gradients, speed, memory
  const Value found = host::read_json_file((hybrid().folder / "evaluation.json").string());
  for (const std::string which : {"base", "tuned"}) {
    for (const auto& [name, value] : found.at(which).as_map()) {
      CHECK_THAT(page, Contains("value=\"" + host::dump_json(value) + "\""));
      CHECK(found.at("goals").at(name) == Value(name == "perplexity" ? "minimize" : "maximize"));
    }
  }
  CHECK_THAT(page, Contains("lower is better") && Contains("Take me to Silver Bay"));
  CHECK_THAT(page, Contains("rank 4 · alpha 8") && Contains("tokens 3") && Contains("seed: 3"));
  for (const char* plugin : {"lora", "prefix", "gpt2", "openassistant", "perplexity"})
    CHECK_THAT(page, Contains("<th scope=\"row\">" + std::string(plugin) + "</th>"));
  CHECK_THAT(page, !Contains("class=\"notice\""));

  CHECK(on_hybrid("report").out == file.string() + "\n");
  CHECK(content_of_file(file) == page);  // of the same run the same page
  const fs::path elsewhere = small().path("page.html");
  CHECK(on_hybrid("report", "--output " + elsewhere.string()).out == elsewhere.string() + "\n");
  CHECK(content_of_file(elsewhere) == page);
}

TEST_CASE("Metrics of answers say so where the data has none") {
  const fs::path texts = small().write("texts.csv", "text\none\ntwo\nthree\nfour\n");
  const Said said = small().run("texts", "data.dataset=text data.source=" + texts.string() +
                                             " data.validation=0.5 train.steps=1 evaluate.every=0 "
                                             "evaluate.prompts=[] evaluate.metrics=[perplexity,bleu]");
  INFO(said.err);
  CHECK(said.exit_code == 0);
  CHECK_THAT(said.err, Contains("warning: evaluate.metrics: no figures of bleu: none of the 2 held-out"));
  CHECK_THAT(hybrid().said.err, !Contains("no figures of"));
}

TEST_CASE("What is due after the last step is of the final evaluation: the model is scored once") {
  const Said said = small().run("due-at-the-end", "train.steps=2 evaluate.every=2");
  INFO(said.err);
  REQUIRE(said.exit_code == 0);
  const std::string work = "tuned: scoring";
  CHECK(said.err.find(work) == said.err.rfind(work));
  CHECK(said.err.find("base: scoring") < said.err.find(work));
  const Value last = json_lines(small().path("due-at-the-end") / "metrics.jsonl").back();
  const Value final = host::read_json_file((small().path("due-at-the-end") / "evaluation.json").string());
  CHECK(last.at("step") == Value(2));
  CHECK(last.at("eval").at("perplexity") == final.at("tuned").at("perplexity"));

  // Only figures that need no answers stand on the way.
  const Value both = json_lines(hybrid().folder / "metrics.jsonl").back();
  CHECK(keys(both.at("eval")) == std::vector<std::string>{"perplexity"});
}

TEST_CASE("eval on a run gives the run's figures") {
  const std::string before = content_of_file(hybrid().folder / "evaluation.json");
  const Value table = host::parse_json(on_hybrid("eval", "--json").out);
  CHECK(content_of_file(hybrid().folder / "evaluation.json") == before);
  const Value kept = host::parse_json(before);
  for (const std::string which : {"base", "tuned"}) {
    CHECK(table.at(which).at("perplexity") == kept.at(which).at("perplexity"));
    CHECK(table.at(which).at("bleu") == kept.at(which).at("bleu"));
  }
  CHECK_THAT(on_hybrid("eval").out, Contains("perplexity"));
}

TEST_CASE("eval makes the report anew, and does not fail for a page that cannot be written") {
  const fs::path file = hybrid().folder / "report.html";
  const std::string page = content_of_file(file);
  REQUIRE(fs::remove(file));
  on_hybrid("eval");
  CHECK(content_of_file(file) == page);

  fs::rename(file, small().path("kept.html"));
  fs::create_directory(file);
  const Said said = on_hybrid("eval");
  CHECK_THAT(said.out, Contains("perplexity"));
  CHECK_THAT(said.err,
             Contains("warning: no report was written: " + file.string() + ": error: found a folder"));
  fs::remove(file);
  fs::rename(small().path("kept.html"), file);
}

TEST_CASE("A report says when its run was saved, not when its files were copied") {
  const Value checkpoint = host::parse_json(on_hybrid("inspect", "--json").out);
  const std::string saved = checkpoint.at("metadata").at("saved").as_text();
  const std::string page = content_of_file(hybrid().folder / "report.html");
  CHECK_THAT(page, Contains("after step 12, " + saved));
  for (const auto& entry : fs::recursive_directory_iterator(hybrid().folder))
    fs::last_write_time(entry.path(), fs::file_time_type::clock::now() - std::chrono::hours(48));
  on_hybrid("report");
  CHECK(content_of_file(hybrid().folder / "report.html") == page);
}

TEST_CASE("generate prints the continuation alone, and --base without what was tuned") {
  const std::string prompt = "--prompt 'Take me to Silver Bay'";
  const Said tuned = on_hybrid("generate", prompt);
  const Said base = on_hybrid("generate", prompt + " --base");
  const Value sample = json_lines(hybrid().folder / "samples.jsonl").front();
  CHECK(tuned.out == sample.at("tuned").as_text() + "\n");
  CHECK(base.out == sample.at("base").as_text() + "\n");
  CHECK(tuned.out != base.out);
  CHECK_THAT(tuned.out, !Contains("###") && !Contains("Silver Bay"));

  CHECK(on_hybrid("generate", prompt).out == tuned.out);  // greedy
  const std::string sampled = prompt + " --temperature 1.5 --seed 7 --max-new-tokens 12";
  CHECK(on_hybrid("generate", sampled).out == on_hybrid("generate", sampled).out);
  CHECK(on_hybrid("generate", sampled).out !=
        on_hybrid("generate", prompt + " --temperature 1.5 --seed 8").out);
  CHECK(host::parse_json(on_hybrid("generate", sampled + " --samples 3 --json").out).as_list().size() == 3);
  CHECK(on_hybrid("generate", sampled + " --raw").out != on_hybrid("generate", sampled).out);
}

TEST_CASE("export writes DIR itself for one method, and DIR/<name> for several") {
  const fs::path several = small().path("several");
  const Said said = on_hybrid("export", "--format peft --to " + several.string());
  CHECK(names_in(several) == std::set<std::string>{"lora", "prefix", "prompt"});
  const std::set<std::string> files = {"adapter_config.json", "adapter_model.safetensors",
                                       "chat_template.jinja"};
  for (const std::string method : {"lora", "prefix", "prompt"}) {
    CHECK_THAT(said.out, Contains((several / method).string() + "\n"));
    CHECK(names_in(several / method) == files);
    const Value config = host::read_json_file((several / method / "adapter_config.json").string());
    CHECK(config.at("task_type") == Value("CAUSAL_LM"));
    CHECK_FALSE(config.at("peft_type").as_text().empty());
  }
  const std::string one =
      small()
          .write("one.yaml",
                 with(with(SmallRun::recipe_text(), "  - prefix: {tokens: 3, projection: true}\n", ""),
                      "  - prompt: {tokens: 2}\n", ""))
          .string();
  const std::string run = small().path("one").string();
  REQUIRE(SmallRun::host("run " + one + " train.steps=1 evaluate.every=0 output=" + run).exit_code == 0);
  const fs::path single = small().path("single");
  REQUIRE(SmallRun::host("export " + run + " --format peft --to " + single.string()).exit_code == 0);
  CHECK(names_in(single) == files);

  // What was exported is where another run may begin: kept untrained there, it is the same at that run's end.
  const Said from =
      small().run("from-export", "train.steps=1 evaluate.every=0 methods.0.lora.trainable=false " +
                                     std::string("methods.0.lora.init_from=") + (several / "lora").string());
  INFO(from.err);
  CHECK(from.exit_code == 0);
  const std::map<std::string, double> exported = lora_norms(hybrid().folder);
  CHECK(!exported.empty());
  CHECK(lora_norms(small().path("from-export")) == exported);
}

TEST_CASE("inspect verifies every checkpoint of a run") {
  for (const std::string name : {"step-000008.h5", "step-000012.h5"}) {
    const fs::path file = hybrid().folder / "checkpoints" / name;
    const Said said = SmallRun::host("inspect --json " + file.string());
    INFO(said.err);
    REQUIRE(said.exit_code == 0);
    const Value found = host::parse_json(said.out);
    CHECK(found.at("verified").as_boolean());
    CHECK(found.at("trained_elements") ==
          host::read_json_file((hybrid().folder / "evaluation.json").string()).at("trainable_parameters"));
    std::set<std::string> sets;
    for (const Value& tensor : found.at("tensors").as_list()) {
      const std::string path = tensor.at("path").as_text();
      if (path.starts_with("sets/")) sets.insert(path.substr(0, path.find('/', path.find('/', 5) + 1)));
      CHECK(tensor.at("non_finite") == Value(0));
    }
    CHECK(sets == std::set<std::string>{"sets/default/lora", "sets/default/prefix", "sets/default/prompt"});
  }
}

TEST_CASE("validate shows what a run would do and leaves nothing behind") {
  const fs::path output = small().path("validated");
  const std::string words = "validate " + small().recipe() + " output=" + output.string();
  const Said said = SmallRun::host(words);
  INFO(said.err);
  CHECK(said.exit_code == 0);
  CHECK_THAT(said.out, Contains("### Human:") && Contains("### Assistant:⟦") && Contains("trainable"));
  const Value preflight = host::parse_json(SmallRun::host(words + " --json").out).at("preflight");
  CHECK(preflight.at("virtual_tokens") == Value(5));
  CHECK(preflight.at("positions") == Value(128));
  CHECK(preflight.at("total_steps") == Value(12));
  CHECK(preflight.at("trainable_parameters") ==
        host::read_json_file((hybrid().folder / "evaluation.json").string()).at("trainable_parameters"));
  CHECK_FALSE(fs::exists(output));
}

TEST_CASE("validate says of methods that train the same tensors of the base that what they change adds up") {
  const std::string text = SmallRun::recipe_text();
  const auto validate = [&](const std::string& methods) {
    const std::string recipe = small()
                                   .write("twice.yaml", text.substr(0, text.find("  - lora")) + methods +
                                                            text.substr(text.find("data:\n")))
                                   .string();
    const Said said = SmallRun::host("validate " + recipe + " output=" + small().path("never").string());
    INFO(said.err);
    REQUIRE(said.exit_code == 0);
    return said.out;
  };
  CHECK_THAT(
      validate("  - norms: {targets: [transformer.ln_f]}\n  - full: {targets: ['transformer.ln_f.*']}\n"),
      Contains("note: several methods train transformer.ln_f.bias and 1 more of the base's tensors: what"));
  CHECK_THAT(validate("  - norms\n  - full: {targets: ['**.attn.*.bias']}\n"), !Contains("several methods"));
  CHECK_THAT(validate("  - norms\n  - norms: {name: still, trainable: false}\n"),
             !Contains("several methods"));
  CHECK_THAT(validate("  - lora\n  - lora: {name: another}\n"), !Contains("several methods"));
}

TEST_CASE("Overrides reach everything a recipe says, list items by their index") {
  const Said said = small().run("overridden",
                                "methods.0.lora.rank=2 methods.1.prefix.projection=false train.steps=1 "
                                "evaluate.every=0 evaluate.prompts=[] data.validation=0");
  INFO(said.err);
  REQUIRE(said.exit_code == 0);
  const std::string kept = content_of_file(small().path("overridden") / "recipe.yaml");
  CHECK_THAT(kept, Contains("rank: 2\n") && Contains("projection: false\n") && Contains("steps: 1\n"));
  CHECK(json_lines(small().path("overridden") / "metrics.jsonl").size() == 1);
  const Value found = host::read_json_file((small().path("overridden") / "evaluation.json").string());
  CHECK(found.at("base").as_map().empty());  // nothing was held out
}

TEST_CASE("The base's perplexity depends on the examples that are scored, not on the training's batch") {
  const auto base_perplexity = [](const std::string& name, const std::string& more) {
    const Said said = small().run(name, "train.steps=1 evaluate.every=0 " + more);
    INFO(said.err);
    REQUIRE(said.exit_code == 0);
    return host::read_json_file((small().path(name) / "evaluation.json").string())
        .at("base")
        .at("perplexity")
        .as_number();
  };
  const double together = base_perplexity("batch-1", "train.batch_size=1");
  CHECK(base_perplexity("batch-7", "train.batch_size=7") == together);
  // One example's figure from a batch of one; the first in file order.
  const double alone = base_perplexity("examples-1", "evaluate.examples=1");
  CHECK(std::abs(alone - together) / together < 0.2);
  CHECK(alone != together);
}
