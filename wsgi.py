"""The site for a WSGI server, and for `flask` with every command, the worker's own included.

The worker's commands are named here by address only, so a web process never loads what they need.
"""

from __future__ import annotations

import importlib

import click

from webapp.app import create_app


class Elsewhere(click.Group):
    """A group of commands whose module is loaded when one of them is asked for."""

    def __init__(self, name: str, module: str, **kwargs: object) -> None:
        super().__init__(name, **kwargs)  # type: ignore[arg-type]  # passed on as they come
        self._module = module

    def _group(self) -> click.Group:
        group: click.Group = importlib.import_module(self._module).group
        return group

    def list_commands(self, ctx: click.Context) -> list[str]:
        return self._group().list_commands(ctx)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return self._group().get_command(ctx, name)


app = create_app()
app.cli.add_command(Elsewhere("report", "worker.commands", help="Weekly reports by hand."))
app.cli.add_command(Elsewhere("readings", "worker.reading_commands", help="Furigana by hand."))
