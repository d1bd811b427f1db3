// Adds to package-lock.json the optional packages of other platforms that npm left out. It
// leaves out what it could not reach when it wrote the file, and `npm ci` then refuses the
// whole file, everywhere. Run it after `npm install` if test/house asks for it.
// `complete-lockfile.mjs [FOLDER]`, by default that of the repository.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './prepare.mjs';

const OS = /(?:^|[-/])(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)(?:-|$)/;
const CPU = /-(arm64|aarch64|arm|armv7|ia32|loong64|ppc64|riscv64|s390x|x64)(?:-|$)/;
const CPU_NAMES = { aarch64: 'arm64', armv7: 'arm' };

const file = path.join(root, process.argv[2] ?? '', 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = [];
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (Object.keys(lock.packages).some((other) => other.endsWith(place))) continue;
    lock.packages[place] = entryOf(name, version, parent);
    added.push(`${name}@${version}`);
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
lock.packages = Object.fromEntries(sorted);
if (added.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(added.length > 0 ? `Added ${added.join(', ')}.\n` : 'Nothing was missing.\n');

/** An entry as npm writes it, but for the hash of a package that could not be had. */
function entryOf(name, version, parent) {
  const os = OS.exec(name)?.[1];
  const cpu = CPU.exec(name)?.[1];
  if (!os || !cpu) throw new Error(`The platform of ${name} does not show in its name.`);
  if (!/^\d+\.\d+\.\d+$/.test(version))
    throw new Error(`${name} is wanted as ${version}, which is no version.`);
  return {
    version,
    cpu: [CPU_NAMES[cpu] ?? cpu],
    ...(parent.dev && { dev: true }),
    ...(os === 'linux' && name.includes('musl') && { libc: ['musl'] }),
    optional: true,
    os: [os],
    ...(parent.engines && { engines: parent.engines }),
  };
}
