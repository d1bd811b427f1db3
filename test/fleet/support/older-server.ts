import { once } from 'node:events';
import net from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * Puts a server behind one that says that it is older: in what it answers, what matches `pattern`
 * is replaced by text of the same length. Ends with the test.
 *
 * @returns the URL to reach it by
 */
export async function olderServer(url: string, pattern: RegExp, text: string): Promise<string> {
  const real = new URL(url);
  const place = { host: real.hostname, port: Number(real.port) };
  const sockets = new Set<net.Socket>();
  const server = net.createServer((caller) => {
    const upstream = net.connect(place);
    for (const socket of [caller, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    caller.pipe(upstream);
    upstream.on('data', (data) => caller.write(data.toString('latin1').replace(pattern, text), 'latin1'));
    upstream.on('close', () => caller.destroy());
    caller.on('close', () => upstream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  real.port = String((server.address() as net.AddressInfo).port);
  return real.href;
}
