import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { readRepositoryFile } from '../../house/repository.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

export const NGINX_CONF = 'deploy/nginx/nginx.conf';
/** Where Debian and its like have it, which is on root's PATH alone. */
const DEBIAN = '/usr/sbin/nginx';
/** Below the ports that the kernel gives to whoever asks for any. */
const PORTS = [22_000, 30_000] as const;
const STARTS = 5;

/** Where one coordinator serves, as `host:port`. */
export interface Upstream {
  readonly address: string;
  readonly httpAddress: string;
}

export interface Nginx {
  /** Where it takes gRPC, and HTTP. */
  readonly address: string;
  readonly httpAddress: string;
  /** What it has written so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts a real nginx with the file that ships, in front of two coordinators. It ends with the test process. */
export async function startNginx(upstreams: readonly [Upstream, Upstream]): Promise<Nginx> {
  const folder = temporaryFolder('nginx');
  const conf = path.join(folder, 'nginx.conf');
  for (let tries = 1; ; tries++) {
    const [port, httpPort] = [randomInt(...PORTS), randomInt(...PORTS)];
    writeFileSync(conf, settled(readRepositoryFile(NGINX_CONF), upstreams, port, httpPort));
    const directives = `daemon off; pid ${path.join(folder, 'nginx.pid')};`;
    const args = ['-p', folder, '-c', conf, '-e', 'stderr', '-g', directives];
    const child = spawn(existsSync(DEBIAN) ? DEBIAN : 'nginx', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = once(child, 'exit');
    const endWithUs = () => child.kill('SIGTERM');
    process.once('exit', endWithUs);
    void ended.then(() => process.off('exit', endWithUs));
    if (await Promise.race([takesConnections(port, child), ended.then(() => false)])) {
      return {
        address: `127.0.0.1:${port}`,
        httpAddress: `127.0.0.1:${httpPort}`,
        log: () => said,
        async stop() {
          child.kill('SIGTERM');
          await ended;
        },
      };
    }
    if (tries === STARTS || !said.includes('Address already in use'))
      throw new Error(`nginx has ended at its start:\n${said}`);
  }
}

/**
 * The file with what an installation sets, which it says in its head: where the coordinators are and
 * the ports. Anything else stays as it ships; what is to be set and is not there is an error.
 */
export function settled(
  text: string,
  upstreams: readonly [Upstream, Upstream],
  port: number,
  httpPort: number,
): string {
  const places: readonly (readonly [string, string])[] = [
    ...upstreams.flatMap(({ address, httpAddress }, at) => [
      [`server coordinator-${at + 1}:9001 `, `server ${address} `] as const,
      [`server coordinator-${at + 1}:9002 `, `server ${httpAddress} `] as const,
    ]),
    ['\n    listen 9001 http2 ', `\n    listen 127.0.0.1:${port} http2 `],
    ['\n    listen 9002 ', `\n    listen 127.0.0.1:${httpPort} `],
  ];
  return places.reduce((before, [shipped, own]) => {
    if (before.split(shipped).length !== 2) throw new Error(`${NGINX_CONF} has not one «${shipped.trim()}»`);
    return before.replace(shipped, own);
  }, text);
}

/** Resolves once somebody does, while the process is there. */
async function takesConnections(port: number, child: ChildProcess): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    const socket = net.connect(port, '127.0.0.1');
    const there = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (there) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
