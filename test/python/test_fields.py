"""Fields that people fill in, as a program gets them."""

import datetime
import enum
import unittest
from dataclasses import dataclass, field
from typing import Literal, Optional, Union

from case import Case
from crew_approvals.fields import build_schema, read_fields


class Speed(enum.Enum):
    FAST = "fast"
    SLOW = "slow"


class Twins(enum.Enum):
    FAST = "SLOW"
    SLOW = 1


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclass
class Release:
    version: str = field(metadata={"title": "Version", "description": "As in the tag", "min": 1, "max": 20})
    percent: int = field(metadata={"min": 1, "max": 100})
    speed: Speed
    level: Level
    channel: Literal["beta", "stable"]
    regions: list[Literal["eu", "us"]] = field(metadata={"min": 1})
    day: datetime.date
    at: Optional[datetime.datetime]
    mail: str = field(default="ana@example.com", metadata={"format": "email"})
    ratio: float = 0.5
    is_loud: bool = False
    speeds: list[Speed] = field(default_factory=lambda: [Speed.SLOW])
    note: "str | None" = None


SCHEMA = {
    "type": "object",
    "properties": {
        "version": {
            "type": "string",
            "title": "Version",
            "description": "As in the tag",
            "minLength": 1,
            "maxLength": 20,
        },
        "percent": {"type": "integer", "minimum": 1, "maximum": 100},
        "speed": {"type": "string", "enum": ["fast", "slow"]},
        "level": {"type": "string", "enum": ["LOW", "HIGH"]},
        "channel": {"type": "string", "enum": ["beta", "stable"]},
        "regions": {"type": "array", "items": {"type": "string", "enum": ["eu", "us"]}, "minItems": 1},
        "day": {"type": "string", "format": "date"},
        "at": {"type": "string", "format": "date-time"},
        "mail": {"type": "string", "format": "email", "default": "ana@example.com"},
        "ratio": {"type": "number", "default": 0.5},
        "is_loud": {"type": "boolean", "default": False},
        "speeds": {"type": "array", "items": {"type": "string", "enum": ["fast", "slow"]}, "default": ["slow"]},
        "note": {"type": "string"},
    },
    "required": ["version", "percent", "speed", "level", "channel", "regions", "day"],
}
ANSWER = {
    "version": "1.2",
    "percent": 50,
    "speed": "slow",
    "level": "HIGH",
    "channel": "beta",
    "regions": ["us"],
    "day": "2026-12-01",
}
FILLED = Release(
    "1.2", 50, Speed.SLOW, Level.HIGH, "beta", ["us"], datetime.date(2026, 12, 1), None, speeds=[Speed.SLOW]
)


def build(kind, **more):
    """Builds the schema of a dataclass with one field."""
    return build_schema(dataclass(type("One", (), {"__annotations__": {"one": kind}, **more})))


class Fields(Case):
    def test_a_dataclass_is_a_flat_schema_with_its_defaults_and_limits(self):
        self.assertEqual(build_schema(Release), SCHEMA)

    def test_a_schema_stays_as_it_is(self):
        self.assertEqual(build_schema(SCHEMA), SCHEMA)
        self.assertEqual(read_fields(SCHEMA, {"version": "1.2"}), {"version": "1.2"})

    def test_an_answer_is_an_instance_of_the_dataclass(self):
        self.assertEqual(read_fields(Release, ANSWER), FILLED)
        more = {"at": "2026-12-01T08:30:00Z", "ratio": 1, "percent": 50.0, "speeds": ["fast"], "note": "x"}
        filled = read_fields(Release, {**ANSWER, **more})
        self.assertEqual(filled.at, datetime.datetime(2026, 12, 1, 8, 30, tzinfo=datetime.timezone.utc))
        self.assertEqual((filled.percent, filled.speeds, filled.note), (50, [Speed.FAST], "x"))
        self.assertEqual([type(filled.percent), type(filled.ratio)], [int, float])
        self.assertIsNone(read_fields(Release, None))

    def test_an_answer_that_does_not_fit_names_the_field(self):
        for wrong, said in [
            ({"percent": True}, "percent cannot be True"),
            ({"percent": 1.5}, "percent cannot be 1.5"),
            ({"version": 1}, "version cannot be 1"),
            ({"speed": "SLOW"}, "speed cannot be 'SLOW'"),
            ({"regions": "us"}, "regions cannot be 'us'"),
            ({"day": "today"}, "day cannot be 'today'"),
            ({"other": 1}, "other is not a field of Release"),
        ]:
            with self.assertRaisesRegex(ValueError, f"^{said}$"):
                read_fields(Release, {**ANSWER, **wrong})
        with self.assertRaisesRegex(ValueError, "^version is missing in the answer$"):
            read_fields(Release, {name: value for name, value in ANSWER.items() if name != "version"})

    def test_a_type_that_people_cannot_be_asked_for_names_the_field(self):
        for kind in (bytes, dict, list, list[str], Union[int, str], Literal[1, 2], Release, complex, "Unknown"):
            with self.assertRaisesRegex(ValueError, "^one cannot be asked for|Unknown"):
                build(kind)
        for kind, metadata in [(bool, {"min": 1}), (Speed, {"max": 1}), (int, {"format": "email"})]:
            with self.assertRaisesRegex(ValueError, "^one cannot have "):
                build(kind, one=field(metadata=metadata))
        for kind in (Twins, list[Twins], Optional[Twins]):
            with self.assertRaisesRegex(ValueError, "^one cannot be asked for: two members of Twins have the same text$"):
                build(kind)
        with self.assertRaisesRegex(ValueError, "^one cannot be asked for: it has init=False"):
            build(int, one=field(init=False, default=1))
        with self.assertRaisesRegex(ValueError, "^one cannot be 'x'$"):
            build(int, one="x")
        for wrong in (FILLED, int, "text"):
            with self.assertRaisesRegex(ValueError, "^fields must be"):
                build_schema(wrong)

    def test_metadata_of_other_libraries_is_left_alone(self):
        self.assertEqual(
            build(int, one=field(metadata={"other": object()}))["properties"], {"one": {"type": "integer"}}
        )

    def test_a_question_with_fields_is_answered_with_them_also_after_a_restart(self):
        options = [
            {"id": "ship", "label": "Ship", "fields": True, "next": "Deploys it"},
            {"id": "hold", "label": "Hold"},
        ]
        asking = {
            "options": options,
            "fields": Release,
            "id": "b-1",
            "callback_url": "https://ci.example.com",
            "agent": "CI",
        }
        approvals = self.make()
        self.in_background(approvals.ask, "Ship?", "Now?", **asking)
        self.asked("b-1")
        body = {"title": "Ship?", "text": "Now?", "options": options, "fields": SCHEMA, "agent": "CI"}
        self.assertEqual(self.bot.questions["b-1"]["body"], {**body, "callback_url": "https://ci.example.com"})
        approvals.stop()
        again = self.make()
        result = self.in_background(again.ask, "Ship?", "Now?", **asking)
        self.bot.answer("b-1", "ship", fields=ANSWER)
        self.assertEqual(self.value_of(result).fields, FILLED)
        self.assertEqual(again.ask("Ship?", "Now?", **{**asking, "fields": SCHEMA}, timeout=20).fields, ANSWER)

    def test_an_option_without_fields_gives_none(self):
        result = self.in_background(self.make().ask, "Ship?", "Now?", fields=Release, id="b-1")
        self.asked("b-1")
        self.bot.answer("b-1", "approve")
        self.assertIsNone(self.value_of(result).fields)


if __name__ == "__main__":
    unittest.main()
