"""Entries name counting rules with a digest: nothing changes here, but older versions must stop.

They know a rule by its number alone, and fail at slots whose rule they do not find.
"""

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    pass
