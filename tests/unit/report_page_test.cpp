// The page of a run, finished or not, damaged or hostile.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "peft/error.h"
#include "report/run_report.h"
#include "support/temporary_folder.h"
#include "support/well_formed.h"

using namespace peft::host;
using Catch::Matchers::Contains;
using peft::test::parse_page;
using peft::test::ParsedPage;
using peft::test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

constexpr const char* recipe =
    "name: small\n"
    "seed: 3\n"
    "model: {family: gpt2, weights: random}\n"
    "methods:\n"
    "  - lora: {name: lora, trainable: true, rank: 4, targets: [attn.q, attn.v]}\n"
    "train: {steps: 3, batch_size: 2}\n";

std::string step_line(int step, const std::string& loss) {
  return "{\"step\": " + std::to_string(step) + ", \"epoch\": 0.5, \"loss\": " + loss +
         ", \"learning_rate\": 1e-4, \"tokens\": 100, \"tokens_per_second\": 50.0, \"seconds\": 2.0, "
         "\"peak_memory_bytes\": 1048576, \"grad_norm\": 1.0}\n";
}

// A run of three steps that came to its end.
struct Run {
  Run() {
    folder.write("recipe.yaml", recipe);
    folder.write("metrics.jsonl", step_line(1, "4.5") + step_line(2, "4.0") + step_line(3, "3.5"));
    folder.write("evaluation.json",
                 "{\"base\": {\"perplexity\": 149.21104155069114, \"bleu\": 0.5, \"odd\": null},"
                 " \"tuned\": {\"perplexity\": 11.716215215859584, \"bleu\": 21.5, \"odd\": 1.0},"
                 " \"trainable_parameters\": 61440, \"total_parameters\": 7028736,"
                 " \"goals\": {\"perplexity\": \"minimize\", \"bleu\": \"maximize\"}, \"examples\": 20}");
    folder.write("samples.jsonl", "{\"prompt\": \"Hello?\", \"base\": \"\\n\\nnoise\", \"tuned\": \"\"}\n");
  }

  std::string page() const { return run_page(read_run_record(folder.path())); }

  TemporaryFolder folder;
};

std::string well_formed(const std::string& page) {
  const ParsedPage parsed = parse_page(page);
  CHECK(parsed.problem == "");
  return page;
}

}  // namespace

TEST_CASE("A finished run's page has its figures, samples, curves, methods and recipe") {
  const Run run;
  const std::string page = well_formed(run.page());
  CHECK_THAT(page, Contains("value=\"149.21104155069114\"") && Contains("value=\"11.716215215859584\""));
  CHECK_THAT(page, Contains("61,440 of 7,028,736 (0.87 %)") && Contains("lower is better"));
  CHECK_THAT(page, Contains("✓ better") && !Contains("✗ worse"));
  CHECK_THAT(page, Contains("Hello?") && Contains("⏎⏎") && Contains("(nothing)"));
  CHECK_THAT(page, Contains("rank 4 · targets attn.q, attn.v") && !Contains("trainable true"));
  CHECK_THAT(page, Contains("methods:\n  - lora:"));
  CHECK_THAT(page, Contains("begins at 4.5000 (step 1)") && Contains("0:06"));
  CHECK_THAT(page, !Contains("class=\"notice\""));
  CHECK_THAT(page, Contains("peft-host run " + run.folder.path().string() + "/recipe.yaml output="));
}

TEST_CASE("A tuned model that is worse is said to be") {
  const Run run;
  run.folder.write("evaluation.json",
                   "{\"base\": {\"perplexity\": 10.0}, \"tuned\": {\"perplexity\": 11.0}, \"goals\": "
                   "{\"perplexity\": \"minimize\"}}");
  CHECK_THAT(run.page(), Contains("✗ worse") && Contains("(+10.0 %)"));
}

TEST_CASE("A run that is not finished says so and shows what there is") {
  const Run run;
  fs::remove(run.folder.path() / "evaluation.json");
  fs::remove(run.folder.path() / "samples.jsonl");
  CHECK_THAT(well_formed(run.page()),
             Contains("base and tuned were not compared") && Contains("peft-host eval"));

  run.folder.write("metrics.jsonl", step_line(1, "4.5"));
  const std::string early = well_formed(run.page());
  CHECK_THAT(early, Contains("not finished") && Contains("is 1 of 3") && Contains("--resume"));
  CHECK_THAT(early, Contains("Training loss") && !Contains("id=\"results\""));

  fs::remove(run.folder.path() / "metrics.jsonl");
  CHECK_THAT(well_formed(run.page()), Contains("No step of this run is recorded") && Contains("rank 4"));
}

