"""A form built from a writer's options model."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import partial
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen
from pydantic.fields import FieldInfo
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from assistant.api import InputError, SamplingOptions, WriterOptions, secret_fields
from assistant.ui.panels.completer import LazyCompleter

logger = logging.getLogger(__name__)

LABEL_WIDTH = 64
"""Pixels; the same above the form, so that fields stand in one column."""
FORM_SPACING = 16
"""Pixels between labels and fields."""
FOLDED_HEIGHT = 224
"""Pixels that unfolded options take at most; more of them scroll."""
NAMED = 3
"""So many options that are folded away and changed are named; of more it is only said how many."""


class OptionForm(QWidget):
    """One row an option; those marked ``advanced`` are folded away under 「更多」, those that do nothing now are grey.

    Args:
        model: the options model of a writer.
        values: what to start with; unusable ones are left at their defaults.
        more_rows: label and widget of what else belongs under 「更多」.
    """

    changed = Signal()

    def __init__(
        self,
        model: type[WriterOptions],
        values: Mapping[str, Any],
        more_rows: Sequence[tuple[QWidget, QWidget]] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        start = _usable(model, values)
        self.editors: dict[str, QWidget] = {}
        self._labels: dict[str, QLabel] = {}
        offers = model.completions.__func__ is not WriterOptions.completions.__func__  # type: ignore[attr-defined]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        plain, advanced = new_form(), new_form()
        inside = QWidget()
        inside.setLayout(advanced)
        for label, widget in more_rows:
            advanced.addRow(label, widget)
        # What is the writer's own comes before what every writer has.
        ordered = sorted(model.model_fields.items(), key=lambda item: item[0] in SamplingOptions.model_fields)
        for name, field in ordered:
            editor = self._editor(field, getattr(start, name))
            editor.setToolTip(field.description or "")
            editor.setAccessibleName(field.title or name)
            editor.setAccessibleDescription(field.description or "")
            label = QLabel(field.title or name)
            label.setToolTip(field.description or "")
            label.setBuddy(editor)
            label.setMinimumWidth(LABEL_WIDTH)
            (advanced if _extra(field).get("advanced") else plain).addRow(label, editor)
            self.editors[name], self._labels[name] = editor, label
            if offers and isinstance(editor, QLineEdit):
                LazyCompleter(editor, partial(model.completions, name))
        layout.addLayout(plain)
        self._folded = _Folded(inside)
        self._folded.hide()
        self._more = QPushButton("更多")
        self._more.setObjectName("quiet")
        self._more.setCheckable(True)
        self._more.toggled.connect(lambda _: self._fold())
        layout.addWidget(self._more)
        self._more.setVisible(advanced.rowCount() > 0)  # not earlier: without a parent it would be a window
        layout.addWidget(self._folded)
        self.changed.connect(self._grey_out)
        self.changed.connect(self._fold)
        self._grey_out()
        self._fold()

    @property
    def tip(self) -> str:
        """What the options as they stand make possible."""
        try:
            return self._model.tip(self.values())
        # A plugin's: nothing is said rather than nothing shown.
        except Exception:
            logger.exception("no tip from %s", self._model.__name__)
            return ""

    def options(self) -> WriterOptions:
        """The validated options.

        Raises:
            InputError: names the option that is unusable.
        """
        return self._model.parse(self.values())

    def values(self) -> dict[str, Any]:
        """What stands in the form, by option."""
        return {name: _value(editor) for name, editor in self.editors.items()}

    def shown_values(self) -> dict[str, Any]:
        """The same without secrets: what may be written to a file."""
        secret = secret_fields(self._model)
        return {name: value for name, value in self.values().items() if name not in secret}

    def secrets(self) -> dict[str, str]:
        """The secrets alone."""
        return {name: str(_value(self.editors[name])) for name in secret_fields(self._model)}

    def _fold(self) -> None:
        """Fold or unfold; what is folded away and yet changes what is written is named."""
        open_ = self._more.isChecked()
        self._folded.setVisible(open_)
        hidden = self._changed_below()
        words = "、".join(hidden) if len(hidden) <= NAMED else f"改了 {len(hidden)} 项"
        self._more.setText("收起" if open_ else f"更多（{words}）" if words else "更多")

    def _changed_below(self) -> list[str]:
        """Titles of the folded options that are not at their defaults and matter now."""
        return [
            field.title or name
            for name, field in self._model.model_fields.items()
            if _extra(field).get("advanced")
            and not _extra(field).get("secret")
            and self.editors[name].isEnabled()
            and _value(self.editors[name]) != field.default
        ]

    def _grey_out(self) -> None:
        try:
            irrelevant = self._model.irrelevant(self.values())
        except Exception:  # a plugin's
            logger.exception("%s cannot say what is irrelevant", self._model.__name__)
            irrelevant = frozenset()
        for name, editor in self.editors.items():
            editor.setEnabled(name not in irrelevant)
            self._labels[name].setEnabled(name not in irrelevant)

    def _editor(self, field: FieldInfo, value: Any) -> QWidget:
        kind = field.annotation
        low, high = _bounds(field)
        if kind is bool:
            check = QCheckBox()
            check.setChecked(value)
            check.toggled.connect(self.changed)
            return check
        if choices := _choices(kind):
            combo = QComboBox()
            labels = _extra(field).get("labels", {})
            for choice in choices:
                combo.addItem(str(labels.get(choice, getattr(choice, "value", choice))), choice)
            combo.setCurrentIndex(choices.index(value))
            combo.currentIndexChanged.connect(self.changed)
            return combo
        if kind is int:
            spin = QSpinBox()
            indent(spin)
            spin.setRange(-(2**31) if low is None else int(low), 2**31 - 1 if high is None else int(high))
            spin.setValue(value)
            spin.valueChanged.connect(self.changed)
            return spin
        if kind is float:
            double = QDoubleSpinBox()
            indent(double)
            double.setDecimals(2)
            double.setSingleStep(0.05)
            double.setRange(-1e9 if low is None else low, 1e9 if high is None else high)
            double.setValue(value)
            double.valueChanged.connect(self.changed)
            return double
        if _extra(field).get("secret"):
            hidden = QLineEdit(value.get_secret_value())
            hidden.setEchoMode(QLineEdit.EchoMode.PasswordEchoOnEdit)
            hidden.textChanged.connect(self.changed)
            return hidden
        line = QLineEdit(str(value))
        for metadata in field.metadata:
            if isinstance(metadata, MaxLen):
                line.setMaxLength(metadata.max_length)
        line.setCursorPosition(0)  # a text longer than its field shows its beginning
        line.textChanged.connect(self.changed)
        return line


class _Folded(QScrollArea):
    """As high as what is in it, up to a limit: what stands below must keep its room."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self._inside = inside
        # Rows keep their height and scroll, rather than being pressed together.
        inside.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setWidget(inside)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        """Of what is in it."""
        wanted = self._inside.sizeHint()
        return QSize(wanted.width(), min(FOLDED_HEIGHT, wanted.height()))

    def minimumSizeHint(self) -> QSize:
        """Its height is not given away."""
        return QSize(0, self.sizeHint().height())


