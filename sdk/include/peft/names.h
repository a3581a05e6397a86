// Names as users write them: globs over sites, what was meant by a name that does not exist, lists of them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peft {

// Does a site's full name (`h.3.attn.qkv`) match? `*` is any run of characters without a dot, `**` any run
// with dots too; either may be empty. Everything else stands for itself.
bool matches_site(std::string_view pattern, std::string_view name);

// The fewest insertions, deletions, substitutions and swaps of neighbours (Damerau–Levenshtein) that turn one
// into the other, in bytes.
size_t edit_distance(std::string_view a, std::string_view b);

// The candidate nearest to `name`, or nothing where none is near enough to be what was meant: at most one
// edit for every three characters of the longer name, and one at least. Case, and `-` for `_`, do not count.
// Of equals, the first.
std::optional<std::string> suggest(std::string_view name, const std::vector<std::string>& candidates);

// "; did you mean 'rank'?", or nothing: to be appended to a message.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

// "attn.q, attn.k, attn.v": a list for a message.
std::string join(const std::vector<std::string>& names, std::string_view separator = ", ");

}  // namespace peft
