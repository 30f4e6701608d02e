"""The catalogue: which writers there are, and which models serve them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.api import InputError, ModelCard, ModelNotFoundError, Writer
from assistant.plugin_host.host import PluginHost
from assistant.plugin_host.report import PluginReport


class Catalogue:
    """Writers and installed models, as the panel, the command line and the runner see them.

    Args:
        host: with its plugins loaded.
        cards: of the installed models, in order of preference.
        known: of all models that can be had.
    """

    def __init__(self, host: PluginHost, cards: Sequence[ModelCard], known: Sequence[ModelCard] = ()) -> None:
        self.host = host
        self._plugin_cards = tuple(host.model_cards())
        self.set_models(cards, known)
        self.writers: Mapping[str, Writer] = {
            writer.id: writer for writer in sorted(host.writers(), key=lambda writer: writer.order)
        }

    def set_models(self, cards: Sequence[ModelCard], known: Sequence[ModelCard] = ()) -> None:
        """Models were installed or removed. May be called while another thread asks for a card."""
        self.cards = tuple(cards)
        self.known = (*known, *self._plugin_cards)

    @property
    def plugins(self) -> Sequence[PluginReport]:
        """Every plugin that was found, the failed ones included."""
        return self.host.reports

    def writer(self, writer_id: str) -> Writer:
        """A writer by its id.

        Raises:
            InputError: there is none; names those that are there.
        """
        if writer_id not in self.writers:
            known = "、".join(self.writers) or "（无）"
            raise InputError(f"没有名为 {writer_id} 的写作器。", f"可用的写作器：{known}。")
        return self.writers[writer_id]

    def cards_for(self, writer: Writer) -> list[ModelCard]:
        """Installed models that serve ``writer``, in order of preference."""
        return [card for card in self.cards if writer.serves(card)]

    def how_to_get(self, writer: Writer, *, with_ids: bool = True) -> str:
        """What to do when no installed model serves ``writer``; ``with_ids`` is for the command line."""
        # A model that was made for this alone comes before those that can do it too.
        serving = sorted(
            (card for card in self.known if writer.serves(card)), key=lambda card: len(card.writers)
        )
        if not serving:
            return f"{writer.no_model_hint}请在模型库里导入一个合适的模型。"
        if with_ids:
            names = "、".join(f"{card.name}（{card.id}）" for card in serving)
            return f"{writer.no_model_hint}可用 biban models download 或 import 取得：{names}。"
        names = "、".join(card.name for card in serving[:3])
        return f"{writer.no_model_hint}模型库里有 {names}{'等' if len(serving) > 3 else ''}。"

    def card_for(self, writer: Writer, model_id: str | None) -> ModelCard:
        """The model of this id, or the first that serves ``writer``.

        Raises:
            ModelNotFoundError: it is not installed, does not serve the writer, or none does.
        """
        serving = self.cards_for(writer)
        if model_id is None:
            if not serving:
                raise ModelNotFoundError(f"还没有能用于「{writer.name}」的模型。", self.how_to_get(writer))
            return serving[0]
        for card in self.cards:
            if card.id == model_id:
                if card not in serving:
                    raise ModelNotFoundError(
                        f"模型 {model_id} 不能用于「{writer.name}」。", _choices(serving)
                    )
                return card
        raise ModelNotFoundError(f"没有安装名为 {model_id} 的模型。", _choices(serving))


def _choices(cards: Sequence[ModelCard]) -> str:
    return f"可用的模型：{'、'.join(card.id for card in cards) or '（无）'}。"
