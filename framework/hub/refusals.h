// Why the hub does not give something, in words for the user.
#pragma once

#include <string>

#include "hub/http.h"
#include "hub/repository.h"
#include "hub/settings.h"

namespace peft::host {

struct Wanted {
  Repository repository;
  std::string revision;
  std::string file{};  // empty: the repository's own description
};

// "config.json of the model a/b at main".
std::string described(const Wanted& wanted);

// Of an answer whose status is an error and will stay one. The hub says in `X-Error-Code` what it misses;
// without it, the status does. Throws `peft::UsageError` for what only the user can mend (no such
// repository, revision or file; no right to it), `peft::Error` for the rest.
[[noreturn]] void throw_refusal(const HttpResponse& answer, const Wanted& wanted,
                                const HubSettings& settings);

}  // namespace peft::host
