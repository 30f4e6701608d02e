"""Finding the training recipe that a configuration names, among those of the plugins."""

from __future__ import annotations

from assistant.api import InputError, TrainingRecipe
from assistant.plugin_host import PluginHost


def find_recipe(recipe_id: str) -> TrainingRecipe:
    """The recipe with this id.

    Raises:
        InputError: no plugin offers it; those that are offered are named.
    """
    host = PluginHost()
    host.load_entry_points()
    recipes = {recipe.id: recipe for recipe in host.training_recipes()}
    if recipe_id not in recipes:
        known = "、".join(sorted(recipes)) or "（无）"
        raise InputError(f"没有名为 {recipe_id} 的训练方案。", f"可用的方案：{known}。")
    return recipes[recipe_id]
