# SPDX-License-Identifier: GPL-3.0-or-later
"""What a measure hands back: rows of recordings, columns of figures; as text, Markdown, or figures of a model card."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Column:
    """One kind of figure.

    Parameters
    ----------
    title : str
        With the unit, if it has one.
    form : str
        Format of its values, such as ".3f".
    how : str
        How it was measured, in a sentence for the model card.
    """

    title: str
    form: str
    how: str

    def cell(self, value: float | None) -> str:
        """A value as printed; nothing where there is none."""
        return "" if value is None else format(value, self.form)


@dataclass(frozen=True)
class Row:
    """The figures of one set of recordings, one for each column; None where a column does not apply.

    ``reference`` marks rows that say something of the recordings (what was tracked, a face at rest), not of a model;
    ``detail`` those that are part of another row and too many for a model card.
    """

    recordings: str
    values: tuple[float | None, ...]
    reference: bool = False
    detail: bool = False


@dataclass(frozen=True)
class Table:
    """One measure's result; ``note`` says what a reader of the figures must know."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""

    def beside(self, peer: str, other: Table) -> Table:
        """The table with the rows of a peer under it, without those that are nobody's."""
        theirs = tuple(replace(row, recordings=f"{peer}: {row.recordings}") for row in other.rows if not row.reference)
        return replace(self, rows=self.rows + theirs)

    def text(self) -> str:
        """For a terminal."""
        names = [row.recordings for row in self.rows]
        first = max(len(name) for name in ["", *names]) + 2
        widths = [max(len(column.title), 8) + 2 for column in self.columns]
        lines = [self.title, ""] if self.title else []
        lines.append(" " * first + "".join(f"{c.title:>{w}}" for c, w in zip(self.columns, widths, strict=True)))
        for row in self.rows:
            cells = zip(self.columns, row.values, widths, strict=True)
            lines.append(f"{row.recordings:<{first}}" + "".join(f"{c.cell(v):>{w}}" for c, v, w in cells))
        return "\n".join([*lines, *([f"  {self.note}"] if self.note else [])])

    def markdown(self) -> str:
        """For the documentation."""
        lines = [
            f"### {self.title}",
            "",
            "| |" + "".join(f" {column.title} |" for column in self.columns),
            "|---|" + "---|" * len(self.columns),
        ]
        for row in self.rows:
            cells = (f" {c.cell(v)} |" for c, v in zip(self.columns, row.values, strict=True))
            lines.append(f"| {row.recordings} |" + "".join(cells))
        return "\n".join([*lines, *(["", self.note] if self.note else [])])

    def figures(self) -> list[dict[str, str | float]]:
        """Rows of ``[[figures]]`` in a model card: recordings, measure, value as printed, how."""
        return [
            {"recordings": row.recordings, "measure": c.title, "value": float(c.cell(value)), "how": c.how}
            for row in self.rows
            if not (row.reference or row.detail)
            for c, value in zip(self.columns, row.values, strict=True)
            if value is not None and value == value
        ]
