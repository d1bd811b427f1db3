import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that the kernel gives to whoever asks for any, and not those of Redis servers. */
const PORTS = [22_000, 30_000] as const;

/**
 * A port of loopback that is free, for what is to leave it and come back: nobody who asks for any
 * port gets it meanwhile.
 */
export async function ownPort(): Promise<number> {
  for (;;) {
    const port = randomInt(...PORTS);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
