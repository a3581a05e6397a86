"""README.md as the claims see it. Nothing here needs more than Python.

A figure is covered in one of two ways, both invisible on the page:

    <!-- claim: speed -->        a block that a module of this folder can write again from what it finds
    …
    <!-- end of claim -->

    LibTorch 2.11<!-- libtorch-minimum --> or newer        a number that stands in the source: see settings.py

Code is not a figure, nor is a number that is part of a name (GPT-2, Debian 12); comments in code are read like prose.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"

BLOCK = re.compile(r"(<!-- claim: (?P<name>[a-z-]+) -->\n)(?P<text>.*?)(<!-- end of claim -->\n)", re.DOTALL)
SETTING = re.compile(r"(?P<number>\d[\d.,]*)<!-- (?P<name>[a-z-]+) -->")
FENCE = re.compile(r"^```(?:yaml|sh|cmake)\n.*?^```$", re.DOTALL | re.MULTILINE)
CODE_COMMENT = re.compile(r"(?:^|\s)# .*")
NO_FIGURES = re.compile(r"`[^`\n]*`"                             # inline code
                        r"|\]\([^)\n]*\)"                        # where a link leads
                        r"|\b(?:Debian|Ubuntu) \d[\d.]*"
                        r"|\b[A-Za-z][A-Za-z+]*-?\d[\w.]*")      # GPT-2, C++20, AVX-512, Apache-2.0


def blocks(text):
    """{name: the block's text}"""
    found = [(match["name"], match["text"]) for match in BLOCK.finditer(text)]
    names = [name for name, _ in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice or len(found) != text.count("<!-- claim: ") or len(found) != text.count("<!-- end of claim -->"):
        raise ValueError(f"README.md: expected every claim once, begun and ended; found {names}")
    return dict(found)


def with_block(text, name, block):
    """`text` with another text in the block `name`."""
    return BLOCK.sub(lambda match: match[1] + block + match[4] if match["name"] == name else match[0], text)


def settings(text):
    """[(name, number as it is written)]"""
    return [(match["name"], match["number"]) for match in SETTING.finditer(text)]


def blank(text):
    """As many lines of nothing."""
    return "\n" * text.count("\n")


def comments(fence):
    """Of code, the comments: what is outside of them becomes nothing."""
    return "\n".join("".join(CODE_COMMENT.findall(line)[:1]) for line in fence.split("\n"))


def unclaimed(text):
    """[(line, what stands there)] of every digit that nothing covers."""
    text = BLOCK.sub(lambda match: blank(match[0]), text)
    text = FENCE.sub(lambda match: comments(match[0]), text)
    text = SETTING.sub("", text)
    text = NO_FIGURES.sub("", text)
    return [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if re.search(r"\d", line)]
