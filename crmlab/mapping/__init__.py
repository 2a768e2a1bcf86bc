"""Files of one's own → a proposed source: which columns are ours, how cells are written, doubts."""

from crmlab.mapping.proposal import Proposal, Section
from crmlab.mapping.propose import propose
from crmlab.mapping.render import closing, toml_text
from crmlab.mapping.save import require_free, save

__all__ = ["Proposal", "Section", "closing", "propose", "require_free", "save", "toml_text"]
