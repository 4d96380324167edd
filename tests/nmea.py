"""Sentences of a receiver that sails north."""


def sentence(text):
    total = 0
    for byte in text.encode():
        total ^= byte
    return f"${text}*{total:02X}\r\n"


def moment(second):
    """What is told at 10:36 and so many seconds, of the 22nd of November 2026."""
    place = f"4807.{second:02d}0,N,01131.000,E"
    return (sentence(f"GNRMC,1036{second:02d}.00,A,{place},022.4,084.4,221126,003.1,W,A") +
            sentence(f"GNGGA,1036{second:02d}.00,{place},1,04,0.9,545.4,M,46.9,M,,") +
            sentence("GPGSA,A,3,04,05,09,12,,,,,,,,,2.5,1.3,2.1") +
            sentence("GPGSV,1,1,04,04,40,083,46,05,17,308,41,09,07,344,39,12,22,228,45"))


def journey(seconds):
    return "".join(moment(second) for second in range(seconds))
