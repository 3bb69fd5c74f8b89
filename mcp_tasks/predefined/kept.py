"""The kinds of records in which the predefined tasks keep what must outlive them."""

QUOTATION = "quotation"
"""What each quotation was made of, under its number. Stays for ever."""

REPORT = "report"
"""The last results of tasks that run by the clock or look after the prices, each under its task's name."""

PRICE_PLAN = "price_plan"
"""Plans of price changes, each under its digest."""

PRICE_ROLLBACK = "price_rollback"
"""What each rollback of prices undoes, so that a second attempt of one undoes nothing more."""
