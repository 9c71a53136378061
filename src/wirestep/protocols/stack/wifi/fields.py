"""Fields of wireless frames and the names of their values."""

from wirestep.decode.checksum import STATUS
from wirestep.decode.fields import table

TYPES = {0: "Management", 1: "Control", 2: "Data", 3: "Extension"}
SUBTYPES = {
    0x00: "Association request",
    0x01: "Association response",
    0x02: "Reassociation request",
    0x03: "Reassociation response",
    0x04: "Probe request",
    0x05: "Probe response",
    0x08: "Beacon",
    0x09: "Announcement of traffic",
    0x0A: "Disassociation",
    0x0B: "Authentication",
    0x0C: "Deauthentication",
    0x0D: "Action",
    0x18: "Block ack request",
    0x19: "Block ack",
    0x1A: "Power save poll",
    0x1B: "Request to send",
    0x1C: "Clear to send",
    0x1D: "Acknowledgment",
    0x1E: "End of contention-free period",
    0x20: "Data",
    0x24: "Null function",
    0x28: "QoS data",
    0x2C: "QoS null function",
}
FIELDS = table(
    """
wlan.fc               hex2   Frame control
wlan.fc.version       uint   Version
wlan.fc.type          uint   Type
wlan.fc.subtype       uint   Subtype
wlan.fc.type_subtype  hex2   Type and subtype
wlan.flags            hex1   Flags
wlan.fc.ds            hex1   Distribution system
wlan.fc.tods          bool   To the distribution system
wlan.fc.fromds        bool   From the distribution system
wlan.fc.frag          bool   More fragments
wlan.fc.retry         bool   Sent again
wlan.fc.pwrmgt        bool   Will sleep
wlan.fc.moredata      bool   More data are waiting
wlan.fc.protected     bool   Protected
wlan.fc.order         bool   Ordered, or a control field for high throughput
wlan.duration         uint   Duration in microseconds
wlan.ra               ether  Receiver
wlan.ta               ether  Transmitter
wlan.da               ether  Destination
wlan.sa               ether  Source
wlan.bssid            ether  Network
wlan.addr             ether  Address
wlan.seq_ctl          bytes  Sequence control
wlan.frag             uint   Fragment number
wlan.seq              uint   Sequence number
wlan.qos              bytes  Quality of service
wlan.qos.tid          uint   Traffic identifier
wlan.qos.priority     uint   Priority
wlan.qos.amsdupresent bool   Several packets in one frame
wlan.htc              bytes  High throughput control
wlan.padding          bytes  Padding
wlan.fcs              hex4   Frame check sequence
wlan.fcs.status       uint   Check sequence status
wlan.data             bytes  Data
""",
    names={
        "wlan.fc.type": TYPES,
        "wlan.fc.type_subtype": SUBTYPES,
        "wlan.fcs.status": STATUS,
    },
)
PRESENT = (
    "tsft",
    "flags",
    "rate",
    "channel",
    "fhss",
    "dbm_antsignal",
    "dbm_antnoise",
    "lock_quality",
    "tx_attenuation",
    "db_tx_attenuation",
    "dbm_tx_power",
    "antenna",
    "db_antsignal",
    "db_antnoise",
    "rxflags",
    "txflags",
    "rts_retries",
    "data_retries",
    "xchannel",
    "mcs",
    "ampdu",
    "vht",
    "timestamp",
)
RADIO_FIELDS = table(
    """
radiotap.version           uint   Version
radiotap.pad               uint   Padding
radiotap.length            uint   Length
radiotap.present.word      hex4   Fields that follow
radiotap.mactime           uint   Microseconds of the radio's clock
radiotap.flags             hex1   Flags
radiotap.flags.cfp         bool   Contention-free period
radiotap.flags.preamble    bool   Short preamble
radiotap.flags.wep         bool   WEP
radiotap.flags.frag        bool   Fragmented
radiotap.flags.fcs         bool   Check sequence at the end
radiotap.flags.datapad     bool   Header is padded
radiotap.flags.badfcs      bool   Check sequence was wrong
radiotap.flags.shortgi     bool   Short guard interval
radiotap.datarate          float  Data rate in Mb/s
radiotap.datarate.raw      uint   Data rate in units of 500 kb/s
radiotap.channel.freq      uint   Frequency in MHz
radiotap.channel.flags     hex2   Channel flags
radiotap.fhss.hopset       uint   Hop set
radiotap.fhss.pattern      uint   Hop pattern
radiotap.dbm_antsignal     int    Signal in dBm
radiotap.dbm_antnoise      int    Noise in dBm
radiotap.txpower           int    Transmitted power in dBm
radiotap.quality           uint   Quality of the lock
radiotap.txattenuation     uint   Attenuation
radiotap.db_txattenuation  uint   Attenuation in dB
radiotap.antenna           uint   Antenna
radiotap.db_antsignal      uint   Signal in dB
radiotap.db_antnoise       uint   Noise in dB
radiotap.rxflags           hex2   Receive flags
radiotap.txflags           hex2   Transmit flags
radiotap.rts_retries       uint   Retries of requests to send
radiotap.data_retries      uint   Retries
radiotap.xchannel          bytes  Extended channel
radiotap.mcs               bytes  Modulation and coding
radiotap.ampdu             bytes  Aggregate
radiotap.vht               bytes  Very high throughput
radiotap.timestamp         bytes  Timestamp
radiotap.raw               bytes  Signed byte
radiotap.align             bytes  Alignment
radiotap.data              bytes  Other fields
"""
)
