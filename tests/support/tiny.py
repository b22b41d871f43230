"""A real transformer small enough to be trained in a second, and texts for it."""

import csv
import random
from pathlib import Path

WORDS = {
    "parcel": ["parcel", "box", "courier", "delivery", "tracking", "late", "lost", "doorstep", "shipment", "depot"],
    "refund": ["refund", "money", "back", "charged", "twice", "bank", "statement", "amount", "credit", "repay"],
    "login": ["password", "login", "account", "locked", "reset", "email", "code", "signin", "username", "access"],
}
FILLER = [
    "please",
    "the",
    "my",
    "i",
    "is",
    "was",
    "to",
    "a",
    "can",
    "you",
    "help",
    "with",
    "and",
    "it",
    "not",
    "today",
    "again",
    "still",
    "why",
    "how",
]


def texts(rows: int = 120, seed: int = 0) -> list[tuple[str, str]]:
    """Distinct texts with their labels, evenly over the labels."""
    generator = random.Random(seed)
    labels = sorted(WORDS)
    found: dict[str, str] = {}
    while len(found) < rows:
        label = labels[len(found) % len(labels)]
        words = generator.sample(WORDS[label], 2) + generator.sample(FILLER, generator.randint(3, 7))
        generator.shuffle(words)
        found.setdefault(" ".join(words), label)
    return list(found.items())


def save_export(path: Path, rows: int = 120) -> Path:
    """The texts as a CSV file."""
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "label"])
        writer.writerows(texts(rows))
    return path


def save_backbone(folder: Path, layers: int = 2, width: int = 32) -> Path:
    """A BERT of random weights with a word tokenizer over the texts' words, as transformers saves them."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *dict.fromkeys(sum(WORDS.values(), FILLER))]
    tokenizer = Tokenizer(models.WordLevel({word: index for index, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=64,
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=2 * width,
        max_position_embeddings=64,
        hidden_dropout_prob=0.1,
    )
    BertModel(config).save_pretrained(folder)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n\nA small model for tests.\n")
    return folder
