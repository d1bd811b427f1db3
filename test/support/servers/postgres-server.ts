import { execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { temporaryFolder } from '../temporary-folder.js';

/** Where Debian and its like keep the servers, which are on nobody's PATH. */
const DEBIAN = '/usr/lib/postgresql';
/** Below the ports that the kernel gives to whoever asks for any. */
const PORTS = [30_000, 32_000] as const;
const STARTS = 5;

export interface PostgresServer {
  /** Of the database `postgres`, as its superuser. */
  readonly url: string;
  /** Of the process that starts the others; 0 if it is not ours. */
  readonly pid: () => number;
  /** Holds its files; empty if it is not ours. */
  readonly dataDir: string;
  /** Makes an empty database and says its URL. */
  createDatabase(): Promise<string>;
  /** Whether it has ended, by `crash` or by itself. */
  hasEnded(): boolean;
  /** Ends it as a crash would: `pg_ctl -m immediate`. */
  crash(): Promise<void>;
  /** Starts it again after `crash`, on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** That its superuser has to give. Default: none is asked for. */
  readonly password?: string;
  /** An empty folder for what it keeps. Default: a temporary one. */
  readonly folder?: string;
  /** Further environment of the server. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further arguments, such as `-c max_connections=10`. */
  readonly args?: readonly string[];
}

/** The folder of `initdb` and `postgres`; `null`: there is none on this machine. */
export function postgresBinaries(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    ...versions.map((v) => path.join(DEBIAN, v, 'bin')),
  ];
  return (
    folders.find((folder) =>
      ['initdb', 'postgres', 'pg_ctl'].every((name) => existsSync(path.join(folder, name))),
    ) ?? null
  );
}

/**
 * Starts a Postgres of this test's own in a temporary folder, or uses that of
 * REEVE_TEST_POSTGRES_URL, in databases of its own. It ends with the test process.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { password } = options;
  const given = process.env.REEVE_TEST_POSTGRES_URL;
  if (given) return { url: given, dataDir: '', createDatabase: () => createDatabase(given), ...notOurs() };
  const bin = postgresBinaries();
  if (!bin) throw new Error('there is no Postgres server here: scripts/install-test-servers gets it');
  const user = unprivileged();
  const folder = options.folder ?? temporaryFolder('postgres');
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid ?? user.uid);
  const data = path.join(folder, 'data');
  const pwfile = path.join(folder, 'password');
  if (password !== undefined) writeFileSync(pwfile, password);
  // Not durable against a power cut: nobody pulls the plug here.
  execFileSync(
    path.join(bin, 'initdb'),
    [
      ...['-D', data, '-U', 'reeve', '-E', 'UTF8', '--no-sync', '--locale=C'],
      ...(password === undefined ? ['-A', 'trust'] : ['-A', 'scram-sha-256', '--pwfile', pwfile]),
    ],
    { ...user, cwd: folder, stdio: 'pipe' },
  );

  let server = await start();
  async function start(port?: number) {
    for (let tries = 1; ; tries++) {
      const at = port ?? randomInt(...PORTS);
      const args = [
        '-D',
        data,
        '-h',
        '127.0.0.1',
        '-p',
        String(at),
        '-k',
        folder,
        '-c',
        'fsync=off',
        '-c',
        'max_connections=200',
        ...(options.args ?? []),
      ];
      const child = spawn(path.join(bin as string, 'postgres'), args, {
        ...user,
        cwd: folder,
        env: { ...process.env, ...options.env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let said = '';
      for (const output of [child.stdout, child.stderr])
        output.setEncoding('utf8').on('data', (text: string) => {
          said += text;
        });
      const login = password === undefined ? 'reeve' : `reeve:${encodeURIComponent(password)}`;
      const url = `postgres://${login}@127.0.0.1:${at}/postgres`;
      const ended = once(child, 'exit');
      const endWithUs = () => child.kill('SIGKILL');
      process.once('exit', endWithUs);
      void ended.then(() => process.off('exit', endWithUs));
      const answers = await Promise.race([answering(url), ended.then(() => false)]);
      if (answers) return { child, url, port: at, ended };
      if (tries === STARTS || port !== undefined)
        throw new Error(`Postgres has ended at its start:\n${said}`);
    }
  }
  const end = async (signal: NodeJS.Signals) => {
    server.child.kill(signal);
    await server.ended;
  };
  return {
    url: server.url,
    pid: () => server.child.pid as number,
    hasEnded: () => server.child.exitCode !== null || server.child.signalCode !== null,
    dataDir: data,
    createDatabase: () => createDatabase(server.url),
    crash: () => end('SIGQUIT'),
    async restart() {
      server = await start(server.port);
    },
    stop: () => end('SIGINT'),
  };
}

/** It refuses to run as root. */
function unprivileged(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

let databases = 0;

async function createDatabase(url: string): Promise<string> {
  const name = `reeve_test_${process.pid}_${Date.now()}_${++databases}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}

/** Resolves once it takes connections. */
async function answering(url: string): Promise<true> {
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function notOurs() {
  const refuse = () => Promise.reject(new Error('the server of REEVE_TEST_POSTGRES_URL is not ours to end'));
  return { pid: () => 0, hasEnded: () => false, crash: refuse, restart: refuse, stop: async () => {} };
}