TEST_CASE("Damaged files are told by name and line, and the rest is shown") {
  const Run run;
  run.folder.write("metrics.jsonl", step_line(1, "4.5") + "{\"step\": 2, \"lo\n" + step_line(3, "3.5"));
  const std::string metrics = (run.folder.path() / "metrics.jsonl").string();
  CHECK_THAT(well_formed(run.page()), Contains(metrics + ":2:") && Contains("ends at 3.5000 (step 3)"));

  run.folder.write("evaluation.json", "{\"base\": {");
  run.folder.write("samples.jsonl", "{\"prompt\": 1}");
  run.folder.write("recipe.yaml", "name: [small\n");
  fs::create_directories(run.folder.path() / "checkpoints");
  run.folder.write("checkpoints/LATEST", "?");
  run.folder.write("checkpoints/step-000003.h5", "no HDF5");
  const std::string page = well_formed(run.page());
  for (const char* file : {"evaluation.json", "samples.jsonl", "recipe.yaml", "LATEST"})
    CHECK_THAT(page, Contains((run.folder.path() / file).filename().string()));
  CHECK_THAT(page, Contains("evaluation.json:1:") && Contains("name: [small"));
}

TEST_CASE("A loss that was no number is said") {
  const Run run;
  run.folder.write("metrics.jsonl", step_line(1, "4.5") + step_line(2, "null") + step_line(3, "null"));
  CHECK_THAT(well_formed(run.page()), Contains("no number at 2 steps"));
}

TEST_CASE("Names and answers cannot put markup into the page") {
  const Run run;
  const std::string attack = "</pre></div><script>alert(1)</script><img src=x onerror=alert(1)>";
  run.folder.write("recipe.yaml", "name: '" + attack + "'\nmodel: {family: '" + attack +
                                      "'}\nmethods:\n  - '" + attack + "'\n  - lora: {text: '" + attack +
                                      "'}\n");
  run.folder.write("samples.jsonl", "{\"prompt\": \"" + attack + "\", \"base\": \"" + attack +
                                        "\", \"tuned\": \"\\u001b[2J\\u0000" + attack + "\"}\n");
  run.folder.write("evaluation.json", "{\"base\": {\"" + attack + "\": 1.0}, \"tuned\": {\"" + attack +
                                          "\": 2.0}, \"signatures\": [\"" + attack + "\"]}");
  run.folder.write("metrics.jsonl", step_line(1, "1.0") + "{\"step\": 1, \"eval\": {\"" + attack +
                                        "\": 1.0}}\n" + attack + "\n");
  const std::string text = run.page();
  const ParsedPage page = parse_page(text);
  CHECK(page.problem == "");
  CHECK(page.count("script") == 1);  // our own
  CHECK(page.count("img") == 0);
  CHECK_THAT(text, Contains("&lt;script&gt;alert(1)") && !Contains("<script>alert"));
}

TEST_CASE("A page of a long run stays small") {
  const Run run;
  std::string lines;
  for (int step = 1; step <= 20'000; ++step) {
    lines += step_line(step, std::to_string(3.0 + 1.0 / step + (step * 7919 % 101) / 100.0));
    if (step % 10 == 0)
      lines += "{\"step\": " + std::to_string(step) + ", \"eval\": {\"perplexity\": 20.0}}\n";
  }
  run.folder.write("metrics.jsonl", lines);
  const std::string page = well_formed(run.page());
  WARN("a page of 20,000 steps: " << page.size() << " bytes");
  CHECK(page.size() < 300'000);
}

TEST_CASE("The report is written whole into the run's folder, or where it is asked for") {
  const Run run;
  CHECK(write_run_report(run.folder.path()) == run.folder.path() / "report.html");
  const auto size = fs::file_size(run.folder.path() / "report.html");
  CHECK(size == run.page().size());
  CHECK(write_run_report(run.folder.path(), run.folder.path() / "other.html") ==
        run.folder.path() / "other.html");
  size_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(run.folder.path())) ++files;
  CHECK(files == 6);  // nothing temporary is left

  CHECK_THROWS_AS(write_run_report(run.folder.path(), run.folder.path()), peft::UsageError);
  CHECK_THROWS_AS(write_run_report("/nowhere"), peft::UsageError);
  CHECK_THROWS_AS(write_run_report(run.folder.path(), "/nowhere/at/all.html"), peft::Error);
}
