// The notation in which templates are written, those that have a name and those of recipes:
//
//     system:    "{content}\n"
//     user:      "### Human: {content}\n"
//     assistant: "### Assistant:{reply} {content}{end_of_text}{/reply}\n"
//
// Text stands for itself; special tokens of the tokenizer are recognised in it. Marks stand in braces:
//
//     {content}        what was said; {content|trim} without white space around it
//     {reply}…{/reply} what the model writes: trained on, and answers begin and end with it
//     {begin_of_text}  the tokenizer's token for it
//     {end_of_text}    the tokenizer's token for it
//     {|}              what stands on either side is encoded apart; else a text is encoded as a whole from
//                      one special token to the next. In front of all that `begin` holds: nothing stands in
//                      front of it, not even what the tokenizer puts in front of every text
//     {{ and }}        braces
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace peft::host {

inline constexpr std::string_view nothing_in_front = "{|}";  // of a conversation

struct TemplatePart {
  enum class Kind { text, content, trimmed_content, begin_of_text, end_of_text, apart };

  Kind kind = Kind::text;
  std::string text;    // of Kind::text
  bool reply = false;  // between {reply} and {/reply}

  bool is_content() const { return kind == Kind::content || kind == Kind::trimmed_content; }
  bool operator==(const TemplatePart&) const = default;
};

// Which of a template's texts: they may hold different marks.
enum class TemplateText {
  begin,      // no content
  said,       // by the system or a user: one {content}
  assistant,  // one {reply}…{/reply}, one {content} in it and behind that what ends a reply
};

// Throws `peft::UsageError`: what was found where, what was expected, what to write.
std::vector<TemplatePart> parse_template_text(std::string_view text, TemplateText which);

// The text as it is written so that it stands for itself.
std::string escaped_for_template(std::string_view text);

}  // namespace peft::host
