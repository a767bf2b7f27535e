"""Gated tools of the real crewai, with parameters of every type that pydantic has a schema for.

python.test.ts runs this file if crewai is installed.
"""

import collections
import dataclasses
import datetime
import decimal
import enum
import inspect
import ipaddress
import json
import pathlib
import re
import socket
import tempfile
import typing
import unittest
import uuid
from fractions import Fraction
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import pydantic
import typing_extensions
from crew_approvals import CrewApprovals, ToolNotRun
from crew_approvals.arguments import freeze
from crewai.tools import BaseTool
from fake_bot import SECRET, FakeBot


class Color(enum.Enum):
    RED = "red"


class Size(enum.IntEnum):
    BIG = 3


class Word(str, enum.Enum):
    YES = "yes"


class Half(float, enum.Enum):
    ONE = 0.5


class Raw(enum.Enum):
    BYTES = "x"
    LIST = ["x"]


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


class Liar(str, enum.Enum):
    A = "a"

    def __new__(cls, value):
        member = str.__new__(cls, f"not {value}")
        member._value_ = value
        return member


class Inner(pydantic.BaseModel):
    a: int
    later: typing.Iterable[int] = None


class Any_(pydantic.RootModel[Any]):
    pass


class Typed(typing_extensions.TypedDict):
    a: int


class Point(typing.NamedTuple):
    x: int
    y: int


@dataclasses.dataclass
class Data:
    a: int
    day: datetime.date


@pydantic.dataclasses.dataclass
class PydanticData:
    a: int


class Shop(pydantic.HttpUrl):
    """A subclass can show any text."""

    def __str__(self):
        return "https://nice.example/"


class LoudText(str):
    def __str__(self):
        return "nice"


class LoudPath(type(pathlib.Path())):
    def __str__(self):
        return "/nice"


class LoudDecimal(decimal.Decimal):
    def __str__(self):
        return "1"


class LoudInt(int):
    def __repr__(self):
        return "1"


class LoudList(list):
    def __iter__(self):
        return iter(["nice"])


class LoudDict(dict):
    def items(self):
        return [("nice", 1)]


class LoudUUID(uuid.UUID):
    def __str__(self):
        return "nice"


class LoudDate(datetime.date):
    def isoformat(self):
        return "2026-01-01"


class Cheat:
    """An object that `isinstance` takes for a text."""

    __class__ = str

    def __eq__(self, other):
        return True

    def __hash__(self):
        return hash("nice")


class CheatingKind(type):
    """A metaclass whose classes are equal to any other class."""

    def __eq__(self, other):
        return True

    def __hash__(self):
        return hash(list)


class CheatList(metaclass=CheatingKind):
    def __iter__(self):
        return iter(["nice"])


class Zone(datetime.tzinfo):
    """A time zone whose offset changes with each call."""

    hours = 0

    def utcoffset(self, _):
        Zone.hours += 1
        return datetime.timedelta(hours=Zone.hours)

    def dst(self, _):
        return None


def endless():
    while True:
        yield 1


def endless_depth():
    yield endless_depth()


def uuid_of(version):
    return ID.format("a", version)


class Refused(typing.NamedTuple):
    """The expectation that the call does not run and the agent reads why."""

    why: str


class Same(typing.NamedTuple):
    """The expectation that the tool gets the value of the validated model."""

    shown: Any


class Got(typing.NamedTuple):
    """The result of a call, or the expectation that the tool gets another value."""

    shown: Any
    got: Any


MODEL = pydantic.ConfigDict(arbitrary_types_allowed=True)
URL = "https://a.example/x?y=1"
TZ = datetime.timezone(datetime.timedelta(hours=2))
ID = "{0}{0}{0}{0}{0}{0}{0}{0}-{0}{0}{0}{0}-{1}{0}{0}{0}-a{0}{0}{0}-{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}"
temporary = tempfile.TemporaryDirectory()
folder = temporary.name
file = pathlib.Path(folder, "file")
file.write_text("a line\n")
socket_file = pathlib.Path(folder, "socket")
socket.socket(socket.AF_UNIX).bind(str(socket_file))
path_kind = type(file).__name__
future, past = "2999-01-01", "2001-01-01"

