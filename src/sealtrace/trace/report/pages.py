"""The report's pages: the answer first, then the proof, then what speaks against it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from sealtrace import __version__
from sealtrace.trace.model import family_bound
from sealtrace.trace.validation import validation

from . import sayings
from .beside import Beside
from .facts import Facts, Named, Score
from .shapes import disc, nats, plot, seal, sign
from .sheet import (
    ACT,
    DOUBT,
    FAILED,
    HEIGHT,
    INK,
    LEFT,
    PALE,
    PROVED,
    RIGHT,
    ROOM,
    SOFT,
    WASHES,
    WIDTH,
    Row,
    Sheet,
    Span,
    lines,
    power,
    spans,
)
from .words import LANGUAGES, TEXT, Language, odds, say

TONES = {
    "exact": ACT,
    "strong": ACT,
    "inconclusive": DOUBT,
    "none": INK,
    "fails": FAILED,
    "unreadable": FAILED,
}
FOUR = ("operator", "device", "ip", "issued_at")
ROOMS = (128.0, 116.0, 103.0, ROOM - 347)


def lay_out(facts: Facts, language: Language, beside: Sequence[Beside] = ()) -> bytes:
    """Set the whole report, with what is known beside the proof at its end. The same facts give the same bytes."""
    counted = _Pages(facts, language, beside, total=0).write()
    return _Pages(facts, language, beside, total=counted.page).write().finish()


class _Pages:
    """One pass over the report; the second knows how many pages there are."""

    def __init__(self, facts: Facts, language: Language, beside: Sequence[Beside], *, total: int) -> None:
        self.facts, self.language, self.beside = facts, language, beside
        title = f"{say('title', language)} {facts.trace}".strip()
        self.sheet = Sheet(title, facts.at, "zh-CN" if language == "zh" else "en")
        self.sheet.foot = (
            f"{say('file sha256', language)}  {facts.file_sha256}",
            say("page of", language, page="#", pages=total),
        )
        self.sections = iter(range(1, 20))

    def say(self, word: str, **values: object) -> str:
        """A sentence in this report's language."""
        return say(word, self.language, **values)

    def write(self) -> Sheet:
        """Set every part; returns the sheet on its last page."""
        self._head()
        self._verdict()
        for part in self._parts():
            part()
        return self.sheet

    def _parts(self) -> Iterator[Callable[[], None]]:
        """The parts in order. Where the file does not hold there is nothing to weigh."""
        if self.facts.holds:
            yield from (self._leak, self._copies, self._chance, self._propositions)
            if self.facts.named:
                yield self._alternatives
        else:
            yield from (self._failed, self._leak) if self.facts.claims else ()
        if self.facts.claims:
            yield from (self._claims, self._ledger)
        if self.facts.holds and {"page", "table"} & {c for copy in self.facts.named for c in copy.channels}:
            yield self._validation
        yield from (self._repeat, self._limits) if self.facts.holds else (self._repeat,)
        yield self._rights
        if self.beside:
            yield self._beside

    # -- the first page --------------------------------------------------------------------------

    def _head(self) -> None:
        sheet, facts = self.sheet, self.facts
        sheet.box(0, HEIGHT - 5, WIDTH, 5, INK)
        seal(sheet, LEFT, HEIGHT - 47)
        sheet.say(LEFT + 23, HEIGHT - 43, spans("Sealtrace", 11, INK, bold=True))
        sheet.say(RIGHT, HEIGHT - 43, spans(facts.office, 9.5, SOFT), right=True)
        sheet.y = HEIGHT - 68
        sheet.say(LEFT, sheet.y - 22, spans(self.say("title"), 21, INK, bold=True))
        sheet.space(33)
        stated = [("trace", facts.trace), ("traced at", moment(facts.at))]
        line = [
            part for name, value in stated if value
            for part in (Span(f"{self.say(name)}  ", 8.5, PALE), Span(f"{value}      ", 8.5, SOFT))
        ]  # fmt: skip
        if line:
            sheet.text(spans(line), leading=13, after=2)
        digest = [Span(f"{self.say('file sha256')}  ", 8.5, PALE), Span(facts.file_sha256, 8.5, SOFT)]
        sheet.text(spans(digest), leading=13, after=10)

    def _verdict(self) -> None:
        """The answer: a shape, a word, a sentence; then who, device, address and time."""
        sheet, facts = self.sheet, self.facts
        tone = DOUBT if facts.stamp_open else TONES[facts.result]
        word = self.say(
            "fails" if facts.result == "unreadable" else "stamp" if facts.stamp_open else facts.result
        )
        sentence = lines(spans(self._sentence(), 11, INK), ROOM - 118)
        small = "ask original" if not facts.holds else "copy not person" if facts.named else ""
        second = lines(spans(self.say(small), 9, SOFT), ROOM - 118) if small else []
        height = 52 + len(sentence) * 17 + len(second) * 14 + (8 if second else 0)
        bottom = sheet.y - height
        sheet.box(LEFT, bottom, ROOM, height, WASHES[tone])
        sheet.box(LEFT, sheet.y - 2.5, ROOM, 2.5, tone)
        disc(sheet, LEFT + 46, sheet.y - height / 2, facts.result, tone, dashed=facts.stamp_open)
        y = sheet.y - 34
        code = "" if facts.result in ("fails", "unreadable") or self.language == "en" else facts.result
        sheet.say(LEFT + 94, y, [*spans(word, 20, tone, bold=True), *spans(f"  {code}", 9, SOFT)])
        y -= 6
        for row in sentence:
            y -= 17
            sheet.say(LEFT + 94, y, row)
        y -= 8 if second else 0
        for row in second:
            y -= 14
            sheet.say(LEFT + 94, y, row)
        sheet.y = bottom - 8
        for copy in facts.named:
            self._four(copy)
        if facts.stamp_open:
            sheet.note(spans(self.say("stamp open"), 9), DOUBT)
        if facts.holds and facts.ledger and not facts.ledger.key_compared:
            sheet.note(spans(self.say("key open", section=7 if facts.named else 6), 9), DOUBT)

    def _sentence(self) -> str:
        facts = self.facts
        if facts.stamp_open:
            return self.say("stamp.says")
        if facts.named:
            worst = max(copy.chance for copy in facts.named)
            many = ".many" if len(facts.named) > 1 else ""
            words = odds(worst, self.language)
            return self.say(f"{facts.result}.says{many}", words=words, n=len(facts.named))
        return self.say("half.says" if facts.half_alone else f"{facts.result}.says")

    def _four(self, copy: Named) -> None:
        """Who, device, address, time: the same four in the same order everywhere."""
        sheet = self.sheet
        columns = [self._value(moment(getattr(copy, name))) for name in FOUR]
        blocks = [lines(spans(value, 10, INK), room - 10) for value, room in zip(columns, ROOMS, strict=True)]
        if len(self.facts.named) > 1:
            sheet.text(spans([Span(f"{self.say('copy id')}  {copy.id}", 8.5, SOFT)]), leading=13, after=2)
        height = 24 + max(map(len, blocks)) * 15
        sheet.need(height)
        x = LEFT
        for name, block, room in zip(FOUR, blocks, ROOMS, strict=True):
            sheet.say(x, sheet.y - 12, spans(self.say(name), 8, PALE))
            for count, row in enumerate(block, 1):
                sheet.say(x, sheet.y - 13 - count * 15, row)
            x += room
        sheet.space(height)
        sheet.rule(sheet.y)
        sheet.space(8)

    def _value(self, text: str) -> str:
        return text or self.say("undisclosed")

    # -- what was leaked, which copy -------------------------------------------------------------

    def _head_of(self, name: str, *, keep: float = 46.0) -> None:
        self.sheet.head(next(self.sections), self.say(name), keep=keep)

    def _failed(self) -> None:
        self._head_of("what failed")
        for claim in self.facts.claims:
            if claim.holds is False:
                why = sayings.detail(claim.detail, self.language, holds=False)
                self.sheet.fact(
                    self.say("does not hold"),
                    spans([Span(sayings.claim(claim.claim, self.language)), Span(f"  {why}", 8.5, FAILED)]),
                )

    def _leak(self) -> None:
        self._head_of("leak")
        if not self.facts.holds:
            self.sheet.text(spans(self.say("leak.stated"), 8.5, FAILED), after=2)
        for number, piece in enumerate(self.facts.pieces, 1):
            about = self.say("piece.about", size=piece.size_bytes, kind=piece.kind)
            self.sheet.fact(self.say("piece", n=number), spans(about))
            self.sheet.fact("SHA-256", spans(piece.sha256, 8.5))

    def _copies(self) -> None:
        facts, fact = self.facts, self._fact
        self._head_of("copy")
        if not facts.named:
            fact("document", facts.document or self.say("document.none"))
        if "," in facts.versions:
            fact("versions", facts.versions)
        for copy in facts.named:
            fact("copy id", spans(copy.id, 10.5))
            fact("version", copy.version)
            fact("page", copy.page) if copy.page else None
            for name in FOUR:
                fact(name, self._value(moment(getattr(copy, name))))
            fact("named by", "，".join(map(self._channel, copy.channels)) if self.language == "zh"
                 else ", ".join(map(self._channel, copy.channels)))  # fmt: skip
            if not copy.by_stamp_alone:
                words = Span(f"   {odds(copy.chance, self.language)}", 8.5, SOFT)
                fact("error", [Span("≤"), *power(copy.chance), words])
            fact("issue entry", self.say("entry n", index=f"{copy.entry:,}"))
            fact("copy sha256", spans(self._value(copy.sha256), 8.5))
            fact("original sha256", spans(self._value(copy.original_sha256), 8.5))
            self.sheet.space(8)

    def _fact(self, name: str, value: str | Row) -> None:
        self.sheet.fact(self.say(name), spans(value))

    def _channel(self, name: str) -> str:
        return self.say(f"channel.{name}" if f"channel.{name}" in TEXT else "channel.other")

    # -- how sure --------------------------------------------------------------------------------

    def _chance(self) -> None:
        facts, sheet = self.facts, self.sheet
        self._head_of("chance", keep=110)
        explained: set[str] = set()
        for copy in facts.named:
            sheet.need(170 if copy.score else 60)
            if len(facts.named) > 1:
                sheet.text(spans([Span(f"{self.say('copy id')} {copy.id}", 9.5, SOFT)]), after=0)
            kind = (
                "halves"
                if copy.halves
                else "bounds"
                if copy.score
                else "stamp"
                if copy.by_stamp_alone
                else "exact"
            )
            if kind != "stamp":
                words = Span(f"   {odds(copy.chance, self.language)}", 10, SOFT)
                big = [Span("≤", 17, ACT), *power(copy.chance, 17, ACT, bold=True), words]
                sheet.text(spans(big), leading=27, after=0)
            if kind not in explained:
                said = self.say(f"chance.{kind}", considered=facts.considered, notary=facts.notary)
                sheet.text(spans(said, 9.5), after=6)
                explained.add(kind)
            if copy.halves:
                self._halves(copy)
            elif copy.score:
                self._scored(copy.score, "log e")
        if not facts.named:
            self._best()
        self._fact("considered", facts.considered)
        if facts.chance is not None:
            self._fact("epsilon", power(facts.chance))

    def _halves(self, copy: Named) -> None:
        """Both parties' halves, each with its own score and bound, and the bound where both are honest."""
        for half in copy.halves:
            self.sheet.need(150)
            self._fact("half", self.say(f"half.{half.party}", notary=self.facts.notary))
            self._fact("half chance", [Span("≤"), *power(half.chance)])
            self._scored(half.score, "log e")
        self._fact("both secret", [Span("≤"), *power(copy.both_secret)])

    def _best(self) -> None:
        """The scores where nobody is named."""
        if self.facts.half_alone:
            self.sheet.note(spans(self.say("half alone"), 9.5), DOUBT)
        for _, party, score in self.facts.best:
            if party:
                self._fact("half", self.say(f"half.{party}", notary=self.facts.notary))
            self._scored(score, "best")
        if not self.facts.best:
            self.sheet.text(spans(self.say("none weighed")), after=3)

    def _scored(self, score: Score, own: str) -> None:
        """The score against its threshold, as a plot with its values and as numbers."""
        fact = self._fact
        plot(self.sheet, score, self.say(f"plot.{'copy' if own == 'log e' else 'best'}"),
              self.say("plot.threshold"), self.say("plot.runner"), named=own == "log e")  # fmt: skip
        if own == "log e":
            self.sheet.text(spans(self.say("scores"), 8.5, SOFT), leading=13, after=3)
        unstated = self.say("unstated")
        value, other = score.log_e, score.runner_up
        shown = nats(value) if value is not None else unstated
        fact(own, shown if own == "log e" or value is None else self.say("office's", value=shown))
        fact("threshold", nats(score.threshold))
        fact("looks", f"{score.looks:,}")
        if own == "log e":
            fact("runner up", unstated if other is None else self.say("office's", value=nats(other)))
            fact("distance", unstated if other is None or value is None else nats(value - other))
        elif value is not None:
            fact("short of", nats(score.threshold - value))
        self.sheet.space(4)

    def _propositions(self) -> None:
        sheet, facts = self.sheet, self.facts
        self._head_of("propositions", keep=90)
        for name in ("p1", "p2"):
            sheet.fact(self.say(name), spans(self.say(f"{name}.text"), 10.5), label=72)
        sheet.space(5)
        for sentence in dict.fromkeys(self._weight(copy) for copy in facts.named):
            sheet.text(list(sentence))
        if not facts.named:
            sheet.text(spans(self.say("p.nothing")))
        else:
            sheet.note(spans(self.say("transposed"), 9.5), DOUBT)
            sheet.text(spans(self.say("no verbal"), 8.5, SOFT), leading=13.5)

    def _weight(self, copy: Named) -> tuple[Span, ...]:
        """What the number says under either proposition."""
        if copy.score and copy.score.log_e is not None:
            kind = "p.weight"
            single = family_bound(copy.score.log_e, 1, copy.score.looks)
        else:
            kind, single = ("p.stamp" if copy.by_stamp_alone else "p.exact"), copy.chance
        log_e = nats(copy.score.log_e) if copy.score and copy.score.log_e is not None else ""
        before, _, after = self.say(kind, log_e=log_e, single="\0").partition("\0")
        return tuple(spans([Span(before), *(power(single) if after else []), Span(after)]))

    def _alternatives(self) -> None:
        self._head_of("alternatives")
        for name in ("device", "screen", "passed", "key", "reading"):
            text = "alt.keys.text" if name == "key" and self.facts.notary else f"alt.{name}.text"
            self.sheet.fact(self.say(f"alt.{name}"), spans(self.say(text), 9.5))

    # -- what was checked ------------------------------------------------------------------------

    def _claims(self) -> None:
        sheet = self.sheet
        self._head_of("claims")
        sheet.text(spans(self.say("claims.about"), 8.5, SOFT), after=2)
        signs = {True: ("holds", PROVED), False: ("does not hold", FAILED), None: ("not checked", DOUBT)}
        for claim in self.facts.claims:
            word, tone = signs[claim.holds]
            detail = sayings.detail(claim.detail, self.language, holds=claim.holds)
            marks = lines(spans(self.say(word), 8.5, tone), 84)
            left = lines(spans(sayings.claim(claim.claim, self.language), 9), 196)
            right = lines(spans(detail, 8.5, SOFT), ROOM - 316)
            height = max(len(marks), len(left), len(right)) * 13 + 6
            sheet.need(height)
            sign(sheet, LEFT + 5, sheet.y - 11.5, claim.holds, tone)
            for x, block in ((LEFT + 16, marks), (LEFT + 104, left), (LEFT + 316, right)):
                for number, row in enumerate(block, 1):
                    sheet.say(x, sheet.y - number * 13 - 1.5, row)
            sheet.space(height)
            sheet.rule(sheet.y)

    def _ledger(self) -> None:
        ledger, sheet = self.facts.ledger, self.sheet
        if ledger is None or not ledger.root:
            return
        self._head_of("ledger")
        about = "ledger.about" if self.facts.holds else "leak.stated"
        sheet.text(spans(self.say(about), 8.5, SOFT if self.facts.holds else FAILED), after=2)
        for name, index in ledger.entries:
            self._fact(name, self.say("entry n", index=f"{index:,}"))
        if ledger.origin:
            self._fact("origin", ledger.origin)
        self._fact("size", self.say("size.n", size=ledger.size))
        self._fact("root", spans(ledger.root, 8.5))
        if ledger.key:
            said, tone = ("key.same", PROVED) if ledger.key_compared else ("key.compare", DOUBT)
            self._fact("key", [Span(f"{ledger.key}   "), Span(self.say(said), 8.5, tone)])

    def _validation(self) -> None:
        """The measured error rates of the channels that named a copy, with the command of each."""
        sheet, channels = self.sheet, {c for copy in self.facts.named for c in copy.channels}
        self._head_of("validation", keep=80)
        sheet.text(spans(self.say("validation.about"), 8.5, SOFT), after=3)
        for row in validation()["rows"]:
            if channels & set(row["channel"].split(", ")):
                kind = "validation.traced" if "traced" in row else "validation.row"
                said = {name: f"{row[name]:,}" for name in ("trials", "traced", "wrong") if name in row}
                sheet.fact(
                    "，".join(self._channel(c) for c in row["channel"].split(", "))
                    if self.language == "zh"
                    else ", ".join(self._channel(c) for c in row["channel"].split(", ")),
                    spans([
                        Span(row["what"].replace("*", ""), 9),
                        Span(f"   {self.say(kind, command=row['command'], **said)}", 8.5, SOFT),
                    ]),
                )  # fmt: skip
        sheet.space(4)

    def _repeat(self) -> None:
        sheet, facts = self.sheet, self.facts
        self._head_of("repeat")
        sheet.text(spans(self.say("repeat.files")), after=3)
        for number in range(1, 6 if facts.holds else 5):
            sheet.item(number, spans(self.say(f"repeat.{number}")))
        sheet.space(4)
        sheet.need(40)
        if facts.software:
            self._fact("software", facts.software)
        self._fact("software.report", f"sealtrace {__version__}")

    def _limits(self) -> None:
        self._head_of("limits")
        self.sheet.text(spans(self.facts.limits[LANGUAGES.index(self.language)]))

    def _rights(self) -> None:
        self._head_of("rights")
        for number in range(1, 4):
            self.sheet.text(spans(self.say(f"rights.{number}")), after=4)

    # -- beside the proof ------------------------------------------------------------------------

    def _beside(self) -> None:
        """Circumstances, on a page of their own, under what they are not."""
        sheet = self.sheet
        sheet.need(HEIGHT)
        self._head_of("beside")
        sheet.note(spans(self.say("beside.limits"), 9.5), DOUBT)
        sheet.space(4)
        for one in self.beside:
            about = spans(self.say(f"beside.{one.what}", n=(one.piece or 0) + 1), 9.5, bold=True)
            facts = [(self.say(f"beside.{name}"), moment(value)) for name, value in one.said]
            sheet.need(30 + 22 * len(facts))
            sheet.text([*about, *spans(f"   {one.copy}", 8.5, SOFT)], after=0)
            for name, value in facts:
                sheet.fact(name, spans(value))
            if one.what != "file":
                sheet.fact(self.say("beside.fits"), spans(self.say(f"beside.fits.{one.fits}")))
            sheet.space(9)


def moment(text: str) -> str:
    """A time of the file as people read it; anything else as it is."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z", text)
    return f"{found[1]} {found[2]} UTC" if found else text
