// hub://OWNER/NAME[@REVISION][/PATH]: what a recipe writes for a repository of the Hugging Face Hub.
#pragma once

#include <string>
#include <string_view>

namespace peft::host {

struct HubAddress {
  std::string owner;
  std::string name;
  std::string revision;  // a branch, a tag or a commit; empty: the main branch
  std::string path;      // a file, a folder or a glob in the repository; empty: the repository itself

  std::string repository() const { return owner + "/" + name; }
  // As it is written: `parse_hub_address` gives the same address back.
  std::string text() const;
  bool operator==(const HubAddress&) const = default;
};

bool is_hub_address(std::string_view text);

// A `/` in a revision is written %2F; refs/pr/N and refs/convert/NAME are understood as they are. Throws
// `peft::UsageError` with what is wrong, without the place where it stands.
HubAddress parse_hub_address(std::string_view text);

// 40 hexadecimal digits: what such a revision holds never changes.
bool is_commit(std::string_view revision);

// What may become the name of a file below a folder of ours: parts that are neither empty nor `.` nor `..`,
// with `/` between them and no backslash or control character in them.
bool is_safe_path(std::string_view path);

}  // namespace peft::host
