"""LIVE INPUT: bytes as they come from a file, a socket or standard input, with the instant they came and their health.

Sockets are opened here and nowhere else. The clock is handed in.
"""

from truceline.feeds.files import FileFeed, StandardInput
from truceline.feeds.health import Health, Meter
from truceline.feeds.network import TcpFeed, UdpFeed
from truceline.feeds.session import Session, Step
from truceline.feeds.shelf import FileShelf
from truceline.feeds.sources import Chunk, Feed, open_feed

__all__ = [
    "Chunk",
    "Feed",
    "FileFeed",
    "FileShelf",
    "Health",
    "Meter",
    "Session",
    "StandardInput",
    "Step",
    "TcpFeed",
    "UdpFeed",
    "open_feed",
]
