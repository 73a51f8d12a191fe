"""What a search finds at any office on any day: as a list under its field, and as a page of its own."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.accounts.access import current_actor, requires
from webapp.accounts.permissions import Permission
from webapp.calendar.asked import asked_view
from webapp.calendar.filters import LONGEST_SEARCH, PAGE, name_in
from webapp.calendar.search import search
from webapp.calendar.views import current_view
from webapp.htmx import is_fragment

blueprint = Blueprint("calendar_search", __name__, url_prefix=PAGE)
# Of each kind: under the field, and on the page.
MOST_IN_LIST = 6
MOST_ON_PAGE = 60


@blueprint.get("/search")
@requires(Permission.VIEW_LOANS)
def find() -> ResponseReturnValue:
    """Everything in scope that the words of `q` name; choosing one leads to it on the board."""
    actor = current_actor()
    text = name_in(request.args.get("q", ""))[:LONGEST_SEARCH].strip()
    view = current_view(actor) or asked_view(actor, {})
    is_list = is_fragment()
    groups = search(actor, view, text, MOST_IN_LIST if is_list else MOST_ON_PAGE)
    total = sum(group.total for group in groups)
    template = "calendar/_found.html" if is_list else "calendar/found.html"
    return render_template(template, q=text, groups=groups, total=total, view=view)
