"""Every route as the specification has it: who may call it, and what kind of thing its address names.

Written by hand from the matrix of roles and the list of addresses, never taken from the code: the code's own
declarations are the second witness. A route that is missing here, or is here and not in the application, fails
the tests.
"""

from dataclasses import dataclass
from enum import Enum

from webapp.accounts.permissions import Role

R = Role
EVERYBODY = frozenset(R)
FIELD = frozenset({R.DRIVER, R.MOVER})
# The columns of the matrix. "own jobs" are the journeys a person is assigned to.
MATRIX: dict[str, frozenset[Role]] = {
    "view jobs": frozenset({R.SUPER_ADMIN, R.ADMIN, R.MANAGER, R.DISPATCHER, R.AUDITOR}),
    "own jobs": EVERYBODY - {R.SCHEDULER},
    # "Their stage and checklist only", of the journeys they are on; the desk of any.
    "own work": frozenset({R.SUPER_ADMIN, R.ADMIN, R.MANAGER, R.DISPATCHER, R.DRIVER, R.MOVER}),
    "edit jobs": frozenset({R.SUPER_ADMIN, R.ADMIN, R.MANAGER, R.DISPATCHER}),
    "run syncs": frozenset({R.SUPER_ADMIN}),
    "money": frozenset({R.SUPER_ADMIN, R.ADMIN, R.MANAGER, R.AUDITOR}),
    "budgets": frozenset({R.SUPER_ADMIN, R.ADMIN, R.MANAGER, R.AUDITOR, R.SCHEDULER}),
    "all locations": frozenset({R.SUPER_ADMIN, R.ADMIN, R.AUDITOR}),
    "all companies": frozenset({R.SUPER_ADMIN}),
    "view loans": frozenset({R.SUPER_ADMIN, R.ADMIN, R.MANAGER, R.SCHEDULER, R.AUDITOR}),
    "plan loans": frozenset({R.SUPER_ADMIN, R.ADMIN, R.MANAGER, R.SCHEDULER}),
    "users": frozenset({R.SUPER_ADMIN, R.ADMIN}),
    "audit log": frozenset({R.SUPER_ADMIN, R.ADMIN, R.AUDITOR}),
    "signed in": EVERYBODY,
}
PUBLIC = "public"


class Scope(Enum):
    """Where a thing is, as seen by a person at Los Angeles and Denver."""

    IN = "at their own office, or their own"
    BESIDE = "at their own office, a colleague's"
    OFFICE = "at another office of their company"
    COMPANY = "of another company"


class Bound(Enum):
    """What decides whether a person reaches a thing of a kind."""

    NOTHING = "there is one of it"
    OFFICE = "the thing's office and company"
    # VINs and FMS's numbers of people name nothing outside a company: they are looked up in one's own.
    NUMBER = "the thing's office, in one's own company"
    COMPANY = "the thing's company"
    OWN_COMPANY = "the thing's company, which is one's own or the one that feeds are for"
    OWNER = "who made it"
    JOB = "the journey's branch and company; for crews, whether they are assigned"
    CREW = "whether they are assigned"


# What an address names, and what bounds it.
KINDS: dict[str, Bound] = {
    "": Bound.NOTHING,
    "loan": Bound.OFFICE,
    "note": Bound.OWNER,
    "chain": Bound.OFFICE,
    "loan of a chain": Bound.OFFICE,
    # To plan on, a person's own company lends its vehicles.
    "chain to go on with": Bound.NUMBER,
    "loan to give another vehicle": Bound.NUMBER,
    "activity": Bound.OFFICE,
    "request": Bound.OFFICE,
    "vehicle": Bound.NUMBER,
    "partner": Bound.NUMBER,
    "hold": Bound.NUMBER,
    "run of a chain": Bound.OWNER,
    "batch": Bound.OWNER,
    "view": Bound.OWNER,
    "link": Bound.OWNER,
    "draft": Bound.OWNER,
    "slot": Bound.OWNER,
    "operation": Bound.OFFICE,
    "journey": Bound.JOB,
    "own journey": Bound.CREW,
    "truck": Bound.OFFICE,
    "branch": Bound.OFFICE,
    "region": Bound.NOTHING,
    "upload": Bound.OWN_COMPANY,
    "sync run": Bound.OWN_COMPANY,
    "figure": Bound.NOTHING,
    "user": Bound.COMPANY,
    "session of a user": Bound.COMPANY,
    "session": Bound.OWNER,
}

