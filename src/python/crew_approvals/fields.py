"""The fields of an answer: a dataclass as a flat JSON schema, and an answer as an instance of the dataclass."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

#: What the metadata of a field can say about its type, by the JSON schema's type: its key there.
LIMITS = {
    "string": {"min": "minLength", "max": "maxLength", "format": "format"},
    "integer": {"min": "minimum", "max": "maximum"},
    "number": {"min": "minimum", "max": "maximum"},
    "array": {"min": "minItems", "max": "maxItems"},
    "boolean": {},
}
#: Texts that people read beside a field.
LABELS = ("title", "description")
_MISSING: Any = dataclasses.MISSING


@dataclasses.dataclass(frozen=True)
class _Kind:
    """How a type is asked for, how a value is written as JSON, and how an answer becomes a value again."""

    schema: dict[str, Any]
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    is_optional: bool = False


def build_schema(fields: Any) -> dict[str, Any]:
    """The JSON schema of a dataclass; a schema stays as it is. Raises ValueError, which names the field."""
    if isinstance(fields, Mapping):
        return dict(fields)
    if not (isinstance(fields, type) and dataclasses.is_dataclass(fields)):
        raise ValueError("fields must be a JSON schema of an object, or a dataclass")
    kinds = _list_kinds(fields)
    properties, required = {}, []
    for one in dataclasses.fields(fields):
        kind, default = kinds[one.name], _find_default(one)
        properties[one.name] = {**kind.schema, **_read_metadata(one, kind)}
        if default is _MISSING and not kind.is_optional:
            required.append(one.name)
        elif default is not _MISSING and default is not None:
            properties[one.name]["default"] = _call(kind.write, one.name, default)
    return {"type": "object", "properties": properties, "required": required}


def read_fields(fields: Any, values: Mapping[str, Any] | None) -> Any:
    """What people filled in: the values by name, or an instance of the dataclass. None: they were not asked for any.

    Raises ValueError, which names the field, for a value that does not fit the dataclass.
    """
    if values is None or not isinstance(fields, type):
        return None if values is None else dict(values)
    kinds = _list_kinds(fields)
    unknown = sorted(values.keys() - kinds.keys())
    if unknown:
        raise ValueError(f"{unknown[0]} is not a field of {fields.__name__}")
    given = {name: _call(kinds[name].read, name, value) for name, value in values.items()}
    for one in dataclasses.fields(fields):
        if one.name not in given and _find_default(one) is _MISSING:
            if not kinds[one.name].is_optional:
                raise ValueError(f"{one.name} is missing in the answer")
            given[one.name] = None
    return fields(**given)


def _call(convert: Callable[[Any], Any], name: str, value: Any) -> Any:
    try:
        return convert(value)
    except (TypeError, ValueError, KeyError) as error:
        raise ValueError(f"{name} cannot be {value!r}") from error


def _find_default(one: dataclasses.Field[Any]) -> Any:
    if one.default is not _MISSING:
        return one.default
    factory: Any = one.default_factory
    return _MISSING if factory is _MISSING else factory()


def _list_kinds(fields: type) -> dict[str, _Kind]:
    try:
        hints = typing.get_type_hints(fields)
    except NameError as error:
        raise ValueError(f"{error.name} in the types of {fields.__name__} is not a name of its module") from error
    for one in dataclasses.fields(fields):
        if not one.init:
            raise ValueError(f"{one.name} cannot be asked for: it has init=False")
    return {one.name: _find_kind(one.name, hints[one.name]) for one in dataclasses.fields(fields)}


def _find_kind(name: str, hint: Any) -> _Kind:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        inner = [one for one in args if one is not type(None)]
        if len(inner) == 1:
            kind = _find_kind(name, inner[0])
            return _Kind(kind.schema, kind.write, lambda value: None if value is None else kind.read(value), True)
    if origin is list and len(args) == 1 and _list_choices(name, args[0]) is not None:
        one = _find_kind(name, args[0])
        return _Kind(
            {"type": "array", "items": one.schema},
            lambda values: [one.write(value) for value in values],
            lambda values: [one.read(value) for value in _check(values, list)],
        )
    choices = _list_choices(name, hint)
    if choices:
        texts = {value: text for text, value in choices.items()}
        return _Kind({"type": "string", "enum": [*choices]}, lambda value: texts[value], lambda text: choices[text])
    if hint in _KINDS:
        return _KINDS[hint]
    said = getattr(hint, "__name__", None) or str(hint)
    raise ValueError(f"{name} cannot be asked for: its type is {said if origin is None else hint}")


def _list_choices(name: str, hint: Any) -> dict[str, Any] | None:
    """The values of an enum or a Literal by the texts that stand for them; None for another type, or other values."""
    if isinstance(hint, enum.EnumMeta):
        members: list[Any] = list(hint)
        choices = {one.value if isinstance(one.value, str) else one.name: one for one in members}
        if len(choices) < len(members):
            raise ValueError(f"{name} cannot be asked for: two members of {hint.__name__} have the same text")
        return choices
    if typing.get_origin(hint) is typing.Literal and all(type(one) is str for one in typing.get_args(hint)):
        return {one: one for one in typing.get_args(hint)}
    return None


def _check(value: Any, kind: type) -> Any:
    """True is not a number here."""
    if type(value) is not kind:
        raise TypeError
    return value


def _read_float(value: Any) -> float:
    return float(value if type(value) is int else _check(value, float))


def _read_integer(value: Any) -> int:
    """JSON has one type of number: 3.0 is 3."""
    return int(value) if type(value) is float and value.is_integer() else _check(value, int)


def _read_time(text: str) -> datetime.datetime:
    """Before Python 3.11, fromisoformat reads no Z."""
    return datetime.datetime.fromisoformat(f"{text[:-1]}+00:00" if text.endswith("Z") else text)


def _keep(kind: type) -> Callable[[Any], Any]:
    return lambda value: _check(value, kind)


_KINDS: dict[Any, _Kind] = {
    str: _Kind({"type": "string"}, _keep(str), _keep(str)),
    int: _Kind({"type": "integer"}, _keep(int), _read_integer),
    float: _Kind({"type": "number"}, _read_float, _read_float),
    bool: _Kind({"type": "boolean"}, _keep(bool), _keep(bool)),
    datetime.date: _Kind({"type": "string", "format": "date"}, datetime.date.isoformat, datetime.date.fromisoformat),
    datetime.datetime: _Kind({"type": "string", "format": "date-time"}, datetime.datetime.isoformat, _read_time),
}


def _read_metadata(one: dataclasses.Field[Any], kind: _Kind) -> dict[str, Any]:
    """Metadata can be of other libraries too: only what is known here is read."""
    known = {**{name: name for name in LABELS}, **LIMITS[kind.schema["type"]]}
    if "enum" in kind.schema or "format" in kind.schema:
        known = {name: name for name in LABELS}
    unfit = [name for name in ("min", "max", "format") if name in one.metadata and name not in known]
    if unfit:
        raise ValueError(f"{one.name} cannot have {unfit[0]}: its type is {kind.schema['type']}")
    return {key: one.metadata[name] for name, key in known.items() if name in one.metadata}
