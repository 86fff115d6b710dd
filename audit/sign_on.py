"""What acts on logins elsewhere read like."""

from django.utils.translation import gettext_lazy as _

SIGN_ON = {
    "sso.linked": (_("The login at %(provider)s opens the account of %(object)s from now on"),),
    "sso.unlinked": (_("The login at %(provider)s opens the account of %(object)s no more"),),
    "sso.refused": (_("A login at %(provider)s was not taken (%(code)s)"),),
}
