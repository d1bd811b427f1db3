import { type Reference, referencesOf, type SourceFile } from './source-file.js';

/** What the files of one part of the repository may import, besides each other. */
interface Part {
  /** Other parts. */
  readonly parts: readonly string[];
  /** Packages: exactly these, or any. */
  readonly packages: readonly string[] | 'any';
}

/** `node:` modules that neither tell the time, nor roll dice, nor touch the world. */
const PURE_NODE = ['node:async_hooks', 'node:buffer', 'node:crypto', 'node:events', 'node:util'];
const PROTOCOL = ['@reeve/sdk/protocol', '@bufbuild/protobuf', '@bufbuild/protobuf/*'];
const EVERYTHING = [
  ...[
    'domain',
    'ports',
    'usecases',
    'postgres',
    'redis',
    'memory',
    'matching',
    'policies',
    'system',
    'api',
    'grpc',
    'http',
  ],
  ...['handlers', 'maintenance', 'telemetry', 'settings', 'cli'],
];

/** Arrows point one way: the table of ARCHITECTURE.md. */
export const PARTS: Readonly<Record<string, Part>> = {
  domain: { parts: [], packages: PURE_NODE },
  ports: { parts: ['domain'], packages: [] },
  usecases: { parts: ['domain', 'ports'], packages: PURE_NODE },
  matching: { parts: ['domain', 'ports'], packages: PURE_NODE },
  memory: { parts: ['domain', 'ports', 'matching'], packages: PURE_NODE },
  maintenance: { parts: ['domain', 'ports', 'usecases'], packages: PURE_NODE },
  postgres: { parts: ['domain', 'ports'], packages: 'any' },
  redis: { parts: ['domain', 'ports', 'matching'], packages: ['ioredis', 'node:*'] },
  policies: {
    parts: ['domain', 'ports'],
    packages: [...PROTOCOL, '@grpc/grpc-js', '@marcbachmann/cel-js', 'ajv', 'ajv/*', 'ajv-formats', 'node:*'],
  },
  system: { parts: ['ports'], packages: ['uuid', 'node:*'] },
  telemetry: { parts: ['ports'], packages: ['pino', 'prom-client', 'node:*'] },
  handlers: { parts: ['domain', 'ports'], packages: ['node:*'] },
  settings: { parts: ['domain'], packages: ['node:*', 'yaml'] },
  api: { parts: ['domain', 'ports', 'usecases'], packages: [...PROTOCOL, ...PURE_NODE] },
  grpc: { parts: ['api'], packages: [...PROTOCOL, '@grpc/grpc-js', 'grpc-health-check', 'node:*'] },
  http: {
    parts: ['api'],
    packages: [
      ...PROTOCOL,
      '@connectrpc/connect',
      '@connectrpc/connect/*',
      '@connectrpc/connect-node',
      'node:*',
    ],
  },
  cli: { parts: ['settings'], packages: 'any' },
  main: { parts: EVERYTHING, packages: 'any' },
  sdk: { parts: [], packages: ['@bufbuild/protobuf', '@bufbuild/protobuf/*', '@grpc/grpc-js', 'node:*'] },
  examples: { parts: [], packages: 'any' },
  // What an organisation serves, and Reeve calls: programs that know the protocol.
  'example services': { parts: [], packages: 'any' },
  bench: { parts: ['test support', 'decisions bench'], packages: 'any' },
  // In virtual time: of the product only what decides, and of the machine only files to write to.
  'decisions bench': {
    parts: ['domain'],
    packages: ['node:fs', 'node:path', 'node:url', 'node:util', 'node:perf_hooks'],
  },
};

/** Imports that only show when the program runs, each with its reason. */
const COMPUTED: Readonly<Record<string, string>> = {
  'src/handlers/load-handlers.ts': 'the modules that the setting event-handlers names',
  'src/postgres/drivers/pglite-worker.ts': 'the PGlite of the Postgres major that the folder was written by',
};

/**
 * Packages that not every part may take that may take any. Benchmarks look at the server
 * from outside, as other programs would: raw streams, and the record on disk.
 */
const OWNED: Readonly<Record<string, readonly string[]>> = {
  '@reeve/sdk': ['cli', 'main', 'examples', 'bench'],
  '@reeve/sdk/protocol': ['api', 'grpc', 'http', 'policies', 'cli', 'main', 'example services', 'bench'],
  '@grpc/grpc-js': ['grpc', 'policies', 'sdk', 'example services', 'bench'],
  'grpc-health-check': ['grpc'],
  '@connectrpc/connect': ['http'],
  '@connectrpc/connect-node': ['http'],
  pg: ['postgres', 'bench'],
  ioredis: ['redis', 'bench'],
  '@electric-sql/pglite': ['postgres', 'bench'],
  pino: ['telemetry'],
  'prom-client': ['telemetry'],
  commander: ['cli'],
};

/** The part a file belongs to, or undefined if no part is meant to be there. */
export function partOf(file: string): string | undefined {
  if (/^src\/[^/]+\.ts$/.test(file)) return 'main';
  if (file.startsWith('sdk/typescript/src/')) return 'sdk';
  // The servers that tests start, benchmarks start too.
  if (file.startsWith('test/support/')) return 'test support';
  if (file.startsWith('bench/decisions/')) return 'decisions bench';
  if (/^examples\/(policies\/remote|lookups\/provider)\//.test(file)) return 'example services';
  const [top, folder] = file.split('/');
  const part = top === 'src' ? folder : top;
  return part && part in PARTS ? part : undefined;
}

/** Every import that is not an arrow of the table, as a sentence that begins with its place. */
export function strayArrows(sources: readonly SourceFile[]): string[] {
  return sources.flatMap((source) => {
    const from = partOf(source.name);
    if (!from) return [`${source.name}: belongs to no part that may be there`];
    return referencesOf(source).flatMap((reference) => {
      const complaint = objection(from, source.name, reference);
      return complaint ? [`${source.name}:${reference.line}: ${complaint}`] : [];
    });
  });
}

function objection(from: string, name: string, { specifier, file }: Reference): string | undefined {
  const part = PARTS[from];
  if (file !== undefined) {
    const to = partOf(file);
    if (to === from || (to && part?.parts.includes(to))) return undefined;
    return `${from} may not import ${to ?? file}`;
  }
  if (specifier === '(computed)') {
    return name in COMPUTED ? undefined : `${from} imports something that only shows when it runs`;
  }
  const allowed = part?.packages === 'any' || part?.packages.some((pattern) => matches(pattern, specifier));
  const owners = OWNED[specifier];
  if (allowed && (!owners || owners.includes(from))) return undefined;
  return `${from} may not import ${specifier}`;
}

function matches(pattern: string, specifier: string): boolean {
  return pattern.endsWith('*') ? specifier.startsWith(pattern.slice(0, -1)) : pattern === specifier;
}
