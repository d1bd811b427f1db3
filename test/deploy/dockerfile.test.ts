import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ROOT, readRepositoryFile } from '../house/repository.js';

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

const STAGES = stagesOf(readRepositoryFile('Dockerfile'));
const [BUILD = [], FINAL = []] = STAGES;
const PACKAGE = JSON.parse(readRepositoryFile('package.json')) as {
  readonly bin: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
};

/** The instructions of each stage; what is before the first is left out. */
function stagesOf(text: string): readonly (readonly Instruction[])[] {
  const stages: Instruction[][] = [];
  const lines = text.replaceAll('\\\n', '').split('\n');
  for (const line of lines.filter((one) => one.trim() !== '' && !one.startsWith('#'))) {
    const [, name = '', rest = ''] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, rest });
  }
  return stages;
}

const all = (stage: readonly Instruction[], wanted: string): readonly string[] =>
  stage.flatMap(({ name, rest }) => (name === wanted ? [rest] : []));

/** What is copied out of the repository. */
const copied = STAGES.flat().flatMap(({ name, rest }) =>
  name === 'COPY' && !rest.startsWith('--from') ? rest.split(/ +/).slice(0, -1) : [],
);

describe('the Dockerfile', () => {
  it('copies only what there is and what .dockerignore lets through', () => {
    const letThrough = readRepositoryFile('.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    expect(copied.filter((name) => !existsSync(path.join(ROOT, name)))).toEqual([]);
    expect(
      copied.filter((name) => !letThrough.some((one) => name === one || name.startsWith(`${one}/`))),
    ).toEqual([]);
    expect(
      letThrough.filter((one) => !copied.some((name) => name === one || name.startsWith(`${one}/`))),
    ).toEqual([]);
  });

  it('builds as the project does: the lockfile, no install scripts, nothing for development in the end', () => {
    const runs = all(BUILD, 'RUN');
    expect(runs[0]).toMatch(/^npm ci --ignore-scripts /);
    expect(runs.at(-1)).toMatch(/^npm prune --omit=dev --ignore-scripts /);
    const scripts = runs.flatMap((run) => /^node (\S+)/.exec(run)?.[1] ?? []);
    expect(scripts).toEqual(['scripts/build.mjs']);
    expect(scripts.filter((script) => !existsSync(path.join(ROOT, script)))).toEqual([]);
  });

  it('takes from the build what the command needs: its code, its packages, the SDK that it links to', () => {
    const from = all(FINAL, 'COPY').filter((rest) => rest.startsWith('--from=build'));
    expect(from.map((rest) => rest.split(' ').at(-1))).toEqual([
      'node_modules',
      'sdk/typescript/',
      'sdk/typescript/dist',
      'dist',
    ]);
    expect(all(FINAL, 'RUN')).toEqual([`ln -s /app/${PACKAGE.bin.reeve} /usr/local/bin/reeve`]);
    expect(all(FINAL, 'ENTRYPOINT')).toEqual(['["reeve"]']);
  });

  it('is nobody of power, ends in order, and runs on a Node that the package accepts', () => {
    expect(all(FINAL, 'USER')).toEqual(['node']);
    expect(all(FINAL, 'STOPSIGNAL')).toEqual(['SIGTERM']);
    expect(all(FINAL, 'EXPOSE')).toEqual(['9001 9002']);
    const [, major] = /^ARG NODE=node:(\d+)-slim$/m.exec(readRepositoryFile('Dockerfile')) ?? [];
    const [, least] = /^>=(\d+)/.exec(PACKAGE.engines.node) ?? [];
    expect(Number(major)).toBeGreaterThanOrEqual(Number(least));
  });

  it.each([
    ['ready', 200, 0],
    ['not ready', 503, 1],
    ['not there', null, 1],
  ] as const)('tells by its health check that a coordinator is %s', async (_, status, exit) => {
    const [check = ''] = all(FINAL, 'HEALTHCHECK');
    const [command = '', ...args] = JSON.parse(check.slice(check.indexOf('['))) as string[];
    const asked: (string | undefined)[] = [];
    const server = http.createServer((req, res) => {
      asked.push(req.url);
      res.writeHead(status ?? 0).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const close = () => new Promise((resolve) => server.close(resolve));
    if (status === null) await close();
    else onTestFinished(async () => void (await close()));
    const child = spawn(command, args, { env: { ...process.env, REEVE_HTTP_PORT: String(port) } });
    expect(await once(child, 'exit')).toEqual([exit, null]);
    expect(asked).toEqual(status === null ? [] : ['/readyz']);
  });
});
