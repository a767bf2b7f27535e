"""The arguments of a call, as a person sees them and the tool gets them. gated_types.py has the types of pydantic."""

import collections
import datetime
import decimal
import enum
import json
import pathlib
import types
import unittest

from crew_approvals.arguments import freeze


class Color(enum.Enum):
    RED = "red"


class Loose(enum.Enum):
    """An enum whose members are equal to each other and to texts."""

    A = "a"
    B = "b"

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1


class Moody(enum.Enum):
    """An enum whose members become equal."""

    A = "a"
    B = "b"

    def __eq__(self, other):
        return self is other or getattr(Moody, "is_equal", False)

    def __hash__(self):
        return 1


class Text(str):
    """A text that shows another text."""

    def __str__(self):
        return "nice"

    encode = __iter__ = __format__ = __repr__ = __str__


class Kind(type):
    """A metaclass whose classes are equal to every other class."""

    def __eq__(self, other):
        return True

    def __hash__(self):
        return hash(list)

    def __instancecheck__(self, _):
        return True


class Pretender(metaclass=Kind):
    __class__ = list

    def __iter__(self):
        return iter(["nice"])


class Arguments(unittest.TestCase):
    def assert_refused(self, value, why):
        with self.assertRaisesRegex(ValueError, rf"^arguments\.value.* cannot be shown exactly: .*{why}"):
            freeze({"value": value})

    def test_no_class_of_a_program_passes_for_a_known_one(self):
        url = type("HttpUrl", (), {"__module__": "pydantic.networks", "__str__": lambda self: "https://nice"})
        for kind in (str, int, float, list, tuple, set, frozenset, dict, collections.deque, decimal.Decimal):
            self.assert_refused(type("Own", (kind,), {})(), "it is of the type Own")
        for value in (Text("evil"), Pretender(), url(), Kind("Any", (), {})):
            for place in (value, [value], (value,), {"a": value}, iter([value])):
                self.assert_refused(place, "it is of the type ")
        self.assert_refused({Text("evil"): 1}, "a key of the type Text")

    def test_members_of_an_enum_that_are_equal_are_not_taken_for_each_other(self):
        label = f"{__name__}.Loose"
        self.assertEqual(freeze([Loose.A, Loose.B])[1], [f"a (enum {label}.A)", f"b (enum {label}.B)"])
        self.assert_refused({Color.RED, types.SimpleNamespace}, "it is of the type type")
        for values in ([Loose.A], [Loose.A, Loose.B]):
            copy, _ = freeze(values)
            self.assertEqual([one.name for one in copy], [one.name for one in values])
        moody = {Moody.A, Moody.B}
        Moody.is_equal = True
        self.assert_refused(moody, "values in it are equal to each other")
        odd = enum.Enum("Odd", {"A) (str": 1})
        self.assert_refused(next(iter(odd)), "it is of the type Odd, and no named member of it")

    def test_what_is_large_deep_or_endless_is_refused_before_it_is_read_to_its_end(self):
        read = []

        def count(most=None):
            while most is None or len(read) < most:
                read.append(1)
                yield len(read)

        self.assert_refused(count(10**6), "the arguments are larger than 1 MiB")
        self.assert_refused(count(), "the arguments are larger than 1 MiB")
        self.assertLess(len(read), 1_200_000)
        circle, shared = [], ["x" * 100]
        circle.append(circle)
        for _ in range(30):
            shared = [shared, shared]
        self.assert_refused(circle, "it is nested too deeply")
        self.assert_refused(shared, "the arguments are larger than 1 MiB")
        self.assert_refused({"x" * 2**21: 1}, "the arguments are larger than 1 MiB")
        self.assert_refused(10**5000, "it has too many digits")

        def deeper():
            yield deeper()

        self.assert_refused(deeper(), "it is nested too deeply")

        def broken():
            yield 1
            raise OSError("gone")

        self.assert_refused(broken(), "reading it raised OSError: gone")

    def test_the_tool_shares_nothing_that_can_change_with_the_caller(self):
        given = {"list": [[1]], "dict": {"a": {"b": [1]}}, "deque": collections.deque([[1]]), "tuple": ([1],)}
        copy, shown = freeze(given)
        before = json.dumps(shown)

        def change(value):
            if isinstance(value, dict):
                for one in list(value.values()):
                    change(one)
                value["more"] = "changed"
            if isinstance(value, (list, tuple, collections.deque)):
                for one in list(value):
                    change(one)
                if not isinstance(value, tuple):
                    value.append("changed")

        change(given)
        self.assertEqual((json.dumps(shown), freeze(copy)[1]), (before, json.loads(before)))
        self.assertNotIn("changed", repr(copy))

    def test_what_a_generator_changes_while_it_is_read_does_not_reach_the_tool(self):
        before, after = [1], [1]

        def meddle():
            before.append("changed")
            after.append("read later")
            yield 2

        copy, shown = freeze({"before": before, "generator": meddle(), "after": after})
        self.assertEqual(copy, {"before": [1], "generator": [2], "after": [1, "read later"]})
        self.assertEqual(shown, copy)

    def test_a_path_is_what_its_text_says_whatever_a_program_changed_in_it(self):
        path = pathlib.PurePosixPath("/evil")
        str(path)
        path._str = Text("/evil")
        copy, shown = freeze(path)
        self.assertEqual((str(copy), shown, type(copy.as_posix())), ("/evil", "/evil (PurePosixPath)", str))
        path._str = "/nice"
        copy, shown = freeze(path)
        self.assertEqual((copy.parts, shown), (("/", "nice"), "/nice (PurePosixPath)"))

    def test_a_time_zone_is_its_offset(self):
        class Zone(datetime.tzinfo):
            calls = 0

            def utcoffset(self, _):
                Zone.calls += 1
                return datetime.timedelta(hours=Zone.calls)

        copy, shown = freeze(datetime.datetime(2026, 1, 2, fold=1, tzinfo=Zone()))
        self.assertEqual(
            (copy.isoformat(), shown), ("2026-01-02T00:00:00+01:00", "2026-01-02T00:00:00+01:00 (datetime)")
        )
        self.assertEqual((type(copy.tzinfo), copy.fold), (datetime.timezone, 0))
        self.assertEqual(freeze(datetime.time(1, 2))[1], "01:02:00 (time)")

    def test_a_deque_that_drops_values_is_refused(self):
        self.assert_refused(collections.deque([1], 2), "it is a deque with a maxlen")
        self.assertEqual(freeze(collections.deque([1])), (collections.deque([1]), {"deque": [1]}))

    def test_what_looks_like_a_named_type_and_is_none_is_named_too(self):
        for text in (
            "2026-01-02 (date)",
            "x (str)",
            "1.0 (float)",
            "https://a (HttpUrl)",
            "a (enum b.C.D)",
            " (Path) (str)",
        ):
            self.assertEqual(freeze(text), (text, f"{text} (str)"))
        for text in ("date", "(date)", "2026-01-02 (date) ", "x (y)", "f(x)"):
            self.assertEqual(freeze(text), (text, text))
        self.assertEqual(freeze([1, 1.0, 1.5, -0.0])[1], [1, "1.0 (float)", 1.5, "-0.0 (float)"])
        self.assertEqual(freeze({"y", "x"})[1], {"set": ["x", "y"]})
        for name in ("tuple", "set", "frozenset", "deque", "dict"):
            self.assertEqual(freeze({name: [1]}), ({name: [1]}, {"dict": {name: [1]}}))
        self.assertEqual(freeze({"tuple": [1], "set": [1]})[1], {"tuple": [1], "set": [1]})


if __name__ == "__main__":
    unittest.main()
