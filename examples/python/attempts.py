"""What an agent holds: attempts at tasks, from their assignment until their results are acknowledged.

Knows nothing of how the agent talks to the coordinator; see work_stream.py and unary_calls.py.
"""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import payloads
from reeve.v1 import claim_pb2, task_pb2, work_pb2

log = logging.getLogger("agent")

STOPPED_BY_CANCEL = ("CANCELLED", "ATTEMPT_TIMED_OUT", "PREEMPTED")


class TaskError(Exception):
    """Fails an attempt: `kind` is a word for programs, `message` a sentence for people."""

    def __init__(self, kind: str, message: str, *, retryable: bool = True):
        super().__init__(message)
        self.kind = kind
        self.retryable = retryable


class Attempt:
    """One try at a task."""

    def __init__(self, assignment: claim_pb2.Assignment):
        self.claim = assignment.claim
        self.spec = assignment.spec
        self.number = assignment.attempt
        """Which attempt this is, from 1."""
        self.report: claim_pb2.ResultReport | None = None
        """How it ended; kept until it is acknowledged."""
        self.running: asyncio.Task | None = None
        self.began = False
        self.stop_cause: str | None = None
        self.lease_alarm: asyncio.TimerHandle | None = None
        self.fresh_progress: task_pb2.TaskProgress | None = None

    def progress(self, fraction: float, text: str = "") -> None:
        """Says how far it is, from 0 to 1. The newest is sent, once a second."""
        self.fresh_progress = task_pb2.TaskProgress(fraction=fraction, text=payloads.plain(text, 1000))


Handler = Callable[[Any, Attempt], Awaitable[Any]]


