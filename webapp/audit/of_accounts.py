"""What is audited of accounts: people, their roles, offices, sign-ins and codes, and places."""

from webapp.accounts.models import (
    Company,
    Location,
    RecoveryCode,
    SignInFailure,
    UsedLaunch,
    User,
    UserSession,
    user_locations,
)
from webapp.accounts.permissions import Permission
from webapp.audit.models import AuditEntry
from webapp.audit.watched import leave_alone, thing, watch

thing("user", "Person", address="/users/{id}", needs=Permission.MANAGE_USERS)
thing("location", "Office or branch")
thing("environment", "Settings of the environment")

watch(
    User,
    "user",
    "{name}",
    secrets=["password_hash", "second_factor_secret"],
    # The last code that was taken: one for every sign-in.
    leave_out=["created_at", "second_factor_step"],
)
watch(user_locations, "user", part="office", id_column="user_id", parent=User)
watch(
    UserSession,
    "user",
    part="session",
    id_column="user_id",
    parent=User,
    leave_out=["token_hash", "last_seen_at"],
    # Sign-ins are forgotten by the clock, long after they have ended.
    tells_removal=False,
    is_own_doing=True,
)
watch(
    RecoveryCode,
    "user",
    part="code",
    id_column="user_id",
    parent=User,
    # Told as set: new codes may stand under the numbers of the old ones.
    secrets=["code_hash"],
    is_own_doing=True,
)
watch(
    Location,
    "location",
    "{name}",
    leave_out=["located_from", "external_data", "external_id", "data_source", "last_sync_at"],
)
leave_alone(Company, "It is begun once, by a command, and never changed.")
leave_alone(SignInFailure, "What the throttle counts, forgotten within a day; the log of requests tells of it.")
leave_alone(UsedLaunch, "That a token was used; the sign-in which it opened is told.")
leave_alone(AuditEntry, "The log itself.")
