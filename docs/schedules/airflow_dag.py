"""An Airflow 3 DAG: reports, then their verification, then the e-mail whatever came out.

Copy it into Airflow's ``dags`` folder. The workbook stays in its own virtual environment: the tasks
are commands. ``CRMLAB_CHECKOUT`` names the checkout; ``CRMLAB_SMTP_…`` (README.md) stand in the
worker's environment or in a secrets backend.
"""

import os
from datetime import timedelta

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

CHECKOUT = os.environ.get("CRMLAB_CHECKOUT", "/srv/crmlab")

with DAG(
    "crmlab",
    schedule="15 6 * * 1-5",
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    default_args={"cwd": CHECKOUT, "append_env": True, "execution_timeout": timedelta(hours=3)},
):
    run = BashOperator(
        task_id="run", bash_command=".venv/bin/crmlab run --run-seconds 7200 --keep 30"
    )
    verify = BashOperator(task_id="verify", bash_command=".venv/bin/crmlab verify")
    mail = BashOperator(
        task_id="mail",
        bash_command=".venv/bin/python docs/schedules/mail.py",
        trigger_rule="all_done",
    )
    run >> [verify, mail]
