"""Fields of bodies; those that Wireshark has are called as there."""

from wirestep.decode.fields import table

JSON = table("""
json.object        group  Object
json.array         group  Array
json.member        str    Member
json.key           str    Key
json.value.string  str    String
json.value.number  str    Number
json.value.true    group  True
json.value.false   group  False
json.value.null    group  Null
json.bracket       str    Bracket
json.space         str    White space
json.rest          str    Text that is not read
""")

FORM = table("""
urlencoded-form.item       group  Item
urlencoded-form.key        str    Key
urlencoded-form.value      str    Value
urlencoded-form.separator  str    Separator
urlencoded-form.rest       str    Text that is not read
""")

MULTIPART = table("""
mime_multipart.type            str    Type
mime_multipart.preamble        bytes  Preamble
mime_multipart.first_boundary  str    First boundary
mime_multipart.part            group  Part
mime_multipart.header          str    Header
mime_multipart.header.content-description  str  Content-Description
mime_multipart.header.content-disposition  str  Content-Disposition
mime_multipart.header.content-encoding     str  Content-Encoding
mime_multipart.header.content-id           str  Content-ID
mime_multipart.header.content-language     str  Content-Language
mime_multipart.header.content-length       str  Content-Length
mime_multipart.header.content-transfer-encoding  str  Content-Transfer-Encoding
mime_multipart.header.content-type         str  Content-Type
mime_multipart.line_end        str    End of the headers
mime_multipart.text            str    Text
mime_multipart.data            bytes  Data
mime_multipart.boundary        str    Boundary
mime_multipart.last_boundary   str    Last boundary
mime_multipart.trailer         bytes  Trailer
""")
