"""Fields of an answer: writes a dataclass as a flat JSON schema, and reads an answer as an instance of it."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

#: Metadata keys that limit the value of a field, with their keywords in the JSON schema, by the type of the schema.
LIMITS = {
    "string": {"min": "minLength", "max": "maxLength", "format": "format"},
    "integer": {"min": "minimum", "max": "maximum"},
    "number": {"min": "minimum", "max": "maximum"},
    "array": {"min": "minItems", "max": "maxItems"},
    "boolean": {},
}
#: Metadata keys of the texts that people read beside a field.
LABELS = ("title", "description")
_MISSING: Any = dataclasses.MISSING


@dataclasses.dataclass(frozen=True)
class _Kind:
    """A type of field: its JSON schema, and the functions that write a value as JSON and read it from an answer."""

    schema: dict[str, Any]
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    is_optional: bool = False


def build_schema(fields: Any) -> dict[str, Any]:
    """Builds the JSON schema of a dataclass, or copies a schema. Raises ValueError for an unsupported field."""
    if isinstance(fields, Mapping):
        return dict(fields)
    if not (isinstance(fields, type) and dataclasses.is_dataclass(fields)):
        raise ValueError("fields must be a JSON schema of an object, or a dataclass")
    kinds = _list_kinds(fields)
    properties, required = {}, []
    for field in dataclasses.fields(fields):
        kind, default = kinds[field.name], _find_default(field)
        properties[field.name] = {**kind.schema, **_read_metadata(field, kind)}
        if default is _MISSING and not kind.is_optional:
            required.append(field.name)
        elif default is not _MISSING and default is not None:
            properties[field.name]["default"] = _call(kind.write, field.name, default)
    return {"type": "object", "properties": properties, "required": required}


def read_fields(fields: Any, values: Mapping[str, Any] | None) -> Any:
    """Returns the values that people filled in, as a dict or an instance of the dataclass; None if the answer has none.

    Raises a ValueError that names the field if a value does not fit the dataclass.
    """
    if values is None or not isinstance(fields, type):
        return None if values is None else dict(values)
    kinds = _list_kinds(fields)
    unknown = sorted(values.keys() - kinds.keys())
    if unknown:
        raise ValueError(f"{unknown[0]} is not a field of {fields.__name__}")
    arguments = {name: _call(kinds[name].read, name, value) for name, value in values.items()}
    for field in dataclasses.fields(fields):
        if field.name not in arguments and _find_default(field) is _MISSING:
            if not kinds[field.name].is_optional:
                raise ValueError(f"{field.name} is missing in the answer")
            arguments[field.name] = None
    return fields(**arguments)


def _call(convert: Callable[[Any], Any], name: str, value: Any) -> Any:
    try:
        return convert(value)
    except (TypeError, ValueError, KeyError) as error:
        raise ValueError(f"{name} cannot be {value!r}") from error


def _find_default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not _MISSING:
        return field.default
    factory: Any = field.default_factory
    return _MISSING if factory is _MISSING else factory()


def _list_kinds(fields: type) -> dict[str, _Kind]:
    try:
        hints = typing.get_type_hints(fields)
    except NameError as error:
        raise ValueError(f"{error.name}, a type of {fields.__name__}, is not defined or imported in its module") from error
    for field in dataclasses.fields(fields):
        if not field.init:
            raise ValueError(f"{field.name} cannot be asked for: it has init=False")
    return {field.name: _find_kind(field.name, hints[field.name]) for field in dataclasses.fields(fields)}


def _find_kind(name: str, hint: Any) -> _Kind:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        inner = [arg for arg in args if arg is not type(None)]
        if len(inner) == 1:
            kind = _find_kind(name, inner[0])
            return _Kind(kind.schema, kind.write, lambda value: None if value is None else kind.read(value), True)
    if origin is list and len(args) == 1 and _list_choices(name, args[0]) is not None:
        item = _find_kind(name, args[0])
        return _Kind(
            {"type": "array", "items": item.schema},
            lambda values: [item.write(value) for value in values],
            lambda values: [item.read(value) for value in _check(values, list)],
        )
    choices = _list_choices(name, hint)
    if choices:
        texts = {value: text for text, value in choices.items()}
        return _Kind({"type": "string", "enum": [*choices]}, lambda value: texts[value], lambda text: choices[text])
    if hint in _KINDS:
        return _KINDS[hint]
    type_name = getattr(hint, "__name__", None) or str(hint)
    raise ValueError(f"{name} cannot be asked for: its type is {type_name if origin is None else hint}")


def _list_choices(name: str, hint: Any) -> dict[str, Any] | None:
    """Lists the values of an enum, or of a Literal of texts, by the texts on the form; None: another type."""
    if isinstance(hint, enum.EnumMeta):
        members: list[Any] = list(hint)
        choices = {member.value if isinstance(member.value, str) else member.name: member for member in members}
        if len(choices) < len(members):
            raise ValueError(f"{name} cannot be asked for: two members of {hint.__name__} have the same text")
        return choices
    if typing.get_origin(hint) is typing.Literal and all(type(arg) is str for arg in typing.get_args(hint)):
        return {text: text for text in typing.get_args(hint)}
    return None


def _check(value: Any, kind: type) -> Any:
    """Compares exact types: for isinstance, True is a number."""
    if type(value) is not kind:
        raise TypeError
    return value


def _read_float(value: Any) -> float:
    return float(value if type(value) is int else _check(value, float))


def _read_integer(value: Any) -> int:
    """Reads an integer. JSON has only one type of number, so 3.0 is 3."""
    return int(value) if type(value) is float and value.is_integer() else _check(value, int)


def _read_time(text: str) -> datetime.datetime:
    """Reads a time. Before Python 3.11, `fromisoformat` does not accept Z."""
    return datetime.datetime.fromisoformat(f"{text[:-1]}+00:00" if text.endswith("Z") else text)


def _check_as(kind: type) -> Callable[[Any], Any]:
    return lambda value: _check(value, kind)


_KINDS: dict[Any, _Kind] = {
    str: _Kind({"type": "string"}, _check_as(str), _check_as(str)),
    int: _Kind({"type": "integer"}, _check_as(int), _read_integer),
    float: _Kind({"type": "number"}, _read_float, _read_float),
    bool: _Kind({"type": "boolean"}, _check_as(bool), _check_as(bool)),
    datetime.date: _Kind({"type": "string", "format": "date"}, datetime.date.isoformat, datetime.date.fromisoformat),
    datetime.datetime: _Kind({"type": "string", "format": "date-time"}, datetime.datetime.isoformat, _read_time),
}


def _read_metadata(field: dataclasses.Field[Any], kind: _Kind) -> dict[str, Any]:
    """Reads the labels and limits in the metadata of a field. Other keys may belong to other libraries."""
    keywords = {**{name: name for name in LABELS}, **LIMITS[kind.schema["type"]]}
    if "enum" in kind.schema or "format" in kind.schema:
        keywords = {name: name for name in LABELS}
    unsupported = [name for name in ("min", "max", "format") if name in field.metadata and name not in keywords]
    if unsupported:
        raise ValueError(f"{field.name} cannot have {unsupported[0]}: its type is {kind.schema['type']}")
    return {key: field.metadata[name] for name, key in keywords.items() if name in field.metadata}