UNDESCRIBED = (bytearray, typing.Callable, typing.Collection[int], typing.Iterator[int], typing.AsyncIterable[int])
#: Type, value that the model sends, and expected result. All names of pydantic's own types appear here.
CASES = [
    (None, None, Same(None)),
    (bool, True, Same(True)),
    (int, 1, Same(1)),
    (int, "12", Same(12)),
    (int, 10**40, Same(10**40)),
    (int, 10**5000, Refused("it has too many digits")),
    (float, 1, Same("1.0 (float)")),
    (float, 1.5, Same(1.5)),
    (float, -0.0, Same("-0.0 (float)")),
    (float, float("nan"), Refused("it is nan")),
    (float, float("inf"), Refused("it is inf")),
    (complex, "1j", Refused("of the type complex")),
    (str, "x", Same("x")),
    (str, "2026-01-02 (date)", Same("2026-01-02 (date) (str)")),
    (str, "x (str)", Same("x (str) (str)")),
    (str, "red (enum __main__.Color.RED)", Same("red (enum __main__.Color.RED) (str)")),
    (bytes, "x", Refused("of the type bytes")),
    (bytearray, bytearray(b"x"), Refused("of the type bytearray")),
    (datetime.date, "2026-01-02", Same("2026-01-02 (date)")),
    (datetime.datetime, "2026-01-02T03:04:05.6", Same("2026-01-02T03:04:05.600000 (datetime)")),
    (
        datetime.datetime,
        "2026-01-02T03:04:05+02:00",
        Got(
            "2026-01-02T03:04:05+02:00 (datetime)",
            datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=TZ),
        ),
    ),
    (datetime.time, "03:04:05", Same("03:04:05 (time)")),
    (datetime.time, "03:04:05+02:00", Got("03:04:05+02:00 (time)", datetime.time(3, 4, 5, tzinfo=TZ))),
    (datetime.timedelta, "P1DT2S", Same("1 day, 0:00:02 (timedelta)")),
    (decimal.Decimal, "1.10", Same("1.10 (Decimal)")),
    (decimal.Decimal, "-0", Same("-0 (Decimal)")),
    (Annotated[decimal.Decimal, pydantic.AllowInfNan()], "NaN", Refused("it is NaN")),
    # A model writes a fraction as a text.
    (Fraction, "1/3", Got("1/3", "1/3")),
    (Any, [Fraction(1, 3)], Refused("of the type Fraction")),
    (Literal["a", 1], "a", Same("a")),
    (Color, "red", Same("red (enum __main__.Color.RED)")),
    (Size, 3, Same("3 (enum __main__.Size.BIG)")),
    (Word, "yes", Same("yes (enum __main__.Word.YES)")),
    (Half, 0.5, Same("0.5 (enum __main__.Half.ONE)")),
    (Raw, ["x"], Refused("whose value is of the type list")),
    (Rights, 1, Same("1 (enum __main__.Rights.READ)")),
    (Any, Rights.READ | Rights.WRITE, Refused("no named member")),
    (Liar, "a", Refused("a str that is not its value")),
    (uuid.UUID, uuid_of(4), Same(f"{uuid_of(4)} (UUID)")),
    (pathlib.Path, "/x/../y", Same(f"/x/../y ({path_kind})")),
    (pathlib.PurePosixPath, "/x", Same("/x (PurePosixPath)")),
    (pathlib.PureWindowsPath, "c:\\x", Same("c:\\x (PureWindowsPath)")),
    (re.Pattern, "x+", Refused("of the type Pattern")),
    (ZoneInfo, "Europe/Paris", Refused("of the type ZoneInfo")),
    (ipaddress.IPv4Address, "127.0.0.1", Same("127.0.0.1 (IPv4Address)")),
    (ipaddress.IPv6Address, "::1", Same("::1 (IPv6Address)")),
    (ipaddress.IPv4Interface, "10.0.0.1/8", Same("10.0.0.1/8 (IPv4Interface)")),
    (ipaddress.IPv6Interface, "::1/64", Same("::1/64 (IPv6Interface)")),
    (ipaddress.IPv4Network, "10.0.0.0/8", Same("10.0.0.0/8 (IPv4Network)")),
    (ipaddress.IPv6Network, "fe80::/64", Same("fe80::/64 (IPv6Network)")),
    # Collections
    (list[int], ["1"], Same([1])),
    (tuple[int, ...], [1, 2], Same({"tuple": [1, 2]})),
    (tuple[int, str], [1, "a"], Same({"tuple": [1, "a"]})),
    (set[str], ["b", "a"], Same({"set": ["a", "b"]})),
    (frozenset[int], [1], Same({"frozenset": [1]})),
    (collections.deque[int], [1], Same({"deque": [1]})),
    (dict[str, int], {"a": 1}, Same({"a": 1})),
    (dict[str, Any], {"tuple": [1]}, Same({"dict": {"tuple": [1]}})),
    (dict[int, int], {"1": 1}, Refused("it has a key of the type int")),
    (dict[datetime.date, int], {"2026-01-02": 1}, Refused("it has a key of the type date")),
    (dict[Any, int], {frozenset({1}): 1}, Refused("it has a key of the type frozenset")),
    (collections.OrderedDict[str, int], {"a": 1}, Got({"a": 1}, {"a": 1})),
    (collections.defaultdict[str, int], {"a": 1}, Got({"a": 1}, {"a": 1})),
    (collections.Counter[str], {"a": 1}, Got({"a": 1}, {"a": 1})),
    (typing.Mapping[str, int], {"a": 1}, Same({"a": 1})),
    (typing.Sequence[int], [1], Same([1])),
    (typing.Collection[int], [1], Same([1])),
    (Typed, {"a": 1}, Same({"a": 1})),
    (Point, [1, 2], Got({"tuple": [1, 2]}, (1, 2))),
    (Data, {"a": 1, "day": "2026-01-02"}, Got({"a": 1, "day": "2026-01-02 (date)"}, None)),
    (PydanticData, {"a": 1}, Got({"a": 1}, {"a": 1})),
    (Inner, {"a": 1, "later": ["2", 3]}, Got({"a": 1, "later": [2, 3]}, {"a": 1, "later": [2, 3]})),
    (Any_, {"a": [1]}, Got({"a": [1]}, {"a": [1]})),
    (typing.Optional[int], None, Same(None)),
    (typing.Union[int, str], "1", Same("1")),
    (typing.Hashable, "x", Same("x")),
    (object, "x", Same("x")),
    # Iterators
    (typing.Iterable[str], ["ana", "bob"], Got(["ana", "bob"], ["ana", "bob"])),
    (typing.Iterable, ["ana", 1], Got(["ana", 1], ["ana", 1])),
    (typing.Generator[int, None, None], ["1", 2], Got([1, 2], [1, 2])),
    (typing.Iterable[tuple[int, Color]], [[1, "red"]], Got([{"tuple": [1, "red (enum __main__.Color.RED)"]}], None)),
    (typing.Iterable[Inner], [{"a": 1}], Got([{"a": 1, "later": None}], None)),
    (list[typing.Iterable[int]], [[1], [2, 3]], Got([[1], [2, 3]], [[1], [2, 3]])),
    (dict[str, typing.Iterable[int]], {"a": [1]}, Got({"a": [1]}, {"a": [1]})),
    (typing.Iterable[typing.Iterable[int]], [[1]], Got([[1]], [[1]])),
    (typing.Iterable[bytes], ["x"], Refused(r"arguments.value\[\] cannot be shown exactly: .*bytes")),
    (typing.Iterable[int], ["x"], Refused("reading it raised")),
    (typing.Iterable[int], range(10**6), Refused("larger than 1 MiB")),
    (typing.Iterable[int], endless(), Refused("larger than 1 MiB")),
    (Any, endless(), Refused("larger than 1 MiB")),
    (Any, endless_depth(), Refused("nested too deeply")),
    (Any, map(str, [1, 2]), Got(["1", "2"], ["1", "2"])),
    (Any, (one for one in [1, float("nan")]), Refused("it is nan")),
    (typing.Iterator[int], iter([1]), Got([1], [1])),
    (typing.AsyncIterable[int], [1], Refused("instance of AsyncIterable")),
    # Values that a program can pass, and a model cannot
    (Any, LoudText("evil"), Refused("of the type LoudText")),
    (Any, LoudPath("/evil"), Refused("of the type LoudPath")),
    (Any, LoudDecimal("9"), Refused("of the type LoudDecimal")),
    (decimal.Decimal, LoudDecimal("9"), Got("9 (Decimal)", decimal.Decimal(9))),
    (pathlib.Path, LoudPath("/evil"), Refused("of the type LoudPath")),
    (Any, LoudInt(9), Refused("of the type LoudInt")),
    (Any, LoudUUID(uuid_of(4)), Refused("of the type LoudUUID")),
    (Any, LoudDate(2026, 9, 9), Refused("of the type LoudDate")),
    (Any, Shop("https://evil.example/"), Refused("of the type Shop")),
    (Shop, "https://evil.example/", Refused("of the type Shop")),
    (Any, pydantic.NameEmail("Ana", "ana@a.example"), Refused("of the type NameEmail")),
    (Any, Cheat(), Refused("of the type Cheat")),
    (Any, [CheatList()], Refused("of the type CheatList")),
    (Any, memoryview(b"x"), Refused("of the type memoryview")),
    (Any, range(3), Refused("of the type range")),
    (Any, {}.items(), Refused("of the type dict_items")),
    (Any, open(file), Got(["a line\n"], ["a line\n"])),
    (Any, ..., Refused("of the type ellipsis")),
    (Any, len, Refused("of the type builtin_function")),
    (Any, "\ud800", Refused("half of a surrogate pair")),
    (Any, "x" * 1_100_000, Refused("larger than 1 MiB")),
    (
        Any,
        datetime.datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/Paris")),
        Got("2026-07-01T00:00:00+02:00 (datetime)", None),
    ),
    (Any, datetime.time(1, tzinfo=ZoneInfo("Europe/Paris")), Refused("a time zone without an offset")),
    (Any, datetime.datetime(2026, 7, 1, tzinfo=Zone()), Got("2026-07-01T00:00:00+01:00 (datetime)", None)),
    (type[int], int, Refused("of the type type")),
    (typing.Callable, len, Refused("of the type builtin_function")),
    (pydantic.InstanceOf[Inner], Inner(a=1), Got({"a": 1, "later": None}, None)),
    (pydantic.SkipValidation[str], "x", Same("x")),
    # pydantic.types
    (pydantic.StrictStr, "x", Same("x")),
    (pydantic.SocketPath, str(socket_file), Same(f"{socket_file} ({path_kind})")),
    (pydantic.ImportString, "math.pi", Same(3.141592653589793)),
    (pydantic.ImportString, "math.cos", Refused("of the type builtin_function")),
    *((kind, 1, Same(1)) for kind in (pydantic.PositiveInt, pydantic.NonNegativeInt, pydantic.StrictInt)),
    *((kind, -1, Same(-1)) for kind in (pydantic.NegativeInt, pydantic.NonPositiveInt)),
    *((kind, 1.5, Same(1.5)) for kind in (pydantic.PositiveFloat, pydantic.NonNegativeFloat, pydantic.FiniteFloat)),
    *((kind, -1.5, Same(-1.5)) for kind in (pydantic.NegativeFloat, pydantic.NonPositiveFloat)),
    (pydantic.StrictFloat, 1.5, Same(1.5)),
    (pydantic.StrictBool, False, Same(False)),
    (pydantic.StrictBytes, b"x", Refused("of the type bytes")),
    *(
        (getattr(pydantic, name), uuid_of(name[-1]), Same(f"{uuid_of(name[-1])} (UUID)"))
        for name in "UUID1 UUID3 UUID4 UUID5 UUID6 UUID7 UUID8".split()
    ),
    (pydantic.FilePath, str(file), Same(f"{file} ({path_kind})")),
    (pydantic.DirectoryPath, folder, Same(f"{folder} ({path_kind})")),
    (pydantic.NewPath, f"{folder}/new", Same(f"{folder}/new ({path_kind})")),
    (pydantic.Json, '{"a": [1, 1.0]}', Same({"a": [1, "1.0 (float)"]})),
    (pydantic.Json[list[int]], "[1]", Same([1])),
    (pydantic.Secret[int], 1, Refused("of the type Secret")),
    (pydantic.SecretStr, "x", Refused("of the type SecretStr")),
    (pydantic.SecretBytes, "x", Refused("of the type SecretBytes")),
    (pydantic.PaymentCardNumber, "4242424242424242", Refused("of the type PaymentCardNumber")),
    (pydantic.ByteSize, "1kB", Got(1000, 1000)),
    (pydantic.PastDate, past, Same(f"{past} (date)")),
    (pydantic.FutureDate, future, Same(f"{future} (date)")),
    (pydantic.PastDatetime, past, Same(f"{past}T00:00:00 (datetime)")),
    (pydantic.FutureDatetime, future, Same(f"{future}T00:00:00 (datetime)")),
    (pydantic.AwareDatetime, f"{past}T00:00Z", Got(f"{past}T00:00:00+00:00 (datetime)", None)),
    (pydantic.NaiveDatetime, past, Same(f"{past}T00:00:00 (datetime)")),
    (pydantic.Base64Bytes, "eA==", Refused("of the type bytes")),
    (pydantic.Base64Str, "eA==", Got("eA==", "eA==")),
    (pydantic.Base64UrlBytes, "eA==", Refused("of the type bytes")),
    (pydantic.Base64UrlStr, "eA==", Got("eA==", "eA==")),
    (pydantic.JsonValue, {"a": [None, 1]}, Same({"a": [None, 1]})),
    (list[pydantic.OnErrorOmit[int]], [1, "x"], Same([1])),
    # pydantic.networks
    *(
        (getattr(pydantic, name), url, Same(f"{url} ({name})"))
        for name, url in {
            "AnyUrl": "x://a.example/%2F?q=%zz#f",
            "AnyHttpUrl": URL,
            "HttpUrl": "https://user:secret@xn--mnchen-3ya.example:8443/",
            "FileUrl": "file:///etc/passwd",
            "FtpUrl": "ftp://a.example/x",
            "WebsocketUrl": "wss://a.example/x",
            "AnyWebsocketUrl": "ws://a.example/x",
            "PostgresDsn": "postgres://u:p@a.example:1,b.example:2/db",
            "CockroachDsn": "cockroachdb://u@a.example:1/db",
            "AmqpDsn": "amqp://a.example",
            "RedisDsn": "redis://a.example:6379/0",
            "MongoDsn": "mongodb://a.example:1,b.example:2/db",
            "KafkaDsn": "kafka://a.example:9092",
            "NatsDsn": "nats://a.example:4222",
            "MySQLDsn": "mysql://u@a.example:1/db",
            "MariaDBDsn": "mariadb://u@a.example:1/db",
            "ClickHouseDsn": "clickhouse+native://u@a.example:1/db",
            "SnowflakeDsn": "snowflake://u@a/db",
        }.items()
    ),
    (pydantic.HttpUrl, "https://München.example/ü", Same("https://xn--mnchen-3ya.example/%C3%BC (HttpUrl)")),
    (Any, pydantic.networks._BaseUrl, Refused("of the type type")),
    (Any, pydantic.AnyUrl(URL)._url, Same(f"{URL} (Url)")),
    (Any, pydantic.MongoDsn("mongodb://a.example:1/")._url, Same("mongodb://a.example:1/ (MultiHostUrl)")),
    # EmailStr is a text if email-validator is installed.
    (pydantic.IPvAnyAddress, "127.0.0.1", Same("127.0.0.1 (IPv4Address)")),
    (pydantic.IPvAnyInterface, "::1/64", Same("::1/64 (IPv6Interface)")),
    (pydantic.IPvAnyNetwork, "10.0.0.0/8", Same("10.0.0.0/8 (IPv4Network)")),
]

