"""The licence desk's services: one function per thing a person does. Screens, API and command line call only these.

Each takes the open office and who acts. The time is the office's clock, so that rows, postings and ledger entries
of one act carry one time and nobody can date an act back. Errors are ours; nothing is half done.
"""

from __future__ import annotations

from .accounts import post, post_many, preview
from .carriers import judge as judge_file
from .desk import account, accounts, add, history
from .desk import check as check_accounts
from .gate.desk import cancel as cancel_shipment
from .gate.desk import (
    conclude,
    endorse,
    file_answer,
    get_shipment,
    present,
    reserve,
    shipments,
)
from .gate.desk import question as question_shipment
from .gate.desk import refuse as refuse_shipment
from .gate.desk import reproduce as reproduce_scan
from .gate.flows import file_of as flow_file
from .gate.flows import months as flow_months
from .gate.flows import write as write_flows
from .gate.scanning import scan
from .issuing import credential, issue, page, public_key, signed_text, status_list, verify
from .library import (
    case_rules,
    changes,
    classifier,
    controls,
    current,
    draft,
    drafts,
    drop,
    get_draft,
    release,
)
from .measures.appeals import (
    appeal_measure,
    decide_measure_appeal,
    due_reviews,
    notice_of,
    notify_measure,
    open_appeals,
    stay_measure,
)
from .measures.desk import (
    Ground,
    approve_measure,
    drop_measure,
    object_to,
    propose_measure,
    recover_measures,
    review_measure,
    surrender,
    suspend,
)
from .measures.measure import Measure, get_measure, measures
from .outsiders import Clearance, may_issue
from .preview import alarms, effects, open_cases, raise_alarms
from .review.application import Enclosure, missing, read_application
from .review.board import check as check_board
from .review.board import comparable, compare, put_right, statistics, treatment
from .review.board import own_rows as own_cases
from .review.board import rows as board
from .review.deciding import (
    Proposal,
    appeal,
    approve,
    decide_appeal,
    issue_licence,
    notice,
    notify,
    propose,
    recover,
    send_back,
)
from .review.desk import (
    accept,
    advise,
    amend,
    answer,
    ask_advice,
    clear,
    determine,
    enclose,
    enclosure,
    evaluate,
    flag,
    get_case,
    give_back,
    lacking,
    open_case,
    question,
    reproduce,
    save,
    screen,
    submit,
    unflag,
    withdraw,
)
from .review.lists import consultations, count_hits, hit_lists, hits, unscreened
from .screening.desk import lists as screening_lists
from .screening.desk import retire_list, take_list
from .screening.lists import import_list

__all__ = [
    "Clearance", "Enclosure", "Ground", "Measure", "Proposal", "accept", "account", "accounts", "add", "advise",
    "alarms", "amend", "answer", "appeal", "appeal_measure", "approve", "approve_measure", "ask_advice", "board",
    "cancel_shipment", "case_rules", "changes", "check_accounts", "check_board", "classifier", "clear", "comparable",
    "compare", "conclude", "consultations", "controls", "count_hits", "credential", "current", "decide_appeal",
    "decide_measure_appeal", "determine", "draft", "drafts", "drop", "drop_measure", "due_reviews", "effects",
    "enclose", "enclosure", "endorse", "evaluate", "file_answer", "flag", "flow_file", "flow_months", "get_case",
    "get_draft", "get_measure", "get_shipment", "give_back", "history", "hit_lists", "hits", "import_list", "issue",
    "issue_licence", "judge_file", "lacking", "may_issue", "measures", "missing", "notice", "notice_of", "notify",
    "notify_measure", "object_to", "open_appeals", "open_case", "open_cases", "own_cases", "page", "post",
    "post_many", "present", "preview", "propose", "propose_measure", "public_key", "put_right", "question",
    "question_shipment", "raise_alarms", "read_application", "recover", "recover_measures", "refuse_shipment",
    "release", "reproduce", "reproduce_scan", "reserve", "retire_list", "review_measure", "save", "scan", "screen",
    "screening_lists", "send_back", "shipments", "signed_text", "statistics", "status_list", "stay_measure", "submit",
    "surrender", "suspend", "take_list", "treatment", "unflag", "unscreened", "verify", "withdraw", "write_flows",
]  # fmt: skip
