"""The hospital that the company serves: discharges, return visits, departments; and standards."""

from crmlab.tables.base import Column, Table

DISEASES = {  # by department
    "internal_medicine": ("gastritis", "anaemia"),
    "surgery": ("appendicitis", "gallstones"),
    "obstetrics": ("childbirth", "pregnancy_care"),
    "paediatrics": ("childhood_asthma", "bronchitis"),
    "orthopaedics": ("fracture", "joint_replacement"),
    "cardiology": ("coronary_disease", "heart_failure"),
    "neurology": ("stroke", "epilepsy"),
    "oncology": ("lung_cancer", "breast_cancer"),
    "respiratory": ("pneumonia", "chronic_lung_disease"),
    "endocrinology": ("diabetes", "thyroid_disease"),
    "ophthalmology": ("cataract", "glaucoma"),
    "geriatrics": ("hypertension", "frailty"),
}
AREAS = ("old_town", "new_town", "riverside", "hillside", "north_gate", "south_gate")
RESULTS = ("cured", "improved", "unchanged", "worse", "no_answer")
PROCESSES = ("complaint", "touchpoint", "return_visit")
METRICS = ("hours_to_step", "minutes_to_respond", "days_overdue")

_DEPARTMENT = Column("code", codes=tuple(DISEASES), aliases=("科室",))
_DISEASE = Column("code", codes=tuple(d for some in DISEASES.values() for d in some))

PATIENTS = Table(
    "patients",
    key=("patient_id",),
    columns={
        "patient_id": Column("id", aliases=("病人编号", "住院号")),
        "discharged_on": Column("date", aliases=("出院日期",)),
        "department": _DEPARTMENT,
        "disease": _DISEASE,
        "area": Column("code", codes=AREAS, aliases=("片区",)),
        "group_id": Column("id", optional=True, nullable=True, aliases=("单位编号", "群体编号")),
        "station": Column("id", optional=True, aliases=("社区服务站",)),
        "consent": Column("flag", aliases=("是否单独同意",)),
        "contact_stopped_on": Column(
            "date", optional=True, nullable=True, aliases=("终止联系日期",)
        ),
    },
)

FOLLOWUPS = Table(
    "followups",
    key=("followup_id",),
    columns={
        "followup_id": Column("id", aliases=("回访单号",)),
        "patient_id": Column("id", aliases=("病人编号", "住院号")),
        "ordered_on": Column("date", aliases=("下单日期",)),
        "due_on": Column("date", aliases=("应回访日期",)),
        "done_on": Column("date", nullable=True, aliases=("回访日期",)),
        "result": Column("code", nullable=True, codes=RESULTS, aliases=("回访结果",)),
        "physician": Column("id", optional=True, aliases=("医师",)),
        "checked_on": Column("date", optional=True, nullable=True, aliases=("主任核查日期",)),
    },
)

DEPARTMENT_MONTHS = Table(
    "department_months",
    key=("department", "month"),
    columns={
        "department": _DEPARTMENT,
        "month": Column("date", "first day of the month", aliases=("月份",)),
        "pilot": Column("flag", aliases=("是否试点",)),  # true while the pilot runs there
        "satisfaction": Column("number", "points", low=0, high=100, aliases=("满意度",)),
        "recognition": Column("number", "points", low=0, high=100, aliases=("知晓度",)),
        "admissions": Column("integer", "patients", low=0, aliases=("入院人次",)),
    },
)

STANDARDS = Table(
    "standards",
    key=("process", "step", "metric", "valid_from"),
    columns={
        "process": Column("code", codes=PROCESSES, aliases=("流程",)),
        "step": Column("integer", low=1, high=8, aliases=("步骤",)),
        "metric": Column("code", codes=METRICS, aliases=("考核指标",)),
        "percentile": Column("number", "% of cases", low=0, high=100, aliases=("达标百分位",)),
        "threshold": Column("number", "unit of the metric", low=0, aliases=("标准值",)),
        "published": Column("flag", aliases=("是否公布",)),
        "valid_from": Column("date", aliases=("生效日期",)),
    },
)

HOSPITAL = (PATIENTS, FOLLOWUPS, DEPARTMENT_MONTHS, STANDARDS)
