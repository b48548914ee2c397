"""Several leaks together, on the screens: what is chosen, what it costs, the answer, and who may."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from sealtrace.custody.service import Custody
from sealtrace.policy.model import Role

from .conftest import Office, upload

pytestmark = pytest.mark.usefixtures("site", "at_once")
Extracts = dict[str, list[str]]


def opened(page_of: Any, client: Any, traces: list[str], chance: str = "1e-9") -> str:
    """The page that answers when these traces are weighed together."""
    sent = client.post("/trace/together/weigh", {"trace": traces, "chance": chance})
    return html.unescape(page_of(client, sent))


def test_ticked_traces_are_priced_first_and_nothing_is_entered(
    client_of: Any, extracts: Extracts, site: Custody
) -> None:
    client, traces = client_of(Role.TRACER), extracts["large"]
    listed = client.get("/trace").content.decode()
    assert all(f'name="trace" value="{trace}"' in listed for trace in traces)
    size = site.office.ledger.size()
    page = html.unescape(client.get("/trace/together", {"trace": traces}).content.decode())
    assert site.office.ledger.size() == size
    terms = site.choose(traces, [1e-6, 1e-9, 1e-12]).terms
    assert "2 of 2 count" in page
    assert [f"threshold {one.threshold:.1f}" in page for one in terms] == [True] * 3
    assert f"<dd>{terms[0].log_paid:.1f}" in page
    assert f"<dd>{terms[0].recipients}" in page


def test_together_they_name_whom_none_names_and_who_asked_is_entered(
    client_of: Any, page_of: Any, extracts: Extracts, site: Custody
) -> None:
    client, traces = client_of(Role.TRACER), extracts["large"]
    assert {site.recall(trace).result for trace in traces} == {"inconclusive"}
    page = opened(page_of, client, traces)
    main = page[page.index("<main") :]
    order = [
        "Strong", "At least one of these leaks came from", "copies issued to op-t3", "not who leaked it",
        "This recipient", "The next recipient", "<b>op-t3</b>", "over all", "dev-t3", "10.20.7.3", "Readings of line 3",
        traces[0][:8],
        "<h2>Ledger proof", "<h2>What it was judged by", "Price of the choice", client.operator.code,
        "There is none yet for several leaks together", "<h2>Next steps",
    ]  # fmt: skip
    at = 0
    for part in order:
        at = main.find(part, at)
        assert at > 0, part
    assert "op-t1" not in main
    assert 'style="' not in page
    from sealtrace.custody import standings

    [kept] = standings.newest(site.office, None, 1)
    assert kept.asked is not None
    assert (kept.asked.operator, kept.asked.device) == (client.operator.code, client.device.code)
    assert f'href="/trace/together/{kept.entry}"' in client.get("/trace/together").content.decode()


def test_not_enough_names_nobody_in_the_words_of_a_single_answer(
    client_of: Any, page_of: Any, extracts: Extracts
) -> None:
    page = opened(page_of, client_of(Role.TRACER), extracts["small"], "1e-12")
    main = page[page.index("<main") : page.index("</main")]
    assert 'data-result="inconclusive"' in main
    assert "Not enough evidence: these leaks together do not name anybody." in main
    assert "The closest" in main
    assert "op-t" not in main
    zh = client_of(Role.TRACER, language="zh-CN").get(re.search(r"/trace/together\?[^\"]+", page)[0])  # type: ignore[index]
    assert "2 项中计入 2 项" in zh.content.decode()


def test_what_does_not_count_is_said_and_can_not_be_weighed(
    client_of: Any, page_of: Any, office: Office, extracts: Extracts, site: Custody
) -> None:
    client, first = client_of(Role.TRACER), extracts["small"][0]
    brought = page_of(client, client.post("/trace/begin", {"files": upload("c.pdf", office.copy_bytes)}))
    exact = re.search(r'data-copy="(T[0-9a-f]{16})"', brought)[1]  # type: ignore[index]
    page = html.unescape(client.get(f"/trace/together?trace={exact}&trace={first},T0").content.decode())
    assert "1 of 2 count" in page
    assert "a copy named by its bytes or stamp needs no other leak" in page
    assert "Too few to weigh together" in page
    assert "There is no trace with this id." in page
    size = site.office.ledger.size()
    for traces, chance in (([exact, first], "1e-9"), ([first], "1e-9"), (extracts["small"], "0.5")):
        sent = client.post("/trace/together/weigh", {"trace": traces, "chance": chance})
        assert sent.status_code == 422
    assert client.post("/trace/together/weigh", {"trace": ["T0", first]}).status_code == 404
    assert site.office.ledger.size() == size
    assert client.get("/trace/together/0").status_code == 404


def test_only_tracers_weigh_together_and_a_weighing_under_way_is_its_officers_alone(
    client_of: Any, page_of: Any, extracts: Extracts
) -> None:
    from sealtrace.web.jobs.models import Job

    mine, other, issuer = client_of(Role.TRACER), client_of(Role.TRACER), client_of(Role.ISSUER)
    sent = mine.post("/trace/together/weigh", {"trace": extracts["small"]})
    assert other.get(sent["Location"]).status_code == 404
    answer = mine.get(sent["Location"])["Location"]
    assert other.get(answer).status_code == 200
    for path in (answer, "/trace/together"):
        assert issuer.get(path).status_code == 403
    assert issuer.post("/trace/together/weigh", {"trace": extracts["small"]}).status_code == 403
    failed = Job.objects.create(
        kind="weigh-together", operator=mine.operator.code, state=Job.State.FAILED,
        arguments={"traces": extracts["small"]}, problem={"message": "the tracing key is sealed", "advice": ""},
    )  # fmt: skip
    said = mine.get(f"/trace/together/run/{failed.pk}").content.decode()
    assert "the tracing key is sealed" in said
    assert "nobody is named" in said


def test_it_asks_for_a_fresh_confirmation(client_of: Any, extracts: Extracts) -> None:
    from sealtrace.web.accounts.models import Sitting

    client = client_of(Role.TRACER)
    Sitting.objects.filter(operator=client.operator).update(confirmed_at=None)
    asked = client.get("/trace/together")
    assert (asked.status_code, asked["Location"]) == (302, "/confirm?next=%2Ftrace%2Ftogether")
    assert client.post("/trace/together/weigh", {"trace": extracts["small"]}).status_code == 403


@pytest.mark.parametrize(
    ("log", "said"), [(0.0, "× 1.0"), (3.2, "× 25"), (11.1, "× 66,000"), (20.0, "× 4.9 × 10⁸")]
)
def test_a_price_is_said_as_a_factor(log: float, said: str) -> None:
    from sealtrace.web.custody.answer import times

    assert times(log) == said
