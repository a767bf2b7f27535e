"""Arguments of a call: the JSON for the card, and a copy for the tool that has only what the card shows."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import ipaddress
import json
import math
import pathlib
import sys
import types
import uuid
from collections.abc import Callable, Iterator
from typing import Any

#: Limits of the bot: bytes of a body, and levels of its JSON inside the arguments.
MAX_BYTES, MAX_DEPTH = 2**20, 60
#: Bits of the longest integer. By default, Python does not write integers of more than 4,300 digits (14,285 bits).
MAX_INTEGER_BITS = 14_000

IP_TYPES = "IPv4Address IPv6Address IPv4Interface IPv6Interface IPv4Network IPv6Network"
PATH_TYPES = "PurePosixPath PureWindowsPath PosixPath WindowsPath"
#: Types whose text identifies a value, each with the function that reads the value from the text.
TEXT_PARSERS: dict[type, Callable[[str], Any]] = {
    datetime.date: datetime.date.fromisoformat,
    decimal.Decimal: decimal.Decimal,
    uuid.UUID: uuid.UUID,
    **{kind: kind for kind in (getattr(ipaddress, name) for name in IP_TYPES.split())},
    **{kind: kind for kind in (getattr(pathlib, name) for name in PATH_TYPES.split())},
}
#: More such types, by module of pydantic, which the program need not have.
URL_TYPES = {
    "pydantic_core._pydantic_core": "Url MultiHostUrl",
    "pydantic.networks": "AnyUrl AnyHttpUrl HttpUrl AnyWebsocketUrl WebsocketUrl FileUrl FtpUrl PostgresDsn "
    "CockroachDsn AmqpDsn RedisDsn MongoDsn KafkaDsn NatsDsn MySQLDsn MariaDBDsn ClickHouseDsn SnowflakeDsn",
}
LIST_TYPES = (list, tuple, set, frozenset, collections.deque)
#: Iterators can be read only once: they become lists before the question is asked.
ITERATOR_TYPES: tuple[type, ...] = (types.GeneratorType, map, filter, zip, enumerate, type(iter(())), type(iter([])))
PYDANTIC_ITERATOR_TYPES = ("SerializationIterator", "ValidatorIterator")

#: A value of a type that JSON does not have is shown with it: at the end of a text (TYPE_SUFFIXES) or as the only key of an object (TYPE_KEYS).
#: A text or a dictionary that looks like such a value is shown with its own type, `str` or `dict`.
TYPE_SUFFIXES = tuple(
    f" ({name})"
    for name in (
        *("str", "float", "datetime", "time", "timedelta"),
        *(kind.__name__ for kind in TEXT_PARSERS),
        *" ".join(URL_TYPES.values()).split(),
    )
)
TYPE_KEYS = ("tuple", "set", "frozenset", "deque", "dict")


def freeze(value: Any, at: str = "arguments") -> tuple[Any, Any]:
    """Copies a value and builds the JSON that shows it. Different values have different JSON.

    Both come from one reading of the value: nothing can change the value in between, and subclasses have no influence.

    Raises ValueError for types that are not listed here, and for values that are too large, too deep or ambiguous.
    """
    return _Freezer().freeze(value, at, 0)


def _refuse(at: str, why: str) -> ValueError:
    return ValueError(f"{at} cannot be shown exactly: {why}")


def _is_one_of(kind: type, kinds: Any) -> bool:
    """True if the type is listed. Compares by identity: a metaclass can make its class equal to any other."""
    return any(kind is candidate for candidate in kinds)


class _Freezer:
    def __init__(self) -> None:
        self._remaining_characters = MAX_BYTES

    def freeze(self, value: Any, at: str, depth: int) -> tuple[Any, Any]:
        kind = type(value)
        if depth > MAX_DEPTH:
            raise _refuse(at, "it is nested too deeply")
        # A value takes at least one character and a comma.
        self._spend(2, at)
        if value is None or kind is bool:
            return value, value
        if kind is str:
            shown = f"{value} (str)" if _looks_tagged(value) else value
            return value, self._write(shown, at)
        if kind is int:
            if value.bit_length() > MAX_INTEGER_BITS:
                raise _refuse(at, "it has too many digits")
            self._spend(value.bit_length() // 4, at)
            return value, value
        if kind is float:
            if not math.isfinite(value):
                raise _refuse(at, f"it is {value!r}")
            # For the bot, 1.0 and 1 are the same number.
            return value, self._write(f"{value!r} (float)", at) if value.is_integer() else value
        if kind is dict:
            return self._freeze_dict(value, at, depth)
        if _is_one_of(kind, LIST_TYPES):
            return self._freeze_list(kind, value, at, depth)
        if _is_one_of(kind, ITERATOR_TYPES) or (
            kind.__module__ == "pydantic_core._pydantic_core" and kind.__name__ in PYDANTIC_ITERATOR_TYPES
        ):
            return self._freeze_list(list, value, at, depth)
        if issubclass(type(kind), enum.EnumMeta):
            return value, self._write(_name_member(value, at), at)
        return self._freeze_constant(kind, value, at)

    def _spend(self, characters: int, at: str) -> None:
        self._remaining_characters -= characters
        if self._remaining_characters < 0:
            raise _refuse(at, "the arguments are larger than 1 MiB")

    def _write(self, text: str, at: str) -> str:
        self._spend(len(text), at)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise _refuse(at, "it has half of a surrogate pair, which is not a character") from None
        return text

    def _freeze_dict(self, value: dict[Any, Any], at: str, depth: int) -> tuple[Any, Any]:
        copy, shown = {}, {}
        for key, inner in value.items():
            if type(key) is not str:
                raise _refuse(at, f"it has a key of the type {type(key).__name__}")
            self._write(key, at)
            copy[key], shown[key] = self.freeze(inner, f"{at}.{key}", depth + 1)
        is_tagged = len(shown) == 1 and not shown.keys().isdisjoint(TYPE_KEYS)
        return copy, {"dict": shown} if is_tagged else shown

    def _freeze_list(self, kind: type, value: Any, at: str, depth: int) -> tuple[Any, Any]:
        if kind is collections.deque and value.maxlen is not None:
            raise _refuse(at, "it is a deque with a maxlen")
        inner_depth = depth + (1 if kind is list else 2)
        pairs = [self.freeze(inner, f"{at}[]", inner_depth) for inner in self._read(value, at)]
        copy, shown = kind(inner for inner, _ in pairs), [inner for _, inner in pairs]
        if len(copy) != len(shown):
            raise _refuse(at, "values in it are equal to each other")
        if kind is set or kind is frozenset:
            # Equal sets can iterate in different orders.
            shown.sort(key=json.dumps)
        return copy, shown if kind is list else {kind.__name__: shown}

    def _read(self, value: Any, at: str) -> Iterator[Any]:
        """Yields the values of a collection. An iterator runs code of the program, which can raise."""
        values = iter(value)
        while True:
            try:
                inner = next(values)
            except StopIteration:
                return
            except Exception as error:
                raise _refuse(at, f"reading it raised {type(error).__name__}: {error}") from error
            yield inner

    def _freeze_constant(self, kind: type, value: Any, at: str) -> tuple[Any, Any]:
        if kind is datetime.timedelta:
            return value, self._write(f"{value} (timedelta)", at)
        if kind is datetime.datetime or kind is datetime.time:
            copy = _fix_offset(value, at)
            return copy, self._write(f"{copy.isoformat()} ({kind.__name__})", at)
        urls = (
            getattr(sys.modules.get(module), name, None) for module, names in URL_TYPES.items() for name in names.split()
        )
        read = TEXT_PARSERS[kind] if _is_one_of(kind, TEXT_PARSERS) else kind if _is_one_of(kind, urls) else None
        if read is None:
            raise _refuse(at, f"it is of the type {kind.__name__}")
        if kind is decimal.Decimal and not value.is_finite():
            raise _refuse(at, f"it is {value}")
        # The program can change the cached text of a path or URL: the tool gets a new value, read from the text shown.
        text = str.__str__(str(value))
        copy = read(text)
        if str(copy) != text:
            raise _refuse(at, f"{kind.__name__} makes another value of its text")
        return copy, self._write(f"{text} ({kind.__name__})", at)


def _looks_tagged(text: str) -> bool:
    return text.endswith(TYPE_SUFFIXES) or (text.endswith(")") and " (enum " in text)


def _fix_offset(value: Any, at: str) -> Any:
    """Replaces a time zone with its offset at that time: a time zone runs code of the program."""
    if value.tzinfo is None:
        return value.replace(fold=0)
    offset = value.utcoffset()
    if offset is None:
        raise _refuse(at, "it has a time zone without an offset")
    # The sum is a plain timedelta, even if the offset is of a subclass.
    zone = datetime.timezone(datetime.timedelta.__add__(offset, datetime.timedelta()))
    return value.replace(tzinfo=zone, fold=0)


def _name_member(value: Any, at: str) -> str:
    """Describes a member of an enum by its value and name. Raises ValueError if they do not identify the member."""
    kind, content = type(value), object.__getattribute__(value, "_value_")
    name = next((name for name, member in kind._member_map_.items() if member is value), None)
    label = f"{kind.__module__}.{kind.__qualname__}.{name}"
    if name is None or "(" in label or ")" in label:
        raise _refuse(at, f"it is of the type {kind.__name__}, and no named member of it")
    if not _is_one_of(type(content), (str, int, float, bool)):
        raise _refuse(at, f"it is of the type {kind.__name__}, whose value is of the type {type(content).__name__}")
    # A member that is also a str, int or float can differ from its `_value_`.
    for base, read in ((str, str.__str__), (int, int.__int__), (float, float.__float__)):
        if issubclass(kind, base) and read(value) != content:
            raise _refuse(at, f"it is of the type {kind.__name__}, and a {base.__name__} that is not its value")
    return f"{content} (enum {label})"
