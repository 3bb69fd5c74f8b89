"""From the sum of the lines to the total: discount, freight and VAT, to the cent."""

from decimal import Decimal

from mcp_tasks.quotation.bom import Totals
from mcp_tasks.quotation.fields import cents

VAT_RATE = Decimal("0.22")


def totals_of(materials: Decimal, discount_pct: Decimal, shipping: Decimal, prices_include_tax: bool) -> Totals:
    """The sums of a quotation in USD; freight is taxed as the prices are (TOOLS: "Bom").

    Tax included: total = materials - discount + shipping, net = total / 1.22, vat = total - net.
    Tax excluded: net = materials - discount + shipping, vat = 22 % of net, total = net + vat.
    """
    discount = cents(materials * discount_pct / 100)
    due = materials - discount + shipping
    net = cents(due / (1 + VAT_RATE)) if prices_include_tax else due
    vat = due - net if prices_include_tax else cents(due * VAT_RATE)
    return Totals(
        materials=materials,
        discount=discount,
        shipping=shipping,
        net=net,
        vat=vat,
        total=net + vat,
        currency="USD",
        prices_include_tax=prices_include_tax,
    )
