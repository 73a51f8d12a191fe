"""How a message leaves the house: by SMTP to a person, or as JSON to a webhook. No database here."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any
from urllib.parse import urlsplit

from webapp.outgoing import AddressRefused, GuardedSMTP, GuardedSMTPS
from webapp.rest import CallFailed, RestClient
from webapp.settings import Settings, SmtpTls

SECONDS = 15
LONGEST_SUBJECT = 150


@dataclass(frozen=True)
class Message:
    """What is told: a line, the text beneath it, and the same for programs."""

    headline: str
    text: str
    data: dict[str, Any]


class NotDelivered(Exception):
    """It did not go out; the reason names no secret."""


def mail(settings: Settings, address: str, message: Message) -> None:
    """Send one e-mail. Raises `NotDelivered`."""
    if not settings.smtp_host:
        raise NotDelivered("no mail server is configured any more")
    try:
        with _connected(settings) as server:
            if settings.smtp_username:
                server.login(settings.smtp_username, settings.smtp_password.get_secret_value())
            server.send_message(_letter(settings, address, message))
    except AddressRefused as refused:
        raise NotDelivered(str(refused)) from None
    except Exception as error:
        # Also what the letter itself stumbles over: an odd address must end as a try that failed, not go on for ever.
        # The server's own words may repeat what we sent it.
        code = getattr(error, "smtp_code", None)
        raise NotDelivered(f"{type(error).__name__}{f' {code}' if code else ''}") from None


def post(settings: Settings, message: Message) -> None:
    """POST the message as JSON to the webhook; anything but 2xx is a failure. Raises `NotDelivered`."""
    url = settings.alert_webhook_url.get_secret_value()
    if not url:
        raise NotDelivered("no webhook is configured any more")
    parts = urlsplit(url)
    base = f"{parts.scheme}://{parts.netloc}"
    try:
        with RestClient(
            base,
            headers={},
            connect_timeout=SECONDS,
            read_timeout=SECONDS,
            pool_size=1,
            may_be_private=settings.may_be_private(url),
        ) as client:
            answer = client.call("POST", url[len(base) :], body={"text": message.headline, **message.data})
    except CallFailed as failure:
        raise NotDelivered(failure.reason) from None
    if not 200 <= answer.status < 300:
        raise NotDelivered(f"the webhook answered {answer.status}")


def _connected(settings: Settings) -> smtplib.SMTP:
    where = (settings.smtp_host, settings.smtp_port)
    may_be_private = settings.may_be_private(f"smtp://{settings.smtp_host}:{settings.smtp_port}")
    if settings.smtp_tls is SmtpTls.TLS:
        context = ssl.create_default_context()
        return GuardedSMTPS(*where, timeout=SECONDS, context=context, may_be_private=may_be_private)
    server = GuardedSMTP(*where, timeout=SECONDS, may_be_private=may_be_private)
    if settings.smtp_tls is SmtpTls.STARTTLS:
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _letter(settings: Settings, address: str, message: Message) -> EmailMessage:
    letter = EmailMessage()
    # One line whatever a report's text brought along.
    letter["Subject"] = " ".join(message.headline.split())[:LONGEST_SUBJECT]
    letter["From"] = settings.smtp_from
    letter["To"] = address
    letter["Date"] = formatdate()
    letter["Message-ID"] = make_msgid(domain=settings.smtp_from.rpartition("@")[2] or None)
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text)
    return letter
