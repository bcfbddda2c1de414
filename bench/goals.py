"""What the relay must reach beside its peers, and what it aims at: ratios of one run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """One line of the table; `at_most` says in which direction better lies."""

    measure: str
    goal: float
    must: float
    at_most: bool

    def judge(self, value: float | None) -> str:
        """Return the line: the value, and whether floor and aim are reached."""
        sign = "<=" if self.at_most else ">="
        if value is None:
            reached = "not measured"
        elif self._reaches(value, self.goal):
            reached = "goal"
        else:
            reached = "must" if self._reaches(value, self.must) else "MISSED"
        shown = "-" if value is None else f"{value:.3g}"
        bounds = f"{sign} {self.goal:<5g} {sign} {self.must:<5g}"
        return f"  {self.measure:60} {shown:>8}  {bounds} {reached}"

    def _reaches(self, value: float, bound: float) -> bool:
        return value <= bound if self.at_most else value >= bound


GOALS = {
    "naive-cpu": Goal("CPU a mail against the plain relay, c=20", 0.12, 0.20, at_most=True),
    "naive-rate": Goal("rate against the plain relay, c=20", 12, 8, at_most=False),
    "naive-p50": Goal("p50 against the plain relay, c=1", 0.25, 0.4, at_most=True),
    "haraka-rate-100": Goal("rate against Haraka with banner, c=100", 6, 4, at_most=False),
    "haraka-rate-20": Goal("rate against Haraka with banner, c=20", 12, 8, at_most=False),
    "haraka-cpu": Goal("CPU a mail against Haraka, c=100", 0.20, 0.35, at_most=True),
    "postfix-rate": Goal("rate against Postfix + Python milter, c=20", 3, 2, at_most=False),
    "attachment-rate": Goal("200 KB attachment: rate against Haraka, c=20", 6, 4, at_most=False),
    "attachment-cpu": Goal("200 KB attachment: CPU against the plain", 0.15, 0.25, at_most=True),
    "slow-hop": Goal("next hop of 50 ms: rate against none, c=100", 0.75, 0.6, at_most=False),
    "large": Goal("p99 while 20 MB mails pass against quiet, c=5", 2, 4, at_most=True),
    "idle": Goal("rate beside 500 idle, 100 trickling clients", 0.9, 0.8, at_most=False),
    "silent": Goal("KiB a silent connection, 1,000 of them", 14, 20, at_most=True),
    "processes": Goal("CPU a mail, 2 processes on PostgreSQL against 1", 1.15, 1.3, at_most=True),
    "never-rejects": Goal("CPU: sender who never rejects / rejection", 0.5, 0.7, at_most=True),
    "rows-5": Goal("CPU a mail with 10^5 rows in the ledger against none", 1.0, 1.1, at_most=True),
    "rows-6": Goal("CPU a mail with 10^6 rows in the ledger against none", 1.0, 1.1, at_most=True),
    "harm": Goal("lost + doubled + damaged, every 7th mail answered 451", 0, 0, at_most=True),
}  # fmt: skip
