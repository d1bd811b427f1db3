import { rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { withShortPath } from './short-path.js';

/** What a folder's owner tells about itself. */
export interface OwnerInfo {
  readonly pid: number;
  /** Where it serves, `host:port`; empty until it does. */
  readonly address: string;
  /** ISO 8601. */
  readonly startTime: string;
}

export interface OwnerSocket {
  announce(address: string): void;
  close(): Promise<void>;
}

/** Listens at `path` and answers every connection with one line: an `OwnerInfo` in JSON. */
export async function listenAsOwner(path: string): Promise<OwnerSocket> {
  const startTime = new Date().toISOString();
  const sockets = new Set<Socket>();
  let address = '';
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    const info: OwnerInfo = { pid: process.pid, address, startTime };
    socket.end(`${JSON.stringify(info)}\n`);
  });
  await withShortPath(
    path,
    (short) =>
      new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(short, resolve);
      }),
  );
  server.unref();
  server.on('error', () => {});
  return {
    announce(to) {
      address = to;
    },
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
      await rm(path, { force: true });
    },
  };
}

/**
 * - `gone`: nobody listens. The kernel says so, whatever the owner's process was doing when it ended.
 * - `silent`: somebody does and doesn't answer; it may be stopped.
 * - `unsure`: the connection ended without an answer; the owner is ending just now.
 */
export type OwnerAnswer = OwnerInfo | 'gone' | 'silent' | 'unsure';

/** How long an owner may take to answer. Its claim holds either way; only its name is not told. */
const ANSWER_MS = 2_000;

export function askOwner(path: string): Promise<OwnerAnswer> {
  return withShortPath(
    path,
    (short) =>
      new Promise<OwnerAnswer>((resolve) => {
        let line = '';
        const socket = connect(short);
        const answer = (what: OwnerAnswer) => {
          socket.destroy();
          resolve(what);
        };
        socket.setEncoding('utf8');
        socket.setTimeout(ANSWER_MS, () => answer('silent'));
        socket.on('data', (text: string) => {
          line += text;
          if (line.includes('\n')) answer(parseInfo(line));
        });
        socket.on('error', (error: NodeJS.ErrnoException) => {
          if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') answer('gone');
          else answer(error.code === 'ECONNRESET' || error.code === 'EPIPE' ? 'unsure' : 'silent');
        });
        socket.on('close', () => answer('unsure'));
      }),
  );
}

function parseInfo(line: string): OwnerAnswer {
  try {
    const { pid, address, startTime } = JSON.parse(line) as Partial<OwnerInfo>;
    return { pid: Number(pid), address: String(address ?? ''), startTime: String(startTime ?? '') };
  } catch {
    return 'silent';
  }
}