# Method, address, what the matrix must give (one of several: "a | b"), the kind of thing it names.
ROUTES = """
GET    /                                             signed in
GET    /login                                        public
POST   /login                                        public
GET    /login/code                                   public
POST   /login/code                                   public
GET    /embed/launch                                 public
GET    /static/<filename>                            public
GET    /healthz                                      public
GET    /readyz                                       public
GET    /metrics                                      public
POST   /api/auth/token                               public
POST   /logout                                       signed in
GET    /account                                      signed in
POST   /account/password                             signed in
POST   /account/sign-out-everywhere                  signed in
POST   /account/sessions/<session_id>/end            signed in             session
GET    /account/second-factor                        signed in
POST   /account/second-factor                        signed in
POST   /account/second-factor/confirm                signed in
POST   /account/second-factor/codes                  signed in
POST   /account/second-factor/off                    signed in

GET    /users                                        users
POST   /users                                        users
GET    /users/new                                    users
GET    /users/<user_id>                              users                 user
POST   /users/<user_id>                              users                 user
POST   /users/<user_id>/deactivate                   users                 user
POST   /users/<user_id>/reactivate                   users                 user
POST   /users/<user_id>/reset                        users                 user
POST   /users/<user_id>/sign-out                     users                 user
POST   /users/<user_id>/reset-second-factor          users                 user
POST   /users/<user_id>/sessions/<session_id>/end    users                 session of a user

GET    /calendar                                     view loans
GET    /calendar/days                                view loans
GET    /calendar/changes                             view loans
GET    /calendar/search                              view loans
GET    /calendar/capacity                            view loans
GET    /calendar/moves                               view loans
GET    /calendar/export.csv                          view loans
GET    /calendar/export.xlsx                         view loans
GET    /calendar/ics/<token>.ics                     public
GET    /calendar/activities/<activity_id>            view loans            activity
GET    /calendar/requests/<fms_request_id>           view loans            request
GET    /calendar/vehicles/<vin>                      view loans            vehicle
GET    /calendar/partners/<person_id>                view loans            partner
GET    /calendar/holds/<hold_id>                     view loans            hold
POST   /calendar/holds                               plan loans
POST   /calendar/holds/release                       plan loans
GET    /calendar/links                               view loans
POST   /calendar/links                               view loans
POST   /calendar/links/<link_id>/revoke              view loans            link
POST   /calendar/links/revoke-all                    view loans
GET    /calendar/views                               view loans
POST   /calendar/views                               view loans
GET    /calendar/views/<view_id>                     view loans            view
POST   /calendar/views/<view_id>/delete              view loans            view
POST   /calendar/views/<view_id>/rename              view loans            view
POST   /calendar/views/<view_id>/replace             view loans            view
POST   /calendar/views/<view_id>/share               view loans            view
GET    /calendar/plan                                plan loans
GET    /calendar/check                               plan loans
GET    /calendar/deeds                               plan loans
POST   /calendar/undo                                plan loans
POST   /calendar/loans                               plan loans
GET    /calendar/loans/<assignment_id>               view loans            loan
GET    /calendar/loans/<assignment_id>/history       view loans            loan
GET    /calendar/loans/<assignment_id>/change        plan loans            loan
POST   /calendar/loans/<assignment_id>/change        plan loans            loan
POST   /calendar/loans/<assignment_id>/delete        plan loans            loan
POST   /calendar/loans/<assignment_id>/move          plan loans            loan
POST   /calendar/loans/<assignment_id>/replace       plan loans            loan
POST   /calendar/loans/<assignment_id>/request       plan loans            loan
POST   /calendar/loans/<assignment_id>/settle        plan loans            loan
POST   /calendar/loans/<assignment_id>/unrequest     plan loans            loan
POST   /calendar/loans/<assignment_id>/notes         plan loans            loan
POST   /calendar/loans/<assignment_id>/notes/<note_id>/remove  plan loans  note
POST   /calendar/bulk                                plan loans
POST   /calendar/bulk/move                           plan loans
GET    /calendar/bulk/ask                            plan loans
GET    /calendar/bulk/<batch_id>                     plan loans            batch
POST   /calendar/bulk/<batch_id>/dismiss             plan loans            batch

GET    /chains                                       view loans
GET    /chains/saved                                 view loans
GET    /chains/budget                                view loans
GET    /chains/left-out                              view loans
GET    /chains/map                                   view loans
GET    /chains/next-partners                         view loans
GET    /chains/timeline                              view loans
GET    /chains/why-not                               view loans
GET    /chains/vehicles/<vin>                        view loans            vehicle
GET    /chains/partners/<person_id>                  view loans            partner
GET    /chains/form                                  plan loans
POST   /chains/form                                  plan loans
GET    /chains/<chain_id>                            view loans            chain
GET    /chains/<chain_id>/around                     view loans            chain
POST   /chains/<chain_id>/bulk                       plan loans            chain
POST   /chains/<chain_id>/continue                   plan loans            chain to go on with
GET    /chains/<chain_id>/copy                       plan loans            chain
POST   /chains/<chain_id>/copy                       plan loans            chain
GET    /chains/<chain_id>/loans/<assignment_id>/dates      plan loans      loan of a chain
POST   /chains/<chain_id>/loans/<assignment_id>/dates      plan loans      loan of a chain
POST   /chains/<chain_id>/loans/<assignment_id>/delete     plan loans      loan of a chain
POST   /chains/<chain_id>/loans/<assignment_id>/request    plan loans      loan of a chain
GET    /chains/<chain_id>/loans/<assignment_id>/swap       plan loans      loan to give another vehicle
POST   /chains/<chain_id>/loans/<assignment_id>/swap       plan loans      loan to give another vehicle
POST   /chains/<chain_id>/loans/<assignment_id>/unrequest  plan loans      loan of a chain
GET    /chains/<chain_id>/runs/<batch_id>            plan loans            run of a chain
POST   /chains/<chain_id>/runs/<batch_id>/dismiss    plan loans            run of a chain
POST   /chains/drafts                                plan loans
POST   /chains/drafts/<draft_id>/add                 plan loans            draft
POST   /chains/drafts/<draft_id>/ask                 plan loans            draft
POST   /chains/drafts/<draft_id>/discard             plan loans            draft
POST   /chains/drafts/<draft_id>/save                plan loans            draft
POST   /chains/drafts/<draft_id>/suggest             plan loans            draft
POST   /chains/drafts/<draft_id>/touch               plan loans            draft
GET    /chains/drafts/<draft_id>/slots/<index>       plan loans            slot
POST   /chains/drafts/<draft_id>/slots/<index>/clear   plan loans          slot
POST   /chains/drafts/<draft_id>/slots/<index>/days    plan loans          slot
POST   /chains/drafts/<draft_id>/slots/<index>/pick    plan loans          slot
POST   /chains/drafts/<draft_id>/slots/<index>/pin     plan loans          slot
POST   /chains/drafts/<draft_id>/slots/<index>/remove  plan loans          slot
POST   /chains/drafts/<draft_id>/slots/<index>/unpin   plan loans          slot

GET    /journeys                                     view jobs
GET    /journeys/changes                             view jobs
GET    /journeys/sheet                               view jobs
GET    /journeys/trucks                              view jobs
POST   /journeys/trucks                              edit jobs
POST   /journeys/trucks/<truck_id>/name              edit jobs             truck
POST   /journeys/trucks/<truck_id>/use               edit jobs             truck
GET    /journeys/new                                 edit jobs
POST   /journeys/new                                 edit jobs
GET    /journeys/<journey_id>                        view jobs             journey
GET    /journeys/<journey_id>/changes                view jobs             journey
GET    /journeys/<journey_id>/crew                   edit jobs             journey
POST   /journeys/<journey_id>/crew                   edit jobs             journey
GET    /journeys/<journey_id>/edit                   edit jobs             journey
POST   /journeys/<journey_id>/edit                   edit jobs             journey
GET    /journeys/<journey_id>/move                   edit jobs             journey
POST   /journeys/<journey_id>/move                   edit jobs             journey
GET    /journeys/<journey_id>/problem                edit jobs             journey
POST   /journeys/<journey_id>/problem                edit jobs             journey
POST   /journeys/<journey_id>/put-back               edit jobs             journey
POST   /journeys/<journey_id>/seen                   edit jobs             journey
POST   /journeys/<journey_id>/take-off               edit jobs             journey
POST   /journeys/<journey_id>/tick                   edit jobs             journey
GET    /journeys/<journey_id>/trucks                 edit jobs             journey
POST   /journeys/<journey_id>/trucks                 edit jobs             journey
POST   /journeys/<journey_id>/use-source             edit jobs             journey
GET    /my-jobs                                      own jobs
GET    /my-jobs/token                                own jobs
GET    /my-jobs/<journey_id>                         own jobs              own journey
POST   /my-jobs/<journey_id>/problem                 own work              own journey
POST   /my-jobs/<journey_id>/stage                   own work              own journey
POST   /my-jobs/<journey_id>/tick                    own work              own journey
GET    /analytics                                    view jobs
GET    /analytics/<code>.csv                         view jobs             figure

GET    /sync                                         view jobs | view loans | audit log
POST   /sync/run                                     run syncs
GET    /sync/smartmoving                             view jobs
POST   /sync/smartmoving                             run syncs
GET    /sync/runs/<run_id>/<name>.csv                all locations         sync run
GET    /sync/branches                                all locations
POST   /sync/branches/<location_id>/zone             run syncs             branch
POST   /sync/branches/regions/<code>/zone            run syncs             region
GET    /sync/imports                                 run syncs
POST   /sync/imports                                 run syncs
GET    /sync/imports/<import_id>                     run syncs             upload
POST   /sync/imports/<import_id>/apply               run syncs             upload
POST   /sync/imports/<import_id>/discard             run syncs             upload
GET    /audit                                        audit log
GET    /audit.csv                                    audit log
GET    /fms/operations                               audit log
GET    /fms/operations.csv                           audit log
POST   /fms/operations/<operation_id>/settle         plan loans            operation

GET    /docs                                         signed in
GET    /openapi.json                                 signed in
GET    /api/calendar                                 view loans
POST   /api/calendar/assignments                     plan loans
PATCH  /api/calendar/assignments/<assignment_id>     plan loans            loan
DELETE /api/calendar/assignments/<assignment_id>     plan loans            loan
PATCH  /api/calendar/change-assignment-status/<assignment_id>  plan loans  loan
POST   /api/fms/create-vehicle-request/<assignment_id>         plan loans  loan
DELETE /api/fms/delete-vehicle-request/<assignment_id>         plan loans  loan
POST   /api/fms/bulk-create-vehicle-requests         plan loans
POST   /api/fms/bulk-unrequest-vehicle-requests      plan loans
POST   /api/fms/bulk-delete-vehicle-requests         plan loans
GET    /api/fms/config                               run syncs
GET    /api/fms/operations                           audit log
POST   /api/chains                                   plan loans
GET    /api/chains/partner                           view loans
GET    /api/chains/vehicle                           view loans
GET    /api/chains/why-not                           view loans
GET    /api/journeys                                 view jobs | own jobs
PATCH  /api/journeys/<journey_id>                    edit jobs             journey
POST   /api/journeys/<journey_id>/stage              own work              journey
POST   /api/journeys/<journey_id>/crew               edit jobs             journey
POST   /api/journeys/<journey_id>/trucks             edit jobs             journey
GET    /api/users                                    edit jobs
GET    /api/trucks                                   view jobs
POST   /api/trucks                                   edit jobs
GET    /api/sync/runs                                run syncs
POST   /api/sync/feeds                               run syncs
POST   /api/sync/smartmoving                         run syncs
GET    /smartmoving/health                           view jobs
GET    /smartmoving/locations                        view jobs
GET    /smartmoving/jobs/today                       view jobs
GET    /smartmoving/jobs/tomorrow                    view jobs
GET    /smartmoving/jobs/sync                        run syncs
POST   /smartmoving/jobs/sync                        run syncs
GET    /smartmoving/sync/status                      view jobs
"""


