"""Commands on ledgers: show, verify, export, key, rule, simulate, held, release, retention."""

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from gateway.cli.exports import export, key, verify_export
from gateway.core.credit import POINTS_PER_SLOT, CountAt, Rule, slots_earned
from gateway.errors import CareerRelayError, NotFoundError

if TYPE_CHECKING:
    from gateway.store.ledger import Entry

ACTOR = "command line"
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


class _CompanyFirst(TyperGroup):
    """Take `ledger NAME` for `ledger show NAME`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the words name."""
        known = not args or args[0] in self.commands or args[0].startswith("-")
        return super().resolve_command(ctx, args if known else ["show", *args])


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    group = typer.Typer(
        cls=_CompanyFirst,
        no_args_is_help=True,
        help="Points, slots and ledger entries; `ledger COMPANY` shows a company's.",
    )
    for command in (show, verify, export, key, rule, simulate, held, release, retention):
        group.command()(command)
    app.add_typer(group, name="ledger")


def show(company: str, as_json: Json = False) -> None:
    """Show a company's points, slots and ledger entries."""
    from gateway.cli.parts import open_parts
    from gateway.store.company_records import find_company
    from gateway.store.holds import count_holds
    from gateway.store.ledger import balance, entries

    with open_parts().reading() as session:
        found = find_company(session, company).company
        sums, rows = balance(session, found.id), entries(session, found.id)
        waiting = count_holds(session, found.id)
    if as_json:
        shown: dict[str, Any] = {"company": found.name, **dataclasses.asdict(sums)}
        shown |= {"held": waiting}
        shown["entries"] = [dataclasses.asdict(e) | {"at": e.at.isoformat()} for e in rows]
        print(json.dumps(shown, ensure_ascii=False))
        return
    print(f"{found.name}: {sums.counted} candidates referred, {sums.points} points")
    print(
        f"free hiring slots (無料採用枠): {sums.slots_earned} earned,"
        f" {sums.slots_available} available"
    )
    if waiting:
        print(f"{waiting} referrals are held: `career-relay ledger held {found.name}`")
    for entry in rows:
        print(_line(entry))


def _line(entry: "Entry") -> str:
    what = f"referral {entry.referral_id}" if entry.referral_id else ""
    if entry.slot is not None:
        what = f"slot {entry.slot}" + (f" -> {entry.became}" if entry.became else "")
    if entry.points:
        what = f"{what} entries {entry.points}".strip()
    at = f"{entry.at:%Y-%m-%d %H:%M:%SZ}"
    return f"{entry.seq:6} {at} {entry.kind:12} {what} {entry.reason or ''}".rstrip()


