/** HTTP/2 written by hand, for what no client would send. */

/** How a connection begins: the preface, and empty settings. */
export const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0)]);

const END_STREAM = 1;
const END_HEADERS = 4;
const CANCEL = 8;

/** A whole gRPC call with an empty request, and its cancellation right behind it. */
export function callAndReset(streamId: number, path: string): Buffer {
  const headers = Buffer.concat([
    // Of the static table: POST, http.
    Buffer.from([0x83, 0x86]),
    literal([0x04], path),
    literal([0x01], 'localhost'),
    literal([0x0f, 0x10], 'application/grpc'),
    literal([0x00, 0x02, 0x74, 0x65], 'trailers'),
  ]);
  const code = Buffer.alloc(4);
  code.writeUInt32BE(CANCEL);
  return Buffer.concat([
    frame(1, END_HEADERS, streamId, headers),
    frame(0, END_STREAM, streamId, Buffer.alloc(5)),
    frame(3, 0, streamId, code),
  ]);
}

/** A header that is not to be remembered; `name` as HPACK writes it. */
function literal(name: readonly number[], value: string): Buffer {
  return Buffer.concat([Buffer.from([...name, value.length]), Buffer.from(value)]);
}

function frame(type: number, flags: number, streamId: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}
