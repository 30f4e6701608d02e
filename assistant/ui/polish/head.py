"""What the poem on the polishing table is, and how it stands."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assistant.ui.fonts import interface_font
from assistant.ui.polish.session import Session
from assistant.ui.prosody.words import book_name, rhymes, verdict


class PolishHead(QWidget):
    """Form and verdict in one row, the rest faded below."""

    form_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form, self.name, self.verdict, self.details = QComboBox(), QLabel(), QLabel(), QLabel()
        self.form.setAccessibleName("按什么体裁推敲")
        self.name.setObjectName("heading")
        self.name.setFont(interface_font(11))
        self.verdict.setObjectName("verdict")
        self.details.setObjectName("faded")
        self.details.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.form)
        row.addWidget(self.name)
        row.addStretch(1)
        row.addWidget(self.verdict)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self.details)
        self.form.activated.connect(lambda _: self.form_chosen.emit(self.form.currentData()))

    def show_forms(self, session: Session) -> None:
        """Show what the poem was recognised as; regulated verse may be taken for ancient verse, too."""
        recognised = session.recognised
        blocked = self.form.blockSignals(True)
        self.form.clear()
        self.form.addItem(recognised.name, recognised.form)
        if recognised.ancient:
            self.form.addItem(f"{recognised.ancient}（只管押韵）", recognised.ancient)
        self.form.setCurrentIndex(max(0, self.form.findData(session.rules.form)))
        self.form.blockSignals(blocked)
        self.form.setVisible(bool(recognised.ancient))
        self.name.setVisible(not recognised.ancient)
        self.name.setText(recognised.name)
        self.verdict.clear()
        self.details.clear()

    def show_verdict(self, session: Session) -> None:
        """Show the verdict; while there is none on the present state, the last one stays."""
        report = session.report
        if report is None:
            return
        words, right = verdict(report)
        self.verdict.setText(words)
        if self.verdict.property("right") != right:
            self.verdict.setProperty("right", right)
            self.verdict.style().unpolish(self.verdict)
            self.verdict.style().polish(self.verdict)
        title = f"《{session.title}》" if session.title and session.title != session.rules.tune else ""
        parts = [title, report.variant, book_name(report.rhyme_book), rhymes(report)]
        self.details.setText("　".join(part for part in parts if part))
