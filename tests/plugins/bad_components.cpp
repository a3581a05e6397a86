// Everything that can be wrong with what a plugin declares, at once.
#include "peft/plugin.h"

namespace {

class Never : public peft::Method {
 public:
  void attach(peft::Attacher&) override {}
};

std::unique_ptr<peft::Method> never(const peft::Value&) {
  return std::make_unique<Never>();
}

peft::OptionSpec option(const char* name) {
  peft::OptionSpec spec;
  spec.name = name;
  spec.type = peft::OptionType::integer;
  spec.doc = "for the test";
  return spec;
}

void register_bad_components(peft::Registry& registry) {
  peft::OptionSpec out_of_range = option("rank");
  out_of_range.range = peft::at_least(1);
  out_of_range.default_value = 0;
  peft::OptionSpec undocumented = option("alpha");
  undocumented.doc.clear();

  registry.add(peft::MethodDescriptor{.name = "options",
                                      .summary = "options of all bad kinds",
                                      .paper = "",
                                      .options = {out_of_range, undocumented, option("Big"), option("twice"),
                                                  option("twice"), option("learning_rate")},
                                      .create = never});
  registry.add(peft::MethodDescriptor{
      .name = "options", .summary = "a name taken", .paper = "", .options = {}, .create = never});
  registry.add(peft::MethodDescriptor{
      .name = "Bad-Name", .summary = "a bad name", .paper = "", .options = {}, .create = never});
  registry.add(peft::MethodDescriptor{
      .name = "no_factory", .summary = "cannot be made", .paper = "", .options = {}, .create = nullptr});
  registry.add(peft::DatasetDescriptor{.name = "rows",
                                       .summary = "an option that is the host's",
                                       .columns = {},
                                       .optional_columns = {},
                                       .options = {option("max_length")},
                                       .create = [](const peft::Value&) { return nullptr; }});
}

}  // namespace

PEFT_PLUGIN("bad_components", "1.0.0", register_bad_components)
