#include "hub/download.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/files.h"
#include "hub/partial_file.h"
#include "hub/retries.h"
#include "peft/error.h"

namespace peft::host {
namespace {

// The bytes of an answer, put where they belong.
class Appending : public BodySink {
 public:
  Appending(PartialFile& file, const DownloadRequest& request, Retries& retries,
            const std::function<void(int64_t)>& on_bytes)
      : file_(file), request_(request), retries_(retries), on_bytes_(on_bytes) {}

  void begin(const HttpResponse& answer) override {
    check_source(answer);
    if (answer.status == 206 && starts_at(answer) == file_.size()) return;
    if (file_.size() > 0) file_.begin_anew();
    if (answer.status == 206 && starts_at(answer) != 0) {
      throw Error("cannot fetch " + described(request_.wanted) +
                  ": the answer is a part of the file that was not asked for");
    }
  }

  void write(std::string_view bytes) override {
    file_.append(bytes);
    // Beginning anew again and again is no progress.
    if (file_.size() > farthest_) retries_.on_success();
    farthest_ = std::max(farthest_, file_.size());
    on_bytes_(file_.size());
  }

 private:
  // "Content-Range: bytes 100-199/200"; -1 where there is none.
  static int64_t starts_at(const HttpResponse& answer) {
    const std::string range = answer.header("content-range");
    constexpr std::string_view unit = "bytes ";
    return range.starts_with(unit) ? std::strtoll(range.c_str() + unit.size(), nullptr, 10) : -1;
  }

  // The hub says which commit it serves, and how long the file is: better now than after gigabytes.
  void check_source(const HttpResponse& answer) const {
    const std::string commit = answer.header("x-repo-commit");
    const std::string size = answer.header("x-linked-size");
    const std::string expected_size = std::to_string(request_.file.size);
    if (!commit.empty() && commit != request_.commit) {
      throw Error("cannot fetch " + described(request_.wanted) + ": the hub answers with the commit " +
                  commit);
    }
    if (!size.empty() && size != expected_size) {
      throw Error("cannot fetch " + described(request_.wanted) + ": the hub answers with " + size +
                  " bytes and lists " + expected_size);
    }
  }

  PartialFile& file_;
  const DownloadRequest& request_;
  Retries& retries_;
  const std::function<void(int64_t)>& on_bytes_;
  int64_t farthest_ = 0;
};

// Until all bytes are there.
void fill(HttpClient& client, const DownloadRequest& request, PartialFile& file, const HubSettings& settings,
          HubObserver& observer, const std::function<void(int64_t)>& on_bytes) {
  const std::string what = "cannot fetch " + described(request.wanted);
  Retries retries(what, observer);
  Appending sink(file, request, retries, on_bytes);
  bool has_asked = false;  // also for an empty file, which needs a right to it like others
  while (file.size() < request.file.size || !has_asked) {
    try {
      HttpRequest get{request.url};
      if (file.size() > 0) get.headers.push_back("Range: bytes=" + std::to_string(file.size()) + "-");
      const HttpResponse answer = client.get(get, &sink);
      has_asked = true;
      const bool is_all_there = answer.status == 416 && file.size() == request.file.size;
      if (is_all_there) return;
      if (is_passing(answer.status)) {
        retries.after(answer);
      } else if (answer.status == 416 && file.size() > 0) {
        file.begin_anew();
      } else if (answer.status != 200 && answer.status != 206) {
        throw_refusal(answer, request.wanted, settings);
      } else if (file.size() < request.file.size) {
        retries.after(HttpFailure("the connection ended after " + std::to_string(file.size()) + " of " +
                                      std::to_string(request.file.size) + " bytes",
                                  true));
      }
    } catch (const HttpFailure& failure) {
      retries.after(failure);
    }
  }
}

}  // namespace

void download(HttpClient& client, const DownloadRequest& request, const RepositoryCache& cache,
              const HubSettings& settings, HubObserver& observer,
              const std::function<void(int64_t)>& on_bytes) {
  const std::filesystem::path part = cache.incomplete(request.file.etag);
  PartialFile file(part, request.file);
  const bool was_begun_before = file.size() > 0;
  on_bytes(file.size());
  if (file.size() < request.file.size || request.file.size == 0)
    fill(client, request, file, settings, observer, on_bytes);
  bool is_right = file.is_right();
  if (!is_right && was_begun_before) {
    observer.note(described(request.wanted) +
                  ": what was kept of it does not fit the hub's; fetching it anew");
    file.begin_anew();
    fill(client, request, file, settings, observer, on_bytes);
    is_right = file.is_right();
  }
  if (!is_right) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    throw Error("cannot fetch " + described(request.wanted) + ": " + hash_name(request.file.etag) +
                " of what came is not the one that the hub lists, " + request.file.etag +
                "; nothing of it is kept. Try again; if it stays so, something between here and " +
                settings.endpoint + " changes files");
  }
  sync_file(part);
  rename_durably(part, cache.blob(request.file.etag));
}

}  // namespace peft::host
