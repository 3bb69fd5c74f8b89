"""What tools and tasks of the product say to people, in Spanish and in English."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from mcp_tasks.bom_phrases import BOM_PHRASES, BomPhrases
from mcp_tasks.quotation.english import ENGLISH
from mcp_tasks.quotation.numerals import Numerals
from mcp_tasks.quotation.spanish import SPANISH
from mcp_tasks.settings import Language

_NAMED = 10  # SKUs in a sentence
_REASONED = 5  # rejected rows, each with its reason


@dataclass(frozen=True, slots=True)
class SearchPhrases:
    """What the search of the catalog says in one language."""

    numbers: Numerals
    title: str
    found: str
    item: str
    price: str
    estimated: str
    no_price: str
    withdrawn: str
    listed: str
    tax: Mapping[bool, str]
    stale: str
    more: str
    nothing: str
    unknown: str
    nearest: str
    made: str
    words: str
    too_much: str
    browse: str

    def page(self, page: Mapping[str, Any]) -> str:
        """A page of products (as JSON), a line each, and what to know of their prices."""
        items = page["items"]
        if not items:
            return f"{self.nothing} {page['hint']}"
        said = [self.found.format(shown=len(items), found=page["found"]), *map(self._item, items)]
        prices = {price["price_list"]: price for item in items if (price := item["price"])}
        for price in prices.values():
            day = self.numbers.day(date.fromisoformat(price["date"]))
            said.append(self.listed.format(id=price["price_list"], day=day, tax=self.tax[price["tax_included"]]))
            if price["stale"]:
                said.append(self.stale)
        if page["next_cursor"]:
            said.append(self.more.format(cursor=page["next_cursor"]))
        return "\n".join(said)

    def _item(self, item: Mapping[str, Any]) -> str:
        price = item["price"]
        said = self.no_price
        if price is not None:
            said = self.price.format(price=self.numbers.dollars(Decimal(price["unit_price"])), unit=item["unit"])
        if price and price["estimated"]:
            said += self.estimated
        if not item["available"]:
            said += self.withdrawn
        return self.item.format(sku=item["sku"], name=item["name_es"], price=said)

    def hint(
        self,
        unknown: Mapping[str, str | None],
        made_mm: Sequence[int],
        words: Sequence[str],
        too_much: Sequence[str],
    ) -> str:
        """What to change where nothing was found; see `Nothing` of the search for what is what."""
        said = [
            self.unknown.format(word=word, nearest=self.nearest.format(nearest=meant) if meant else "")
            for word, meant in unknown.items()
        ]
        if made_mm:
            said.append(self.made.format(mm=", ".join(map(str, made_mm))))
        if words:
            said.append(self.words.format(words=", ".join(words)))
        if too_much:
            said.append(self.too_much.format(fields=", ".join(too_much)))
        return " ".join(said or [self.browse])


@dataclass(frozen=True, slots=True)
class PricePhrases:
    """What a change of prices says in one language."""

    numbers: Numerals
    title: str
    compared: str
    median: str
    rejected: str
    rejected_row: str
    reasons: Mapping[str, str]
    too_large: str
    more: str
    unmatched: str
    meant: str
    removed: str
    doubts: Mapping[str, str]
    to_apply: str
    applied: str
    already: str
    rolled_back: str

    def sync(self, result: Mapping[str, Any]) -> str:
        """What a plan, an apply or a rollback (as JSON) came to."""
        if result["mode"] == "rollback":
            return self.rolled_back.format(version=result["version"], undone=result.get("undone") or "")
        said = self._report(result["report"])
        if result["mode"] == "plan":
            said.append(self.to_apply.format(digest=result["digest"]))
        elif result["already_applied"]:
            said.append(self.already)
        else:
            said.append(self.applied.format(version=result["version"]))
        return "\n".join(said)

    def _report(self, report: Mapping[str, Any]) -> list[str]:
        changed, added = report["changed"]["count"], report["added"]["count"]
        listed = report["price_list"]
        day = self.numbers.day(date.fromisoformat(listed["date"]))
        said = [
            self.compared.format(id=listed["id"], date=day, changed=changed, added=added, unchanged=report["unchanged"])
        ]
        if report["comparable"]:
            pct = self.numbers.amount(Decimal(report["median_change_pct"]), 0)
            said.append(self.median.format(rows=report["comparable"], pct=pct, large=report["above_20_pct"]))
        said += self._rejected(report["rejected"])
        for kind, phrase in {"unmatched": self.unmatched, "removed": self.removed}.items():
            if rows := report[kind]["rows"]:
                skus = ", ".join(map(self._named, rows[:_NAMED]))
                said.append(phrase.format(count=report[kind]["count"], skus=skus))
        return [*said, *(self.doubts[doubt] for doubt in report["doubts"])]

    def _rejected(self, rejected: Mapping[str, Any]) -> Iterator[str]:
        """The rows that are not taken, each with its reason."""
        rows = rejected["rows"][:_REASONED]
        if not rows:
            return
        told = [self.rejected_row.format(**row, why=self._why(row)) for row in rows]
        if rejected["count"] > len(rows):
            told.append(self.more.format(n=rejected["count"] - len(rows)))
        yield self.rejected.format(count=rejected["count"], rows="; ".join(told))
        if any(row["reason"] == "change_too_large" for row in rejected["rows"]):
            yield self.too_large

    def _why(self, row: Mapping[str, Any]) -> str:
        pct = "" if row["change_pct"] is None else self.numbers.amount(Decimal(row["change_pct"]), 0)
        return self.reasons[row["reason"]].format(pct=pct)

    def _named(self, row: Mapping[str, Any]) -> str:
        """The SKU, with the one that was probably meant."""
        return row["sku"] + (self.meant.format(sku=row["nearest"]) if row.get("nearest") else "")


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language. Texts with braces are filled by the methods; figures stay as they are in the results."""

    submit_quotation: str
    submit_bom: str
    submit_pdf: str
    calculating: str
    rendering: str
    pdf_line: str
    revision: str
    ask_span: str
    ask_structure: str
    ask_again: str
    bill: BomPhrases
    pages: Mapping[str, str]
    search: SearchPhrases
    prices: PricePhrases

    def bom(self, bom: Mapping[str, Any]) -> str:
        """A bill of materials (as JSON) in a few lines."""
        return self.bill.bom(bom)

    def span_question(self, max_span_m: Decimal | None) -> str:
        """The question for the distance between supports, with what the panel carries."""
        longest = "" if max_span_m is None else self.bill.numbers.amount(max_span_m, 0)
        return self.ask_span.format(max_span_m=longest)

    def pdf(self, pdf: Mapping[str, Any]) -> str:
        """A rendered quotation (as JSON) in a line."""
        number: str = pdf["quotation_id"]
        if pdf["revision"] > 1:
            number += self.revision.format(revision=pdf["revision"])
        return self.pdf_line.format(number=number, pages=pdf["pages"])


