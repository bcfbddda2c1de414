"""The command that lists what the relay took for rejections, and takes a person's word on it."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from gateway.core.review import Standing
    from gateway.store.mails import MailRecord
    from gateway.store.reviews import Done

_ACTOR = "command line"
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def add_to(app: typer.Typer) -> None:
    """Add the command of this module to `app`."""
    app.command()(review)


def review(
    company: str,
    mail: Annotated[
        str | None, typer.Argument(metavar="[MAIL]", help="Its id in the log; without it: list.")
    ] = None,
    yes: Annotated[
        bool | None, typer.Option("--yes/--no", help="It was a rejection mail, or it was none.")
    ] = None,
    letter: Annotated[
        bool, typer.Option("--letter", help="With --yes: register it as a letter of the company.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="List so many at most.")] = 50,
    as_json: Json = False,
) -> None:
    """List the mails that wait for a person's look, or say what one of them was.

    Listed are rejections and doubtful mails, newest first. A mail that got a link and was no
    rejection takes its referral back and puts the company into observe mode.
    """
    if (mail is None) != (yes is None):
        raise typer.BadParameter("a mail and --yes or --no belong together")
    if letter and not yes:
        raise typer.BadParameter("--letter goes with a mail and --yes")
    if mail is None or yes is None:
        _list(company, limit, as_json=as_json)
    else:
        _answer(company, mail, is_rejection=yes, as_json=as_json)
    if letter and mail is not None:
        _remember(company, mail, as_json=as_json)


def _list(company: str, limit: int, *, as_json: bool) -> None:
    from gateway.cli.parts import open_parts
    from gateway.store.company_records import find_company
    from gateway.store.reviews import standing, waiting

    parts = open_parts()
    with parts.reading() as session:
        company_id = find_company(session, company).company.id
        found = waiting(session, company_id, limit=limit)
        stands = standing(session, company_id)
    for each in found:
        print(json.dumps(_as_dict(each), ensure_ascii=False) if as_json else _line(each))
    if not as_json:
        if not found:
            print("No mail waits for review.")
        print(_standing_line(stands, parts.settings.reviews_before_inject))


def _answer(company: str, mail: str, *, is_rejection: bool, as_json: bool) -> None:
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.company_records import find_company
    from gateway.store.reviews import answer, standing

    parts = open_parts()
    with parts.writing() as session:
        owner = find_company(session, company).company
        done = answer(
            session, owner.id, mail, is_rejection=is_rejection, actor=_ACTOR, now=utc_now()
        )
        stands = standing(session, owner.id)
    if as_json:
        print(json.dumps(_done_as_dict(done, stands, is_rejection=is_rejection)))
        return
    already = "" if done.is_new else " already"
    what = "a rejection mail" if is_rejection else "no rejection mail"
    print(f"Mail {mail} was {what}: noted{already}.")
    if done.withdrawn is not None:
        print(f"Its link should not have gone out: referral {done.withdrawn} is taken back.")
    if done.to_observe:
        print(f"{owner.name}: observe mode.")
    if done.rule in _RULES:
        print(_RULES[done.rule])
    print(_standing_line(stands, parts.settings.reviews_before_inject))


def _remember(company: str, mail: str, *, as_json: bool) -> None:
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.company_records import find_company
    from gateway.store.confirmed_letters import remember_letter

    with open_parts().writing() as session:
        owner = find_company(session, company).company
        added = remember_letter(session, owner.id, mail, _ACTOR, utc_now())
    if as_json:
        print(json.dumps({"mail": mail, "letter": added.number}))
    else:
        print(f"{owner.name}: letter no. {added.number} registered.")


_RULES = {
    "no-link": "Mails of its sender and subject get no link from now on; changing the answer ends "
    "that.",
    "eased": "Mails of its sender and subject that refuse in the same way need a point less.",
}


def check_inject(session: "Session", company_id: int, needed: int, *, unreviewed: bool) -> None:
    """Return when a company may be switched to inject mode.

    Raises NotReviewedError telling what to do.
    """
    from gateway.cli.parts import utc_now
    from gateway.store.reviews import check_reviewed, note_unreviewed

    if unreviewed:
        note_unreviewed(session, company_id, needed, _ACTOR, utc_now())
    else:
        check_reviewed(session, company_id, needed)


def _line(mail: "MailRecord") -> str:
    reasons = [one.label for one in mail.evidence if one.weight > 0]
    who = mail.candidate_masked or "-"
    return (
        f"{mail.queue_id}  {mail.at:%Y-%m-%d %H:%M} UTC  {mail.verdict} {mail.score:.2f}  "
        f"{mail.action}  {who}  {'; '.join(reasons[:2]) or '-'}"
    )


def _standing_line(stands: "Standing", needed: int) -> str:
    missing = stands.missing(needed)
    more = f"{missing} more before inject mode" if missing else "enough for inject mode"
    return f"{stands.in_a_row} rejections confirmed in a row: {more}."


def _as_dict(mail: "MailRecord") -> dict[str, Any]:
    return {
        "mail": mail.queue_id,
        "at": mail.at.isoformat(),
        "verdict": mail.verdict.value,
        "score": mail.score,
        "why": mail.why.value,
        "action": mail.action.value,
        "candidate": mail.candidate_masked,
        "evidence": [[one.rule, one.weight, one.label] for one in mail.evidence],
    }


def _done_as_dict(done: "Done", stands: "Standing", *, is_rejection: bool) -> dict[str, Any]:
    return {
        "mail": done.mail.queue_id,
        "is_rejection": is_rejection,
        "is_new": done.is_new,
        "withdrawn": done.withdrawn,
        "to_observe": done.to_observe,
        "rule": done.rule,
        "in_a_row": stands.in_a_row,
        "wrong": stands.wrong,
    }
