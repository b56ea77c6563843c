"""ADS-B as decoders hand it on: readsb's JSON snapshots and traces, and lines in BaseStation's format."""

from __future__ import annotations

from truceline.units import Metres

# NACp (DO-260B table 2-71; RTCA's values as FAA AC 20-165B quotes them): the estimated position uncertainty is a
# 95 % bound on the horizontal error, and is less than this. NACp 0 is 10 nmi or more, or unknown.
EPU_M: dict[int, Metres] = {
    1: 18520.0,
    2: 7408.0,
    3: 3704.0,
    4: 1852.0,
    5: 926.0,
    6: 555.6,
    7: 185.2,
    8: 92.6,
    9: 30.0,
    10: 10.0,
    11: 3.0,
}
# Emitter categories (DO-260B 2.2.3.2.5.2) that say which of our classes an aircraft is.
CATEGORY_CLASSES = {
    "A1": "fixed-wing",
    "A2": "fixed-wing",
    "A3": "fixed-wing",
    "A4": "fixed-wing",
    "A5": "fixed-wing",
    "A6": "fixed-wing",
    "A7": "rotary",
    "B1": "fixed-wing",
    "B2": "balloon",
    "B6": "uav",
}
FOOT_M: Metres = 0.3048
DEFAULT_LONGEST_GAP_S = 60.0


def mover_id(hex_address: str) -> str:
    """The id of an aircraft: ``icao:`` and its address; ``other:`` where the address is not an ICAO one (``~``)."""
    address = hex_address.strip().casefold()
    return f"other:{address[1:]}" if address.startswith("~") else f"icao:{address}"