class Attempts:
    """Runs handlers by the kind of the task, at most `slots` at once."""

    def __init__(self, handlers: dict[str, Handler], slots: int):
        self.handlers = handlers
        self.slots = slots
        self.draining = False
        self._held: dict[str, Attempt] = {}
        self._changed = asyncio.Event()

    @property
    def free(self) -> int:
        return 0 if self.draining else max(0, self.slots - len(self._held))

    def all(self) -> list[Attempt]:
        return list(self._held.values())

    def reports(self) -> list[claim_pb2.ResultReport]:
        """Results that are not acknowledged yet."""
        return [attempt.report for attempt in self.all() if attempt.report]

    async def change(self) -> None:
        """Waits until something begins, ends or is acknowledged, or the agent drains."""
        await self._changed.wait()

    def notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def take(self, assignment: claim_pb2.Assignment) -> Attempt | None:
        """Holds it, without starting it; None if it is not for this agent."""
        known = self._held.get(assignment.claim.task_id)
        if self.draining or assignment.spec.kind not in self.handlers:
            return None
        if known and known.claim.epoch >= assignment.claim.epoch:
            return known
        if known:
            self._lose(known)
        attempt = self._held[assignment.claim.task_id] = Attempt(assignment)
        lease_ttl = assignment.lease_ttl.ToTimedelta().total_seconds()
        self._set_alarm(attempt, asyncio.get_running_loop().time(), lease_ttl)
        self.notify()
        return attempt

    def start(self, attempt: Attempt) -> None:
        if attempt.running is None:
            attempt.running = asyncio.create_task(self._run(attempt))

    def update(self, update: claim_pb2.LeaseUpdate | work_pb2.HeldLeaseVerdict, asked_at: float) -> None:
        """What became of a lease. `asked_at`: when it was asked for, on the loop's clock."""
        attempt = self._find(update.claim)
        if not attempt:
            return
        if update.verdict == claim_pb2.LEASE_VERDICT_KEEP:
            self._set_alarm(attempt, asked_at, update.remaining.ToTimedelta().total_seconds())
        elif update.verdict == claim_pb2.LEASE_VERDICT_CANCEL:
            self.stop(update.claim, update.cause or "CANCELLED")
        elif update.verdict == claim_pb2.LEASE_VERDICT_LOST:
            self._lose(attempt)
        elif update.verdict == claim_pb2.LEASE_VERDICT_RESULT_RECORDED:
            self._forget(attempt)

    def stop_all(self, cause: str) -> None:
        for attempt in self.all():
            self.stop(attempt.claim, cause)

    def stop(self, claim: claim_pb2.Claim, cause: str) -> None:
        """Asks a handler to stop: CancelledError is raised where it waits."""
        attempt = self._find(claim)
        if attempt and not attempt.report and not attempt.stop_cause:
            attempt.stop_cause = cause
            if attempt.began:
                attempt.running.cancel()
            else:
                self.start(attempt)  # Only to say that it was stopped.

    def acknowledged(self, ack: claim_pb2.ResultAck) -> None:
        attempt = self._find(ack.claim)
        if not attempt or not attempt.report or attempt.report.result_id != ack.result_id:
            return
        if ack.verdict not in (claim_pb2.RESULT_VERDICT_RECORDED, claim_pb2.RESULT_VERDICT_ALREADY_RECORDED):
            verdict = claim_pb2.ResultVerdict.Name(ack.verdict)
            log.warning("the result of %s does not count: %s %s", ack.claim.task_id, verdict, ack.message)
        self._forget(attempt)

    def drain(self) -> None:
        """Takes nothing new."""
        self.draining = True
        self.notify()

    def take_progress(self) -> list[claim_pb2.ProgressReport]:
        """What was said since the last time."""
        fresh = [attempt for attempt in self.all() if attempt.fresh_progress and not attempt.report]
        reports = [claim_pb2.ProgressReport(claim=a.claim, progress=a.fresh_progress) for a in fresh]
        for attempt in fresh:
            attempt.fresh_progress = None
        return reports

    async def _run(self, attempt: Attempt) -> None:
        attempt.began = True
        try:
            if attempt.stop_cause:
                raise asyncio.CancelledError
            handler = self.handlers[attempt.spec.kind]
            output = payloads.encode(await handler(payloads.decode(attempt.spec.input), attempt))
            result = task_pb2.TaskResult(outcome=task_pb2.OUTCOME_SUCCEEDED, output=output)
        except asyncio.CancelledError:
            if not attempt.stop_cause:
                raise
            by_cancel = attempt.stop_cause in STOPPED_BY_CANCEL
            outcome = task_pb2.OUTCOME_CANCELLED if by_cancel else task_pb2.OUTCOME_FAILED
            result = failure(attempt.stop_cause, "the attempt was stopped", True, outcome)
        except TaskError as error:
            result = failure(error.kind, error, error.retryable)
        except Exception as error:
            log.exception("attempt %d at %s failed", attempt.number, attempt.claim.task_id)
            result = failure(type(error).__name__, error, True)
        attempt.report = claim_pb2.ResultReport(claim=attempt.claim, result_id=str(uuid.uuid4()), result=result)
        if attempt.lease_alarm:
            attempt.lease_alarm.cancel()
        self.notify()

    def _find(self, claim: claim_pb2.Claim) -> Attempt | None:
        attempt = self._held.get(claim.task_id)
        return attempt if attempt and attempt.claim.epoch == claim.epoch else None

    def _set_alarm(self, attempt: Attempt, since: float, lasts: float) -> None:
        """An attempt whose lease was not renewed in time may be another agent's soon, so it is given up."""
        if attempt.lease_alarm:
            attempt.lease_alarm.cancel()
        if not attempt.report:
            loop = asyncio.get_running_loop()
            attempt.lease_alarm = loop.call_at(since + lasts * 5 / 6, self._lose, attempt)

    def _lose(self, attempt: Attempt) -> None:
        log.warning("the lease on %s was lost", attempt.claim.task_id)
        self.stop(attempt.claim, "LEASE_LOST")
        self._forget(attempt)

    def _forget(self, attempt: Attempt) -> None:
        if attempt.lease_alarm:
            attempt.lease_alarm.cancel()
        if self._find(attempt.claim) is attempt:
            del self._held[attempt.claim.task_id]
        self.notify()


def failure(
    kind: str, message: object, retryable: bool, outcome: task_pb2.Outcome = task_pb2.OUTCOME_FAILED
) -> task_pb2.TaskResult:
    error = task_pb2.TaskError(
        kind=payloads.plain(kind, 200), message=payloads.plain(message, 8000), retryable=retryable
    )
    return task_pb2.TaskResult(outcome=outcome, error=error)
