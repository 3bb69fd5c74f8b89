"""What a bill of materials says to people, in Spanish and in English: short enough to be read in a conversation."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from mcp_tasks.quotation.assumed import assumptions_said
from mcp_tasks.quotation.bom import Bom, BomOption, BomPart, BomWarning, Totals, WarningCode
from mcp_tasks.quotation.english import ENGLISH
from mcp_tasks.quotation.numerals import Numerals
from mcp_tasks.quotation.sale_words import WORDS, SaleWords
from mcp_tasks.quotation.spanish import SPANISH
from mcp_tasks.settings import Language

_CHARACTERS = 1_200  # of the whole text
_WARNINGS = 4

_FIRST: tuple[WarningCode, ...] = (
    "prices_changed",
    "span_exceeds_max",
    "intermediate_supports_required",
    "panels_do_not_cover_width",
)
"""The warnings that go before the others: whoever resends must know the first, and without the rest nothing stands."""


@dataclass(slots=True)
class _Block:
    """Sentences about one thing: `head` begins them, and `more` tells how many were left out."""

    head: str
    said: list[str]
    more: str
    between: str = " "
    left_out: int = 0

    def __str__(self) -> str:
        more = [self.more.format(n=self.left_out)] if self.left_out else []
        return self.head + self.between.join([*self.said, *more])

    def shorten(self) -> None:
        self.said.pop()
        self.left_out += 1


@dataclass(frozen=True, slots=True)
class BomPhrases:
    """One language. Texts with braces are filled by the methods; figures are written as the language does."""

    numbers: Numerals
    words: SaleWords
    several: str
    panels: str
    sums: str
    part: str
    option: str
    more: str
    assumed: str
    no_price: str
    warned: str
    questions: str
    own_questions: Mapping[str, str]
    listed: str
    stale: str

    def bom(self, result: Mapping[str, Any]) -> str:
        """A bill of materials (as JSON): what it is of, what it comes to, and what there is to know of it."""
        bom = Bom.model_validate(result)
        blocks = [block for block in self._blocks(bom) if block.said]
        while len(text := "\n".join(map(str, blocks))) > _CHARACTERS:
            several = [block for block in blocks if len(block.said) > 1]
            if not several:
                break
            max(several, key=lambda block: len(str(block))).shorten()
        return text

    def _blocks(self, bom: Bom) -> Iterator[_Block]:
        yield _Block("", [self._headline(bom)], "")
        kinds = chain(map(self._part, bom.parts), map(self._option, bom.comparison))
        yield _Block("", list(kinds), self.more, between="\n")
        missing = ", ".join(kind.replace("_", " ") for kind in bom.missing_prices)
        yield _Block("", [self.no_price.format(kinds=missing)] if missing else [], "")
        yield _Block(self.assumed, assumptions_said(bom.assumptions, bom, self.words), self.more)
        warned = _Block(self.warned, self._warnings(bom), self.more)
        while len(warned.said) > _WARNINGS:
            warned.shorten()
        yield warned
        yield _Block(self.questions, list(self._questions(bom)), self.more)
        prices = bom.price_list
        listed = self.listed.format(id=prices.id, date=self.numbers.day(prices.date))
        yield _Block("", [listed, *([self.stale.format(days=prices.age_days)] if prices.stale else [])], "")

    def _headline(self, bom: Bom) -> str:
        title = self.several.format(n=len(bom.parts)) if bom.parts else self.words.title(bom.title)
        return f"{title}{self._panels(bom)}. {self._sums(bom.totals)}"

    def _panels(self, of: Bom | BomPart | BomOption) -> str:
        """How many, and their area; nothing for what has none."""
        if not of.panel_count:
            return ""
        return self.panels.format(n=of.panel_count, area=self.numbers.area(of.panel_area_m2))

    def _sums(self, totals: Totals) -> str:
        net, vat, total = map(self.numbers.dollars, (totals.net, totals.vat, totals.total))
        return self.sums.format(net=net, vat=vat, total=total)

    def _part(self, part: BomPart) -> str:
        materials = self.numbers.dollars(part.materials)
        return self.part.format(
            n=part.part, title=self.words.title(part.title), panels=self._panels(part), materials=materials
        )

    def _option(self, option: BomOption) -> str:
        panels, total = self._panels(option), self.numbers.dollars(option.totals.total)
        if option.supports_per_panel is not None:
            panels += f", {self.words.supports.format(n=option.supports_per_panel)}"
        return self.option.format(title=option.name_es, panels=panels, total=total)

    def _warnings(self, bom: Bom) -> list[str]:
        ordered: Iterable[BomWarning] = sorted(bom.warnings, key=lambda warning: warning.code not in _FIRST)
        return list(dict.fromkeys(self.words.warning(warning, bom) for warning in ordered))

    def _questions(self, bom: Bom) -> Iterator[str]:
        for question in bom.questions:
            yield self.own_questions.get(question.field, question.text)


_ENGLISH: Mapping[WarningCode, str] = {
    "span_assumed_max": "No span between supports was given: the longest that the panel carries was taken, "
    "{max_span_m} m.",
    "span_near_max": "The span of {span_m} m is more than {comfort_pct}% of what the panel carries, {max_span_m} m.",
    "span_longer_than_panel": "The span of {span_m} m is longer than the panel, {length_m} m: one of the two is not "
    "what was meant.",
    "panels_of_several_lengths": "The panels have {lengths} lengths, from {shortest_m} m to {longest_m} m: the "
    "profiles follow the outline of the longest, and the layout has to be checked.",
    "panels_uneven_between_slopes": "{panels} panels cannot be shared equally by {slopes} slopes: profiles and fixings "
    "were calculated with {per_slope} on each.",
    "top_edge_not_specified": "Nothing was said about the upper edge: no profile for it is included.",
    "tight_cut": "Of {bars} bars of {piece} only {spare_m} m are left over: one more is advisable.",
    "nearest_lower_thickness": "There is no {piece} for {thickness_mm} mm: the one of {used_mm} mm was taken.",
    "thickness_discouraged": "{sku}: this thickness is not recommended.",
    "prices_estimated": "Prices that the list has only as estimates, to be confirmed: {names}.",
}
"""The warnings that no document prints, so that its words are without them."""

BOM_PHRASES: Mapping[Language, BomPhrases] = {
    "es": BomPhrases(
        numbers=SPANISH,
        words=WORDS["es"],
        several="Pedido de {n} partes",
        panels=": {n} paneles, {area}",
        sums="Neto {net} + IVA {vat} = total {total}.",
        part="{n}. {title}{panels}; materiales {materials}.",
        option="{title}{panels}; total {total}, IVA incluido.",
        more="Y {n} más en el resultado.",
        assumed="Provisional, porque se supuso: ",
        no_price="Sin precio y fuera del total: {kinds}.",
        warned="Atención: ",
        questions="Para preguntar al cliente: ",
        own_questions={},
        listed="Precios de la lista {id}, del {date}.",
        stale="Tiene {days} días: hay que confirmar los precios.",
    ),
    "en": BomPhrases(
        numbers=ENGLISH,
        words=replace(WORDS["en"], warnings={**_ENGLISH, **WORDS["en"].warnings}),
        several="Order of {n} parts",
        panels=": {n} panels, {area}",
        sums="Net {net} + VAT {vat} = total {total}.",
        part="{n}. {title}{panels}; materials {materials}.",
        option="{title}{panels}; total {total}, VAT included.",
        more="And {n} more in the result.",
        assumed="Provisional, because this was assumed: ",
        no_price="Without a price and not in the total: {kinds}.",
        warned="Beware: ",
        questions="To ask the customer: ",
        own_questions={
            "span_m": "How far apart are the supports (span), in metres?",
            "thickness_mm": "How thick shall the panel be, in mm?",
            "structure": "What is the structure made of: metal, concrete (hormigon) or timber (madera)?",
            "roof_type": "What are the measures of each slope?",
            "height_m": "How high is the cold room inside, in metres?",
            "corners_ext": "How many outer corners are there?",
            "shipping_usd": "Where is it to be sent? The total does not include freight.",
        },
        listed="Prices of the list {id}, of {date}.",
        stale="It is {days} days old: the prices have to be confirmed.",
    ),
}
