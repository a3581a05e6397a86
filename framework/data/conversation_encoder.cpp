#include "data/conversation_encoder.h"

#include <algorithm>
#include <string>
#include <utility>

#include "data/start_of_text.h"
#include "peft/error.h"

namespace peft::host {
namespace {

int64_t length(const EncodedSequence& sequence) {
  return static_cast<int64_t>(sequence.ids.size());
}

void append(const EncodedSequence& more, EncodedSequence& to) {
  to.ids.insert(to.ids.end(), more.ids.begin(), more.ids.end());
  to.labels.insert(to.labels.end(), more.labels.begin(), more.labels.end());
}

// Encodes pieces one after the other.
class PieceEncoder {
 public:
  explicit PieceEncoder(const TextCodec& codec) : codec_(codec) {}

  std::vector<int64_t> tokens(const Piece& piece) {
    if (piece.ends_text) return {required_end_of_text(codec_)};
    if (piece.joins) {
      const std::string together = text_ + piece.text;
      std::vector<int64_t> ids = codec_.encode_ordinary(together);
      if (ids.size() >= ids_.size() && std::equal(ids_.begin(), ids_.end(), ids.begin())) {
        std::vector<int64_t> own(ids.begin() + static_cast<std::ptrdiff_t>(ids_.size()), ids.end());
        text_ = together;
        ids_ = std::move(ids);
        return own;
      }
    }
    text_ = piece.text;
    ids_ = piece.content ? codec_.encode_ordinary(piece.text) : codec_.encode(piece.text);
    return ids_;
  }

 private:
  const TextCodec& codec_;
  std::string text_;  // of what the next piece may join, and its tokens
  std::vector<int64_t> ids_;
};

}  // namespace

// What every text and every conversation begins with and a system text, if there is any of these, and the
// turns, encoded.
struct ConversationEncoder::Parts {
  EncodedSequence front;
  std::vector<EncodedSequence> turns;

  struct Fitted {
    EncodedSequence sequence;
    int64_t dropped = 0;  // turns
    bool cut = false;
  };

  // A template may have begun the conversation by itself.
  void begin(const std::vector<int64_t>& start) {
    const EncodedSequence& first = front.ids.empty() && !turns.empty() ? turns.front() : front;
    if (std::ranges::mismatch(start, first.ids).in1 == start.end()) return;
    front.ids.insert(front.ids.begin(), start.begin(), start.end());
    front.labels.insert(front.labels.begin(), start.size(), no_target);
  }

  Fitted fit(int64_t max_length) const {
    int64_t total = length(front);
    for (const EncodedSequence& turn : turns) total += length(turn);
    size_t first = 0;
    while (total > max_length && first + 1 < turns.size()) total -= length(turns[first++]);

    Fitted fitted{.sequence = front, .dropped = static_cast<int64_t>(first), .cut = total > max_length};
    for (size_t i = first; i < turns.size(); ++i) append(turns[i], fitted.sequence);
    if (fitted.cut) {
      fitted.sequence.ids.resize(static_cast<size_t>(max_length));
      fitted.sequence.labels.resize(static_cast<size_t>(max_length));
    }
    return fitted;
  }
};

TrainOn parse_train_on(std::string_view name) {
  if (name == "replies") return TrainOn::replies;
  if (name == "all") return TrainOn::all;
  throw UsageError("found train_on '" + std::string(name) + "', expected replies or all");
}

int64_t required_end_of_text(const TextCodec& codec) {
  if (const auto id = codec.end_of_text()) return *id;
  throw UsageError(
      "the tokenizer has no end-of-text token, which marks where an answer or a text ends; name one as "
      "`eos_token` in tokenizer_config.json beside it");
}

EncodedSequence ConversationEncoder::encode(const std::vector<Piece>& pieces) const {
  EncodedSequence result;
  PieceEncoder encoder(codec_);
  for (const Piece& piece : pieces) {
    const std::vector<int64_t> ids = encoder.tokens(piece);
    const bool target = piece.reply || train_on_ == TrainOn::all;
    for (const int64_t id : ids) {
      result.ids.push_back(id);
      result.labels.push_back(target ? id : no_target);
    }
  }
  return result;
}

ConversationEncoder::Parts ConversationEncoder::split(const Conversation& conversation) const {
  Parts parts;
  parts.front = encode(form_.begin());
  const bool has_system = !conversation.turns.empty() && conversation.turns.front().role == "system";
  if (!has_system && form_.default_system())
    append(encode(form_.render({"system", *form_.default_system()})), parts.front);
  for (size_t i = 0; i < conversation.turns.size(); ++i) {
    const Turn& turn = conversation.turns[i];
    if (turn.role != "system") {
      parts.turns.push_back(encode(form_.render(turn)));
    } else if (i == 0) {
      append(encode(form_.render(turn)), parts.front);
    } else {
      throw Error("found a system text as turn " + std::to_string(i + 1) +
                  " of a conversation, expected it first");
    }
  }
  parts.begin(start());
  return parts;
}

std::vector<int64_t> ConversationEncoder::start() const {
  return form_.has_start_of_text() ? start_of_text(codec_) : std::vector<int64_t>();
}

EncodedSequence ConversationEncoder::encode(const Conversation& conversation, int64_t max_length,
                                            Counts& counts) const {
  Parts::Fitted fitted = split(conversation).fit(max_length);
  counts.add("conversations without their first turns", fitted.dropped > 0 ? 1 : 0);
  counts.add("turns dropped from the front", fitted.dropped);
  counts.add("conversations cut at their end", fitted.cut ? 1 : 0);
  return std::move(fitted.sequence);
}

std::vector<int64_t> ConversationEncoder::encode_prompt(const Conversation& conversation, int64_t max_length,
                                                        Counts& counts) const {
  const EncodedSequence opening = encode(form_.begin_answer());
  const int64_t room = max_length - length(opening);
  const auto front = static_cast<int64_t>(start().size());
  if (room < front) {
    throw UsageError("there is room for " + std::to_string(max_length) +
                     " tokens in front of an answer, and the template alone needs " +
                     std::to_string(length(opening) + front) +
                     "; generate fewer new tokens, or use fewer virtual tokens");
  }
  Parts::Fitted fitted = split(conversation).fit(room);
  counts.add("prompts shortened", fitted.dropped > 0 || fitted.cut ? 1 : 0);
  append(opening, fitted.sequence);
  return std::move(fitted.sequence.ids);
}

}  // namespace peft::host
