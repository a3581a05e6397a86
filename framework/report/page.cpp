#include "report/page.h"

#include "report/page_style.h"

namespace peft::host {
namespace {

// Nothing may be fetched, whatever a text on the page managed to be: a second lock beside the escaping.
constexpr const char* policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'";

Html head_of(const Page& page) {
  return element("head",
                 element("meta", {{"charset", "utf-8"}}, {}) +
                     element("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", policy}}, {}) +
                     element("meta", {{"name", "viewport"}, {"content", "width=device-width"}}, {}) +
                     element("meta", {{"name", "color-scheme"}, {"content", "light dark"}}, {}) +
                     element("title", page.title) + element("style", Html::trusted(page_style))) +
         "\n";
}

Html contents_of(const Page& page) {
  Html links;
  for (const PageSection& section : page.sections) {
    if (!section.content.is_empty())
      links += element("a", {{"href", "#" + section.id}}, section.heading) + " ";
  }
  return element("nav", links) + "\n";
}

Html section_of(const PageSection& section) {
  if (section.content.is_empty()) return {};
  return element("section", {{"id", section.id}}, element("h2", section.heading) + "\n" + section.content) +
         "\n";
}

}  // namespace

std::string to_text(const Page& page) {
  Html body = element("header", element("h1", page.title) + page.head + contents_of(page));
  Html sections;
  for (const PageSection& section : page.sections) sections += section_of(section);
  body += element("main", sections) + element("script", Html::trusted(page_script));
  const Html html = element("html", {{"lang", "en"}}, head_of(page) + element("body", body));
  return "<!DOCTYPE html>\n" + html.markup() + "\n";
}

Html notice(const Html& content) {
  return element("div", {{"class", "notice"}, {"role", "note"}}, content) + "\n";
}

Html folded(const std::string& summary, const Html& content) {
  return element("details", element("summary", summary) + content) + "\n";
}

Html facts(const std::vector<Fact>& facts) {
  Html list;
  for (const Fact& fact : facts) {
    list += element("div", element("dt", fact.name) + element("dd", fact.value)) + "\n";
  }
  return element("dl", list);
}

}  // namespace peft::host
