"""What OpenSSL can do and pyOpenSSL has no method for; nobody else calls its private parts.

Early data (0-RTT) needs calls of its own: `SSL_write_early_data` in place of the client's first
step, `SSL_read_early_data` in place of the server's (OpenSSL, SSL_read_early_data(3)).
"""

from __future__ import annotations

from ipaddress import ip_address

from OpenSSL import SSL
from OpenSSL._util import ffi, lib

_SUCCESS, _FINISH = 1, 2
_RECORD = 16_384
_NO_PARTIAL_WILDCARDS = 0x4


def set_groups(context: SSL.Context, groups: str) -> None:
    """Offer, or take, these groups only, the first before others. Raises ValueError."""
    if not lib.SSL_CTX_set1_curves_list(context._context, groups.encode()):
        lib.ERR_clear_error()
        raise ValueError(f"groups: OpenSSL does not know all of {groups!r}")


def take_early_data(context: SSL.Context, most: int) -> None:
    """Let a server take so many bytes of early data with each ticket."""
    lib.SSL_CTX_set_max_early_data(context._context, most)


def expect_host(connection: SSL.Connection, host: str) -> None:
    """The certificate that comes must be for this name or IP address (RFC 9525).

    Raises ValueError for what is neither.
    """
    parameters = lib.SSL_get0_param(connection._ssl)
    try:
        packed = ip_address(host).packed
    except ValueError:
        lib.X509_VERIFY_PARAM_set_hostflags(parameters, _NO_PARTIAL_WILDCARDS)
        name = ascii_name(host)
        lib.X509_VERIFY_PARAM_set1_host(parameters, name, len(name))
    else:
        lib.X509_VERIFY_PARAM_set1_ip(parameters, packed, len(packed))


def ascii_name(host: str) -> bytes:
    """A host's name as it goes over the wire (RFC 5890). Raises ValueError."""
    try:
        return host.encode("idna")
    except UnicodeError:
        raise ValueError(f"{host!r} cannot be the name of a host") from None


def resumed(connection: SSL.Connection) -> bool:
    """Whether the handshake goes on from an earlier session."""
    return bool(lib.SSL_session_reused(connection._ssl))


def early_room(session: SSL.Session) -> int:
    """Bytes of early data that the server takes with this ticket."""
    return int(lib.SSL_SESSION_get_max_early_data(session._session))


def write_early(connection: SSL.Connection, data: bytes) -> None:
    """Early data of a client, or what a server answers before the client's Finished.

    Raises SSL.Error.
    """
    written = ffi.new("size_t *")
    while data:
        # pyOpenSSL lets OpenSSL stop after each record.
        result = lib.SSL_write_early_data(connection._ssl, data, len(data), written)
        if result != 1:
            connection._raise_ssl_error(connection._ssl, result)
        data = data[written[0] :]


def read_early(connection: SSL.Connection) -> bytes | None:
    """Early data that came; None when no more can come. Raises SSL.Error, WantReadError first."""
    got, room = ffi.new("size_t *"), ffi.new("char[]", _RECORD)
    result = lib.SSL_read_early_data(connection._ssl, room, _RECORD, got)
    if result == _SUCCESS:
        return bytes(ffi.buffer(room, got[0]))
    if result != _FINISH:
        connection._raise_ssl_error(connection._ssl, result)
    return None


def verify_text(code: int) -> str:
    """OpenSSL's own words for a result of verification."""
    return bytes(ffi.string(lib.X509_verify_cert_error_string(code))).decode("utf-8", "replace")
