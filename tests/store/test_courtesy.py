"""What a company wants to follow from what is wrong with its mails, on both databases."""

from sqlalchemy import Engine

from gateway.core.findings import ALWAYS_NOTIFY, Courtesy, Finding, Reaction
from gateway.store.company_changes import list_changes
from gateway.store.company_records import find_company, load_companies
from gateway.store.courtesy import set_reactions
from gateway.store.engine import writing_session
from tests.store.records import NOW, write_company


def test_reactions_are_kept_for_each_company_and_finding(engine: Engine) -> None:
    company_id = write_company(engine).company.id
    write_company(engine, "Momiji")
    first = {Finding.PLACEHOLDER: Reaction.REFUSE, Finding.NO_THANKS: Reaction.LOG}
    with writing_session(engine).begin() as session:
        assert find_company(session, "Sakura").company.courtesy == ALWAYS_NOTIFY
        set_reactions(session, company_id, first, "a test", NOW)
        set_reactions(session, company_id, {Finding.NO_THANKS: Reaction.NOTIFY}, "a test", NOW)
    with writing_session(engine).begin() as session:
        courtesy = find_company(session, "Sakura").company.courtesy
        assert courtesy == Courtesy(
            ((Finding.NO_THANKS, Reaction.NOTIFY), (Finding.PLACEHOLDER, Reaction.REFUSE))
        )
        assert courtesy.refused(Finding) == (Finding.PLACEHOLDER,)
        others = [one.company.courtesy for one in load_companies(session)]
        assert others == [courtesy, ALWAYS_NOTIFY]
        assert [(one.what, one.old, one.new) for one in list_changes(session, company_id)] == [
            ("courtesy", "no-thanks log", "no-thanks notify"),
            ("courtesy", "no-thanks notify", "no-thanks log"),
            ("courtesy", "placeholder notify", "placeholder refuse"),
        ]
