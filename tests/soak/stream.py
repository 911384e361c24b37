"""The streams of the soak's cameras: H.264 and PCMA whose every frame says which one it is.

A frame's text is "SOAK", and in hexadecimal digits the camera (4), the session (8), the frame (8) and the length of all (6); letters
follow that depend on the frame's number. So soak_client.cpp knows each byte that must come.
"""

import struct

ALPHABET = bytes(range(ord("a"), ord("z") + 1)) * 1000
STAMP_BYTES = 30
FRAMES_A_SECOND = 25
KEY_FRAME_EVERY = 25
MAX_PAYLOAD = 1200
CLOCK_RATES = (90000, 8000)
PAYLOAD_TYPES = (96, 8)

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=Soak\r\nt=0 0\r\na=control:*\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==\r\n"
    "a=control:track0\r\n"
    "m=audio 0 RTP/AVP 8\r\na=control:track1\r\n"
)


def text(camera, session, number, length):
    stamp = b"SOAK%04x%08x%08x%06x" % (camera, session, number, length)
    start = number % 26
    return stamp + ALPHABET[start:start + length - STAMP_BYTES]


def video_length(number):
    return 9000 if number % KEY_FRAME_EVERY == 0 else 300 + number * 7919 % 3000


def video_payloads(camera, session, number):
    """RTP payloads of one picture: one NAL unit, in fragments (FU-A) where it is long. RFC 6184 s5.6, s5.8."""
    header = 0x65 if number % KEY_FRAME_EVERY == 0 else 0x41
    body = b"\x88" + text(camera, session, number, video_length(number))
    if len(body) < MAX_PAYLOAD:
        return [bytes([header]) + body]
    pieces = [body[at:at + MAX_PAYLOAD] for at in range(0, len(body), MAX_PAYLOAD)]
    payloads = []
    for index, piece in enumerate(pieces):
        start = 0x80 if index == 0 else 0
        end = 0x40 if index == len(pieces) - 1 else 0
        payloads.append(bytes([header & 0xE0 | 28, start | end | header & 0x1F]) + piece)
    return payloads


def audio_payloads(camera, session, number):
    return [text(camera, session, number, 8000 // FRAMES_A_SECOND)]


def packets(stream, camera, session, number, sequence):
    """The RTP packets of frame `number`; `sequence` is that of the first."""
    payloads = (video_payloads, audio_payloads)[stream](camera, session, number)
    timestamp = (session * 1000003 + number * CLOCK_RATES[stream] // FRAMES_A_SECOND) & 0xFFFFFFFF
    source = (session << 16 | camera << 4 | stream) & 0xFFFFFFFF
    result = []
    for index, payload in enumerate(payloads):
        marker = 0x80 if stream == 0 and index == len(payloads) - 1 else 0
        result.append(struct.pack(">BBHII", 0x80, marker | PAYLOAD_TYPES[stream], (sequence + index) & 0xFFFF, timestamp,
                                  source) + payload)
    return result


def interleaved(channel, packet):
    return struct.pack(">cBH", b"$", channel, len(packet)) + packet


def bye(stream, camera, session):
    """RTCP: an empty receiver report and BYE."""
    source = (session << 16 | camera << 4 | stream) & 0xFFFFFFFF
    return struct.pack(">BBHIBBHI", 0x80, 201, 1, source, 0x81, 203, 1, source)
