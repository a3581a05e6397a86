// From messages to threads: which of them can stand in a conversation, and which replies are followed.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "message.h"
#include "peft/dataset.h"

namespace peft::openassistant {

struct ThreadChoice {
  std::set<std::string, std::less<>> languages;  // empty: all of them
  bool best_replies = true;  // one thread a tree: the best reply at each turn; else all threads
};

// Messages from a root down; the last is an assistant's.
struct Thread {
  size_t root = 0;
  std::vector<size_t> messages;
};

// In the order of the roots, then best replies first: by rank, the lowest first, unranked ones last, equals
// in file order.
//
// Left out, with everything below, and counted once each by the first reason that holds: a message whose
// parent is missing, that is deleted, in another language, below one of these, in a cycle of parents, or an
// unanswered prompt; then those that no chosen thread holds.
std::vector<Thread> find_threads(const std::vector<Message>& messages, const ThreadChoice& choice,
                                 ExampleSink& counts);

}  // namespace peft::openassistant
