"""Whose runs a person sees: the settings' company's for who sees all companies, else those of their own."""

from flask import current_app

from webapp.accounts.actor import Actor
from webapp.accounts.permissions import Permission
from webapp.accounts.queries import company_named


def company_of(actor: Actor) -> int:
    """The feeds and the key are the settings' company's: who may see all companies sees that one."""
    name = current_app.extensions["settings"].company_name
    own = company_named(name) if actor.may(Permission.ALL_COMPANIES) else None
    return own or actor.company_id
