"""The client for programs of asyncio: the same names, each call on a thread of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Self, TypeVar

from headstart.client import Client, Handle, Heard
from headstart.jobs.job import Job, State
from headstart.jobs.result import Result
from headstart.spec import Spec

T = TypeVar("T")


class AsyncClient:
    """:class:`~headstart.client.Client` with ``await``; takes the same arguments and raises the same errors.

    A call that is cancelled stops to be waited for; what it has asked the place to do is done all the same.
    """

    def __init__(self, on: str = "local", address: str | None = None, namespace: str | None = None) -> None:
        self._client = Client(on, address, namespace)
        self.on = on

    def __repr__(self) -> str:
        return f"<Async{repr(self._client)[1:]}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.close()

    async def submit(self, spec: Spec, step: str = "", inputs: Mapping[str, str] | None = None) -> "AsyncHandle":
        """See :meth:`headstart.client.Client.submit`."""
        return AsyncHandle(self, await asyncio.to_thread(self._client.submit, spec, step, inputs))

    async def list(self) -> Sequence[Job]:
        """See :meth:`headstart.client.Client.list`."""
        return await asyncio.to_thread(self._client.list)

    async def get(self, job: str) -> Job:
        """See :meth:`headstart.client.Client.get`."""
        return await asyncio.to_thread(self._client.get, job)

    async def wait(self, job: str, timeout: float | None = None, progress: Heard | None = None) -> Job:
        """See :meth:`headstart.client.Client.wait`; ``progress`` is called on the event loop's thread."""
        async for found in self.watch(job, timeout):
            if progress:
                progress(found)
        return await asyncio.to_thread(self._client.wait, job)  # it has ended: this says how

    def watch(self, job: str, timeout: float | None = None) -> AsyncIterator[Job]:
        """See :meth:`headstart.client.Client.watch`."""
        return _stepped(lambda: self._client.watch(job, timeout))

    def logs(self, job: str, follow: bool = False) -> AsyncIterator[str]:
        """See :meth:`headstart.client.Client.logs`."""
        return _stepped(lambda: self._client.logs(job, follow))

    async def cancel(self, job: str) -> Job:
        """See :meth:`headstart.client.Client.cancel`."""
        return await asyncio.to_thread(self._client.cancel, job)

    async def resume(self, job: str) -> "AsyncHandle":
        """See :meth:`headstart.client.Client.resume`."""
        return AsyncHandle(self, await asyncio.to_thread(self._client.resume, job))

    async def result(self, job: str) -> Result:
        """See :meth:`headstart.client.Client.result`."""
        return await asyncio.to_thread(self._client.result, job)

    async def close(self) -> None:
        """See :meth:`headstart.client.Client.close`."""
        await asyncio.to_thread(self._client.close)


class AsyncHandle:
    """A job that was handed over, and where to. ``job`` is how it stood at the last look."""

    def __init__(self, client: AsyncClient, handle: Handle) -> None:
        self._client = client
        self.job = handle.job

    def __repr__(self) -> str:
        return f"<AsyncHandle of {self.id} by {self._client!r}: {self.state}>"

    @property
    def id(self) -> str:
        """The job's name, wherever it runs."""
        return self.job.id

    @property
    def state(self) -> State:
        """Where the job stood at the last look."""
        return self.job.state

    async def refresh(self) -> Job:
        """See :meth:`headstart.client.Client.get`."""
        self.job = await self._client.get(self.id)
        return self.job

    async def wait(self, timeout: float | None = None, progress: Heard | None = None) -> Job:
        """See :meth:`headstart.client.Client.wait`."""
        self.job = await self._client.wait(self.id, timeout, progress)
        return self.job

    def logs(self, follow: bool = False) -> AsyncIterator[str]:
        """See :meth:`headstart.client.Client.logs`."""
        return self._client.logs(self.id, follow)

    async def cancel(self) -> Job:
        """See :meth:`headstart.client.Client.cancel`."""
        self.job = await self._client.cancel(self.id)
        return self.job

    async def result(self) -> Result:
        """See :meth:`headstart.client.Client.result`."""
        return await self._client.result(self.id)


async def _stepped(begin: Callable[[], Iterator[T]]) -> AsyncIterator[T]:
    """What an iterator gives, where each step may wait for a place."""
    iterator = await asyncio.to_thread(begin)
    end = object()
    while (item := await asyncio.to_thread(next, iterator, end)) is not end:
        yield item  # type: ignore[misc]
