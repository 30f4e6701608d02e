"""How the parts of the grid are drawn."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPolygonF

from assistant.prosody.report import CheckedCharacter, CheckedLine, Issue, Severity
from assistant.prosody.tones import EITHER
from assistant.ui.fonts import interface_font, page_font
from assistant.ui.prosody.grid_layout import (
    CELL,
    CHARACTER_HEIGHT,
    LEFT,
    MARK_HEIGHT,
    RIGHT,
    ROW_HEIGHT,
    Block,
)
from assistant.ui.prosody.words import can_be_pinned
from assistant.ui.theme import Theme, mix

BAR = 3
"""Width of the bar beside a line that is at fault as a whole, in pixels."""
RULE_GAP = 8
"""Pixels between the name of a rule and what is said."""


@dataclass(frozen=True)
class Brush:
    """Colours and fonts of the grid in one theme."""

    ink: QColor
    faded: QColor
    seal: QColor
    warning: QColor
    here: QColor
    character_font: QFont
    note_font: QFont
    rule_font: QFont

    @classmethod
    def of(cls, theme: Theme) -> Brush:
        """For ``theme``."""
        rule_font = interface_font(9)
        rule_font.setBold(True)
        return cls(
            ink=QColor(theme.ink),
            faded=QColor(theme.faded),
            seal=QColor(theme.seal),
            warning=QColor(mix(theme.faded, theme.seal, 0.5)),
            here=QColor(mix(theme.page, theme.line, 0.4)),
            character_font=page_font(15),
            note_font=interface_font(9),
            rule_font=rule_font,
        )

    def colour(self, severity: Severity | None) -> QColor:
        """Of something at fault; ink for what is right."""
        known = {Severity.ERROR: self.seal, Severity.WARNING: self.warning, Severity.NOTE: self.faded}
        return known[severity] if severity is not None else self.ink


def note_text(issue: Issue) -> str:
    """What is written behind the name of the rule."""
    return f"{issue.message}{issue.suggestion}{'。' if issue.suggestion else ''}"


def note_height(brush: Brush, issue: Issue, width: int) -> int:
    """Pixels that an issue takes."""
    metrics = QFontMetrics(brush.note_font)
    room = QRect(0, 0, max(40, width - _rule_width(brush, issue)), 10_000)
    return metrics.boundingRect(room, Qt.TextFlag.TextWrapAnywhere, note_text(issue)).height()


def paint_note(painter: QPainter, brush: Brush, issue: Issue, rect: QRect) -> None:
    """The name of a rule, and what there is to say, wrapped beside it."""
    painter.setPen(brush.colour(issue.severity))
    painter.setFont(brush.rule_font)
    painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, issue.rule)
    painter.setPen(brush.faded if issue.severity is Severity.NOTE else brush.ink)
    painter.setFont(brush.note_font)
    painter.drawText(
        rect.adjusted(_rule_width(brush, issue), 0, 0, 0), Qt.TextFlag.TextWrapAnywhere, note_text(issue)
    )


def looks_of(line: CheckedLine) -> tuple[object, ...]:
    """All of a line that shows; two lines with the same look alike, wherever they stand in the text."""
    signs = tuple(
        (c.character, c.mark, c.wanted == EITHER, c.rhymes, c.pinned, len(c.readings))
        for c in line.characters
    )
    return (signs, line.mark, line.issues)


def paint_block(painter: QPainter, brush: Brush, block: Block, line: CheckedLine | None, width: int) -> None:
    """A line with what is said about it; what is said about the poem when ``line`` is None."""
    if line is not None:
        wrong, whole = severities(line)
        if whole:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(brush.seal)
            painter.drawRoundedRect(QRectF(8, block.top + 4, BAR, block.height - 8), BAR / 2, BAR / 2)
        for index, character in enumerate(line.characters):
            paint_character(painter, brush, character, wrong.get(index + 1), block.cell(index))
        painter.setPen(brush.faded)
        painter.setFont(brush.character_font)
        box = block.cell(block.count).adjusted(
            1, MARK_HEIGHT, CELL // 2, MARK_HEIGHT + CHARACTER_HEIGHT - ROW_HEIGHT
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line.mark)
    for top, tall, issue in block.notes:
        paint_note(painter, brush, issue, QRect(LEFT, block.top + top, width - LEFT - RIGHT, tall))


def severities(line: CheckedLine) -> tuple[dict[int, Severity], bool]:
    """Position from 1 → the gravest that is said of the character; and whether the line as a whole is at fault."""
    graver = {Severity.ERROR: 2, Severity.WARNING: 1, Severity.NOTE: 0}
    found: dict[int, Severity] = {}
    whole = False
    for issue in line.issues:
        if issue.position is None:
            whole = whole or issue.severity is Severity.ERROR
        elif issue.severity is not Severity.NOTE and graver[issue.severity] >= graver.get(
            found.get(issue.position, Severity.NOTE), 0
        ):
            found[issue.position] = issue.severity
    return found, whole


def paint_character(
    painter: QPainter, brush: Brush, character: CheckedCharacter, severity: Severity | None, cell: QRect
) -> None:
    """A character with its tone above; a frame around a rhyme, a dotted line below what can be read in two ways."""
    colour = brush.colour(severity)
    centre = QPointF(cell.center().x() + 0.5, cell.top() + MARK_HEIGHT / 2)
    paint_tone(painter, brush, character.mark, centre, free=character.wanted == EITHER, colour=colour)
    box = QRect(cell.left(), cell.top() + MARK_HEIGHT, cell.width(), CHARACTER_HEIGHT)
    if character.rhymes:
        paint_rhyme_frame(painter, box, brush.faded if severity is None else colour)
    painter.setPen(colour)
    painter.setFont(brush.character_font)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, character.character)
    if can_be_pinned(character):
        paint_pin_line(painter, brush, box, pinned=character.pinned)


def paint_tone(
    painter: QPainter, brush: Brush, mark: str, centre: QPointF, *, free: bool, colour: QColor
) -> None:
    """○ 平, ● 仄, ◆ 入, with a ring where the pattern leaves the tone free."""
    radius = 2.75 if free else 3.75
    if free:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(brush.faded, 1))
        painter.drawEllipse(centre, 6, 6)
    painter.setPen(QPen(colour, 1.3))
    if mark == "平":
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, radius, radius)
    elif mark == "仄":
        painter.setBrush(colour)
        painter.drawEllipse(centre, radius, radius)
    elif mark == "入":
        painter.setBrush(colour)
        far = radius + 0.75
        corners = ((0, -far), (far, 0), (0, far), (-far, 0))
        painter.drawPolygon(QPolygonF([centre + QPointF(x, y) for x, y in corners]))
    else:
        painter.setFont(brush.note_font)
        box = QRectF(centre.x() - 10, centre.y() - 9, 20, 18)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, mark)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_rhyme_frame(painter: QPainter, box: QRect, colour: QColor) -> None:
    """The frame of a rhyme, like that of a seal."""
    painter.setPen(QPen(colour, 1))
    painter.drawRoundedRect(QRectF(box).adjusted(1.5, 1.5, -1.5, -1.5), 3, 3)


def paint_pin_line(painter: QPainter, brush: Brush, box: QRect, *, pinned: bool) -> None:
    """Dotted where a reading was assumed, whole where the person decided."""
    style = Qt.PenStyle.SolidLine if pinned else Qt.PenStyle.DotLine
    painter.setPen(QPen(brush.ink if pinned else brush.faded, 1.2, style))
    y = box.bottom() + 2.5
    painter.drawLine(QPointF(box.center().x() - 7, y), QPointF(box.center().x() + 8, y))


def _rule_width(brush: Brush, issue: Issue) -> int:
    return QFontMetrics(brush.rule_font).horizontalAdvance(issue.rule) + RULE_GAP