def verify(
    as_json: Json = False,
    export: Annotated[
        Path | None,
        typer.Option(help="Check an export (its folder or ledger.json); needs no database."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(help="The public key (`ledger key`) of whom the export must be."),
    ] = None,
) -> None:
    """Check that nobody changed any entry, and that every slot has its ten referrals."""
    if export is not None:
        verify_export(export, key, as_json=as_json)
        return
    from gateway.cli.parts import open_parts
    from gateway.store.verify import names_of_companies, wrong_file
    from gateway.store.verify import verify as verify_ledgers

    with open_parts().reading() as session:
        broken = wrong_file(session)
        problems = verify_ledgers(session) if broken is None else []
        names = names_of_companies(session) if broken is None else {}
    if broken is not None:
        raise CareerRelayError(f"the file of the ledger is damaged ({broken}): restore a backup")
    if as_json:
        print(json.dumps([dataclasses.asdict(problem) for problem in problems], ensure_ascii=False))
    for problem in () if as_json else problems:
        entry = "" if problem.seq is None else f", entry {problem.seq}"
        owner = names.get(problem.company_id, "without a name")
        print(f"Company {problem.company_id} ({owner}){entry}: {problem.what}.")
    if problems:
        raise CareerRelayError(f"{len(problems)} ledger(s) do not verify")
    if not as_json:
        print(f"Ledgers looked at: {len(names)}.")
        print("Every entry is as it was written, and every slot has its ten referrals.")


def rule(  # noqa: PLR0913, PLR0917  one parameter an option
    company: str,
    count_at: Annotated[CountAt | None, typer.Option(help="When a referral counts.")] = None,
    window_days: Annotated[
        int | None, typer.Option(help="A candidate counts once in so many days.")
    ] = None,
    hold_hours: Annotated[
        int | None, typer.Option(help="Wait so long before counting; 0 counts at once.")
    ] = None,
    burst_limit: Annotated[
        int | None,
        typer.Option(help="So many in 24 hours are never held for review; 0 holds none."),
    ] = None,
    slot_days: Annotated[
        int | None, typer.Option(help="Unused slots expire after so many days; 0 never.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the counting rule, or set one for referrals relayed from now on."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.company_records import find_company
    from gateway.store.ledger import lock_company
    from gateway.store.rules import list_rules, rule_at, set_rule

    given = {
        "count_at": count_at,
        "window_days": window_days,
        "hold_hours": hold_hours,
        "burst_limit": burst_limit,
        "slot_days": slot_days,
    }
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    parts, now = open_parts(), utc_now()
    with parts.writing() if changes else parts.reading() as session:
        found = find_company(session, company).company
        if changes:
            lock_company(session, found.id)  # of two at once the second changes the first's
            now = utc_now()
            new = dataclasses.replace(rule_at(session, found.id, now), **changes)
            set_rule(session, found.id, new, ACTOR, now)
        versions, current = list_rules(session, found.id), rule_at(session, found.id, now)
    if as_json:
        print(json.dumps(dataclasses.asdict(current)))
        return
    print(f"{found.name} counts by rule {current.version}: {rule_in_words(current)}")
    for each in versions[:-1]:
        print(f"  {each.since:%Y-%m-%d %H:%MZ} {each.rule.version}: {rule_in_words(each.rule)}")


def rule_in_words(rule: Rule) -> str:
    """Return a counting rule as one line that a person reads."""
    burst = f"no burst below {rule.burst_limit} a day" if rule.burst_limit else "no burst"
    expiry = f"slots expire after {rule.slot_days} days" if rule.slot_days else "slots never expire"
    return (
        f"at {rule.count_at}, once in {rule.window_days} days, held {rule.hold_hours} hours, "
        f"{burst}, {expiry}"
    )


def simulate(
    company: str,
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="From this day, UTC.")],
    count_at: Annotated[CountAt | None, typer.Option(help="When a referral counts.")] = None,
    window_days: Annotated[int | None, typer.Option(help="Once in so many days.")] = None,
    as_json: Json = False,
) -> None:
    """Show what another rule would have given since a day. Nothing is written."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.company_records import find_company
    from gateway.store.rules import rule_at
    from gateway.store.simulate import simulate as simulate_rule

    with open_parts().reading() as session:
        found = find_company(session, company).company
        current = rule_at(session, found.id, utc_now())
        other = dataclasses.replace(
            current,
            count_at=count_at or current.count_at,
            window_days=current.window_days if window_days is None else window_days,
        )
        moment = since.replace(tzinfo=UTC)
        results = [simulate_rule(session, found.id, each, moment) for each in (current, other)]
    shown = [
        {
            "count_at": result.rule.count_at.value,
            "window_days": result.rule.window_days,
            "counted": result.counted,
            "slots": slots_earned(result.counted),
            "duplicates": result.duplicates,
            "not_reached": result.waiting,
        }
        for result in results
    ]
    if as_json:
        print(json.dumps({"company": found.name, "in_force": shown[0], "simulated": shown[1]}))
        return
    for title, sums in zip(("in force", "simulated"), shown, strict=True):
        print(f"{title:10}", ", ".join(f"{name} {value}" for name, value in sums.items()))
    print(f"{POINTS_PER_SLOT} counted referrals make a slot; earlier points are not in these sums.")


def held(company: str, as_json: Json = False) -> None:
    """List referrals that are relayed and do not count yet, and what each waits for."""
    from gateway.cli.parts import open_parts
    from gateway.store.company_records import find_company
    from gateway.store.holds import list_holds

    with open_parts().reading() as session:
        rows = list_holds(session, find_company(session, company).company.id)
    for row in rows:
        until = row.until.isoformat() if row.until else None
        shown = {"referral": row.referral_id, "waits_for": row.waits_for.value, "until": until}
        if as_json:
            print(json.dumps(shown))
        else:
            print(f"referral {row.referral_id}  {row.waits_for}  {until or ''}".rstrip())


def release(
    referral: Annotated[int, typer.Argument(help="The number of a referral held as a burst.")],
) -> None:
    """Let a referral count that was held as part of a burst; the workers do it in a moment."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.holds import release as release_hold

    with open_parts().writing() as session:
        if not release_hold(session, referral, ACTOR, utc_now()):
            raise NotFoundError(f"Referral {referral} is not held for review.")
    print(f"Referral {referral} is released.")


def retention(
    company: str,
    days: Annotated[
        int | None, typer.Option(help="Forget candidates after so many days; 0 keeps them.")
    ] = None,
) -> None:
    """Show or set how long a company's candidates are remembered."""
    from gateway.cli.parts import open_parts, utc_now
    from gateway.store.company_records import find_company
    from gateway.store.retention import retention_days, set_retention

    parts = open_parts()
    with parts.reading() if days is None else parts.writing() as session:
        found = find_company(session, company).company
        if days is not None:
            set_retention(session, found.id, days, ACTOR, utc_now())
        kept = retention_days(session, found.id)
    print(f"{found.name}: candidates are remembered {f'{kept} days' if kept else 'for ever'}.")
