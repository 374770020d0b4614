"""Types of the Rust core."""

from waakzaam.peel.unlock import Surroundings
from waakzaam.sources.order import Order

__version__: str

class Seeker:
    def __new__(cls, known: list[tuple[int, str, bytes]]) -> Seeker: ...
    def seek(self, values: bytes) -> tuple[bytes, list[tuple[int, str, int]]]: ...

class Linker:
    @property
    def digests(self) -> int: ...
    def learn(self, values: bytes) -> None: ...
    def link(self, values: bytes) -> dict[int, bytes]: ...

class Unlocker:
    def __new__(cls, candidates: list[tuple[str, bytes]], known: list[tuple[str, bytes]]) -> Unlocker: ...
    def is_closed(self, value: bytes) -> bool: ...
    def recognise(
        self, value: bytes, message: Surroundings
    ) -> tuple[
        tuple[
            list[tuple[str, str]],
            list[tuple[list[tuple[str, str]], str | None, bytes]],
            tuple[int | None, int, str, str],
            list[tuple[str, int, str]],
            list[str],
        ]
        | None,
        tuple[str, str, str, str | None, str] | None,
    ]: ...
    def unlock(
        self,
        value: bytes,
        field: str | None,
        name: str,
        siblings: list[tuple[str, bytes]],
        message: Surroundings,
    ) -> tuple[
        tuple[
            list[tuple[str, str]],
            list[tuple[list[tuple[str, str]], str | None, bytes]],
            tuple[int | None, int, str, str],
            list[tuple[str, int, str]],
            list[str],
        ]
        | None,
        tuple[str, str, str, str | None, str] | None,
        list[tuple[str, int]],
    ]: ...

class Batch:
    def __new__(
        cls, *, part: str = "body", content_type: str | None = None, content_encoding: str | None = None
    ) -> Batch: ...
    def peel(self, values: bytes) -> list[tuple[str, bytes]]: ...

def unlock_closed(work: int) -> None: ...
def weaknesses(values: list[bytes]) -> list[tuple[str, int, int, int, float]]: ...
def layers() -> list[str]: ...
def keyed_layers() -> list[str]: ...
def read(reader: str, order: Order) -> None: ...
def frame(name: str, payload: bytes) -> None: ...
def find_shapes(values: bytes) -> bytes: ...
def forms(datum: str, value: bytes) -> list[tuple[str, bytes]]: ...
def peel_part(
    data: bytes,
    *,
    part: str = "body",
    content_type: str | None = None,
    content_encoding: str | None = None,
    readings: bool = False,
) -> tuple[
    list[tuple[list[tuple[str, str]], str | None, bytes]],
    list[tuple[str, int, str]],
    list[str],
    list[
        tuple[
            list[tuple[str, str]],
            list[tuple[str, int, list[tuple[list[tuple[str, str]], str | None, bytes]]]],
        ]
    ],
]: ...
def replay(data: bytes, steps: list[tuple[str, str]]) -> list[bytes]: ...
def message_parts(
    url: str | None, headers: list[tuple[bytes, bytes]], body: bytes
) -> list[tuple[str, bytes]]: ...
def plain_head(data: bytes, limit: int) -> bytes: ...
def verify_ed25519(key: bytes, message: bytes, signature: bytes) -> bool: ...