# The other names of pydantic are not types, or are types that have a case above with a constraint:
_ = """Strict conbytes conlist conset confrozenset constr conint confloat condecimal condate AllowInfNan EncoderProtocol
EncodedBytes EncodedStr Base64Encoder GetPydanticSchema StringConstraints Tag Discriminator FailFast UrlConstraints
validate_email"""


class Nothing(pydantic.BaseModel):
    pass


class Tool(BaseTool):
    name: str = "pay"
    description: str = "Pays"
    _got: list = pydantic.PrivateAttr(default_factory=list)

    def _run(self, **arguments):
        self._got.append(arguments)
        return "done"


class AnyBot(FakeBot):
    """A bot that allows every call at once."""

    def ask(self, question, body):
        response = super().ask(question, body)
        answer = {"option": "allow", "text": "", "by": "UANA", "at": "2026-01-01T00:00:00Z"}
        self.questions[question].update(status="answered", answer=answer)
        return response


def digest(shown):
    """Writes JSON as the bot compares it: the order of keys does not count, and 1.0 is 1."""

    def number(text):
        return f"number {decimal.Decimal(text).normalize() + 0}"

    return json.dumps(json.loads(json.dumps(shown), parse_int=number, parse_float=number), sort_keys=True)


def kinds(value):
    """Lists the types in a value."""
    if isinstance(value, dict):
        return [type(value), [(key, kinds(inner)) for key, inner in value.items()]]
    if isinstance(value, (list, tuple, collections.deque)):
        return [type(value), *map(kinds, value)]
    return [type(value), repr(value)]


