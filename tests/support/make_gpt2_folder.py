"""Makes a folder in Hugging Face's layout: GPT-2 of a known size with random weights, and its tokenizer.

    python make_gpt2_folder.py FOLDER --size medium --vocabulary VOCAB.json --merges MERGES.txt [--seed 0]

Needs transformers. For trials at real sizes where the hub's weights cannot be had.
"""

import argparse
import shutil
from pathlib import Path

import torch
from transformers import GPT2Config, GPT2LMHeadModel

SIZES = {
    "small": {"n_embd": 768, "n_layer": 12, "n_head": 12},
    "medium": {"n_embd": 1024, "n_layer": 24, "n_head": 16},
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", choices=SIZES, default="medium")
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--merges", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    torch.manual_seed(arguments.seed)
    # Dropout in the base is off: what is trained has its own.
    config = GPT2Config(**SIZES[arguments.size], resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)
    GPT2LMHeadModel(config).save_pretrained(arguments.folder)
    shutil.copy(arguments.vocabulary, arguments.folder / "vocab.json")
    shutil.copy(arguments.merges, arguments.folder / "merges.txt")


if __name__ == "__main__":
    main()
