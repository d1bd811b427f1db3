"""Payloads and texts, as Reeve carries them."""

import json
from typing import Any

from reeve.v1 import payload_pb2


def encode(value: Any) -> payload_pb2.Payload | None:
    """Bytes as they are, None as nothing, anything else as JSON. TypeError if it cannot be JSON."""
    if value is None:
        return None
    if isinstance(value, bytes):
        return payload_pb2.Payload(media_type="application/octet-stream", data=value)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return payload_pb2.Payload(media_type="application/json", data=text.encode())


def decode(payload: payload_pb2.Payload) -> Any:
    """JSON as its value, nothing as None, anything else as bytes."""
    if not payload.data:
        return None
    is_json = payload.media_type in ("", "application/json") or payload.media_type.endswith("+json")
    return json.loads(payload.data) if is_json else payload.data


def plain(text: object, max_length: int) -> str:
    """A text that the server takes: no control characters but tab and line breaks."""
    return "".join(c if c.isprintable() or c in "\t\n\r" else " " for c in str(text)[:max_length])