class Types(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bot, cls.folder = AnyBot(), tempfile.TemporaryDirectory()
        cls.approvals = CrewApprovals(cls.bot.url, "press", SECRET, db=pathlib.Path(cls.folder.name) / "db")

    @classmethod
    def tearDownClass(cls):
        cls.approvals.stop()
        cls.bot.close()
        cls.folder.cleanup()

    def call(self, value, how="invoke", kind=Any):
        """Calls a tool. Returns the value on the card and the value that the tool got, or the refusal."""
        schema = pydantic.create_model("Schema", __config__=MODEL, value=(kind, ...))
        tool, previous_count = Tool(args_schema=Nothing), len(self.bot.questions)
        try:
            tool = Tool(args_schema=schema)
            (gated,) = self.approvals.gate([tool])
            if how == "invoke":
                gated.to_structured_tool().invoke({"value": value})
            elif how == "run":
                gated.run(value=value)
            else:
                gated.run(value)
        except ToolNotRun as error:
            self.assertEqual((len(self.bot.questions), tool._got), (previous_count, []))
            return Refused(str(error))
        except Exception as error:
            self.assertEqual((len(self.bot.questions), tool._got), (previous_count, []))
            return Refused(f"raised {error!r}")
        asked = list(self.bot.questions.values())[previous_count:]
        self.assertEqual((len(asked), len(tool._got)), (1, 1))
        return Got(asked[0]["body"]["output"]["value"], tool._got[0]["value"])

    def test_a_tool_gets_what_the_card_showed_whatever_the_type_or_does_not_run(self):
        for kind, value, expected in CASES:
            with self.subTest(kind=kind, expected=expected):
                result = self.call(value, kind=kind)
                if isinstance(result, Refused) and "Cannot generate a JsonSchema" in result.why:
                    # crewai 1.10.1 cannot make a tool with such a parameter.
                    self.assertIn(kind, UNDESCRIBED)
                    continue
                if isinstance(expected, Refused):
                    self.assertIsInstance(result, Refused)
                    self.assertRegex(result.why, expected.why)
                    if not result.why.startswith("raised"):
                        self.assertRegex(result.why, r"arguments\.value(\[\])* cannot be shown exactly: ")
                    continue
                self.assertIsInstance(result, Got, result)
                self.assertEqual(kinds(result.shown), kinds(expected.shown))
                # The value that the tool got is shown in the same way.
                self.assertEqual(freeze(result.got)[1], result.shown)
                if isinstance(expected, Same):
                    model = pydantic.create_model("Schema", __config__=MODEL, value=(kind, ...))
                    expected = Got(expected.shown, model(value=value).value)
                if expected.got is not None:
                    self.assertEqual(kinds(result.got), kinds(expected.got))

    def test_every_type_of_pydantic_is_one_of_these(self):
        words = set(re.findall(r"\w+", pathlib.Path(__file__).read_text()))
        self.assertEqual({*pydantic.types.__all__, *pydantic.networks.__all__} - words, set())

    def test_values_that_differ_have_digests_that_differ(self):
        values = [1, 1.0, True, "1", "1.0", 0, 0.0, -0.0, False, None, "", "None", [], (), {}, set(), frozenset()]
        values += [[1], (1,), {1}, frozenset({1}), {1.0}, {True}, collections.deque([1]), [[1]], ([1],), {"tuple": [1]}]
        values += [{"list": [1]}, {"dict": {"tuple": [1]}}, {"dict": {"dict": {"tuple": [1]}}}, {"set": [1]}, [1.0]]
        values += ["tuple", ["tuple", 1], "1 (int)", "1 (str)", "1 (str) (str)", "1.0 (float)", "1.0 (float) (str)"]
        day = datetime.date(2026, 1, 2)
        values += [day, "2026-01-02", "2026-01-02 (date)", datetime.datetime(2026, 1, 2), "2026-01-02T00:00:00"]
        values += [datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc), datetime.time(), "00:00:00"]
        values += [datetime.timedelta(), "0:00:00", 10**20, 1e20, decimal.Decimal(1), decimal.Decimal("1.0")]
        values += [decimal.Decimal("1E+2"), decimal.Decimal(100), 100, 1e2, Color.RED, "red", Size.BIG, 3, Word.YES]
        values += ["yes", "red (enum __main__.Color.RED)", pathlib.PurePosixPath("/x"), "/x", "/x (PurePosixPath)"]
        values += [pathlib.PureWindowsPath("/x"), pathlib.Path("/x"), uuid.UUID(uuid_of(4)), uuid_of(4)]
        values += [ipaddress.ip_address("::1"), ipaddress.ip_interface("::1"), "::1", "::1/128"]
        values += [ipaddress.ip_network("::1"), pydantic.HttpUrl(URL), pydantic.AnyUrl(URL), pydantic.AnyHttpUrl(URL)]
        values += [pydantic.AnyUrl(URL)._url, URL, {"a": 1, "b": 2}, {"a": {"b": 2}}, {"a.b": 2}, "é", "e\u0301"]
        digests = [digest(freeze({"value": value})[1]) for value in values]
        same = [
            (one, other)
            for n, one in enumerate(values)
            for m, other in enumerate(values)
            if m < n and digests[n] == digests[m]
        ]
        self.assertEqual(same, [])
        self.assertEqual(digest(freeze({"b": 2, "a": 1})[1]), digest(freeze({"a": 1, "b": 2})[1]))
        self.assertEqual(freeze({"x", "y", "z"})[1], freeze({"z", "y", "x"})[1])

    def test_what_is_passed_by_place_is_not_validated_and_shown_all_the_same(self):
        def two():
            yield from (1, 2)

        lists, paths = [1, [2]], [pathlib.Path("/a")]
        for how in ("invoke", "run", "place"):
            for given, shown, got in (
                (two(), [1, 2], [1, 2]),
                (map(str, [1]), ["1"], ["1"]),
                (lists, [1, [2]], [1, [2]]),
                (paths, [f"/a ({path_kind})"], paths),
            ):
                came = self.call(given, how)
                self.assertEqual(came, Got(shown, got))
                self.assertIsNot(came.got, given)
        self.assertRegex(self.call(Inner(a=1), "place").why, "of the type Inner")
        self.assertRegex(self.call(pydantic.NameEmail("a", "a@b"), "place").why, "of the type NameEmail")

    def test_what_a_program_changes_inside_a_path_or_a_url_is_not_what_runs(self):
        path, url = pathlib.PurePosixPath("/evil"), pydantic.HttpUrl("https://evil.example/")
        str(path)
        path._str = "/nice"
        url._url = pydantic.HttpUrl("https://nice.example/")._url
        for value in (path, url):
            came = self.call([value], "place")
            self.assertIn("nice", came.shown[0])
            self.assertIn("nice", repr(came.got))
            self.assertEqual(freeze(came.got)[1], came.shown)
            self.assertNotIn("evil", repr(inspect.getmembers(came.got[0])))


if __name__ == "__main__":
    unittest.main()
