"""Can the store be trusted with several writers? Asked of the store itself, concurrently, at first use.

A sequence of writes cannot tell: a server may check for the object and then write it, and only writers that
meet find out.
"""

import uuid
from concurrent.futures import ThreadPoolExecutor

from headstart.errors import StoreError
from headstart.store import Store

WRITERS = 16
ROUNDS = 3


def probe(store: Store) -> dict[str, int]:
    """Let many writers race for one key, several times; gives what was done, for the record.

    Raises:
        StoreError: More or fewer than one writer won a round, so commits would be lost on this store.
    """
    for _ in range(ROUNDS):
        key = f"probe/{uuid.uuid4().hex}"
        try:
            with ThreadPoolExecutor(WRITERS) as pool:
                rivals = [str(number).encode() for number in range(WRITERS)]
                winners = sum(pool.map(store.create, [key] * WRITERS, rivals))
        finally:
            store.delete(key)
        if winners != 1:
            raise StoreError(
                "store/unsupported",
                f"{winners} of {WRITERS} concurrent conditional writes to one key succeeded on {store.product}; "
                "exactly one must, or writers would lose each other's work.",
                remedy="Use a store with atomic If-None-Match (AWS S3, Ceph, recent MinIO), Google's by gs:// and "
                "Azure's by az://, or a local folder.",
                where=store.uri,
            )
    return {"writers": WRITERS, "rounds": ROUNDS}
