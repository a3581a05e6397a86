#!/usr/bin/env python3
"""Conversations as token ids against transformers' apply_chat_template: chatml, llama3, and models' own templates.

GPT-2's vocabulary in the stages of Qwen and Llama 3, with their special tokens; real conversations and adversarial
turns. Also which tokens are trained on, against the marks of TRL's training template. QUICK=1: fewer.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import make_tokenizer_kinds as kinds
from bleu_parity import adversarial
from support.checks import Checks
from support.environment import BUILD, QUICK, SHARED, need_shared_data, scratch
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

PROGRAM = BUILD / "tests" / "support" / "template_ids"
COUNT = 60 if QUICK else 400
TRL = Path(sys.prefix) / "lib" / f"python3.{sys.version_info.minor}" / "site-packages" / "trl" / "chat_templates"

# The text with which Qwen 1.5 and SmolLM come, up to their default system texts.
CHATML = ("{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
          "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
WITH_DEFAULT = ("{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
                "{{ '<|im_start|>system\nYou are a helpful assistant<|im_end|>\n' }}{% endif %}"
                "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
                "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
QWEN = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
LLAMA = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]


def make_tokenizer(name, pattern, normalizer, special, bos, eos, begins=False):
    """GPT-2's vocabulary in another family's stages, with its special tokens; saved as a folder.

    begins: every text begins with bos.
    """
    files = SHARED / "tokenizers"
    tokenizer = Tokenizer(models.BPE.from_file(str(files / "gpt2_vocab.json"), str(files / "gpt2_merges.txt")))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [kinds.split(pattern), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in special])
    if begins:
        tokenizer.post_processor = processors.TemplateProcessing(f"{bos} $A", f"{bos} $A {bos} $B", [(bos, tokenizer.token_to_id(bos))])
    made = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=bos, eos_token=eos)
    folder = scratch() / name
    made.save_pretrained(folder)
    return made, folder


def conversations():
    """Lists of {role, content}: real ones, and turns of anything that tokenizers care for."""
    rng = random.Random(20261125)
    with open(SHARED / "data" / "chatbot_arena" / "arena_en_single_side.jsonl", encoding="utf-8") as file:
        real = [json.loads(line)["messages"] for line in file]
    for messages in rng.sample(real, COUNT):
        yield [{"role": message["role"], "content": message["content"]} for message in messages]
    for _ in range(COUNT):
        turns = [{"role": "user" if i % 2 == 0 else "assistant", "content": adversarial(rng)} for i in range(rng.randrange(1, 6))]
        yield turns if rng.random() < 0.5 else [{"role": "system", "content": adversarial(rng)}, *turns]


def encodable(tokenizer, messages):
    """Whether transformers can be asked: a special token typed in a turn is plain text here, and not there."""
    return not any(token in message["content"] for message in messages for token in tokenizer.all_special_tokens)


def ours(folder, template, messages, answer):
    lines = "".join(json.dumps({"template": template, "turns": [[m["role"], m["content"]] for m in one], "answer": answer}) + "\n"
                    for one in messages)
    done = subprocess.run([PROGRAM, folder], input=lines.encode(), capture_output=True, check=False)
    if done.returncode != 0:
        return done.stderr.decode()
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def theirs(tokenizer, jinja, messages, answer):
    return [tokenizer.apply_chat_template(one, chat_template=jinja, tokenize=True, add_generation_prompt=answer, return_dict=False)
            for one in messages]


def exported(folder, template):
    """The Jinja that is exported of a template of ours."""
    done = subprocess.run([PROGRAM, folder], input=json.dumps({"template": template}).encode(), capture_output=True, check=True)
    return json.loads(done.stdout)["jinja"]


def stripped(messages):
    """With words that begin and end a piece as they begin and end a part of the whole."""
    return [m | {"content": m["content"].strip() or "?"} for m in messages]


def starts_in_newline(messages):
    """Where a reply begins in what would be one token with the newline that a prompt ends in."""
    return any(m["role"] == "assistant" and m["content"][:1].isspace() for m in messages)


def compare(checks, what, folder, tokenizer, jinja, template, messages):
    for answer in (False, True):
        expected = theirs(tokenizer, jinja, messages, answer)
        found = ours(folder, template, messages, answer)
        if isinstance(found, str):
            checks.equal(what, found, "ids")
            return
        wrong = [(m, a["ids"], b) for m, a, b in zip(messages, found, expected, strict=True) if a["ids"] != b]
        checks.equal(f"{what}, {len(messages)}{', to be answered' if answer else ''}", len(wrong), 0)
        for one, a, b in wrong[:1]:
            print(f"  {one!r}\n  ours     {tokenizer.decode(a)!r}\n  expected {tokenizer.decode(b)!r}\n {a}\n {b}")


def compare_marks(checks, what, folder, tokenizer, jinja, messages):
    """The tokens that TRL trains on, but for what it marks beside words and end of turn: newlines."""
    found = ours(folder, "llama3", messages, answer=False)
    wrong = 0
    for one, result in zip(messages, found, strict=True):
        marked = tokenizer.apply_chat_template(one, chat_template=jinja, tokenize=True, return_dict=True, return_assistant_tokens_mask=True)
        trained = [int(label != -100) for label in result["labels"]]
        wrong += trained != marked["assistant_masks"]
    checks.equal(f"{what}, {len(messages)}", wrong, 0)


def main():
    need_shared_data()
    checks = Checks("chat templates against transformers")
    qwen, qwen_folder = make_tokenizer("qwen", kinds.QWEN2, normalizers.NFC(), QWEN, None, "<|im_end|>")
    llama, llama_folder = make_tokenizer("llama", kinds.LLAMA3, None, LLAMA, "<|begin_of_text|>", "<|eot_id|>")
    each = list(conversations())
    for_qwen = [m for m in each if encodable(qwen, m)]
    for_llama = [m for m in each if encodable(llama, m)]
    # A reply that begins in white space is encoded as it is generated: behind the newline, not with it.
    plain = [m for m in for_qwen if not starts_in_newline(m)]
    checks.add("conversations whose replies begin in white space, of all", (len(for_qwen) - len(plain)) / len(for_qwen), 0.5)
    compare(checks, "chatml", qwen_folder, qwen, CHATML, "chatml", plain)
    compare(checks, "llama3", llama_folder, llama, (TRL / "llama3.jinja").read_text(), "llama3", for_llama)
    own = {"ChatML": (qwen_folder, qwen, CHATML, plain), "ChatML with a default": (qwen_folder, qwen, WITH_DEFAULT, plain),
           "Qwen 2.5": (qwen_folder, qwen, (TRL / "qwen2_5.jinja").read_text(), plain),
           "Llama 3": (llama_folder, llama, (TRL / "llama3.jinja").read_text(), for_llama)}
    for name, (folder, tokenizer, jinja, messages) in own.items():
        (folder / "chat_template.jinja").write_text(jinja)
        compare(checks, f"model's own, {name}", folder, tokenizer, jinja, "model", messages)
        (folder / "chat_template.jinja").unlink()
    # What is exported of our templates, and a ChatML without a beginning where texts have one.
    begins, begins_folder = make_tokenizer("begins", kinds.LLAMA3, None, [*LLAMA, *QWEN[1:]], "<|begin_of_text|>", "<|end_of_text|>", begins=True)
    for_begins = [m for m in plain if encodable(begins, m)]
    (begins_folder / "chat_template.jinja").write_text(CHATML)
    compare(checks, "model's own, ChatML on a tokenizer that begins texts", begins_folder, begins, CHATML, "model", for_begins)
    (begins_folder / "chat_template.jinja").unlink()
    written = {"begin": "It's \\ {{{begin_of_text}}}", "system": "<{content|trim}>\n", "default_system": 'Be "kind".\n',
               "user": "Q: {content}{|}\r\n", "assistant": "A:{reply} {content}{end_of_text}{/reply}\n"}
    for name, (folder, tokenizer, messages) in {"qwen": (qwen_folder, qwen, plain), "begins": (begins_folder, begins, for_begins)}.items():
        for template in ["chatml", "human_assistant", "plain", *([written] if name == "begins" else [])]:
            jinja = exported(folder, template)
            title = template if isinstance(template, str) else "one of a recipe"
            compare(checks, f"exported, {title} on {name}", folder, tokenizer, jinja, template, [stripped(m) for m in messages])
    compare_marks(checks, "what is trained on, llama3", llama_folder, llama, (TRL / "llama3_training.jinja").read_text(), for_llama)
    checks.finish()


if __name__ == "__main__":
    main()
