#!/usr/bin/env python3
"""Rows of Parquet files as the program reads them against pyarrow's reading of the same files: the real ones at hand,
and random tables in the shapes of OpenAssistant's and Chatbot Arena's files, in many layouts.
"""

import datetime
import decimal
import json
import os
import random
import string
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

DATA = Path(os.environ["PEFT_SHARED_DATA"]) / "data"
PROGRAM = Path(os.environ["PEFT_BUILD"]) / "tests" / "support" / "dump_rows"

TEXTS = pa.list_(pa.string())
NUMBERS = pa.list_(pa.int64())
DETOXIFY = ["toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat", "sexual_explicit"]
TURNS = pa.list_(pa.struct([("content", pa.string()), ("role", pa.string())]))
SHAPES = {
    "oasst1": pa.schema([
        ("message_id", pa.string()), ("parent_id", pa.string()), ("text", pa.string()),
        ("lang", pa.dictionary(pa.int32(), pa.string())), ("review_count", pa.int32()), ("deleted", pa.bool_()),
        ("rank", pa.int32()), ("model_name", pa.null()), ("detoxify", pa.struct([(n, pa.float64()) for n in DETOXIFY])),
        ("emojis", pa.struct([("name", TEXTS), ("count", NUMBERS)])),
        ("labels", pa.struct([("name", TEXTS), ("value", pa.list_(pa.float64())), ("count", NUMBERS)]))]),
    "chatbot_arena": pa.schema([
        ("question_id", pa.large_string()), ("model_a", pa.dictionary(pa.int8(), pa.string())), ("winner", pa.string()),
        ("conversation_a", TURNS), ("conversation_b", TURNS), ("turn", pa.uint64()), ("anony", pa.bool_()),
        ("tstamp", pa.float64()), ("openai_moderation", pa.struct([
            ("categories", pa.map_(pa.string(), pa.bool_())), ("flagged", pa.bool_())])),
        ("toxic_chat_tag", pa.struct([("scores", pa.list_(pa.struct([("p", pa.float32()), ("tags", TEXTS)])))]))]),
    "types": pa.schema([
        ("time", pa.timestamp("us")), ("zoned", pa.timestamp("ms", tz="UTC")), ("day", pa.date32()),
        ("price", pa.decimal128(12, 3)), ("pair", pa.list_(pa.int16(), 2)), ("large", pa.large_list(pa.float32())),
        ("deep", pa.list_(pa.list_(pa.struct([("m", pa.map_(pa.string(), TURNS))]))))]),
}


def make(chance, kind):
    """A random value of a type; none of them in ten is there."""
    if pa.types.is_null(kind) or chance.random() < 0.1:
        return None
    if pa.types.is_dictionary(kind):
        return chance.choice(["en", "de", "fr", "pt-BR"])
    if pa.types.is_struct(kind):
        return {field.name: make(chance, field.type) for field in kind}
    if pa.types.is_map(kind):
        return [(name, make(chance, kind.item_type)) for name in chance.sample(string.ascii_letters, chance.randrange(4))]
    if pa.types.is_fixed_size_list(kind):
        return [make(chance, kind.value_type) for _ in range(kind.list_size)]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [make(chance, kind.value_type) for _ in range(chance.randrange(4))]
    if pa.types.is_boolean(kind):
        return chance.random() < 0.5
    if pa.types.is_integer(kind):
        return chance.randrange(2 ** (kind.bit_width - 1))
    if pa.types.is_floating(kind):
        return chance.randrange(-(2**20), 2**20) / 1024
    if pa.types.is_decimal(kind):
        return decimal.Decimal(chance.randrange(-(10**9), 10**9)).scaleb(-3)
    if pa.types.is_date(kind):
        return datetime.date.fromordinal(chance.randrange(600_000, 740_000))
    if pa.types.is_timestamp(kind):
        return datetime.datetime.fromtimestamp(chance.randrange(2**31), datetime.UTC if kind.tz else None)
    return "".join(chance.choice("abc äß漢🙂\n\"\\") for _ in range(chance.randrange(60)))


def plain(value, kind):
    """What the reader promises to make of it."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {field.name: plain(value[field.name], field.type) for field in kind}
    if pa.types.is_map(kind):
        return {key: plain(item, kind.item_type) for key, item in value}
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return [plain(item, kind.value_type) for item in value]
    if pa.types.is_decimal(kind):
        return float(value)
    if pa.types.is_date(kind):
        return value.isoformat()
    if pa.types.is_timestamp(kind):
        digits = {"ms": "milliseconds", "us": "microseconds"}[kind.unit]
        return value.replace(tzinfo=None).isoformat(timespec=digits) + ("Z" if kind.tz else "")
    return value


def ours(file, *columns):
    lines = subprocess.run([PROGRAM, file, *columns], stdout=subprocess.PIPE, check=True).stdout.decode()
    return [json.loads(line) for line in lines.split("\n")[:-1]]


def same(what, file, columns=()):
    table = pq.read_table(file, columns=list(columns) or None)
    rows = [{name: plain(row[name], table.schema.field(name).type) for name in row} for row in table.to_pylist()]
    found = ours(file, *columns)
    wrong = [i for i, (a, b) in enumerate(zip(found, rows)) if a != b]
    if wrong:
        print(f"{what}: row {wrong[0] + 1} reads as {found[wrong[0]]}, expected {rows[wrong[0]]}")
    if len(found) != len(rows):
        print(f"{what}: {len(found)} rows, expected {len(rows)}")
    equal = found == rows
    print(f"{what}: {len(found)} rows of {len(rows[0])} columns: {'the same' if equal else 'DIFFERENT'}")
    return equal


def random_tables(folder):
    chance = random.Random(7)
    for name, schema in SHAPES.items():
        rows = [{field.name: make(chance, field.type) for field in schema} for _ in range(3000)]
        table = pa.Table.from_pylist(rows, schema)
        for codec, version, group in [("snappy", "1.0", 3000), ("zstd", "2.0", 700), ("gzip", "1.0", 1024), ("brotli", "2.0", 1)]:
            if group == 1:
                table = table.slice(0, 50)
            file = folder / f"{name}.parquet"
            pq.write_table(table, file, compression=codec, data_page_version=version, row_group_size=group,
                           data_page_size=2000, use_dictionary=codec != "gzip")
            yield f"{name}, {codec}, row groups of {group}", file, ()
        yield f"{name}, two columns", file, (schema.names[2], schema.names[0])


def main():
    results = []
    for file in sorted((DATA / "hub_layout").rglob("*.parquet")):
        results.append(same(file.relative_to(DATA), file))
        results.append(same(f"{file.name}, the text alone", file, ["text"]))
    if not results:
        print("note: no real files are at hand (PEFT_SHARED_DATA)")
    with tempfile.TemporaryDirectory() as folder:
        results += [same(*one) for one in random_tables(Path(folder))]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
