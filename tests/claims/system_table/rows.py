"""The systems: each a recipe of recipes/, and what makes it small enough to be trained here in a minute or two.

A small form trains on the shared real files with small models in place of the hub's, a part of the steps, and learning
rates that suit such models, the best of 1, 3, 10, … by the split of another seed. Everything else is the recipe's own.
"""

from dataclasses import dataclass

GPT2, DISTILBERT, T5 = "gpt2", "distilbert", "t5"

OPENASSISTANT = "openassistant/oasst1_en_validation.jsonl"
PROMPTS = "awesome_prompts/prompts_2025-01-06.csv"
REVIEWS = "imdb/imdb_test_5000.csv"
BATTLES = "chatbot_arena/arena_en_single_side.jsonl"
DIALOGUES = "summarization/dialogsum.dev.jsonl"
ARTICLES = "summarization/bbc_news_summary.csv"


@dataclass(frozen=True)
class Row:
    recipe: str
    model: str
    source: str
    metric: str
    overrides: tuple


def chat(steps, rate):
    return (f"train.steps={steps}", f"train.learning_rate={rate:g}", "data.max_length=256", "evaluate.examples=60",
            "evaluate.generation.max_new_tokens=32")


def arena(recipe, rate):
    return Row(recipe, GPT2, BATTLES, "perplexity", (*chat(60, rate), "data.language=[]"))


ROWS = [
    Row("hybrid", GPT2, OPENASSISTANT, "perplexity",
        (*chat(60, 3e-3), "methods.1.prefix.learning_rate=0.3", "data.validation=0.2")),
    Row("prompt_tuning", GPT2, PROMPTS, "perplexity", ("data.max_length=128",)),
    Row("prompt_tuning_short", GPT2, PROMPTS, "perplexity", ("data.max_length=128",)),
    Row("gpt2_classification", GPT2, REVIEWS, "accuracy",
        ("train.steps=200", "train.learning_rate=6e-3", "data.max_length=96", "evaluate.examples=500")),
    Row("imdb_gpt2", GPT2, REVIEWS, "perplexity",
        ("train.steps=60", "train.learning_rate=3e-3", "data.max_words=60", "data.max_length=160",
         "evaluate.examples=100", "evaluate.generation.max_new_tokens=32")),
    Row("imdb_distilbert", DISTILBERT, REVIEWS, "accuracy",
        ("train.steps=80", "train.learning_rate=3e-3", "data.max_length=128", "evaluate.examples=500")),
    Row("t5_summaries", T5, DIALOGUES, "perplexity",
        ("train.learning_rate=0.3", "data.max_length=256", "data.max_target_length=64", "data.validation=0.2",
         "evaluate.examples=100", "evaluate.generation.max_new_tokens=32")),
    arena("arena_sft", 3e-3),
    arena("arena_sft_adapter", 3e-3),
    arena("arena_sft_prompt", 1e-1),
    arena("arena_sft_prefix", 3e-1),
]

# Enough to see every recipe trained, saved and loaded again, and nothing more.
A_FEW_STEPS = ("train.steps=6", "train.batch_size=4", "data.max_length=96", "evaluate.examples=12",
               "evaluate.generation.max_new_tokens=8")
