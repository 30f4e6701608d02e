"""The menu in which a person decides how a polyphone is read."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from assistant.prosody.report import CheckedCharacter, CheckedLine
from assistant.settings.model import ToneClass
from assistant.ui.prosody.pins import Pins
from assistant.ui.prosody.words import readings

TONES: tuple[ToneClass, ...] = ("平", "仄")


def pin_menu(
    parent: QWidget, line: CheckedLine, index: int, pins: Pins, choose: Callable[[Pins], object]
) -> QMenu:
    """The menu for one character.

    Args:
        parent: owns it.
        line: the character's line.
        index: of the character, from 0.
        pins: what is decided now; marked in the menu.
        choose: gets what is decided then.
    """
    character = line.characters[index]
    menu = QMenu(parent)
    menu.setToolTipsVisible(True)
    heading = menu.addAction(f"「{character.character}」")
    heading.setEnabled(False)
    here = pins.here.get((line.text, index + 1))
    everywhere = pins.everywhere.get(character.character)
    _add_choice(
        menu, character, "这里", here, lambda tone: choose(pins.with_here(line.text, index + 1, tone))
    )
    _add_choice(
        menu,
        character,
        "处处",
        everywhere,
        lambda tone: choose(pins.with_everywhere(character.character, tone)),
    )
    return menu


def _add_choice(
    menu: QMenu,
    character: CheckedCharacter,
    where: str,
    chosen: ToneClass | None,
    choose: Callable[[ToneClass | None], object],
) -> None:
    menu.addSeparator()
    group = QActionGroup(menu)
    for tone in TONES:
        action = menu.addAction(f"{where}读{tone}声{_glosses(character, tone)}")
        action.setToolTip(readings(character))
        action.setCheckable(True)
        action.setChecked(chosen == tone)
        group.addAction(action)
        action.triggered.connect(lambda _checked=False, tone=tone: choose(tone))
    undecided = menu.addAction(f"{where}由格律判断")
    undecided.setCheckable(True)
    undecided.setChecked(chosen is None)
    group.addAction(undecided)
    undecided.triggered.connect(lambda _checked=False: choose(None))


def _glosses(character: CheckedCharacter, tone: ToneClass) -> str:
    """Rhyme and meaning of the readings with this tone, as far as the report still has them."""
    words = [
        "，".join(part for part in (reading.rhyme, reading.gloss) if part)
        for reading in character.readings
        if reading.tone.tone_class == tone
    ]
    words = [word for word in dict.fromkeys(words) if word]
    return f"（{'；'.join(words)}）" if words else ""
