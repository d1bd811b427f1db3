"""A client: submits a task, watches it, and prints its result.

    PYTHONPATH=generated python submit.py greet '{"name": "Ada"}'

Changes go to stderr, the output goes to stdout. Exit code 0: it succeeded; 1: it ended otherwise; 2: a call
was refused.
"""

import argparse
import json
import os
import sys
import time
import uuid

import grpc
import payloads
from errors import describe, is_final
from reeve.v1 import coordinator_service_pb2_grpc, task_pb2, task_spec_pb2, task_submission_pb2, task_watch_pb2

DEADLINE = 10
"""Seconds that a call may take."""

# A submission has a request id, so gRPC may repeat it.
RETRY = json.dumps({
    "methodConfig": [{
        "name": [{"service": "reeve.v1.CoordinatorService", "method": "SubmitTask"}],
        "retryPolicy": {
            "maxAttempts": 5,
            "initialBackoff": "0.2s",
            "maxBackoff": "2s",
            "backoffMultiplier": 2,
            "retryableStatusCodes": ["UNAVAILABLE"],
        },
    }]
})


def submit(stub, args: argparse.Namespace) -> task_pb2.Task:
    spec = task_spec_pb2.TaskSpec(kind=args.kind, input=payloads.encode(args.input))
    if args.human:
        spec.source = task_spec_pb2.TASK_SOURCE_HUMAN
    request = task_submission_pb2.SubmitTaskRequest(task=spec, request_id=args.request_id)
    return stub.SubmitTask(request, timeout=DEADLINE).task


def watch(stub, task_id: str):
    """The task as it is now and after every change, until it has ended, through lost connections."""
    while True:
        try:
            for response in stub.WatchTasks(task_watch_pb2.WatchTasksRequest(task_ids=[task_id])):
                for change in response.changes:
                    yield change.task
            return
        except grpc.RpcError as error:
            if is_final(error):
                raise
            print(f"{describe(error)}; watching again", file=sys.stderr)
            time.sleep(1)


def line(task: task_pb2.Task) -> str:
    parts = [task_pb2.TaskState.Name(task.state).removeprefix("TASK_STATE_"), task.agent_id]
    if task.attempt:
        parts.append(f"attempt {task.attempt}")
    if task.HasField("progress"):
        parts.append(f"{task.progress.fraction:.0%} {task.progress.text}")
    if task.HasField("result") and task.result.HasField("error"):
        parts.append(f"{task.result.error.kind}: {task.result.error.message}")
    return "  ".join(part for part in parts if part)


def refuse(constant: str):
    raise ValueError(f"{constant} is no JSON")


def json_text(text: str):
    """The value that JSON stands for; for argparse, which tells what is wrong."""
    try:
        value = json.loads(text, parse_constant=refuse)
        payloads.encode(value)  # which refuses half a character: text that is no UTF-8
        return value
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not JSON: {error}; text is JSON in quotes: '\"some text\"'") from None
    except RecursionError:
        raise argparse.ArgumentTypeError("not JSON: nested too deeply") from None


def main() -> int:
    parser = argparse.ArgumentParser(description="Submits a task and prints its result.")
    parser.add_argument("kind")
    parser.add_argument("input", nargs="?", type=json_text, help="JSON")
    parser.add_argument("--address", default=os.environ.get("REEVE_ADDRESS", "127.0.0.1:9001"), help="host:port")
    parser.add_argument("--human", action="store_true", help="a person waits for it")
    parser.add_argument("--request-id", default=str(uuid.uuid4()), help="to submit the same task twice is once")
    args = parser.parse_args()

    with grpc.insecure_channel(args.address, options=[("grpc.service_config", RETRY)]) as channel:
        stub = coordinator_service_pb2_grpc.CoordinatorServiceStub(channel)
        try:
            task = submit(stub, args)
            print(f"task {task.task_id}", file=sys.stderr)
            for task in watch(stub, task.task_id):
                print(line(task), file=sys.stderr, flush=True)
        except grpc.RpcError as error:
            print(describe(error), file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print("the task goes on", file=sys.stderr)
            return 130
    if task.state != task_pb2.TASK_STATE_SUCCEEDED:
        return 1
    output = payloads.decode(task.result.output)
    if isinstance(output, bytes):
        sys.stdout.buffer.write(output)
    else:
        print(json.dumps(output, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
