"""All fields of HTTP/1; those that Wireshark has are called as there."""

from wirestep.decode.fields import table

FIELDS = table("""
http.leading_crlf             group  Empty lines ahead of the message
http.start_line               group  Start line
http.chat                     group  Chat (as in the expert notes)
http.separator                str    Separator
http.line_end                 str    End of line
http.request                  bool   Request
http.request.method           str    Request method
http.request.uri              str    Request URI
http.request.uri.path         str    Path
http.request.uri.query        str    Query
http.request.uri.query.parameter  str  Query parameter
http.request.version          str    Request version
http.request.full_uri         str    Full request URI
http.request.line             str    Header
http.request_number           uint   Request number
http.request_in               uint   Request in frame
http.prev_request_in          uint   Previous request in frame
http.prev_response_in         uint   Previous response in frame
http.response                 bool   Response
http.response.version         str    Response version
http.response.code            uint   Status code
http.response.code.desc       str    Meaning of the status code
http.response.phrase          str    Response phrase
http.response.line            str    Header
http.response_number          uint   Response number
http.response_for.uri         str    Request URI
http.time                     span   Time since request
http.header.name              str    Name
http.header.value             str    Value
http.unknown_header           str    Line that is no header
http.bad_header_name          group  Illegal characters in the name of a header
http.te_and_length            group  Transfer-Encoding and Content-Length in one message
http.te_unknown               group  Unknown transfer coding
http.accept                   str    Accept
http.accept_encoding          str    Accept-Encoding
http.accept_language          str    Accept-Language
http.authbasic                str    Credentials
http.authorization            str    Authorization
http.cache_control            str    Cache-Control
http.connection               str    Connection
http.content_encoding         str    Content-Encoding
http.content_length           uint   Content length
http.content_length_header    str    Content-Length
http.content_type             str    Content-Type
http.cookie                   str    Cookie
http.cookie_pair              str    Cookie pair
http.date                     str    Date
http.host                     str    Host
http.http2_settings           str    HTTP2-Settings
http.http2_settings.decoded   group  Decoded HTTP2-Settings
http.last_modified            str    Last-Modified
http.location                 str    Location
http.proxy_authenticate       str    Proxy-Authenticate
http.proxy_authorization      str    Proxy-Authorization
http.proxy_connect_host       str    Proxy-Connect-Hostname
http.referer                  str    Referer
http.sec_websocket_accept     str    Sec-WebSocket-Accept
http.sec_websocket_accept.expected str Expected Sec-WebSocket-Accept
http.sec_websocket_extensions str    Sec-WebSocket-Extensions
http.sec_websocket_key        str    Sec-WebSocket-Key
http.sec_websocket_protocol   str    Sec-WebSocket-Protocol
http.sec_websocket_version    str    Sec-WebSocket-Version
http.server                   str    Server
http.set_cookie               str    Set-Cookie
http.transfer_encoding        str    Transfer-Encoding
http.upgrade                  str    Upgrade
http.user_agent               str    User-Agent
http.www_authenticate         str    WWW-Authenticate
http.x_forwarded_for          str    X-Forwarded-For
http.chunk                    group  Chunk
http.chunk_size               uint   Chunk size
http.chunk_extension          str    Chunk extension
http.chunk_data               bytes  Chunk data
http.chunk_boundary           bytes  Chunk boundary
http.chunked_trailer_part     str    Trailers
http.body                     bytes  Body
http.decoded                  group  Decoded body
http.file_data                str    File data
http.decompression_failed     group  Body cannot be decoded
http.continuation             bytes  Continuation
""")
