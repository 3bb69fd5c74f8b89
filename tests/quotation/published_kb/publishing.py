"""Files of the published shape, with a few products at made-up prices, and where the real ones may be."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mcp_tasks.quotation import knowledge
from mcp_tasks.quotation.published_kb.item import read
from mcp_tasks.quotation.published_kb.proposal import Proposal, propose

REAL = Path(os.environ.get("PUBLISHED_KB") or Path(__file__).parents[4] / "shared/domain/published-kb")
needs_the_real_files = pytest.mark.skipif(not REAL.is_dir(), reason="the published files are not here: PUBLISHED_KB")


def panel(
    sku: str = "ISD100EPS_1", name: str = "ISODEC EPS 100 mm", price: float = 50.0, **more: Any
) -> dict[str, Any]:
    """A panel of the pricing file; `more` goes into its prices."""
    family, core = name.split()[0].upper(), "PIR" if "PIR" in name else "EPS"
    prices = {
        "cost_sin_iva": 33.33,
        "sale_sin_iva": round(price / 1.22, 2),
        "sale_iva_inc": price,
        "web_iva_inc": price,
    }
    facts = {"thickness_mm": 100.0, "length_m": "on demand", "unit_base": "m2", "largo_min_max": "2.3 / 14"}
    about = {"sku": sku, "name": name, "familia": family, "sub_familia": core, "tipo": "Panel"}
    return about | {"specifications": facts, "pricing": prices | more}


def piece(
    sku: str = "6842", name: str = "Gotero Lateral 100mm", price: float | None = 20.0, **more: Any
) -> dict[str, Any]:
    """An accessory of the accessories file."""
    return {
        "sku": sku,
        "name": name,
        "tipo": "gotero_lateral",
        "unidad": "unid",
        "largo_std_m": 3.0,
        "precio_unit_iva_inc": price,
        "web_price_iva_inc": price,
        "espesor_mm": None,
        "compatibilidad": ["ISODEC"],
        "composicion": "EPS",
    } | more


def publish(
    folder: Path,
    *,
    panels: list[dict[str, Any]] | None = None,
    pieces: list[dict[str, Any]] | None = None,
    index: dict[str, Any] | None = None,
    rules: dict[str, Any] | None = None,
    tax_included: object = True,
    date: str = "2026-03-02",
) -> Path:
    """Write the files. Without more said, one panel and one accessory, both clear."""
    folder.mkdir(parents=True, exist_ok=True)
    pricing = {
        "meta": {"generated_at": f"{date}T10:00:00Z"},
        "data": {"metadata": {"iva_rate": 0.22}, "products": [panel()] if panels is None else panels},
    }
    accessories = {
        "meta": {"fecha": "2026-03-01", "iva_incluido": tax_included},
        "accesorios": [piece()] if pieces is None else pieces,
    }
    files = {
        "bom_rules.json": rules or {},
        "accessories_catalog.json": accessories,
        "bromyros_pricing_master.json": pricing,
    }
    if index is not None:
        files["perfileria_index.json"] = {"items": index}
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


def proposed(folder: Path, **options: Any) -> Proposal:
    """What comes of the files in the folder, against the shipped knowledge."""
    return propose(read(folder), knowledge.load(), **options)


def taken(proposal: Proposal) -> dict[str, str]:
    """The prices by SKU."""
    return {row.sku: str(row.price) for row in proposal.prices.rows}


def codes(proposal: Proposal) -> dict[str, list[str]]:
    """The places of the findings by code."""
    found: dict[str, list[str]] = {}
    for finding in proposal.findings:
        found.setdefault(finding.code, []).append(finding.path)
    return found
