"""How a plan reads for a person at a terminal."""

from gateway.core.plan import Plan
from gateway.core.why import Action


def explained(name: str, plan: Plan) -> str:
    """Return a few lines that say what would happen to the mail `name`, and why."""
    changed = ", ".join(plan.parts)
    lines = [
        f"{name}: {plan.verdict} (score {plan.score:.2f}, rules {plan.rules_version or '-'})",
        f"  {plan.action}: {plan.why}" + (f", parts {changed}" if changed else ""),
    ]
    strongest = sorted(plan.evidence, key=lambda e: -abs(e.weight))[:3]
    lines += [f"  {e.weight:+.2f} {e.label}" for e in strongest]
    if plan.action is Action.PASSED:
        lines.append("  The mail goes on byte for byte as it came.")
    return "\n".join(lines)
