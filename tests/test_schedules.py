"""Do the files of docs/schedules work: their times, their commands, their e-mail?"""

import configparser
import json
import re
import shlex
import shutil
import socketserver
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest
import typer
import yaml

from crmlab.__main__ import app

ROOT = Path(__file__).parents[1]
SCHEDULES = ROOT / "docs" / "schedules"
COMMAND = re.compile(r"(?:\.venv/bin/|`)crmlab +([^\n`'\"|&;<>]*)")
FIELDS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]


def times(field, low, high):
    """Return the values that one field of a crontab stands for."""
    found = set()
    for part in field.split(","):
        told = re.fullmatch(r"(?:(\*)|(\d+)(?:-(\d+))?)(?:/(\d+))?", part)
        first, last = (low, high) if told[1] else (int(told[2]), int(told[3] or told[2]))
        assert low <= first <= last <= high
        found |= set(range(first, last + 1, int(told[4] or 1)))
    return found


def crontab():
    """Return the settings and the jobs (five fields and a command) of the crontab."""
    lines = (SCHEDULES / "crmlab.cron").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    settings = [line for line in lines if re.match(r"\w+=", line)]
    return settings, [line.split(None, 5) for line in lines if line not in settings]


def workflow():
    return yaml.safe_load((SCHEDULES / "github-actions.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "path", sorted(p for p in SCHEDULES.iterdir() if p.is_file()), ids=lambda p: p.name
)
def test_every_command_exists_with_these_options(path):
    commands = typer.main.get_command(app)
    found = COMMAND.findall(path.read_text(encoding="utf-8"))
    if path.name in ("crmlab.cron", "crmlab.service", "github-actions.yml", "airflow_dag.py"):
        assert found
    for words in map(shlex.split, found):
        command = commands.get_command(typer.Context(commands), words[0])
        assert command, f"there is no crmlab {words[0]}"
        command.make_context(words[0], words[1:])


def test_the_crontab_has_five_fields_and_commands_that_a_shell_can_parse():
    settings, jobs = crontab()
    assert [name.split("=")[0] for name in settings] == ["SHELL", "MAILTO", "CRMLAB", "LANG"]
    assert [job[:5] for job in jobs] == [["15", "6", "*", "*", "1-5"], ["0", "7", "*", "*", "6"]]
    for *fields, command in jobs:
        assert all(times(f, *bounds) for f, bounds in zip(fields, FIELDS, strict=True))
        assert "%" not in command, "cron ends a command at %"
        subprocess.run(["bash", "-n", "-c", command], check=True)


def test_a_crontab_out_of_bounds_is_found():
    with pytest.raises(AssertionError):
        times("60", 0, 59)
    assert times("*/20", 0, 59) == {0, 20, 40}


def test_systemd_accepts_the_units(tmp_path):
    if not (analyze := shutil.which("systemd-analyze")):
        pytest.skip("there is no systemd-analyze here")
    for name in ("crmlab.service", "crmlab.timer"):
        text = (SCHEDULES / name).read_text(encoding="utf-8")
        text = text.replace("/srv/crmlab/.venv/bin", str(Path(sys.executable).parent))
        (tmp_path / name).write_text(text.replace("/srv/crmlab", str(ROOT)), encoding="utf-8")
    told = subprocess.run(
        [analyze, "verify", "--man=no", str(tmp_path / "crmlab.timer"),
         str(tmp_path / "crmlab.service")], capture_output=True, text=True, check=False,
    )  # fmt: skip
    ours = [line for line in told.stderr.splitlines() if "crmlab" in line]
    assert (told.returncode, ours) == (0, [])
    when = re.search("OnCalendar=(.*)", (SCHEDULES / "crmlab.timer").read_text(encoding="utf-8"))
    subprocess.run([analyze, "calendar", when[1]], check=True, capture_output=True)


def test_the_service_names_what_it_starts_and_where_it_may_write():
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str
    unit.read(SCHEDULES / "crmlab.service", encoding="utf-8")
    service = unit["Service"]
    assert service["ExecStart"].startswith(f"{service['WorkingDirectory']}/.venv/bin/crmlab run ")
    assert service["ReadWritePaths"] == f"{service['WorkingDirectory']}/reports"


def test_the_workflow_runs_verifies_and_keeps_secrets_out():
    told = workflow()
    (cron,) = (each["cron"] for each in told[True]["schedule"])  # YAML reads "on" as true
    assert all(times(f, *bounds) for f, bounds in zip(cron.split(), FIELDS, strict=True))
    assert told["permissions"] == {"contents": "read"}
    steps = told["jobs"]["reports"]["steps"]
    assert all("uses" in step or "run" in step for step in steps)
    for step in steps:
        subprocess.run(["bash", "-n", "-c", step.get("run", "")], check=True)
    text = (SCHEDULES / "github-actions.yml").read_text(encoding="utf-8")
    assert re.findall(r"(?:PASSWORD|KEY|USER): *(?!\$\{\{ secrets\.)\S+", text) == []


def test_the_dag_is_python_with_the_three_tasks():
    source = (SCHEDULES / "airflow_dag.py").read_text(encoding="utf-8")
    compile(source, "airflow_dag.py", "exec")
    assert re.findall(r'task_id="(\w+)"', source) == ["run", "verify", "mail"]


def test_the_job_of_jupyter_scheduler_fails_if_the_command_does(tmp_path):
    import papermill

    job, made = SCHEDULES / "jupyter_scheduler.ipynb", tmp_path / "job.ipynb"
    told = {"notebooks": "nowhere", "lang": "zh", "out": str(tmp_path / "out")}
    with pytest.raises(papermill.PapermillExecutionError, match="exit status 2"):
        papermill.execute_notebook(str(job), str(made), told, progress_bar=False)
    assert "错误: 没有笔记本 nowhere" in str(nbformat.read(made, as_version=4).cells)


class Mailbox(socketserver.ThreadingTCPServer):
    """An SMTP server (RFC 5321) on a free local port that keeps what it is sent."""

    def __init__(self, *, refuses=False):
        super().__init__(("127.0.0.1", 0), Session)
        self.refuses, self.kept = refuses, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return str(self.server_address[1])


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 mailbox")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "DATA":
                self.say("354 go on")
                self.server.kept.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            if verb == "QUIT":
                self.say("221 bye")
                break
            self.say("550 no" if verb == "RCPT" and self.server.refuses else "250 well")

    def say(self, words):
        self.wfile.write(f"{words}\r\n".encode())


@pytest.fixture
def mailbox():
    with Mailbox() as server:
        yield server
        server.shutdown()


@pytest.fixture
def run(tmp_path):
    """Return the folder of a run with its summary."""
    folder = tmp_path / "20260101T060000Z-abcdef"
    folder.mkdir()
    report = {"key": "clv.zh", "title": "客户价值", "headline": "", "figures": [], "file": ""}
    reports = [{**report, "status": status} for status in ("ok", "failed", "ok", "not_enough")]
    told = {"run": folder.name, "exit_code": 1, "reports": reports, "seconds": 61.5}
    (folder / "summary.json").write_text(json.dumps(told), encoding="utf-8")
    (folder / "summary.md").write_text("**客户价值** ✗\n.\n", encoding="utf-8")
    return folder


def mail(*words, **settings):
    told = subprocess.run(
        [sys.executable, str(SCHEDULES / "mail.py"), *map(str, words)], capture_output=True,
        text=True, check=False, cwd=ROOT,
        env={
            "PYTHONPATH": str(ROOT), "LANG": "en_US.UTF-8", "CRMLAB_SMTP_HOST": "127.0.0.1",
            "CRMLAB_SMTP_SECURITY": "none", "CRMLAB_MAIL_FROM": "crm@example.com",
            "CRMLAB_MAIL_TO": "a@example.com, b@example.com", **settings,
        },
    )  # fmt: skip
    return told.returncode, told.stderr.strip()


def test_a_summary_is_sent_once_with_its_counts_text_and_json(run, mailbox):
    from email import message_from_bytes, policy

    assert mail(run, CRMLAB_SMTP_PORT=mailbox.port) == (0, "")
    assert mail(run, CRMLAB_SMTP_PORT=mailbox.port) == (0, "")
    (raw,) = mailbox.kept
    sent = message_from_bytes(raw, policy=policy.default)
    assert sent["Subject"] == "crmlab 20260101T060000Z-abcdef: 2 ✓, 1 ✗, 1 ~"
    assert sent["To"] == "a@example.com, b@example.com"
    assert "**客户价值** ✗" in sent.get_body().get_content()
    (attached,) = sent.iter_attachments()
    assert json.loads(attached.get_content()) == json.loads((run / "summary.json").read_text())


def test_only_problems_is_silent_if_all_is_well(run, mailbox):
    told = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    (run / "summary.json").write_text(json.dumps({**told, "exit_code": 0}), encoding="utf-8")
    assert mail(run, "--only-problems", CRMLAB_SMTP_PORT=mailbox.port) == (0, "")
    assert mailbox.kept == []


def test_what_the_server_refuses_is_tried_again(run, mailbox):
    with Mailbox(refuses=True) as full:
        code, told = mail(run, CRMLAB_SMTP_PORT=full.port)
        full.shutdown()
    assert code == 1
    assert told.startswith("the e-mail was not sent: ")
    assert not (run / "summary.sent").exists()
    assert mail(run, CRMLAB_SMTP_PORT=mailbox.port) == (0, "")
    assert len(mailbox.kept) == 1


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"CRMLAB_MAIL_TO": ""}, "CRMLAB_MAIL_TO is not set."),
        ({"CRMLAB_SMTP_PORT": "smtp"}, "CRMLAB_SMTP_PORT is 'smtp': a number up to 65535."),
        (
            {"CRMLAB_SMTP_USER": "me"},
            "CRMLAB_SMTP_SECURITY is 'none': starttls | ssl | none; no login with none.",
        ),
        ({"CRMLAB_SMTP_SECURITY": "", "LANG": "zh_CN.UTF-8"}, "邮件未能发出：STARTTLS"),
    ],
    ids=["no-address", "port", "open-line", "no-tls"],
)
def test_a_wrong_setting_is_a_sentence_and_nothing_is_sent(run, mailbox, settings, told):
    code, said = mail(run, **{"CRMLAB_SMTP_PORT": mailbox.port, **settings})
    assert code in (1, 2)
    assert said.startswith(told)
    assert mailbox.kept == []


def test_a_run_without_summary_is_a_sentence(tmp_path):
    assert mail(tmp_path) == (2, f"{tmp_path} has no summary.json.")
