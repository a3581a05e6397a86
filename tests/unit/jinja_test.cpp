// Jinja as transformers runs it. What is expected here is what Jinja 3.1 prints with trim_blocks and
// lstrip_blocks.
#include <catch2/catch.hpp>
#include <string>

#include "jinja/interpreter.h"
#include "jinja/parser.h"
#include "jinja/said_text.h"
#include "peft/error.h"

using namespace peft::host;
using peft::Value;

namespace {

std::string run(const std::string& source, const Value& variables = Value::Map()) {
  return jinja::rendered(jinja::parse(source), variables).value_or("refused by the template");
}

Value three() {
  return Value::Map{{"xs", Value::List{"a", "b", "c"}}};
}

}  // namespace

TEST_CASE("Blocks take the newline behind them and the blanks before them, prints take neither") {
  CHECK(run("a\n  {% if true %}\n  b\n  {% endif %}\nc\n") == "a\n  b\nc");
  CHECK(run("a\n  {{ 'x' }}\n b") == "a\n  x\n b");
  CHECK(run("a {% if true %}b{% endif %} c") == "a b c");
  CHECK(run("  {%- if true -%}  b  {%- endif -%}  \n c") == "bc");
  CHECK(run("a\n\n{{- 'x' -}}\n\nb") == "axb");
  CHECK(run("{# one #}\n  {#- two -#}  \nb") == "b");
  CHECK(run("  {%+ if true %}b{% endif +%}\nc") == "  b\nc");
  CHECK(run("{% if true %}\n  {% if true %}b{% endif %}{% endif %}") == "b");
  CHECK(run("a\r\nb\n") == "a\nb");
}

TEST_CASE("Operators have Jinja's precedence") {
  CHECK(run("{{ 1 + 2 * 3 - 7 // 2 % 2 }}") == "6");
  CHECK(run("{{ -7 // 2 }},{{ -7 % 3 }}") == "-4,2");
  CHECK(run("{{ 'a' ~ 1 ~ 'b' + 'c' }}") == "a1bc");
  CHECK(run("{{ 'y' if 1 == 1 and not 2 < 1 or false else 'n' }}") == "y");
  CHECK(run("{{ ' x ' | trim ~ '.' }}") == "x.");
  CHECK(run("{{ 'in' if 'b' in 'abc' and 'z' not in ['a'] }}|{{ 'x' if false }}") == "in|");
  CHECK(run("{{ 'yes' if nothing is not defined and none is none }}") == "yes");
}

TEST_CASE("Lists have lengths, items, slices and loops that know where they are") {
  CHECK(run("{{ xs[0] }}{{ xs[-1] }}{{ xs | length }}{{ xs[7] }}", three()) == "ac3");
  CHECK(run("{% for x in xs[1:] %}{{ x }}{% endfor %}|{% for x in xs[::-1] %}{{ x }}{% endfor %}", three()) ==
        "bc|cba");
  CHECK(run("{% for x in xs if x != 'b' %}{{ loop.index }}{{ x }}{{ '.' if loop.last else ',' }}{% endfor %}",
            three()) == "1a,2c.");
  CHECK(run("{% for x in [] %}x{% else %}none{% endfor %}") == "none");
  CHECK(run("{% for x in xs %}{{ loop.previtem }}<{% endfor %}", three()) == "<a<b<");
}

TEST_CASE("What is set in a loop is gone after it, but in a namespace it stays") {
  CHECK(run("{% set v = 'o' %}{% for x in xs %}{% set v = x %}{% endfor %}{{ v }}", three()) == "o");
  CHECK(run("{% set n = namespace(v='o') %}{% for x in xs %}{% set n.v = x %}{% endfor %}{{ n.v }}",
            three()) == "c");
  CHECK(run("{% if true %}{% set v = 'i' %}{% endif %}{{ v }}") == "i");
}

TEST_CASE("Texts have escapes, and a template may refuse") {
  CHECK(run(R"({{ 'a\n\t\'\\' ~ "\u00e9\x41" }})") == "a\n\t'\\éA");
  CHECK(run("{% if true %}{{ raise_exception('no') }}{% endif %}") == "refused by the template");
  CHECK(run("{% if false %}{{ strftime_now('%d') | tojson }}{% endif %}ok") == "ok");  // never reached
}

TEST_CASE("What was said can be printed, put together and trimmed") {
  const Value message = Value::Map{{"m", Value::Map{{"content", said(3)}}}};
  CHECK(run("<{{ m.content }}|{{ m['content'] | trim }}>", message) ==
        "<" + said(3) + "|" + said_trimmed(3) + ">");
  CHECK(run("{{ ('a' + m.content + 'b ') | trim }}", message) == "a" + said(3) + "b");
  CHECK(run("{{ m.content | trim | trim }}", message) == said_trimmed(3));
  CHECK(run("{{ 'text' if m.content is string }}", message) == "text");
  CHECK(find_said("ab" + said_trimmed(200) + "c")->turn == 200);
  CHECK(find_said("ab" + said_trimmed(200) + "c")->begin == 2);
  CHECK_FALSE(holds_said("日本 \xee\x90\x80"));  // U+E400 stands for nothing
}

TEST_CASE("Looking into what was said is refused, with the line") {
  const Value message = Value::Map{{"m", Value::Map{{"content", said(0)}}}};
  for (const std::string expression :
       {"m.content == 'a'", "'x' in m.content", "m.content | length", "m.content[0]", "m.content",
        "(m.content + ' x') | trim", "m.content.split('x')", "m.content | upper"}) {
    INFO(expression);
    CHECK_THROWS_WITH(run("\n{% if " + expression + " %}a{% endif %}", message),
                      Catch::StartsWith("line 2: "));
  }
}

TEST_CASE("What is not understood is refused, with the line") {
  for (const std::string source :
       {"a\n{% macro f() %}{% endmacro %}", "a\n{% if x %}", "a\n{{ 'open }}", "a\n{{ f(1) }}",
        "a\n{{ x | tojson }}", "a\n{{ 1 is prime }}", "a\n{{ 'x' $ 'y' }}", "a\n{% for x in y %}{% endfor %}",
        "a\n{{ x.y }}", "a\n{% endif %}", "a\n{{ '\\q' }}", "a\n{# open"}) {
    INFO(source);
    CHECK_THROWS_WITH(run(source), Catch::StartsWith("line "));
  }
}
