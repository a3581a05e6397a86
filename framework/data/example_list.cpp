#include "data/example_list.h"

#include <string>
#include <utility>
#include <variant>

#include "base/xxh3.h"
#include "data/byte_stream.h"
#include "data/dataset_rows.h"
#include "peft/error.h"

namespace peft::host {
namespace {

// What an example asks, without its label, target or answers: nothing that was trained on is asked again.
std::string asked(const Example& example) {
  const auto turns = [](const Conversation& conversation) {
    ByteWriter bytes;
    for (const Turn& turn : conversation.turns) {
      bytes.text(turn.role);
      bytes.text(turn.content);
    }
    return bytes.take();
  };
  struct Asked {
    decltype(turns)& of;
    std::string operator()(const Text& content) const { return content.text; }
    std::string operator()(const Conversation& content) const { return of(content); }
    std::string operator()(const LabelledText& content) const { return content.text; }
    std::string operator()(const SourceTarget& content) const { return content.source; }
    std::string operator()(const Preference& content) const { return of(content.prompt); }
    std::string operator()(const ScoredAnswer& content) const { return of(content.prompt); }
  };
  return std::visit(Asked{turns}, example.content);
}

std::string group_by_content(const Example& example) {
  const std::string content = asked(example);
  Xxh3 hash;
  hash.update(content.data(), content.size());
  return "content " + hash.finish();
}

class CollectingSink : public ExampleSink {
 public:
  explicit CollectingSink(ExampleList& list) : list_(list) {}
  void add(Example example) override {
    if (example.group.empty()) example.group = group_by_content(example);
    list_.examples.push_back(std::move(example));
  }
  void count(std::string_view what, int64_t times) override { list_.counts.add(what, times); }

 private:
  ExampleList& list_;
};

std::string names(const std::vector<std::filesystem::path>& files) {
  constexpr size_t shown = 3;
  std::string text;
  for (size_t i = 0; i < files.size() && i < shown; ++i) text += (i == 0 ? "" : ", ") + files[i].string();
  if (files.size() > shown) text += " and " + std::to_string(files.size() - shown) + " more files";
  return text;
}

}  // namespace

ExampleList read_examples(const Dataset& dataset, const DatasetDescriptor& descriptor,
                          const std::vector<std::filesystem::path>& files, const ColumnMap& columns,
                          const ReadOptions& options) {
  ExampleList list;
  DatasetRows rows(files, descriptor, columns, options);
  CollectingSink sink(list);
  dataset.read(rows, sink);
  list.rows = rows.rows();
  list.counts.add("malformed UTF-8 sequences replaced by U+FFFD", rows.replaced_characters());
  if (list.examples.empty()) {
    throw Error("found no example in " + names(files) + " (" + std::to_string(list.rows) + " rows" +
                (list.counts.empty() ? "" : "; " + to_text(list.counts)) +
                "), expected at least one; check " + "data.source and the options of the dataset " +
                descriptor.name);
  }
  return list;
}

}  // namespace peft::host
