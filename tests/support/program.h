// Runs a program as a user does, and keeps what it said.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "support/temporary_folder.h"

namespace peft::test {

struct Said {
  int exit_code = -1;  // 128 + the signal that ended it
  std::string out;
  std::string err;
};

// `command` is for the shell, and may set variables in front.
inline Said say(const std::string& command) {
  const TemporaryFolder folder;
  const auto content = [&](const char* name) {
    std::ifstream stream(folder.path() / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  const std::string redirected =
      command + " >" + (folder.path() / "out").string() + " 2>" + (folder.path() / "err").string();
  const int status = std::system(redirected.c_str());
  const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return {code, content("out"), content("err")};
}

}  // namespace peft::test
