"""An agent: takes tasks from a Reeve coordinator and runs a handler for each kind.

    PYTHONPATH=generated python agent.py [--unary]

Ends on SIGTERM or Ctrl-C: takes nothing new, lets handlers end, reports their results. A second signal
ends it at once.
"""

import argparse
import asyncio
import logging
import os
import signal
import socket
import sys

import grpc
import work_stream
from attempts import Attempt, Attempts, TaskError
from errors import Refused, describe
from reeve.v1 import agent_pb2
from unary_calls import UnaryAgent

LAST_WORDS = 2
"""Seconds, after the grace, for stopped handlers to be reported."""


async def greet(data, attempt: Attempt):
    """{"name": "Ada"} → {"text": "Hello, Ada"}"""
    if not isinstance(data, dict) or not isinstance(data.get("name"), str):
        raise TaskError("InvalidInput", "the input has no name", retryable=False)
    return {"text": f"Hello, {data['name']}"}


async def count(data, attempt: Attempt):
    """{"to": 10, "seconds": 0.5} counts slowly and says how far it is. What blocks would be called by
    asyncio.to_thread, so that leases are renewed meanwhile."""
    for n in range(1, data["to"] + 1):
        attempt.progress(n / data["to"], f"at {n}")
        await asyncio.sleep(data.get("seconds", 0.5))
    return {"counted": data["to"]}


async def stumble(data, attempt: Attempt):
    """{"times": 1} fails that many times, then succeeds."""
    if attempt.number <= data["times"]:
        raise TaskError("Stumbled", f"attempt {attempt.number} stumbled")
    return {"attempts": attempt.number}


HANDLERS = {"greet": greet, "count": count, "stumble": stumble}


async def run(args: argparse.Namespace) -> None:
    attempts = Attempts(HANDLERS, args.slots)
    spec = agent_pb2.AgentSpec(agent_id=args.agent_id, capabilities=list(HANDLERS), tags=args.tag)
    async with grpc.aio.insecure_channel(args.address) as channel:
        if args.unary:
            work = UnaryAgent(channel, spec, attempts).work()
        else:
            work = work_stream.work(channel, spec, attempts)
        working = asyncio.create_task(work)
        loop = asyncio.get_running_loop()

        def stop() -> None:
            if attempts.draining:
                working.cancel()
                return
            logging.info("finishing what is running; once more ends the process")
            attempts.drain()
            loop.call_later(args.grace, attempts.stop_all, "AGENT_STOPPED")
            loop.call_later(args.grace + LAST_WORDS, working.cancel)

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)
        await working


def main() -> int:
    parser = argparse.ArgumentParser(description="An agent that greets, counts and stumbles.")
    parser.add_argument("--address", default=os.environ.get("REEVE_ADDRESS", "127.0.0.1:9001"), help="host:port")
    parser.add_argument("--agent-id", default=f"python-{socket.gethostname()}-{os.getpid()}")
    parser.add_argument("--slots", type=int, default=3, help="tasks held at once; default 3")
    parser.add_argument("--tag", action="append", default=[], help="a tag that tasks may require; repeatable")
    parser.add_argument("--unary", action="store_true", help="work by single calls, without a stream")
    parser.add_argument("--grace", type=float, default=10, help="seconds that handlers may go on after SIGTERM")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    problems: list[str] = []
    try:
        asyncio.run(run(args))
    except* grpc.RpcError as group:
        problems += [describe(error) for error in group.exceptions]
    except* Refused as group:
        problems += [str(error) for error in group.exceptions]
    except* asyncio.CancelledError:
        problems.append("ended before everything was reported")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
