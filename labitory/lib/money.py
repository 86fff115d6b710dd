"""Money: the lab's one currency, and how amounts are written."""

from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings

CENT = Decimal("0.01")
# The currencies in use, as ISO 4217 writes them.
_CODES = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
    GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD
    KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
    NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES
    VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_CODES.split())


def to_cents(amount: Decimal) -> Decimal:
    """Rounded to hundredths, a half upwards: what all prices and costs are kept in."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def say_money(amount: Decimal, currency: str = "") -> str:
    """An amount with its currency, usually the lab's: '1,234.50 EUR'; what is owed with a minus."""
    words = f"{abs(amount):,.2f}\N{NO-BREAK SPACE}{currency or settings.LAB_CURRENCY}"
    return f"\N{MINUS SIGN}{words}" if amount < 0 else words
