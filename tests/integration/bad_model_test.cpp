// Model folders that are damaged, or that lie.
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/json.h"
#include "refusal.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

// A model's folder in Hugging Face layout, made by the program itself; copied for each damage.
class ModelFolder {
 public:
  ModelFolder() {
    const fs::path original = small().path("model");
    if (!fs::exists(original)) {
      // One method, without virtual tokens, can be merged.
      const std::string recipe =
          small()
              .write("merged.yaml",
                     with(with(SmallRun::recipe_text(), "  - prefix: {tokens: 3, projection: true}\n", ""),
                          "  - prompt: {tokens: 2}\n", ""))
              .string();
      const std::string run = small().path("to-merge").string();
      const Said said = SmallRun::host("run " + recipe + " train.steps=1 evaluate.every=0 output=" + run);
      if (said.exit_code != 0) throw std::runtime_error(said.err);
      const Said exported = SmallRun::host("export " + run + " --format merged --to " + original.string());
      if (exported.exit_code != 0) throw std::runtime_error(exported.err);
    }
    fs::remove_all(path_);
    fs::copy(original, path_);
  }

  fs::path operator/(const std::string& name) const { return path_ / name; }
  void cut(const std::string& name, uintmax_t size) const { fs::resize_file(path_ / name, size); }
  void replace(const std::string& name, const std::string& part, const std::string& other) const {
    write(name, with(content_of_file(path_ / name), part, other));
  }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
  }

  // The header of model.safetensors, changed; the tensors' bytes stay.
  void change_header(const std::function<void(Value&)>& change) const {
    const std::string content = content_of_file(path_ / "model.safetensors");
    uint64_t size = 0;
    std::memcpy(&size, content.data(), sizeof size);
    Value header = host::parse_json(content.substr(8, size));
    change(header);
    const std::string text = host::dump_json(header);
    size = text.size();
    write("model.safetensors", std::string(reinterpret_cast<const char*>(&size), sizeof size) + text +
                                   content.substr(8 + size_of(content)));
  }

  Said run(const std::string& verb) const {
    const std::string text =
        "model: {family: gpt2, weights: " + path_.filename().string() +
        "}\nmethods: [lora]\ndata: {dataset: openassistant, source: chats.jsonl, max_length: 64}\ntask: "
        "causal_lm\n"
        "train: {steps: 1, batch_size: 2}\nevaluate: {metrics: [perplexity], examples: 2}\noutput: " +
        small().path("never").string() + "\n";
    return SmallRun::host(verb + " " + recipe_of(text));
  }

 private:
  static uint64_t size_of(const std::string& content) {
    uint64_t size = 0;
    std::memcpy(&size, content.data(), sizeof size);
    return size;
  }

  fs::path path_ = small().path("damaged");
};

struct Damage {
  std::string what;
  std::function<void(const ModelFolder&)> make;
  int exit_code;
  std::string message;
};

Value& tensor_named(Value& header, const std::string& name) {
  for (Value::Entry& entry : header.as_map()) {
    if (entry.first.find(name) != std::string::npos) return entry.second;
  }
  throw std::runtime_error("no tensor " + name);
}

void set_offsets(const ModelFolder& folder, Value begin, Value end) {
  folder.change_header([&](Value& header) {
    tensor_named(header, "wte.weight").set("data_offsets", Value::List{std::move(begin), std::move(end)});
  });
}

}  // namespace

TEST_CASE("A whole model folder is taken") {
  const ModelFolder folder;
  const Said said = folder.run("validate");
  INFO(said.err);
  CHECK(said.exit_code == 0);
}

