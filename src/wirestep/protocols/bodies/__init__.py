"""Bodies that other protocols carry: JSON, forms, multiparts.

Their fields hang below those of the message that carries them; the cards make them known, and let
a rule of the user say that a port speaks one of them.
"""

from wirestep.decode.contract import Protocol

from .decode import FormDecoder, JsonDecoder, MultipartDecoder
from .fields import FORM, JSON, MULTIPART

PACKAGE = "wirestep.protocols.bodies"
VALUES = ("json.object", "json.array", *(name for name in JSON if name.startswith("json.value.")))
"""One of these each JSON text has; so a filter finds it within the message that carries it."""

PROTOCOLS: tuple[Protocol, ...] = (
    Protocol(
        "json",
        "JSON",
        "JavaScript Object Notation",
        "RFC 8259",
        JsonDecoder,
        JSON,
        hue="green",
        aliases={"json": VALUES},
        package=PACKAGE,
    ),
    Protocol(
        "urlencoded-form",
        "Form",
        "HTML Form URL Encoded",
        "URL Standard",
        FormDecoder,
        FORM,
        hue="green",
        aliases={"urlencoded-form": ("urlencoded-form.item",)},
        package=PACKAGE,
    ),
    Protocol(
        "mime_multipart",
        "Multipart",
        "MIME Multipart Media Encapsulation",
        "RFC 2046",
        MultipartDecoder,
        MULTIPART,
        hue="green",
        aliases={"mime_multipart": ("mime_multipart.part",)},
        package=PACKAGE,
    ),
)
