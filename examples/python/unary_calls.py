"""The unary twins of the Work stream: for agents that cannot hold a stream."""

import asyncio
import logging
import uuid

import grpc
from attempts import Attempts
from backoff import Backoff
from errors import describe, is_final
from google.protobuf import duration_pb2
from reeve.v1 import agent_pb2, agent_service_pb2 as calls, agent_service_pb2_grpc, claim_pb2, lease_pb2

log = logging.getLogger("agent")

DEADLINE = 10
"""Seconds that a call may take."""
MAX_WAIT = 20
"""Seconds that a call which waits for work may wait."""


class UnaryAgent:
    """Works until it has drained."""

    def __init__(self, channel: grpc.aio.Channel, spec: agent_pb2.AgentSpec, attempts: Attempts):
        self._stub = agent_service_pb2_grpc.AgentServiceStub(channel)
        self._spec = spec
        self._attempts = attempts
        self._instance_key = str(uuid.uuid4())
        self._loop = asyncio.get_running_loop()
        self._renew_interval = 15.0

    async def work(self) -> None:
        """Raises grpc.RpcError if the coordinator will have nothing to do with the agent."""
        await self._persist(self._stub.RegisterAgent, calls.RegisterAgentRequest(agent=self._spec))
        log.info("registered")
        async with asyncio.TaskGroup() as group:
            background = [group.create_task(loop()) for loop in (self._renew, self._report, self._tell_progress)]
            await self._lease()
            while self._attempts.all():
                await self._attempts.change()
            for task in background:
                task.cancel()

    async def _persist(self, method, request, timeout: float = DEADLINE):
        """Calls until there is an answer. Every call here may be repeated."""
        backoff = Backoff()
        while True:
            try:
                return await method(request, timeout=timeout)
            except grpc.RpcError as error:
                if is_final(error):
                    raise
                log.warning("%s; trying again", describe(error))
                await backoff.wait()

    async def _lease(self) -> None:
        """Asks for as much work as there are free slots. A call whose answer was lost is repeated under its
        name, and gets what the first one got."""
        while not self._attempts.draining:
            free = self._attempts.free
            if free == 0:
                await self._attempts.change()
                continue
            request = lease_pb2.LeaseTasksRequest(
                agent_id=self._spec.agent_id,
                max_tasks=free,
                max_wait=duration_pb2.Duration(seconds=MAX_WAIT),
                request_id=str(uuid.uuid4()),
                instance_key=self._instance_key,
                slots=self._attempts.slots,
            )
            polling = asyncio.create_task(self._persist(self._stub.LeaseTasks, request, MAX_WAIT + 5))
            draining = asyncio.create_task(self._drained())
            await asyncio.wait([polling, draining], return_when=asyncio.FIRST_COMPLETED)
            draining.cancel()
            if polling.done():
                answer = polling.result()
                self._renew_interval = answer.renew_interval.ToTimedelta().total_seconds()
                await self._begin(answer.assignments)
            else:
                polling.cancel()
                await asyncio.wait([polling])
                await self._hang_up(request)

    async def _drained(self) -> None:
        while not self._attempts.draining:
            await self._attempts.change()

    async def _begin(self, assignments) -> None:
        attempts = [self._attempts.take(assignment) for assignment in assignments]
        await self._give_back([a.claim for a, taken in zip(assignments, attempts) if not taken])
        taken = {attempt.claim.task_id: attempt for attempt in attempts if attempt}
        if not taken:
            return
        asked_at = self._loop.time()
        claims = [attempt.claim for attempt in taken.values()]
        request = lease_pb2.AcceptLeasesRequest(agent_id=self._spec.agent_id, claims=claims)
        answer = await self._persist(self._stub.AcceptLeases, request)
        for update in answer.updates:
            self._attempts.update(update, asked_at)
            if update.verdict == claim_pb2.LEASE_VERDICT_KEEP:
                self._attempts.start(taken[update.claim.task_id])

    async def _hang_up(self, request: lease_pb2.LeaseTasksRequest) -> None:
        """What the call that nobody waits for any more may have got goes back at once."""
        request.max_wait.CopyFrom(duration_pb2.Duration())
        try:
            answer = await self._stub.LeaseTasks(request, timeout=DEADLINE)
        except grpc.RpcError as error:
            log.warning("%s; what was on its way goes back when its time is up", describe(error))
            return
        await self._give_back([assignment.claim for assignment in answer.assignments])

    async def _give_back(self, claims) -> None:
        if claims:
            agent_id, reason = self._spec.agent_id, "the agent does not take it"
            request = lease_pb2.ReleaseLeasesRequest(agent_id=agent_id, claims=claims, reason=reason)
            await self._persist(self._stub.ReleaseLeases, request)

    async def _renew(self) -> None:
        while True:
            while not self._attempts.all():
                await self._attempts.change()
            await asyncio.sleep(self._renew_interval)
            claims = [attempt.claim for attempt in self._attempts.all()]
            if not claims:
                continue
            asked_at = self._loop.time()
            request = lease_pb2.RenewLeasesRequest(agent_id=self._spec.agent_id, claims=claims)
            for update in (await self._persist(self._stub.RenewLeases, request)).updates:
                self._attempts.update(update, asked_at)

    async def _report(self) -> None:
        """Reports results until they are acknowledged."""
        while True:
            results = self._attempts.reports()[:1]
            if not results:
                await self._attempts.change()
                continue
            request = lease_pb2.ReportResultsRequest(agent_id=self._spec.agent_id, results=results)
            for ack in (await self._persist(self._stub.ReportResults, request)).acks:
                self._attempts.acknowledged(ack)

    async def _tell_progress(self) -> None:
        while True:
            await asyncio.sleep(1)
            reports = self._attempts.take_progress()
            if reports:
                request = lease_pb2.ReportProgressRequest(agent_id=self._spec.agent_id, reports=reports)
                await self._persist(self._stub.ReportProgress, request)
