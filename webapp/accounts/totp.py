"""Codes by time (RFC 6238): six digits that a person's authenticator shows for 30 seconds."""

import hmac
from datetime import datetime

import pyotp
import segno

STEP_SECONDS = 30
DIGITS = 6
ISSUER = "Motorpool"
# A phone's clock and ours never agree wholly; and a code may run out while it is typed.
STEPS_AROUND = (1, 0, -1)


def new_secret() -> str:
    """A secret of 160 bits, as the 32 letters that can be typed into an authenticator."""
    return pyotp.random_base32()


def step_at(moment: datetime) -> int:
    """The number of the step that `moment` is in."""
    return int(moment.timestamp()) // STEP_SECONDS


def step_of(secret: str, code: str, moment: datetime) -> int | None:
    """The step whose code `code` is, of the one at `moment` and its two neighbours; None: of none of them."""
    digits = "".join(code.split())
    if not (len(digits) == DIGITS and digits.isascii() and digits.isdigit()):
        return None
    codes, here = pyotp.HOTP(secret), step_at(moment)
    fitting = [here + around for around in STEPS_AROUND if hmac.compare_digest(codes.at(here + around), digits)]
    return max(fitting, default=None)


def picture(secret: str, email: str) -> str:
    """The QR code that an authenticator scans, as SVG for the middle of a page; dark on white in any colour scheme."""
    address = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
    return segno.make(address, error="m").svg_inline(scale=5, border=4, light="#fff")


def grouped(secret: str) -> str:
    """The secret in groups of four, to be typed."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