def _choices(kind: Any) -> list[Any]:
    """What may be chosen when ``kind`` is a ``Literal`` or an ``Enum``; else nothing."""
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    return list(kind) if isinstance(kind, type) and issubclass(kind, Enum) else []


def new_form() -> QFormLayout:
    """An empty form with the spacing of the panel."""
    form = QFormLayout()
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(FORM_SPACING)
    form.setVerticalSpacing(8)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def indent(box: QAbstractSpinBox) -> None:
    """Stand the number where other fields have their text; style sheets do not reach inside a spin box."""
    box.lineEdit().setTextMargins(7, 0, 0, 0)


def _usable(model: type[WriterOptions], values: Mapping[str, Any]) -> WriterOptions:
    """As many of ``values`` as the model takes; a model may have changed since they were kept."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if name in model.model_fields:
            try:
                model.parse({name: value})
            except InputError:
                continue
            kept[name] = value
    try:
        return model.parse(kept)
    except InputError:
        return model()


def _extra(field: FieldInfo) -> Mapping[str, Any]:
    extra = field.json_schema_extra
    return extra if isinstance(extra, dict) else {}


def _bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    """Smallest and largest value; an open bound is moved in by one step of the spin box."""
    low: float | None = None
    high: float | None = None
    step = 1 if field.annotation is int else 0.01
    for bound in field.metadata:
        if isinstance(bound, Ge):
            low = float(bound.ge)  # type: ignore[arg-type]
        elif isinstance(bound, Gt):
            low = float(bound.gt) + step  # type: ignore[arg-type]
        elif isinstance(bound, Le):
            high = float(bound.le)  # type: ignore[arg-type]
        elif isinstance(bound, Lt):
            high = float(bound.lt) - step  # type: ignore[arg-type]
    return low, high


def _value(editor: QWidget) -> Any:
    match editor:
        case QCheckBox():
            return editor.isChecked()
        case QComboBox():
            return editor.currentData()
        case QSpinBox():
            return editor.value()
        case QDoubleSpinBox():
            return round(editor.value(), 2)
        case QLineEdit():
            return editor.text()
    raise TypeError(type(editor).__name__)
