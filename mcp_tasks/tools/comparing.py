"""The tool that compares panels, before there is a building to calculate."""

from mcp_tasks.comparison_phrases import ComparisonPhrases
from mcp_tasks.predefined.quoting import QuotationTasks
from mcp_tasks.queue import TaskQueue
from mcp_tasks.quotation.panel_comparison import PanelComparison, PanelsQuery
from mcp_tasks.toolspec import ReadSpec


class ComparisonTool:
    """compare_panels."""

    def __init__(self, tasks: QuotationTasks, phrases: ComparisonPhrases) -> None:
        self._tasks = tasks
        self._phrases = phrases

    def spec(self) -> ReadSpec:
        """The tool."""
        return ReadSpec(
            name="compare_panels",
            title=self._phrases.title,
            description=(
                "Compare panels without any dimensions of a building: which one carries a span (span_m), what 1 m2 "
                "costs, how well it insulates and how much heat a thicker one saves (thicknesses_mm). Use it for "
                "'a roof of 8 m span, which panel?' and 'thermal saving of 150 against 100 mm'; for quantities and "
                "totals use submit_bom. Tell the user recommended.text, the assumptions, what is missing, and notice."
            ),
            arguments=PanelsQuery,
            answer=PanelComparison,
            read=self._read,
            summarise=self._phrases.comparison,
        )

    async def _read(self, wanted: PanelsQuery, queue: TaskQueue, owner: str) -> PanelComparison:
        knowledge = await self._tasks.knowledge()
        from mcp_tasks.quotation.comparing import compare_panels
        from mcp_tasks.quotation.thermal import load_thermal

        return compare_panels(wanted, knowledge, load_thermal(), self._tasks.today())
