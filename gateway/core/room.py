"""Whether a table cell of an HTML mail has room for a block."""

from collections.abc import Sequence
from typing import NamedTuple

_MIN_CELL_TEXT = 100
"""A table cell with less text is a button or a label, no place for a block; not so one that goes
on with a letter whose paragraphs have a row each."""


class Room(NamedTuple):
    """The table cell around a place: how much text stands before its table, row and cell, and it.

    speaks  there is text in the cell that is no link
    """

    table: int
    row: int
    cell: int
    place: int
    speaks: bool

    @property
    def is_enough(self) -> bool:
        """Whether the cell has room for a block."""
        if self.place - self.cell >= _MIN_CELL_TEXT:
            return True
        goes_on = self.speaks and self.row == self.cell
        return goes_on and self.place - self.table >= _MIN_CELL_TEXT

    def measured(self, widths: Sequence[int]) -> "Room":
        """Return it with the width of so many texts in the place of their number."""
        table, row, cell, place = (
            widths[number] for number in (self.table, self.row, self.cell, self.place)
        )
        return Room(table, row, cell, place, self.speaks)
