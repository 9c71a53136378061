"""Points in time as text."""

from datetime import UTC, datetime, timedelta

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def time_text(time: int) -> str:
    """Nanoseconds since the epoch as "Apr  9, 2018 02:45:53.739049000 UTC"."""
    seconds, part = divmod(time, 1_000_000_000)
    try:
        day = EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return f"{seconds}.{part:09d} s since 1970"
    month = MONTHS[day.month - 1]
    return f"{month} {day.day:2d}, {day.year} {day:%H:%M:%S}.{part:09d} UTC"
