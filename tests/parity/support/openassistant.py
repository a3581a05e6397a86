"""OpenAssistant's conversations as tokens and targets, written a second time, with Hugging Face's tokeniser.

One thread a tree: from the root, at each turn the best-ranked of the replies from which an answer can be reached.
"""

import json

from transformers import PreTrainedTokenizerFast


def read_threads(path):
    """Lists of (role, text), in the order of their roots in the file."""
    messages = [json.loads(line) for line in open(path, encoding="utf-8")]
    replies = {}
    for message in messages:
        replies.setdefault(message["parent_id"], []).append(message)

    def usable(message):
        return not message.get("deleted") and message["lang"] == "en"

    def rank(message):
        return float("inf") if message["rank"] is None else message["rank"]

    def best(message):
        """The thread from here on, or nothing where it never ends in an answer."""
        for reply in sorted(filter(usable, replies.get(message["message_id"], [])), key=rank):
            rest = best(reply)
            if rest:
                return [message, *rest]
        return [message] if message["role"] == "assistant" else []

    roots = [message for message in messages if message["parent_id"] is None and usable(message)]
    threads = [best(root) for root in roots]
    return [[(message["role"], message["text"]) for message in thread] for thread in threads if thread]


class Encoder:
    def __init__(self, folder, train_on="replies"):
        # Texts are cut here, not there: no limit to warn of.
        self.tokenizer = PreTrainedTokenizerFast.from_pretrained(folder, model_max_length=10**9)
        self.train_on = train_on

    def ids(self, text, content=False):
        """In content, a special token that somebody typed is plain text."""
        return self.tokenizer.encode(text, add_special_tokens=False, split_special_tokens=content)

    def turn(self, role, text):
        """(ids, labels) of one turn."""
        if role == "assistant":
            pieces = [(self.ids("### Assistant:"), False), (self.ids(" " + text, content=True), True),
                      ([self.tokenizer.eos_token_id], True), (self.ids("\n"), False)]
        else:
            pieces = [(self.ids("### Human:"), False), (self.ids(" " + text, content=True), False), (self.ids("\n"), False)]
        ids = [token for piece, _ in pieces for token in piece]
        labels = [token if target or self.train_on == "all" else -100 for piece, target in pieces for token in piece]
        return ids, labels

    def conversation(self, thread, max_length):
        """Too long: whole turns go from the front, then the turn that is left is cut at its end."""
        turns = [self.turn(role, text) for role, text in thread]
        while len(turns) > 1 and sum(len(ids) for ids, _ in turns) > max_length:
            turns.pop(0)
        ids = [token for turn, _ in turns for token in turn][:max_length]
        labels = [label for _, turn in turns for label in turn][:max_length]
        return ids, labels

    def examples(self, path, max_length):
        """Those with a target that something stands in front of to predict it from."""
        encoded = [self.conversation(thread, max_length) for thread in read_threads(path)]
        return [(ids, labels) for ids, labels in encoded if any(label != -100 for label in labels[1:])]
