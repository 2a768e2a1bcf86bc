"""Send the newest run's summary by e-mail: text from summary.md, with summary.json attached.

Server, addresses and credentials come from the environment, none from a file of the project:
CRMLAB_SMTP_HOST, CRMLAB_SMTP_PORT (587), CRMLAB_SMTP_SECURITY (starttls | ssl | none),
CRMLAB_SMTP_USER and CRMLAB_SMTP_PASSWORD (without them no login), CRMLAB_MAIL_FROM,
CRMLAB_MAIL_TO (commas between addresses).

Exit code 0: sent, or sent before; 1: the server did not take it (the next call tries again);
2: a setting is missing or wrong, or there is no summary.
"""

import argparse
import json
import os
import smtplib
import ssl
import sys
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NoReturn

from crmlab.home import home
from crmlab.lang import say, spoken

SECURITY = ("starttls", "ssl", "none")
MARKS = {"ok": "✓", "skipped": "=", "not_enough": "~"}


def main() -> None:
    """Send the summary of a run, unless it was sent before."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("run", nargs="?", type=Path, help="a run's folder; none: the newest")
    parser.add_argument("--only-problems", action="store_true", help="nothing if all is well")
    asked = parser.parse_args()
    run = asked.run or newest(home() / "reports" / "runs")
    if not run or not (run / "summary.json").is_file():
        end(2, en=f"{run or 'reports/runs'} has no summary.json.", zh="没有找到 summary.json。")
    told = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    sent = run / "summary.sent"
    if sent.exists() or (asked.only_problems and told["exit_code"] == 0):
        return
    try:
        send(message(run, told))
    except (OSError, smtplib.SMTPException) as error:
        end(1, en=f"the e-mail was not sent: {error}", zh=f"邮件未能发出：{error}")
    sent.touch()


def newest(runs: Path) -> Path | None:
    """Return the newest run's folder; their names begin with the time."""
    return max((path.parent for path in runs.glob("*/summary.json")), default=None)


def message(run: Path, told: dict[str, Any]) -> EmailMessage:
    """Return the e-mail of a run: its subject counts the reports by status."""
    marks = [MARKS.get(report["status"], "✗") for report in told["reports"]]
    counts = ", ".join(f"{marks.count(mark)} {mark}" for mark in dict.fromkeys(marks))
    mail = EmailMessage()
    mail["Subject"] = f"crmlab {told['run']}: {counts or '–'}"
    mail["From"] = setting("CRMLAB_MAIL_FROM")
    mail["To"] = setting("CRMLAB_MAIL_TO")
    mail.set_content((run / "summary.md").read_text(encoding="utf-8"))
    attached = (run / "summary.json").read_bytes()
    mail.add_attachment(attached, maintype="application", subtype="json", filename="summary.json")
    return mail


def send(mail: EmailMessage) -> None:
    """Hand an e-mail to the server; a password never goes over an open line."""
    host, port = setting("CRMLAB_SMTP_HOST"), setting("CRMLAB_SMTP_PORT", "587")
    security = setting("CRMLAB_SMTP_SECURITY", "starttls")
    user = os.environ.get("CRMLAB_SMTP_USER", "")
    if not port.isdecimal() or int(port) > 65535:
        end(
            2,
            en=f"CRMLAB_SMTP_PORT is {port!r}: a number up to 65535.",
            zh=f"CRMLAB_SMTP_PORT 为 {port!r}：应为不超过 65535 的数字。",
        )
    if security not in SECURITY or (user and security == "none"):
        end(
            2,
            en=f"CRMLAB_SMTP_SECURITY is {security!r}: {' | '.join(SECURITY)}; no login with none.",
            zh=f"CRMLAB_SMTP_SECURITY 为 {security!r}：{' | '.join(SECURITY)}；none 时不可登录。",
        )
    trusted = ssl.create_default_context()
    kind: dict[str, Any] = {"ssl": {"context": trusted}}.get(security, {})
    client = smtplib.SMTP_SSL if security == "ssl" else smtplib.SMTP
    with client(host, int(port), timeout=60, **kind) as server:
        if security == "starttls":
            server.starttls(context=trusted)
        if user:
            server.login(user, setting("CRMLAB_SMTP_PASSWORD"))
        server.send_message(mail)


def setting(name: str, default: str = "") -> str:
    """Return a setting of the environment; end if it is needed and not there."""
    value = os.environ.get(name, "") or default
    if not value:
        end(2, en=f"{name} is not set.", zh=f"未设置 {name}。")
    return value


def end(code: int, *, en: str, zh: str) -> NoReturn:
    """Say why, and end."""
    sys.stderr.write(say(spoken(), en=en, zh=zh) + "\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
