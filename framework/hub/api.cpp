#include "hub/api.h"

#include <algorithm>

#include "base/json.h"
#include "hub/retries.h"
#include "peft/error.h"

namespace peft::host {
namespace {

// A name of one part in a URL.
std::string one_part(const std::string& revision) {
  std::string text = url_path(revision);
  for (size_t at = text.find('/'); at != std::string::npos; at = text.find('/', at))
    text.replace(at, 1, "%2F");
  return text;
}

// Of `Link: <https://…?cursor=…>; rel="next"`; empty on the last page.
std::string next_page(const HttpResponse& answer) {
  const std::string link = answer.header("link");
  const size_t begin = link.find('<');
  const size_t end = link.find('>', begin);
  const bool is_next = end != std::string::npos && link.find("rel=\"next\"", end) != std::string::npos;
  return is_next ? link.substr(begin + 1, end - begin - 1) : "";
}

Value json_of(const HttpResponse& answer, const std::string& url) {
  try {
    return parse_json(answer.body, {url});
  } catch (const Error& problem) {
    throw Error(std::string(problem.what()) +
                "\n  the hub's answer is no JSON; is HF_ENDPOINT a hub, and nothing between here and it?");
  }
}

}  // namespace

HttpResponse HubApi::ask(const std::string& url, const Wanted& wanted) {
  const std::string what = "cannot ask for " + described(wanted);
  HttpResponse answer = get_patiently(client_, {url}, what, observer_);
  if (answer.status != 200) throw_refusal(answer, wanted, settings_);
  return answer;
}

std::string HubApi::commit_of(const Repository& repository, const std::string& revision) {
  const std::string url = settings_.endpoint + repository.api() + "/revision/" + one_part(revision);
  const Value answer = json_of(ask(url, {repository, revision}), url);
  const Value* commit = answer.find("sha");
  if (commit == nullptr || !commit->is_text() || !is_commit(commit->as_text())) {
    throw Error(url + ": found no commit ('sha') in the answer; is HF_ENDPOINT, " + settings_.endpoint +
                ", a hub?");
  }
  return commit->as_text();
}

Listing HubApi::listing(const Repository& repository, const std::string& commit) {
  const std::string first =
      settings_.endpoint + repository.api() + "/tree/" + commit + "?recursive=true&expand=false";
  Listing listing;
  for (std::string url = first; !url.empty();) {
    const HttpResponse answer = ask(url, {repository, commit});
    Listing page;
    try {
      page = read_listing_page(json_of(answer, url));
    } catch (const Error& problem) {
      throw Error(repository.described() + " on " + settings_.endpoint + ": " + problem.what());
    }
    if (page.empty() && !next_page(answer).empty()) throw Error(url + ": found a page without files");
    listing.insert(listing.end(), page.begin(), page.end());
    url = next_page(answer);
  }
  std::sort(listing.begin(), listing.end(),
            [](const ListedFile& a, const ListedFile& b) { return a.path < b.path; });
  return listing;
}

}  // namespace peft::host
