"""What Hugging Face PEFT says to the two methods: the lines that the README shows are run, and their error compared."""

import re
import warnings
from importlib import metadata

import figure


def prompts(text):
    return re.findall(r"^>>> (.*)$", text, re.MULTILINE)


def write_again(text, _):
    """The block with what PEFT says now."""
    try:
        import peft
        from transformers import GPT2Config, GPT2LMHeadModel
    except ImportError as problem:
        raise figure.CannotTell(f"needs the comparison environment, as `make claims` has it: {problem}") from problem

    tiny = GPT2LMHeadModel(GPT2Config(vocab_size=64, n_positions=64, n_embd=32, n_layer=2, n_head=2,
                                      bos_token_id=0, eos_token_id=0))
    known = {**vars(peft), "gpt2": tiny}
    code = prompts(text)
    said = "no error"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for line in code:
                exec(line, known)  # noqa: S102: the README's own lines
    except Exception as problem:  # noqa: BLE001: whatever it is, it is what PEFT says
        said = f"{type(problem).__name__}: {problem}"
    lines = "".join(f">>> {line}\n" for line in code)
    return f"```python\n{lines}{said}\n```\n\n(peft {metadata.version('peft')})\n"


def figures(said, found):
    def answer(text):
        return re.search(r"^(?!>>>|```)\S.*$", text, re.MULTILINE)[0]

    def version(text):
        return re.search(r"\(peft (.*)\)", text)[1]

    return [figure.equal("PEFT's answer", answer(said), answer(found)),
            figure.told("of peft", version(said), version(found), "told")]
