#include "tokenizer/meta_space.h"

#include "tokenizer/utf8_characters.h"

namespace peft::host {

MetaSpace::MetaSpace(const Component& description)
    : replacement(description.text("replacement", meta_space)), split(description.flag("split", true)) {
  description.only_keys({"replacement", "str_rep", "add_prefix_space", "prepend_scheme", "split"});
  if (unicode::count(replacement) != 1) {
    description.refuse("replacement", "'" + replacement + "'", "one character");
  }
  const std::string scheme =
      description.text("prepend_scheme", description.flag("add_prefix_space", true) ? "always" : "never");
  if (scheme == "always") {
    prepend = Prepend::always;
  } else if (scheme == "first") {
    prepend = Prepend::first;
  } else if (scheme == "never") {
    prepend = Prepend::never;
  } else {
    description.refuse("prepend_scheme", "'" + scheme + "'", "always, first or never");
  }
}

}  // namespace peft::host
