import os from 'node:os';
import { describe, expect, it } from 'vitest';
import { ROOT, readRepositoryFile, repositoryFiles } from './repository.js';

const MACHINE_PATHS = [
  /(?<![\w./~-])\/(home|Users|root|work|workspace|builds|mnt)\/\w+/,
  /\b[A-Z]:\\(Users|Documents)/,
];
const REGISTRIES = [
  /registry\.(npmjs\.org|yarnpkg\.com|npmmirror\.com)/,
  /proxy\.golang\.org|goproxy\.(io|cn)/,
  /pypi\.(org|python\.org)\/simple|files\.pythonhosted\.org/,
];

interface LockedPackage {
  resolved?: string;
  integrity?: string;
  link?: boolean;
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
}

/** The lines of a text that match one of the patterns or contain one of the words, as `file:line`. */
function linesWith(file: string, text: string, patterns: readonly RegExp[], words: readonly string[] = []) {
  return text.split('\n').flatMap((line, index) => {
    const hit = patterns.some((one) => one.test(line)) || words.some((word) => line.includes(word));
    return hit ? [`${file}:${index + 1}`] : [];
  });
}

describe('the tracked files', () => {
  const texts = repositoryFiles()
    .map((file) => [file, readRepositoryFile(file)] as const)
    .filter(([, text]) => !text.includes('\0'));

  const lockfiles = repositoryFiles('package-lock.json', '*/package-lock.json').map(
    (file) => (JSON.parse(readRepositoryFile(file)) as { packages: Record<string, LockedPackage> }).packages,
  );

  it('name no path of one machine', () => {
    // A root or home of a few letters (`/app`) could be anything's name.
    const here = [ROOT.replace(/[/\\]$/, ''), os.homedir()].filter(
      (folder) => folder.split(/[/\\]/).length > 2,
    );
    expect(texts.flatMap(([file, text]) => linesWith(file, text, MACHINE_PATHS, here))).toEqual([]);
  });

  it('name no package registry', () => {
    expect(texts.flatMap(([file, text]) => linesWith(file, text, REGISTRIES))).toEqual([]);
  });

  it('lock versions and hashes, not the place they came from', () => {
    const entries = lockfiles
      .flatMap((locked) => Object.entries(locked))
      .filter(([place]) => place.includes('node_modules/'));
    expect(entries.filter(([, { resolved, link }]) => resolved !== undefined && !link)).toEqual([]);
    expect(entries.filter(([, { integrity, optional, link }]) => !integrity && !optional && !link)).toEqual(
      [],
    );
  });

  it('lock the optional packages of all platforms, which `npm ci` insists on', () => {
    const missing = lockfiles.flatMap((locked) => {
      const places = Object.keys(locked);
      return Object.values(locked)
        .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
        .filter((name) => !places.some((place) => place.endsWith(`node_modules/${name}`)));
    });
    expect(missing, 'scripts/complete-lockfile.mjs adds them').toEqual([]);
  });

  it('end in a newline and have no carriage returns', () => {
    const odd = texts.filter(([file, text]) => {
      const exempt = file.startsWith('test/fixtures/') || text === '';
      return !exempt && (!text.endsWith('\n') || text.includes('\r'));
    });
    expect(odd.map(([file]) => file)).toEqual([]);
  });
});

describe('the check of tracked files', () => {
  const home = (name: string) => ['', name, 'somebody', 'reeve'].join('/');

  it.each([home('home'), home('Users'), home('root'), ['C:', 'Users', 'me'].join('\\')])(
    'sees %s',
    (folder) => {
      expect(linesWith('a.md', `first\ncd ${folder}`, MACHINE_PATHS)).toEqual(['a.md:2']);
    },
  );

  it('takes no relative path or address for one', () => {
    const text = "import './work/work-stream.js'; see ../home/page.md, https://example.com/home/page";
    expect(linesWith('a.md', text, MACHINE_PATHS)).toEqual([]);
  });

  it('sees a registry', () => {
    const url = ['https://registry', 'npmjs', 'org/pg'].join('.');
    expect(linesWith('a.json', `{"resolved": "${url}"}`, REGISTRIES)).toEqual(['a.json:1']);
  });
});
