"""What went wrong with a call, in words and for decisions."""

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

FINAL_CODES = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.OUT_OF_RANGE,
}


class Refused(Exception):
    """The coordinator wants nothing more to do with this agent."""


def is_final(error: grpc.RpcError) -> bool:
    """Whether the same call would fail in the same way again."""
    return error.code() in FINAL_CODES


def describe(error: grpc.RpcError) -> str:
    """The code, Reeve's reason (google.rpc.ErrorInfo), the message, and each field that broke a rule."""
    info, violations = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        for message in (info, violations):
            if detail.Is(message.DESCRIPTOR):
                detail.Unpack(message)
    reason = f" ({info.reason})" if info.reason else ""
    fields = [f"{v.field}: {v.description}" for v in violations.field_violations]
    lines = [error.details(), *(line for line in fields if line not in error.details())]
    text = "\n  ".join(lines)
    return f"{error.code().name}{reason}: {text}"