TEST_CASE("Damaged and lying model folders are refused, naming the file") {
  constexpr int64_t huge = int64_t{1} << 60;
  const std::vector<Damage> damages = {
      {"weights cut in the data", [](const ModelFolder& f) { f.cut("model.safetensors", 100000); }, 1,
       "model.safetensors: tensor"},
      {"weights cut in the header", [](const ModelFolder& f) { f.cut("model.safetensors", 100); }, 1,
       "the header claims"},
      {"weights cut in the header's length", [](const ModelFolder& f) { f.cut("model.safetensors", 5); }, 1,
       "too few for a header's length"},
      {"weights of no bytes", [](const ModelFolder& f) { f.cut("model.safetensors", 0); }, 1,
       "model.safetensors"},
      {"a header of 2^60 bytes",
       [](const ModelFolder& f) {
         f.write("model.safetensors", std::string("\0\0\0\0\0\0\0\x10", 8) + std::string(100, ' '));
       },
       1, "the header claims 1152921504606846976 bytes"},
      {"a header of text",
       [](const ModelFolder& f) { f.write("model.safetensors", "version https://example\n"); }, 1,
       "model.safetensors"},
      {"offsets outside the file", [](const ModelFolder& f) { set_offsets(f, 0, huge); }, 1, "wte.weight"},
      {"offsets the wrong way", [](const ModelFolder& f) { set_offsets(f, 4096, 0); }, 1, "wte.weight"},
      {"negative offsets", [](const ModelFolder& f) { set_offsets(f, -8, 1048568); }, 1, "wte.weight"},
      {"tensors on each other",
       [](const ModelFolder& f) {
         f.change_header([](Value& header) {
           const Value offsets = tensor_named(header, "h.0.ln_1.weight").at("data_offsets");
           tensor_named(header, "h.0.ln_1.bias").set("data_offsets", offsets);
         });
       },
       1, "h.0.ln_1."},
      {"a shape beyond its bytes",
       [](const ModelFolder& f) {
         f.change_header([](Value& header) {
           tensor_named(header, "h.0.ln_1.weight").set("shape", Value::List{huge, huge});
         });
       },
       1, "h.0.ln_1.weight"},
      {"an unknown type",
       [](const ModelFolder& f) {
         f.change_header([](Value& header) { tensor_named(header, "h.0.ln_1.weight").set("dtype", "F99"); });
       },
       1, "F99"},
      {"no weights", [](const ModelFolder& f) { fs::remove(f / "model.safetensors"); }, 1,
       "found neither model.safetensors nor model.safetensors.index.json"},
      {"a cut config", [](const ModelFolder& f) { f.cut("config.json", 40); }, 1, "config.json:"},
      {"an empty config", [](const ModelFolder& f) { f.cut("config.json", 0); }, 1,
       "config.json:1:1: error: "},
      {"a config that is a list", [](const ModelFolder& f) { f.write("config.json", "[]"); }, 1,
       "config.json"},
      {"no config", [](const ModelFolder& f) { fs::remove(f / "config.json"); }, 2, "holds no config.json"},
      {"another architecture",
       [](const ModelFolder& f) { f.replace("config.json", "\"gpt2\"", "\"llama\""); }, 2,
       "found 'model_type' \"llama\", expected gpt2"},
      {"another width",
       [](const ModelFolder& f) { f.replace("config.json", "\"n_embd\": 32", "\"n_embd\": 64"); }, 1,
       "found [96], expected [192]"},
      {"a width that is a text",
       [](const ModelFolder& f) { f.replace("config.json", "\"n_embd\": 32", "\"n_embd\": \"wide\""); }, 2,
       "n_embd"},
      {"a cut tokeniser", [](const ModelFolder& f) { f.cut("vocab.json", 1000); }, 1, "vocab.json:"},
      {"half a tokeniser", [](const ModelFolder& f) { fs::remove(f / "vocab.json"); }, 1,
       "only one of vocab.json and merges.txt"},
      {"a tokenizer.json of another kind",
       [](const ModelFolder& f) { f.write("tokenizer.json", "{\"model\": {\"type\": \"Unigram\"}}"); }, 1,
       "tokenizer.json"},
      {"a tokeniser larger than the model",
       [](const ModelFolder& f) { f.replace("vocab.json", "{", "{\"a word of another model\": 9000, "); }, 2,
       "model"},
  };
  for (const Damage& damage : damages) {
    INFO(damage.what);
    const ModelFolder folder;
    damage.make(folder);
    check_refused(folder.run("run"), damage.exit_code, {damage.message});
    check_refused(folder.run("validate"), damage.exit_code, {damage.message});
    CHECK_FALSE(fs::exists(small().path("never")));
  }
}