@dataclass(frozen=True)
class Listed:
    """One method of one route. `roles` None: it is open to strangers."""

    method: str
    rule: str
    roles: frozenset[Role] | None
    kind: str

    @property
    def is_json(self) -> bool:
        """Whether programs call it: its refusals are problem JSON."""
        return self.rule.startswith(("/api/", "/smartmoving/", "/openapi.json"))

    @property
    def is_safe(self) -> bool:
        """Whether calling it changes nothing."""
        return self.method == "GET"

    def reaches(self, role: Role, scope: Scope) -> bool:
        """Whether somebody of that role, let in by it, reaches a thing of this kind there."""
        bound = KINDS[self.kind]
        if scope is Scope.IN or bound is Bound.NOTHING:
            return True
        if bound in (Bound.OWNER, Bound.CREW) or (bound is Bound.JOB and role in FIELD):
            return False
        if scope is Scope.BESIDE or (scope is Scope.OFFICE and bound in (Bound.COMPANY, Bound.OWN_COMPANY)):
            return True
        if scope is Scope.OFFICE:
            return role in MATRIX["all locations"]
        return role in MATRIX["all companies"] and bound not in (Bound.NUMBER, Bound.OWN_COMPANY)


def _listed(line: str) -> Listed:
    method, rule, rest = line.split(maxsplit=2)
    named, _, kind = (part.strip() for part in rest.partition("  "))
    assert kind in KINDS, line
    if named == PUBLIC:
        return Listed(method, rule, None, kind)
    return Listed(method, rule, frozenset().union(*(MATRIX[each.strip()] for each in named.split("|"))), kind)


LISTED = tuple(_listed(line) for line in ROUTES.splitlines() if line.strip())
GUARDED = tuple(listed for listed in LISTED if listed.roles is not None)
