// data.template: a name, or a template's texts.
#include <catch2/catch.hpp>
#include <string>

#include "recipe_fixture.h"

using namespace peft::host;
using namespace peft::test;

namespace {

std::string with_template(const std::string& written) {
  std::string recipe(good_recipe);
  const std::string before = "  source: chats.jsonl\n";
  return recipe.insert(recipe.find(before) + before.size(), "  template: " + written + "\n");
}

const std::string own = R"(
    begin: "{begin_of_text}"
    user: "Q: {content|trim}\n"
    assistant: "A:{reply} {content}{end_of_text}{/reply}\n")";

}  // namespace

TEST_CASE("A template is one that has a name, or the model's, or its texts") {
  const RecipeFixture fixture;
  CHECK(fixture.load(good_recipe).recipe->data.conversation_template == TemplateChoice("human_assistant"));
  for (const std::string name : {"chatml", "llama3", "plain", "empty", "model"}) {
    CHECK(fixture.load(with_template(name)).recipe->data.conversation_template == TemplateChoice(name));
  }
  const TemplateTexts texts = {.begin = "{begin_of_text}",
                               .system = {},
                               .default_system = {},
                               .user = "Q: {content|trim}\n",
                               .assistant = "A:{reply} {content}{end_of_text}{/reply}\n"};
  CHECK(fixture.load(with_template(own)).recipe->data.conversation_template == TemplateChoice(texts));
}

TEST_CASE("A resolved recipe spells a template out, and reads as the same again") {
  const RecipeFixture fixture;
  for (const std::string& written :
       {own, own + "\n    system: \"{content}\\n\"\n    default_system: \"Be {kind}: é\""}) {
    const Recipe recipe = *fixture.load(with_template(written)).recipe;
    const std::string yaml = to_yaml(recipe);
    CHECK(yaml.find(R"(assistant: "A:{reply} {content}{end_of_text}{/reply}\n")") != std::string::npos);
    const LoadedRecipe again = fixture.load(yaml, {}, "resolved.yaml");
    INFO(text(again.diagnostics));
    REQUIRE(again.recipe);
    CHECK(*again.recipe == recipe);
    CHECK(to_yaml(*again.recipe) == yaml);
  }
}

TEST_CASE("What is wrong with a template is told at its line and column") {
  const RecipeFixture fixture;
  const auto told = [&](const std::string& written) { return fixture.complaints(with_template(written)); };
  CHECK_THAT(told("chatlm"), Catch::StartsWith("recipe.yaml:10:13: error: 'data.template': found 'chatlm'") &&
                                 Catch::Contains("did you mean 'chatml'") && Catch::Contains("model"));
  CHECK_THAT(told("[chatml]"), Catch::Contains("'data.template': found a list"));
  CHECK_THAT(told("{user: \"{content}\"}"), Catch::Contains("'data.template.assistant' is missing"));
  CHECK_THAT(
      told("\n    user: \"Q: {contnet}\"\n    assistant: \"{reply}{content}.\""),
      Catch::Contains("recipe.yaml:11:11: error: 'data.template.user': found '{contnet}' at character 4") &&
          Catch::Contains("recipe.yaml:12:16: error: 'data.template.assistant': found '{reply}'"));
  CHECK_THAT(told("\n    user: {content}\n    assistant: \"{reply}{content}.{/reply}\""),
             Catch::Contains("'data.template.user': found a map"));
  CHECK_THAT(told(own + "\n    sytem: \"{content}\""), Catch::Contains("did you mean 'system'"));
  CHECK_THAT(told(own + "\n    default_system: \"Be kind.\""), Catch::Contains("no 'system' to put it in"));
}

TEST_CASE("A template's name on the command line stands for a written one, and one text can be set") {
  const RecipeFixture fixture;
  CHECK(fixture.load(with_template(own), {"data.template=plain"}).recipe->data.conversation_template ==
        TemplateChoice("plain"));
  const Recipe changed = *fixture.load(with_template(own), {"data.template.user=<{content}>"}).recipe;
  CHECK(std::get<TemplateTexts>(changed.data.conversation_template).user == "<{content}>");
}
