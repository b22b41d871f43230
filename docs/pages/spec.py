"""The page on the spec: its models, with their attributes' docstrings and their constraints in words."""

from collections.abc import Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import yaml
from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import AfterValidator, BaseModel, Strict
from pydantic.fields import FieldInfo

from docs.pages.markdown import block, first, marked, paragraphs, prose, table
from headstart import spec
from headstart.spec import Spec

SHORT = {"name": "support-intents", "data": "tickets.json"}
_SIMPLE = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    NoneType: "`null`",
    Any: "anything",
}


def lines() -> list[str]:
    """Every key, and two specs that say the same: the shortest and the longest."""
    full = Spec.build(dict(SHORT), "the example").said()
    return [
        "# The spec",
        "",
        # Its first paragraph is for those who read the code.
        *(line for each in paragraphs(spec.__doc__)[1:] for line in prose(each)),
        "This is a complete spec:",
        "",
        *block("yaml", _yaml(SHORT)),
        "It says the same as this one, in which every default is written out:",
        "",
        *block("yaml", _yaml(full)),
        "A key that stands inside a section is named with dots, as `--set` and errors do: `tune.epochs`.",
        "",
        "## The keys",
        "",
        *section(Spec, ""),
    ]


def section(model: type[BaseModel], path: str) -> list[str]:
    """The keys of a section whose own key is ``path``, and after them those of the sections in it."""
    hints = get_type_hints(model, include_extras=True)
    rows: list[tuple[str, ...]] = []
    inner: list[str] = []
    for name, field in model.model_fields.items():
        key = f"{path}{name}"
        kind = field.annotation
        listed = get_args(kind)[0] if get_origin(kind) is tuple else None
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            value = f"a section: [`{key}`](#{key.replace('.', '')})"
            inner += [f"## {key}", "", *section(kind, f"{key}.")]
        elif isinstance(listed, type) and issubclass(listed, BaseModel):
            value = f"a list of sections: [`{key}`](#{key.replace('.', '')})"
            inner += [f"## {key}", "", *section(listed, "")]
        else:
            value = _words(hints[name])
        rows.append((f"`{key}`", value, _default(field), marked(field.description)))
    return [*prose(model.__doc__), *table(["key", "value", "default", "meaning"], rows), *inner]


def _yaml(data: object) -> str:
    """YAML in which a list takes one line."""

    class Dumper(yaml.SafeDumper):
        pass

    Dumper.add_representer(list, lambda dumper, each: dumper.represent_sequence("tag:yaml.org,2002:seq", each, True))
    return yaml.dump(data, Dumper=Dumper, sort_keys=False, width=1000)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default_factory is not None:
        return "`{}`"
    if isinstance(field.default, BaseModel):
        return ""
    value = list(field.default) if isinstance(field.default, tuple) else field.default
    return f"`{_yaml([value]).strip()[1:-1]}`"


def _words(hint: Any) -> str:
    """A type in plain words.

    Raises:
        TypeError: There are none for it yet.
    """
    origin, inside = get_origin(hint), get_args(hint)
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if origin is Annotated:
        return _limited(inside[0], inside[1:])
    if origin is Literal:
        return _either([f"`{value}`" for value in inside])
    if origin in (Union, UnionType):
        return _either([_words(each) for each in inside])
    if origin is tuple:
        return f"a list; each item is {_words(inside[0])}"
    if origin is dict:
        return f"a mapping from {_words(inside[0])} to {_words(inside[1])}"
    raise TypeError(f"no words for {hint!r}")


def _either(words: Sequence[str]) -> str:
    if any(";" in each for each in words):  # a comma would not show where an alternative ends
        return ". Or: ".join(words)
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _limited(kind: Any, limits: Sequence[object]) -> str:
    """A type with its constraints; where a validator of ours constrains it, its docstring says how."""
    flat = [inner for each in limits for inner in (each.metadata if isinstance(each, FieldInfo) else [each])]
    asked = [_asked(each) for each in flat if isinstance(each, AfterValidator)]
    ranges = [_range(each) for each in flat if not isinstance(each, AfterValidator | Strict)]
    words = "; ".join(asked) or _words(kind)
    if get_origin(kind) is tuple and ranges == ["not empty"]:
        return words.replace("a list", "a list that is not empty", 1)
    return f"{words} ({' and '.join(ranges)})" if ranges else words


def _asked(validator: AfterValidator) -> str:
    said = first(validator.func.__doc__).rstrip(".")
    if not said:
        raise TypeError(f"no docstring says what {validator.func!r} asks for")
    return said[0].lower() + said[1:]


def _range(limit: object) -> str:
    match limit:
        case Ge(ge=least):
            return f"at least {least:g}"
        case Gt(gt=beyond):
            return f"above {beyond:g}"
        case Le(le=most):
            return f"at most {most:g}"
        case Lt(lt=beyond):
            return f"below {beyond:g}"
        case MinLen(min_length=1):
            return "not empty"
    raise TypeError(f"no words for {limit!r}")
