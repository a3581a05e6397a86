#include "hub/refusals.h"

#include "peft/error.h"

namespace peft::host {
namespace {

// What a server said, short and without anything that means something to a terminal.
std::string quoted(const std::string& said) {
  constexpr size_t longest = 200;
  std::string text;
  for (const char c : said.substr(0, longest)) text += c >= 0x20 && c < 0x7f ? c : '?';
  return text.empty() ? "" : ": \"" + text + "\"";
}

std::string how_to_give_a_token(const HubSettings& settings) {
  return "give a token by the variable HF_TOKEN or in the file " + settings.token_file.string();
}

std::string gated(const Wanted& wanted, const HubSettings& settings) {
  const std::string page = settings.endpoint + wanted.repository.page();
  const std::string found = wanted.repository.described() + " is gated, and ";
  if (settings.token.empty()) {
    return found + "no token was given; accept its licence on " + page + ", then " +
           how_to_give_a_token(settings);
  }
  return found + "the account of the token (of " + settings.token_origin +
         ") has no access to it; accept its licence on " + page;
}

// The hub does not tell strangers which private repositories there are.
std::string no_repository(const Wanted& wanted, const HubSettings& settings) {
  const std::string found = "there is no " + wanted.repository.kind() + " '" + wanted.repository.id +
                            "' on " + settings.endpoint + ", or it is private; check the name";
  if (settings.token.empty()) return found + ", or " + how_to_give_a_token(settings);
  return found + ", or use the token of an account that may read it (this one is of " +
         settings.token_origin + ")";
}

}  // namespace

std::string described(const Wanted& wanted) {
  return (wanted.file.empty() ? "" : wanted.file + " of ") + wanted.repository.described() + " at " +
         wanted.revision;
}

void throw_refusal(const HttpResponse& answer, const Wanted& wanted, const HubSettings& settings) {
  const std::string code = answer.header("x-error-code");
  const std::string message = answer.header("x-error-message");
  const std::string repository = wanted.repository.described();
  if (code == "GatedRepo") throw UsageError(gated(wanted, settings));
  if (code == "RevisionNotFound") {
    throw UsageError(repository + " has no revision '" + wanted.revision +
                     "'; expected a branch, a tag or a commit, as " + settings.endpoint +
                     wanted.repository.page() + "/tree/main shows them");
  }
  if (code == "EntryNotFound") throw UsageError(described(wanted) + " does not exist");
  const bool is_bad_token = answer.status == 401 && !settings.token.empty() && code != "RepoNotFound";
  if (is_bad_token) {
    throw UsageError(settings.endpoint + " refuses the token of " + settings.token_origin + quoted(message) +
                     "; renew it, or take it away where none is needed");
  }
  if (code == "RepoNotFound" || answer.status == 401 || answer.status == 404)
    throw UsageError(no_repository(wanted, settings));
  if (answer.status == 403) {
    throw UsageError(settings.endpoint + " refuses access to " + described(wanted) + " (403)" +
                     quoted(message) + (settings.token.empty() ? "; " + how_to_give_a_token(settings) : ""));
  }
  throw Error("cannot fetch " + described(wanted) + ": the answer of " + settings.endpoint +
              " has the status " + std::to_string(answer.status) + quoted(message));
}

}  // namespace peft::host
