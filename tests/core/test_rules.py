"""Every rule and guard proves itself on its own example and counter-example."""

import pytest

from gateway.core.detect import judge_reading
from gateway.core.reader import normalise, read_text
from gateway.core.rules import GUARDS, RULES, Guard, Kind, Rule


def _cases(side: str) -> list[object]:
    return [
        pytest.param(rule, sentence, id=f"{rule.id}-{number}")
        for rule in RULES
        for number, sentence in enumerate(getattr(rule, side))
    ]


@pytest.mark.parametrize(("rule", "sentence"), _cases("examples"))
def test_a_rule_matches_its_examples(rule: Rule, sentence: str) -> None:
    assert any(rule.heard(normalise(sentence)))


@pytest.mark.parametrize(("rule", "sentence"), _cases("counters"))
def test_a_rule_leaves_its_counter_examples_alone(rule: Rule, sentence: str) -> None:
    assert not any(rule.heard(normalise(sentence)))


def _verdicts(sentence: str) -> list[str]:
    evidence = judge_reading(read_text(sentence)).evidence
    return [one.rule for one in evidence if one.weight > 0 and one.label.startswith("verdict")]


def _guard_cases(side: str) -> list[object]:
    return [
        pytest.param(guard, sentence, id=f"{guard.id}-{number}")
        for guard in GUARDS
        for number, sentence in enumerate(getattr(guard, side))
    ]


@pytest.mark.parametrize(("guard", "sentence"), _guard_cases("examples"))
def test_a_guard_takes_the_verdict_back(guard: Guard, sentence: str) -> None:
    evidence = judge_reading(read_text(sentence)).evidence
    assert guard.id in {one.rule for one in evidence}
    assert _verdicts(sentence) == []


@pytest.mark.parametrize(("guard", "sentence"), _guard_cases("counters"))
def test_a_guard_leaves_other_verdicts_standing(guard: Guard, sentence: str) -> None:
    assert _verdicts(sentence)


def test_ids_are_unique_and_say_the_language() -> None:
    ids = [*(rule.id for rule in RULES), *(guard.id for guard in GUARDS)]
    assert len(set(ids)) == len(ids)
    assert all(one.split(".")[0] in {"ja", "en", "zh", "ko", "vi"} for one in ids)


def test_weights_have_the_sign_of_their_kind() -> None:
    for rule in RULES:
        against = rule.kind in (Kind.COUNTER, Kind.VETO)
        assert (rule.weight < 0) == against, rule.id
