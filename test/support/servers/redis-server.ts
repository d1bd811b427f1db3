import { execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { temporaryFolder } from '../temporary-folder.js';

/** Below the ports that the kernel gives to whoever asks for any; a cluster's bus is 10,000 higher. */
const PORTS = [20_000, 22_000] as const;
const STARTS = 5;

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: () => number;
  /** Ends it as a crash would: SIGKILL. */
  crash(): Promise<void>;
  /** Starts it again after `crash`, on the same port, with what its file had. */
  restart(): Promise<void>;
  /** SIGSTOP and SIGCONT: it is there and does not answer. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

export interface RedisOptions {
  /** Further arguments, such as `--appendonly yes`. Default: none, and nothing is kept on disk. */
  readonly args?: readonly string[];
}

/** Whether there is a Redis server on this machine's PATH. */
export function hasRedis(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Starts a Redis of this test's own in a temporary folder. It ends with the test process. */
export async function startRedis({ args = [] }: RedisOptions = {}): Promise<RedisServer> {
  const folder = temporaryFolder('redis');
  let server = await start();
  async function start(port?: number) {
    for (let tries = 1; ; tries++) {
      const at = port ?? randomInt(...PORTS);
      const own = ['--port', `${at}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...args];
      const child = spawn('redis-server', own, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
      let said = '';
      const takesConnections = new Promise<boolean>((resolve) => {
        for (const output of [child.stdout, child.stderr])
          output.setEncoding('utf8').on('data', (text: string) => {
            said += text;
            if (said.includes('Ready to accept connections')) resolve(true);
          });
      });
      const ended = once(child, 'exit');
      const endWithUs = () => child.kill('SIGKILL');
      process.once('exit', endWithUs);
      void ended.then(() => process.off('exit', endWithUs));
      const answers = await Promise.race([takesConnections, ended.then(() => false)]);
      if (answers) return { child, port: at, ended };
      if (tries === STARTS || port !== undefined) throw new Error(`Redis has ended at its start:\n${said}`);
    }
  }
  const end = async (signal: NodeJS.Signals) => {
    server.child.kill(signal);
    await server.ended;
  };
  const { port } = server;
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: () => server.child.pid as number,
    crash: () => end('SIGKILL'),
    async restart() {
      server = await start(port);
    },
    freeze: () => void server.child.kill('SIGSTOP'),
    thaw: () => void server.child.kill('SIGCONT'),
    stop: () => end('SIGKILL'),
  };
}

export interface RedisCluster {
  /** Of one node, which knows the others. */
  readonly url: string;
  readonly nodes: readonly RedisServer[];
  stop(): Promise<void>;
}

/** Starts a cluster of three masters on loopback, with all slots served. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
  const nodes = [await startRedis({ args }), await startRedis({ args }), await startRedis({ args })];
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  execFileSync('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'], { stdio: 'pipe' });
  await Promise.all(nodes.map(({ port }) => until(() => isWholeCluster(port))));
  return {
    url: nodes[0]?.url ?? '',
    nodes,
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
}

async function isWholeCluster(port: number): Promise<boolean> {
  const info = await asked(port, (client) => client.cluster('INFO'));
  return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3');
}

async function asked<T>(port: number, ask: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => {});
  try {
    await client.connect();
    return await ask(client);
  } finally {
    client.disconnect();
  }
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 50));
}
