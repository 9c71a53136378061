"""Wireless LAN: frames of IEEE 802.11, and what the radio knew of them."""

from wirestep.decode.contract import Protocol

from .fields import FIELDS, RADIO_FIELDS
from .frames import FcsDecoder, WlanDecoder
from .radiotap import RadiotapDecoder

PROTOCOLS = (
    Protocol(
        "radiotap",
        "Radiotap",
        "Radiotap header",
        "radiotap.org",
        RadiotapDecoder,
        RADIO_FIELDS,
        on={"link": (127,)},
        level="",
    ),
    Protocol(
        "wlan",
        "802.11",
        "Wireless LAN",
        "IEEE 802.11",
        WlanDecoder,
        FIELDS,
        on={"link": (105,)},
        level="",
    ),
    Protocol(
        "wlan.padded",
        "802.11",
        "Wireless LAN, header padded",
        "IEEE 802.11",
        lambda: WlanDecoder(padded=True),
        FIELDS,
        level="",
        family="wlan",
    ),
    Protocol(
        "wlan.tail",
        "802.11",
        "Wireless LAN check sequence",
        "IEEE 802.11",
        FcsDecoder,
        FIELDS,
        level="",
        family="wlan",
    ),
)
