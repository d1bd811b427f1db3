"""The Work stream: how an agent that can hold a stream gets work and reports on it.

    Hello → Welcome, then at any time, in both directions:
    Grant → Assignments → Accept, Renew → LeaseUpdates, Progress, ReportResults → ResultAcks,
    Cancels, Ping → Pong, Drain → DrainAck, GoAway
"""

import asyncio
import logging
import uuid

import grpc
from attempts import Attempts
from backoff import Backoff
from errors import Refused, describe, is_final
from reeve.v1 import agent_pb2, agent_service_pb2_grpc, work_pb2

log = logging.getLogger("agent")

HELLO_TIMEOUT = 10
"""Seconds until a server that says nothing is taken for dead."""
LINGER = 5
"""Seconds that a stream which was replaced has to end in order."""


class Session:
    """One stream, from Hello to its end."""

    def __init__(self, stub: agent_service_pb2_grpc.AgentServiceStub, attempts: Attempts):
        self._attempts = attempts
        self._outgoing: asyncio.Queue[work_pb2.WorkRequest | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._assigned = 0
        self._granted = 0
        self._sent_results: set[str] = set()
        self._drain_sent = False
        self._drain_acked = False
        self._renew_asked_at = 0.0
        self._loops: list[asyncio.Task] = []
        self.over: asyncio.Future[float | None] = self._loop.create_future()
        """Seconds until another stream is to be opened; None if the agent is done. Or why it broke."""
        self._call = stub.Work(self._requests())

    async def open(self, hello: work_pb2.Hello) -> None:
        """Greets, and begins once it is welcome."""
        asked_at = self._loop.time()
        self._send(hello=hello)
        response = await self._read(HELLO_TIMEOUT)
        if response is None or not response.HasField("welcome"):
            self._call.cancel()
            raise ConnectionError("the coordinator did not say Welcome")
        welcome = response.welcome
        for verdict in welcome.verdicts:
            self._attempts.update(verdict, asked_at)
        self._flush()
        silence = 3 * welcome.ping_interval.ToTimedelta().total_seconds()
        renew_interval = welcome.renew_interval.ToTimedelta().total_seconds()
        self._reading = asyncio.create_task(self._receive(silence))
        self._loops = [
            asyncio.create_task(self._flush_changes()),
            asyncio.create_task(self._renew(renew_interval)),
            asyncio.create_task(self._tell_progress()),
        ]

    def close(self) -> None:
        """Sends nothing more; the server then ends the stream."""
        for one in self._loops:
            one.cancel()
        self._outgoing.put_nowait(None)
        self._loop.call_later(LINGER, self._call.cancel)

    async def finish(self) -> None:
        """Closes it, and waits until it is over."""
        self.close()
        await asyncio.wait([self._reading])

    async def _requests(self):
        while (request := await self._outgoing.get()) is not None:
            yield request

    def _send(self, **message) -> None:
        self._outgoing.put_nowait(work_pb2.WorkRequest(**message))

    async def _read(self, timeout: float) -> work_pb2.WorkResponse | None:
        async with asyncio.timeout(timeout):
            response = await self._call.read()
        return None if response is grpc.aio.EOF else response

    async def _receive(self, silence: float) -> None:
        """Reads to the end of the stream. Silent for three pings, the stream is dead."""
        try:
            while (response := await self._read(silence)) is not None:
                self._received(response)
            self._end(ConnectionError("the coordinator has ended the stream"))
        except asyncio.CancelledError:
            self._end(ConnectionError("the stream was cancelled"))
        except Exception as error:
            self._call.cancel()
            self._end(error)

    def _received(self, response: work_pb2.WorkResponse) -> None:
        match response.WhichOneof("message"):
            case "assignments":
                self._assign(response.assignments.assignments)
            case "lease_updates":
                for update in response.lease_updates.updates:
                    self._attempts.update(update, self._renew_asked_at)
            case "result_acks":
                for ack in response.result_acks.acks:
                    self._attempts.acknowledged(ack)
            case "cancels":
                for cancel in response.cancels.cancels:
                    self._attempts.stop(cancel.claim, cancel.cause or "CANCELLED")
            case "drain_ack":
                self._drain_acked = True
                self._attempts.notify()
            case "ping":
                self._send(pong=work_pb2.Pong(nonce=response.ping.nonce))
            case "go_away":
                self._go_away(response.go_away)
            # What a later version says is none of ours.

    def _assign(self, assignments) -> None:
        self._assigned += len(assignments)
        for assignment in assignments:
            attempt = self._attempts.take(assignment)
            if attempt:
                self._send(accept=work_pb2.Accept(claims=[assignment.claim]))
                self._attempts.start(attempt)
            else:
                reason = "the agent stops" if self._attempts.draining else "the agent has no handler for it"
                self._send(decline=work_pb2.Decline(claims=[assignment.claim], reason=reason))

    def _go_away(self, message: work_pb2.GoAway) -> None:
        if message.HasField("reconnect_after"):
            self._end(message.reconnect_after.ToTimedelta().total_seconds())
        else:
            self._end(Refused(f"the coordinator has ended the session for good: {message.reason}"))

    def _end(self, how: float | Exception | None) -> None:
        if self.over.done():
            return
        if isinstance(how, Exception):
            self.over.set_exception(how)
        else:
            self.over.set_result(how)

    async def _flush_changes(self) -> None:
        while True:
            await self._attempts.change()
            self._flush()

    def _flush(self) -> None:
        """Sends what is new: results, credit for free slots (cumulative), and that the agent drains."""
        for report in self._attempts.reports():
            if report.result_id not in self._sent_results:
                self._sent_results.add(report.result_id)
                self._send(results=work_pb2.ReportResults(results=[report]))
        if not self._attempts.draining:
            total = self._assigned + self._attempts.free
            if total > self._granted:
                self._granted = total
                self._send(grant=work_pb2.Grant(granted_total=total))
        elif not self._drain_sent:
            self._drain_sent = True
            self._send(drain=work_pb2.Drain(reason="the agent stops"))
        elif self._drain_acked and not self._attempts.all():
            self._end(None)

    async def _renew(self, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            claims = [attempt.claim for attempt in self._attempts.all()]
            if claims:
                self._renew_asked_at = self._loop.time()
                self._send(renew=work_pb2.Renew(claims=claims))

    async def _tell_progress(self) -> None:
        while True:
            await asyncio.sleep(1)
            reports = self._attempts.take_progress()
            if reports:
                self._send(progress=work_pb2.Progress(reports=reports))


async def work(channel: grpc.aio.Channel, spec: agent_pb2.AgentSpec, attempts: Attempts) -> None:
    """Works until the agent has drained, through as many streams as it takes.

    When the server asks the agent to move, the next stream is greeted before the old one ends.

    Raises Refused or grpc.RpcError if the coordinator will have nothing to do with the agent.
    """
    stub = agent_service_pb2_grpc.AgentServiceStub(channel)
    instance_key = str(uuid.uuid4())
    backoff = Backoff()
    welcomed = False
    current: Session | None = None

    def hello() -> work_pb2.Hello:
        held = [work_pb2.HeldLease(claim=a.claim, has_unacked_result=bool(a.report)) for a in attempts.all()]
        return work_pb2.Hello(
            agent=spec,
            instance_key=instance_key,
            slots=attempts.slots,
            held_leases=held,
            client="reeve-example-python",
        )

    while True:
        session = Session(stub, attempts)
        try:
            await session.open(hello())
            if current:
                current.close()
            current, welcomed = session, True
            backoff.reset()
            log.info("connected")
            delay = await session.over
            if delay is None:
                await session.finish()
                return
            await asyncio.sleep(delay)
        except (grpc.RpcError, OSError) as error:  # TimeoutError and ConnectionError are OSErrors.
            final = isinstance(error, grpc.RpcError) and is_final(error) and not welcomed
            if final:
                raise
            log.warning("%s; trying again", describe(error) if isinstance(error, grpc.RpcError) else error)
            await backoff.wait()