PHRASES: Mapping[Language, Phrases] = {
    "es": Phrases(
        submit_quotation="Cotizar: materiales y PDF",
        submit_bom="Calcular materiales y precio",
        submit_pdf="Generar el PDF de una cotización",
        calculating="calculando los materiales",
        rendering="generando el PDF",
        pdf_line="Cotización {number}, páginas: {pages}.",
        revision=", revisión {revision}",
        ask_span="¿Cuál es la distancia entre apoyos (luz), en metros? El panel admite hasta {max_span_m} m.",
        ask_structure="¿La estructura es de metal, hormigón o madera?",
        ask_again="No se entiende «{answer}». {question}",
        bill=BOM_PHRASES["es"],
        pages={
            "products": "Familias de paneles",
            "family": "Paneles de una familia",
            "accessories": "Accesorios",
            "item": "Un producto",
            "systems": "Sistemas",
            "calculation": "Reglas de cálculo",
            "price_lists": "Listas de precios",
            "price_list": "Una lista de precios",
        },
        search=SearchPhrases(
            numbers=SPANISH,
            title="Buscar productos y precios",
            found="Productos: {shown} de {found}.",
            item="{sku}: {name}, {price}",
            price="{price} por {unit}",
            estimated=" (estimado)",
            no_price="sin precio",
            withdrawn=" (discontinuado)",
            listed="Precios de la lista {id}, del {day}, {tax}.",
            tax={True: "IVA incluido", False: "más IVA"},
            stale="Esa lista tiene más de 60 días: hay que confirmar los precios.",
            more="Hay más: search_catalog con cursor {cursor} y lo mismo.",
            nothing="No hay ningún producto así.",
            unknown="Ninguno tiene «{word}»{nearest}.",
            nearest="; lo más parecido es «{nearest}»",
            made="Espesores que hay, en mm: {mm}.",
            words="Sin una de estas palabras hay algo: {words}.",
            too_much="Hay algo si se quita uno de estos: {fields}.",
            browse="Probar con menos palabras.",
        ),
        prices=PricePhrases(
            numbers=SPANISH,
            title="Actualizar una lista de precios",
            compared="Lista {id}, con fecha {date}: cambian {changed}, nuevos {added}, iguales {unchanged}.",
            median="De {rows} comparables, la variación mediana es {pct} %; más de 20 %: {large}.",
            rejected="Rechazadas: {count}. {rows}.",
            rejected_row="{sku} (fila {row}): {why}",
            reasons={
                "unreadable": "no se puede leer el precio",
                "out_of_range": "el precio está fuera de rango",
                "other_unit": "la unidad no es la del producto",
                "conflicting": "tiene dos precios",
                "change_too_large": "cambia {pct} %",
            },
            too_large="Las que cambian demasiado se aceptan con force: true al aplicar, o con un max_change_pct mayor "
            "al planificar de nuevo.",
            more="y {n} más",
            meant=" (¿{sku}?)",
            unmatched="Con códigos desconocidos: {count} ({skus}).",
            removed="No están en la fuente y conservan su precio: {count} ({skus}).",
            doubts={
                "tax_flag_doubtful": "¿El IVA está bien indicado? Al revés, los precios cambiarían menos.",
                "older_than_the_list": "La fecha es anterior a la de la lista.",
                "in_the_future": "La fecha todavía no llegó.",
                "stays_stale": "Con esa fecha la lista tiene más de 60 días y hay que confirmar los precios. Si son de "
                "otro día, planificar de nuevo con date (AAAA-MM-DD); los precios que falten en la fuente quedan como "
                "estimados.",
            },
            to_apply="No se cambió nada. Para aplicarlo: submit_price_sync con mode apply y digest {digest}.",
            applied="Aplicado: desde ahora se cotiza con la versión {version}.",
            already="Ya estaba aplicado: no se cambió nada.",
            rolled_back="Se deshizo el último cambio ({undone}): desde ahora se cotiza con la versión {version}.",
        ),
    ),
    "en": Phrases(
        submit_quotation="Quote: materials and PDF",
        submit_bom="Calculate materials and price",
        submit_pdf="Make a quotation's PDF",
        calculating="calculating the materials",
        rendering="making the PDF",
        pdf_line="Quotation {number}, pages: {pages}.",
        revision=", revision {revision}",
        ask_span="How far apart are the supports (span), in metres? The panel carries up to {max_span_m} m.",
        ask_structure="What is the structure made of: metal, hormigon (concrete) or madera (wood)?",
        ask_again="'{answer}' is not understood. {question}",
        bill=BOM_PHRASES["en"],
        pages={
            "products": "Panel families",
            "family": "Panels of a family",
            "accessories": "Accessories",
            "item": "A product",
            "systems": "Systems",
            "calculation": "Rules of calculation",
            "price_lists": "Price lists",
            "price_list": "A price list",
        },
        search=SearchPhrases(
            numbers=ENGLISH,
            title="Find products and prices",
            found="Products: {shown} of {found}.",
            item="{sku}: {name}, {price}",
            price="{price} per {unit}",
            estimated=" (estimated)",
            no_price="without a price",
            withdrawn=" (withdrawn)",
            listed="Prices of the list {id}, of {day}, {tax}.",
            tax={True: "VAT included", False: "plus VAT"},
            stale="That list is more than 60 days old: the prices have to be confirmed.",
            more="There are more: search_catalog with cursor {cursor} and the same.",
            nothing="There is no such product.",
            unknown="None has '{word}'{nearest}.",
            nearest="; the nearest is '{nearest}'",
            made="Thicknesses there are, in mm: {mm}.",
            words="There is something without one of these words: {words}.",
            too_much="There is something without one of these: {fields}.",
            browse="Try fewer words.",
        ),
        prices=PricePhrases(
            numbers=ENGLISH,
            title="Update a price list",
            compared="List {id}, dated {date}: {changed} change, {added} new, {unchanged} the same.",
            median="Of {rows} that compare, the median change is {pct} %; {large} change by more than 20 %.",
            rejected="Rejected: {count}. {rows}.",
            rejected_row="{sku} (row {row}): {why}",
            reasons={
                "unreadable": "its price cannot be read",
                "out_of_range": "its price is out of range",
                "other_unit": "its unit is not the product's",
                "conflicting": "it has two prices",
                "change_too_large": "it changes by {pct}%",
            },
            too_large="Those that change too much are taken with force: true when applying, or with a higher "
            "max_change_pct in a new plan.",
            more="and {n} more",
            meant=" ({sku}?)",
            unmatched="Unknown SKUs: {count} ({skus}).",
            removed="Not in the source, their price stays: {count} ({skus}).",
            doubts={
                "tax_flag_doubtful": "Is tax_included right? The other way round, prices would change less.",
                "older_than_the_list": "The date is before that of the list.",
                "in_the_future": "The date is in the future.",
                "stays_stale": "With that date the list is more than 60 days old, and its prices have to be confirmed. "
                "If they are of another day, plan again with date (YYYY-MM-DD); prices that the source does not have "
                "become estimates.",
            },
            to_apply="Nothing was changed. To apply it: submit_price_sync with mode apply and digest {digest}.",
            applied="Applied: quotations now use version {version}.",
            already="It was applied before: nothing was changed.",
            rolled_back="The last change ({undone}) was undone: quotations now use version {version}.",
        ),
    ),
}
