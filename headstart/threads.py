"""A compute for work of seconds: threads of this process, which are there at once and share its memory."""

import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

from headstart.compute import InlineCompute, Keep, Report, SearchJob, within_budget

T = TypeVar("T")
R = TypeVar("R")


class ThreadCompute(InlineCompute):
    """Tries the trials of a search side by side, as many as the numeric libraries have threads.

    Each has one of them. What trials compute with leaves the interpreter free, so they seldom wait for each other.
    """

    def search(self, job: SearchJob[T, R], report: Report, keep: Keep[R]) -> list[R]:
        """See :meth:`headstart.compute.Compute.search`; every trial that is begun runs to its end."""
        import torch
        from threadpoolctl import threadpool_limits

        deadline, threads = time.monotonic() + job.budget_seconds, torch.get_num_threads()

        def run(trial: T) -> list[R]:
            if time.monotonic() >= deadline:
                return []
            *_, last = job.function(trial, job.shared)
            return [last]

        results: dict[int, R] = {}
        pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))
        try:
            with threadpool_limits(1):
                running = {pool.submit(run, trial): number for number, trial in enumerate(job.trials)}
                for done in as_completed(running):
                    for result in done.result():
                        results[running[done]] = result
                        keep(running[done], result)
                        report(len(results), len(job.trials), "populations of heads")
        finally:
            pool.shutdown(cancel_futures=True)
            torch.set_num_threads(threads)
        return within_budget([results[number] for number in sorted(results)], job.budget_seconds)
