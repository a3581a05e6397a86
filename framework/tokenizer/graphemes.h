// Characters as their readers see them: the extended grapheme clusters of Unicode's Annex 29, of the version
// that Hugging Face's tokenizers know (tools/make_grapheme_classes.py), whatever is installed here.
#pragma once

#include <cstddef>
#include <string_view>

namespace peft::host::unicode {

// Length in bytes of the first cluster of a text that is well-formed UTF-8 and not empty.
std::size_t first_grapheme(std::string_view text);

}  // namespace peft::host::unicode
