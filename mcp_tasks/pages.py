"""What the quotation product knows, as pages: the catalog, the rules and the price lists.

Every field is named here, so that nothing else in the data ever leaves the server: no cost, no source.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast, get_args

from mcp_tasks.pagespec import PageSpec
from mcp_tasks.phrases import Phrases
from mcp_tasks.predefined.quoting import QuotationTasks
from mcp_tasks.quotation.terms import Core, Structure, Usage
from mcp_tasks.repair import known_name
from mcp_tasks.spelling import folded
from mcp_tasks.task import Json

if TYPE_CHECKING:
    from mcp_tasks.quotation.catalog import Accessory, Panel
    from mcp_tasks.quotation.knowledge import Knowledge
    from mcp_tasks.quotation.price_list import PriceList

_PANEL = {
    "sku", "family", "core", "thickness_mm", "name_es", "uses", "useful_width_m", "min_length_m", "max_length_m",
    "max_span_m", "weight_kg_m2", "active", "variant",
}  # fmt: skip
_ACCESSORY = {"sku", "kind", "name_es", "families", "thickness_mm", "stock_length_m", "unit"}
_SYSTEM = {"name_es", "family", "core", "usage", "fixing"}
_RULES = {"id", "common", "fixing_systems", "cold_room", "roof_types", "default_structure"}
_PRICE_LIST = {"id", "label_es", "date", "currency", "tax_included", "tax_rate", "note"}
_PRICE = {"sku", "price", "unit", "estimated"}


@dataclass(frozen=True)
class QuotationPages:
    """The pages, and the words that complete their addresses and the prompts' arguments."""

    tasks: QuotationTasks
    phrases: Phrases

    def specs(self) -> tuple[PageSpec, ...]:
        """All of them."""
        titles = self.phrases.pages
        return tuple(
            PageSpec(uri, name, titles[name], description, read)
            for uri, name, description, read in (
                ("catalog://products", "products", "Panel families, their uses and thicknesses.", self._products),
                ("catalog://products/{family}", "family", "The panels of a family, with their limits.", self._family),
                ("catalog://accessories", "accessories", "Profiles, fixings and sealants.", self._accessories),
                ("catalog://items/{sku}", "item", "One product, with its price in each price list.", self._item),
                ("rules://systems", "systems", "What can be built of which family and core.", self._systems),
                ("rules://calculation", "calculation", "The numbers behind the quantities.", self._rules),
                ("prices://lists", "price_lists", "The price lists, newest first.", self._price_lists),
                ("prices://lists/{list_id}", "price_list", "The prices of a list, in USD by unit.", self._price_list),
            )
        )

    async def words(self, name: str, chosen: Mapping[str, str]) -> Sequence[str]:
        """What may stand for `name` when the `chosen` values stand for others; nothing when it is free text."""
        knowledge = await self.tasks.knowledge()
        match name:
            case "family" | "product_family":
                return list(dict.fromkeys(p.family for p in _offered(knowledge, chosen, without="family")))
            case "thickness_mm":
                return [str(mm) for mm in sorted({p.thickness_mm for p in _offered(knowledge, chosen)})]
            case "sku":
                return list(knowledge.catalog.units)
            case "list_id" | "price_list":
                return [prices.id for prices in knowledge.price_lists]
            case "usage":
                return get_args(Usage)
            case "core_type":
                return get_args(Core)
            case "structure":
                return get_args(Structure)
            case _:
                return ()

    async def _products(self) -> Json:
        knowledge = await self.tasks.knowledge()
        return [
            {
                "system": name,
                **_shown(system, _SYSTEM),
                "thickness_mm": [p.thickness_mm for p in knowledge.catalog.panels_of(system.code, system.usage)],
            }
            for name, system in knowledge.rules.systems.items()
        ]

    async def _family(self, family: str) -> Json:
        panels = (await self.tasks.knowledge()).catalog.panels
        wanted = known_name("family", family, dict.fromkeys(panel.family for panel in panels))
        return [_shown(panel, _PANEL) for panel in panels if panel.family == wanted]

    async def _accessories(self) -> Json:
        knowledge = await self.tasks.knowledge()
        return [_shown(accessory, _ACCESSORY) for accessory in knowledge.catalog.accessories]

    async def _item(self, sku: str) -> Json:
        knowledge = await self.tasks.knowledge()
        wanted = known_name("sku", sku, knowledge.catalog.units)
        items: list[Panel | Accessory] = [*knowledge.catalog.panels, *knowledge.catalog.accessories]
        item = next(item for item in items if item.sku == wanted)
        prices: Json = {
            prices.id: _shown(row, _PRICE - {"sku"})
            for prices in knowledge.price_lists
            for row in prices.rows
            if row.sku == wanted
        }
        return {**_shown(item, _PANEL | _ACCESSORY), "prices": prices}

    async def _systems(self) -> Json:
        knowledge = await self.tasks.knowledge()
        return {name: _shown(system, _SYSTEM) for name, system in knowledge.rules.systems.items()}

    async def _rules(self) -> Json:
        return _shown((await self.tasks.knowledge()).rules, _RULES)

    async def _price_lists(self) -> Json:
        knowledge = await self.tasks.knowledge()
        return [_summary(prices) for prices in knowledge.price_lists]

    async def _price_list(self, list_id: str) -> Json:
        knowledge = await self.tasks.knowledge()
        lists = {prices.id: prices for prices in knowledge.price_lists}
        prices = lists[known_name("list_id", list_id, lists)]
        return {**_summary(prices), "rows": [_shown(row, _PRICE) for row in prices.rows]}


def _offered(knowledge: "Knowledge", chosen: Mapping[str, str], without: str | None = None) -> "Iterable[Panel]":
    """The panels that can be ordered for what was chosen; `without` is left open."""
    family = chosen.get("family") or chosen.get("product_family")
    wanted = {"family": family, "core": chosen.get("core_type"), "usage": chosen.get("usage")}
    for system in knowledge.rules.systems.values():
        fits = (
            name == without or not value or folded(value) == folded(str(getattr(system, name)))
            for name, value in wanted.items()
        )
        if all(fits):
            yield from knowledge.catalog.panels_of(system.code, system.usage)


def _summary(prices: "PriceList") -> dict[str, Json]:
    return {**_shown(prices, _PRICE_LIST), "items": len(prices.rows)}


def _shown(model: Any, fields: set[str]) -> dict[str, Json]:
    return cast(dict[str, Json], model.model_dump(mode="json", include=fields))
