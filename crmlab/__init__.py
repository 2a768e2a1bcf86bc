"""Helpers of the CRM workbook: load purchases, score customers, write reports.

Nothing happens at import. Take what you need from its modules::

    from crmlab import clv, load
    from crmlab.customers import summarise
"""
