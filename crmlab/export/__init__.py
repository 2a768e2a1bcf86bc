"""What a notebook found, as files to work with: campaign list, data behind charts, workbook."""

from crmlab.export.run import Exported, export, require_writable

__all__ = ["Exported", "export", "require_writable"]
