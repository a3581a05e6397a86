// A page of sections: one file that needs nothing beside it, no network and no script to be read.
#pragma once

#include <string>
#include <vector>

#include "report/html.h"

namespace peft::host {

struct PageSection {
  std::string id;       // of its link: "results"
  std::string heading;  // "Base against tuned"
  Html content;         // empty: the section is left out
};

struct Page {
  std::string title;
  Html head;  // under the title: what the page is of, and what the reader must know first
  std::vector<PageSection> sections;
};

// The whole file. Light and dark as the reader's system is, and light on paper. The script in it shows values
// under the pointer and opens what is folded before printing; nothing is lost without it.
std::string to_text(const Page& page);

// A box with something the reader should know.
Html notice(const Html& content);
// Folded away under its summary.
Html folded(const std::string& summary, const Html& content);
// Names and what they stand for, in a grid.
struct Fact {
  std::string name;
  Html value;
};
Html facts(const std::vector<Fact>& facts);

}  // namespace peft::host
