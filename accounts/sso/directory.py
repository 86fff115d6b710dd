"""Asking the LDAP server whether a name and password fit, and who that is."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.conf import settings
from django.utils.translation import gettext as _
from ldap3 import (
    AUTO_BIND_NO_TLS,
    AUTO_BIND_TLS_BEFORE_BIND,
    BASE,
    NONE,
    SUBTREE,
    Connection,
    Server,
    Tls,
)
from ldap3.core.exceptions import LDAPBindError, LDAPException
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn

from accounts.errors import AccountRefused
from accounts.queries.sso import LDAP
from accounts.sso.identity import Identity, group_name, text_of, texts_of, uid_of
from labitory.settings.components.sso import Directory

logger = structlog.get_logger(__name__)
_PATIENCE = 5
_LONGEST = 254


def look_up(name: str, password: str) -> Identity | None:
    """Who has this name and password in the directory; None when they do not fit.

    Raises AccountRefused when the directory cannot be asked.
    """
    directory: Directory | None = settings.SSO.directory
    # Servers take an empty password for a login as nobody, and say yes.
    if directory is None or not name or not password or len(name) > _LONGEST or "\x00" in password:
        return None
    try:
        dn = _dn_of(directory, name)
        if dn is None:
            return None
        with _bound(directory, dn, password) as connection:
            return _identity(directory, connection, dn, name)
    except LDAPBindError:
        return None
    except LDAPException as error:
        logger.warning("sso.directory_failed", error=type(error).__name__, detail=str(error))
        raise AccountRefused(
            code="sso.directory", text=_("The directory cannot be asked right now.")
        ) from error


def _dn_of(directory: Directory, name: str) -> str | None:
    """Where the person stands in the tree: by the template, or found by the search."""
    if directory.user_dn:
        return directory.user_dn.replace("{user}", escape_rdn(name))
    with _bound(directory, directory.bind_dn, directory.bind_password) as connection:
        wanted = directory.search_filter.replace("{user}", escape_filter_chars(name))
        connection.search(directory.search_base, wanted, SUBTREE, attributes=[], size_limit=2)
        found = [each["dn"] for each in connection.response or () if each.get("dn")]
    # Two people of one name are nobody.
    return str(found[0]) if len(found) == 1 else None


def _identity(directory: Directory, connection: Connection, dn: str, name: str) -> Identity | None:
    wanted = [
        directory.id_attribute,
        directory.mail_attribute,
        directory.first_name_attribute,
        directory.last_name_attribute,
        directory.group_attribute,
        "o",
        "ou",
    ]
    connection.search(dn, "(objectClass=*)", BASE, attributes=wanted)
    if not connection.entries:
        return None
    told: dict[str, Any] = connection.entries[0].entry_attributes_as_dict
    uid = uid_of(_identifier(connection, directory.id_attribute))
    if not uid:
        logger.warning("sso.directory_without_id", attribute=directory.id_attribute)
        return None
    groups = texts_of(told.get(directory.group_attribute))
    return Identity(
        provider=LDAP,
        title=directory.title,
        uid=uid,
        email=text_of(told.get(directory.mail_attribute)),
        username=name,
        first_name=text_of(told.get(directory.first_name_attribute), 100),
        last_name=text_of(told.get(directory.last_name_attribute), 100),
        organisation=text_of(told.get("o"), 120),
        units=texts_of(told.get("ou")),
        groups=frozenset(group_name(each) for each in groups),
    )


@contextmanager
def _bound(directory: Directory, dn: str, password: str) -> Iterator[Connection]:
    """A connection in somebody's name, encrypted before any password crosses it."""
    tls = Tls(validate=ssl.CERT_REQUIRED, ca_certs_data=directory.authority or None)
    server = Server(directory.url, tls=tls, get_info=NONE, connect_timeout=_PATIENCE)
    before = directory.start_tls and not directory.url.startswith("ldaps:")
    connection = Connection(
        server,
        user=dn or None,
        password=password or None,
        auto_bind=AUTO_BIND_TLS_BEFORE_BIND if before else AUTO_BIND_NO_TLS,
        receive_timeout=_PATIENCE,
        auto_referrals=False,
        check_names=False,
        raise_exceptions=False,
        read_only=True,
    )
    try:
        yield connection
    finally:
        connection.unbind()


def _identifier(connection: Connection, name: str) -> str:
    """What somebody is known by; a binary one (Active Directory's objectGUID) by its digits."""
    values = connection.response[0]["raw_attributes"].get(name) or [b""]
    value = bytes(values[0])
    return value.decode() if value.isascii() and value.decode().isprintable() else value.hex()
