"""Departments with accounts of their own: what they are asked, that much of it and nothing else, their answer."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sealtrace.licences import service
from sealtrace.licences.review import board
from sealtrace.policy.model import Role

from .test_licence_work import text_of
from .test_licences_screens import applied, post, today

_numbers = itertools.count(1)


@pytest.fixture
def office(site: Any) -> Any:
    return site.office


@pytest.fixture
def of_department(site: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A client of an organisation that advises for a department: `of_department("technical")`."""
    from sealtrace.web import site as served
    from sealtrace.web.accounts.service import add_operator
    from sealtrace.web.testing import DeviceClient

    def make(department: str, *roles: Role) -> Any:
        code = f"ORG-{department.upper()}"
        monkeypatch.setitem(served.current().extra, f"advises:{code}", department)
        client = DeviceClient(HTTP_ACCEPT_LANGUAGE="en")
        client.sign_in(add_operator(f"ad-{next(_numbers)}", code, roles, by="test"))
        return client

    return make


@pytest.fixture
def asked(client_of: Any) -> tuple[str, Any]:
    """An application on which only the technical department is asked, and the desk's client."""
    clerk, name = client_of(Role.LICENSING), applied(client_of(Role.READER))
    post(clerk, f"/licences/{name}/accept")
    post(clerk, f"/licences/{name}/ask", department="technical")
    return name, clerk


def test_a_department_sees_what_it_is_asked_and_answers(
    of_department: Callable[..., Any], asked: tuple[str, Any], office: Any
) -> None:
    name, clerk = asked
    technical = of_department("technical")
    assert name in text_of(technical, "/advice")
    page = text_of(technical, f"/advice/{name}")
    assert "drive motors for passenger cars" in page
    assert "Plant C Magnets" not in page  # parties are not among the parts it is asked about
    post(
        technical, f"/advice/{name}/give", 422, view="conditions", reason="a report each year", conditions=""
    )
    said = {"view": "against", "reason": "the capacity is not there", "dissent": "two of five hold it is"}
    post(technical, f"/advice/{name}/give", **said)
    post(technical, f"/advice/{name}/give", view="for", reason="the capacity was shown")
    [advice] = service.get_case(office, name).advice
    assert (advice.view, advice.reason, len(advice.by)) == ("for", "the capacity was shown", 2)
    assert "two of five hold it is" in text_of(technical, f"/advice/{name}")  # what was said stays
    assert "the capacity was shown" in text_of(clerk, f"/licences/{name}")
    assert name not in text_of(technical, "/advice")
    assert name in text_of(technical, "/advice?view=given")
    assert board.check(office) == []


def test_it_sees_nothing_else(
    of_department: Callable[..., Any], asked: tuple[str, Any], client_of: Any
) -> None:
    name, clerk = asked
    technical, security = of_department("technical"), of_department("security")
    outsider, other = client_of(Role.READER), applied(client_of(Role.READER))
    sha256 = "0" * 64
    for client, case in ((security, name), (technical, other), (technical, "L-1999-0001"), (outsider, name),
                         (clerk, name)):  # fmt: skip
        assert client.get(f"/advice/{case}").status_code == 403
        assert client.get(f"/advice/{case}/documents/{sha256}").status_code == 403
        answer = client.post(f"/advice/{case}/give", {"view": "for", "reason": "by guessing"})
        assert answer.status_code == 403
    for path in ("/licences", f"/licences/{name}", "/licences/all", "/licences/hits", "/licences/appeals",
                 f"/licences/{name}/versions/1", f"/licences/account/{name}"):  # fmt: skip
        assert technical.get(path).status_code == 403
    assert technical.post(f"/licences/{name}/advise", {"department": "technical"}).status_code == 403
    assert outsider.get("/advice").status_code == 403
    assert other not in text_of(technical, "/advice")
    assert name not in text_of(security, "/advice")


def test_documents_are_shown_only_where_they_are_asked_about(
    of_department: Callable[..., Any], asked: tuple[str, Any], office: Any
) -> None:
    name, _ = asked
    [first, *_] = service.get_case(office, name).versions[-1].document["documents"]
    answer = of_department("technical").get(f"/advice/{name}/documents/{first['id']}")
    assert answer.status_code == 422
    assert b"shows no document" in answer.content


def test_the_desk_enters_for_it_only_what_came_on_paper(
    of_department: Callable[..., Any], asked: tuple[str, Any], office: Any
) -> None:
    name, clerk = asked
    technical = of_department("technical")
    said = {"department": "technical", "view": "for", "reason": "by letter"}
    assert "by its own accounts" in post(clerk, f"/licences/{name}/advise", 422, **said).content.decode()
    late = (today() + timedelta(days=1)).isoformat()
    post(clerk, f"/licences/{name}/advise", 422, **said, paper=late)
    post(clerk, f"/licences/{name}/advise", **said, paper=today().isoformat())
    [advice] = service.get_case(office, name).advice
    assert advice.paper == today()
    note = f"by paper of {today().isoformat()}"
    assert note in text_of(clerk, f"/licences/{name}")
    assert note in text_of(technical, f"/advice/{name}")


def test_long_lists_are_paged_by_their_key(
    of_department: Callable[..., Any], office: Any, monkeypatch: pytest.MonkeyPatch, client_of: Any
) -> None:
    from sealtrace.web.licences import advice

    monkeypatch.setattr(advice, "ROWS", 1)
    clerk, names = client_of(Role.LICENSING), [applied(client_of(Role.READER)) for _ in range(2)]
    for name in names:
        post(clerk, f"/licences/{name}/accept")
        post(clerk, f"/licences/{name}/ask", department="regional")
    regional = of_department("regional")
    first = service.consultations(office, "regional", waiting=True, limit=1)[0]
    page = text_of(regional, "/advice")
    assert first.id in page
    seen, path = set(), "/advice"
    while path:
        found = regional.get(path).context
        seen |= {row.id for row, _case, _late in found["rows"]}
        path = f"/advice?view=waiting&after={found['more']}" if found["more"] else ""
    assert set(names) <= seen
