"""Methods, status codes (IANA "HTTP Status Codes") and headers that have their own fields."""

METHODS = frozenset(
    b"""GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH
    PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK ACL BIND UNBIND REBIND REPORT SEARCH
    CHECKIN CHECKOUT UNCHECKOUT VERSION-CONTROL MKWORKSPACE MKACTIVITY MKCALENDAR MERGE LABEL
    UPDATE BASELINE-CONTROL MKREDIRECTREF UPDATEREDIRECTREF ORDERPATCH LINK UNLINK QUERY
    NOTIFY M-SEARCH SUBSCRIBE UNSUBSCRIBE SUBSCRIPTIONS POLL BMOVE BCOPY BDELETE BPROPFIND
    BPROPPATCH RPC_IN_DATA RPC_OUT_DATA""".split()
)

STATUS = {
    100: "Continue",
    101: "Switching Protocols",
    102: "Processing",
    103: "Early Hints",
    104: "Upload Resumption Supported",
    199: "Informational - Others",
    200: "OK",
    201: "Created",
    202: "Accepted",
    203: "Non-authoritative Information",
    204: "No Content",
    205: "Reset Content",
    206: "Partial Content",
    207: "Multi-Status",
    208: "Already Reported",
    226: "IM Used",
    299: "Success - Others",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    305: "Use Proxy",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    399: "Redirection - Others",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Time-out",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    415: "Unsupported Media Type",
    416: "Requested Range Not Satisfiable",
    417: "Expectation Failed",
    418: "I'm a teapot",
    421: "Misdirected Request",
    422: "Unprocessable Entity",
    423: "Locked",
    424: "Failed Dependency",
    425: "Too Early",
    426: "Upgrade Required",
    428: "Precondition Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    451: "Unavailable For Legal Reasons",
    499: "Client Error - Others",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Time-out",
    505: "HTTP Version Not Supported",
    506: "Variant Also Negotiates",
    507: "Insufficient Storage",
    508: "Loop Detected",
    510: "Not Extended",
    511: "Network Authentication Required",
    599: "Server Error - Others",
}

_OWN = """accept accept_encoding accept_language authorization cache_control connection
    content_encoding content_type cookie date host http2_settings last_modified location
    proxy_authenticate proxy_authorization referer sec_websocket_accept sec_websocket_extensions
    sec_websocket_key sec_websocket_protocol sec_websocket_version server set_cookie
    transfer_encoding upgrade user_agent www_authenticate x_forwarded_for"""
HEADERS = {name.replace("_", "-"): f"http.{name}" for name in _OWN.split()}
"""Lower-case name of a header: its field."""
SETTINGS = {
    1: "header_table_size",
    2: "enable_push",
    3: "max_concurrent_streams",
    4: "initial_window_size",
    5: "max_frame_size",
    6: "max_header_list_size",
    8: "extended_connect",
    9: "no_rfc7540_priorities",
}
"""Settings of HTTP/2 that a client says ahead, by number (IANA "HTTP/2 Settings")."""
HEADERS["content-length"] = "http.content_length_header"
HEADERS["proxy-connect-hostname"] = "http.proxy_connect_host"
