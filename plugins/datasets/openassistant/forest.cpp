#include "forest.h"

#include <algorithm>
#include <limits>

namespace peft::openassistant {
namespace {

class Forest {
 public:
  Forest(const std::vector<Message>& messages, const ThreadChoice& choice, ExampleSink& counts)
      : messages_(messages), choice_(choice), counts_(counts), children_(messages.size()) {
    for (size_t i = 0; i < messages_.size(); ++i) {
      if (messages_[i].parent) children_[*messages_[i].parent].push_back(i);
    }
  }

  std::vector<Thread> threads() {
    admit();
    prune_unanswered();
    sort_replies();
    std::vector<Thread> result;
    for (const size_t root : roots_) collect(root, result);
    count_unused(result);
    return result;
  }

 private:
  bool speaks(const Message& message) const {
    return choice_.languages.empty() || message.lang.empty() || choice_.languages.contains(message.lang);
  }

  // Walks down from the roots: `admitted_` are the usable messages, each after its parent. Trees may be as
  // deep as the data likes, so nothing here recurses.
  void admit() {
    size_t reached = 0;
    for (size_t i = 0; i < messages_.size(); ++i) {
      const Message& message = messages_[i];
      if (message.parent) continue;
      if (!message.parent_id.empty()) {
        counts_.count("messages whose parent is missing");
        reached += 1 + leave_out_below(i);
      } else if (const size_t left_out = leave_out(i); left_out > 0) {
        reached += left_out;
      } else {
        roots_.push_back(i);
        admitted_.push_back(i);
      }
    }
    for (size_t next = 0; next < admitted_.size(); ++next) {
      std::vector<size_t> kept;
      for (const size_t child : children_[admitted_[next]]) {
        if (const size_t left_out = leave_out(child); left_out > 0) {
          reached += left_out;
        } else {
          kept.push_back(child);
        }
      }
      admitted_.insert(admitted_.end(), kept.begin(), kept.end());
      children_[admitted_[next]] = std::move(kept);
    }
    reached += admitted_.size();
    count("messages in or below a cycle of parents", messages_.size() - reached);
  }

  // How many messages fall away if this one does for its own sake: it and all below; 0 where it stays.
  size_t leave_out(size_t message) {
    if (messages_[message].deleted) {
      counts_.count("deleted messages");
    } else if (!speaks(messages_[message])) {
      counts_.count("messages in other languages");
    } else {
      return 0;
    }
    return 1 + leave_out_below(message);
  }

  size_t leave_out_below(size_t top) {
    std::vector<size_t> below = children_[top];
    for (size_t next = 0; next < below.size(); ++next) {
      const std::vector<size_t>& more = children_[below[next]];
      below.insert(below.end(), more.begin(), more.end());
    }
    count("messages below one that was left out", below.size());
    return below.size();
  }

  // From the leaves up: a prompt to which nobody (any more) replied ends no thread.
  void prune_unanswered() {
    std::vector<bool> pruned(messages_.size(), false);
    for (auto message = admitted_.rbegin(); message != admitted_.rend(); ++message) {
      std::vector<size_t>& replies = children_[*message];
      replies.erase(
          std::remove_if(replies.begin(), replies.end(), [&pruned](size_t reply) { return pruned[reply]; }),
          replies.end());
      pruned[*message] = replies.empty() && !messages_[*message].from_assistant;
    }
    const auto is_pruned = [&pruned](size_t message) { return pruned[message]; };
    count("prompts without an answer",
          static_cast<size_t>(std::count_if(admitted_.begin(), admitted_.end(), is_pruned)));
    std::erase_if(admitted_, is_pruned);
    std::erase_if(roots_, is_pruned);
  }

  void sort_replies() {
    const auto rank = [this](size_t message) {
      return messages_[message].rank.value_or(std::numeric_limits<double>::infinity());
    };
    for (const size_t message : admitted_) {
      std::stable_sort(children_[message].begin(), children_[message].end(),
                       [&rank](size_t a, size_t b) { return rank(a) < rank(b); });
    }
  }

  void collect(size_t root, std::vector<Thread>& result) const {
    std::vector<size_t> open = {root};  // depth first, the best reply on top
    while (!open.empty()) {
      const size_t message = open.back();
      open.pop_back();
      const std::vector<size_t>& replies = children_[message];
      if (replies.empty()) {
        result.push_back(thread_to(message, root));
      } else if (choice_.best_replies) {
        open.push_back(replies.front());
      } else {
        open.insert(open.end(), replies.rbegin(), replies.rend());
      }
    }
  }

  Thread thread_to(size_t leaf, size_t root) const {
    Thread thread{.root = root, .messages = {leaf}};
    while (messages_[thread.messages.back()].parent) {
      thread.messages.push_back(*messages_[thread.messages.back()].parent);
    }
    std::reverse(thread.messages.begin(), thread.messages.end());
    return thread;
  }

  void count_unused(const std::vector<Thread>& threads) {
    std::vector<bool> used(messages_.size(), false);
    for (const Thread& thread : threads) {
      for (const size_t message : thread.messages) used[message] = true;
    }
    count("messages on threads not followed (replies: best)",
          static_cast<size_t>(std::count_if(admitted_.begin(), admitted_.end(),
                                            [&used](size_t message) { return !used[message]; })));
  }

  void count(std::string_view what, size_t times) {
    if (times > 0) counts_.count(what, static_cast<int64_t>(times));
  }

  const std::vector<Message>& messages_;
  const ThreadChoice& choice_;
  ExampleSink& counts_;
  std::vector<std::vector<size_t>> children_;  // of admitted messages, only admitted ones
  std::vector<size_t> roots_;
  std::vector<size_t> admitted_;
};

}  // namespace

std::vector<Thread> find_threads(const std::vector<Message>& messages, const ThreadChoice& choice,
                                 ExampleSink& counts) {
  return Forest(messages, choice, counts).threads();
}

}  // namespace peft::openassistant
