import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseDuration } from '../../src/settings/duration.js';
import { resolveSettings } from '../../src/settings/resolve-settings.js';
import { unknownVariables } from '../../src/settings/unknown-variables.js';
import { ROOT, readRepositoryFile } from '../house/repository.js';

interface Service {
  readonly image: string;
  readonly restart?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: Readonly<Record<string, unknown>>;
  readonly networks?: readonly string[] | { readonly fleet: { readonly ipv4_address: string } };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly extra_hosts?: readonly string[];
  readonly stop_grace_period?: string;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
  readonly networks: {
    readonly fleet: { readonly ipam: { readonly config: readonly { subnet: string }[] } };
  };
}

const TEXT = readRepositoryFile('docker-compose.yml');
const NGINX = readRepositoryFile('deploy/nginx/nginx.conf');
const COORDINATORS = ['coordinator-1', 'coordinator-2'];

/** As compose reads it in an environment. */
function composed(env: Readonly<Record<string, string>> = {}): Compose {
  const filled = TEXT.replace(
    /\$\{(\w+):-([^}]*)\}/g,
    (_, name: string, other: string) => env[name] ?? other,
  );
  return parse(filled, { merge: true }) as Compose;
}

const { services, volumes, networks } = composed();
const serviceOf = (name: string): Service => services[name] as Service;

describe('docker-compose.yml', () => {
  it('has the stores, the migration, two coordinators and the balancer', () => {
    expect(Object.keys(services)).toEqual(['postgres', 'redis', 'migrate', ...COORDINATORS, 'nginx']);
    expect(COORDINATORS.map((name) => serviceOf(name).command)).toEqual([['serve'], ['serve']]);
    expect(serviceOf('migrate').command).toEqual(['migrate']);
  });

  it('starts again whatever ends, the migration only if it failed', () => {
    for (const [name, { restart }] of Object.entries(services)) {
      expect(restart, name).toBe(name === 'migrate' ? 'on-failure' : 'unless-stopped');
    }
  });

  it('waits for what is needed, in order', () => {
    for (const name of COORDINATORS) {
      expect(serviceOf(name).depends_on).toEqual({
        postgres: { condition: 'service_healthy' },
        redis: { condition: 'service_healthy' },
        migrate: { condition: 'service_completed_successfully' },
      });
    }
    expect(Object.keys(serviceOf('nginx').depends_on ?? {})).toEqual(COORDINATORS);
    // What is waited for tells its health; the image of Reeve has a check of its own.
    for (const name of ['postgres', 'redis', 'nginx'])
      expect(serviceOf(name).healthcheck?.test, name).toBeDefined();
    for (const name of COORDINATORS) expect(serviceOf(name).build).toBe('.');
    expect(readRepositoryFile('Dockerfile')).toContain('\nHEALTHCHECK ');
  });

  it('gives coordinators settings that there are, and time to stop', () => {
    for (const name of [...COORDINATORS, 'migrate']) {
      const env = serviceOf(name).environment ?? {};
      expect(unknownVariables(env)).toEqual([]);
      const { values } = resolveSettings({ env });
      expect(values.insecureOpen).toBe(true);
      expect(parseDuration(serviceOf(name).stop_grace_period ?? '')).toBeGreaterThan(values.stopGraceMs);
    }
  });

  it('takes the passwords from the environment, the same for a store and those that use it', () => {
    const own = composed({ REEVE_POSTGRES_PASSWORD: 'one', REEVE_REDIS_PASSWORD: 'two' }).services;
    const env = own['coordinator-1']?.environment ?? {};
    expect(new URL(env.REEVE_POSTGRES_URL ?? '').password).toBe('one');
    expect(own.postgres?.environment?.POSTGRES_PASSWORD).toBe('one');
    expect(new URL(env.REEVE_REDIS_URL ?? '').password).toBe('two');
    expect(own.redis?.command?.slice(-2)).toEqual(['--requirepass', 'two']);
    expect(own.redis?.environment?.REDISCLI_AUTH).toBe('two');
  });

  it('says in its head every variable that it reads', () => {
    const head = TEXT.slice(0, TEXT.indexOf('\nname:'));
    const read = [...TEXT.matchAll(/\$\{(\w+)/g)].flatMap(([, name]) => name ?? []);
    expect([...new Set(read)].filter((name) => !head.includes(name) && name !== 'REEVE_LOG_LEVEL')).toEqual(
      [],
    );
  });

  it('keeps what the stores have, and Redis as Reeve wants it', () => {
    const kept = ['postgres', 'redis'].flatMap((name) => serviceOf(name).volumes ?? []);
    expect(kept.map((volume) => volume.split(':')[0])).toEqual(Object.keys(volumes));
    expect(serviceOf('redis').command?.join(' ')).toMatch(/--appendonly yes .*--maxmemory-policy noeviction/);
  });

  it('mounts the nginx file that ships, which knows exactly these coordinators', () => {
    const [mount = ''] = serviceOf('nginx').volumes ?? [];
    const [source = '', target] = mount.split(':');
    expect(path.join(source)).toBe('deploy/nginx/nginx.conf');
    expect(existsSync(path.join(ROOT, source))).toBe(true);
    expect(target).toBe('/etc/nginx/nginx.conf');
    const named = [...NGINX.matchAll(/^ +server ([\w.-]+):(\d+) /gm)].map(
      ([, host, port]) => `${host}:${port}`,
    );
    expect(named).toEqual([9001, 9002].flatMap((port) => COORDINATORS.map((name) => `${name}:${port}`)));
  });

  it('gives coordinators fixed addresses, which nginx knows even while they are away', () => {
    const [{ subnet = '' } = {}] = networks.fleet.ipam.config;
    const prefix = subnet.replace(/0\/24$/, '');
    const addresses = COORDINATORS.map((name) => {
      const own = serviceOf(name).networks;
      return own && 'fleet' in own ? `${name}:${own.fleet.ipv4_address}` : name;
    });
    expect(serviceOf('nginx').extra_hosts).toEqual(addresses);
    for (const address of addresses) expect(address).toContain(`:${prefix}`);
  });

  it('publishes only the balancer, and only to this machine unless it is told otherwise', () => {
    const published = Object.entries(services).filter(([, { ports }]) => ports);
    expect(published.map(([name]) => name)).toEqual(['nginx']);
    expect(serviceOf('nginx').ports).toEqual(['127.0.0.1:9001:9001', '127.0.0.1:9002:9002']);
    expect([...NGINX.matchAll(/^ +listen (\d+) /gm)].map(([, port]) => port)).toEqual(['9001', '9002']);
    expect(composed({ REEVE_PUBLISH: '0.0.0.0' }).services.nginx?.ports?.[0]).toBe('0.0.0.0:9001:9001');
  });
});
