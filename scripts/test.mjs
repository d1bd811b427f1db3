// `npm test [-- FILTER...]`: installs and builds what is missing, runs every tier whose
// parts are there, says which were not run, and ends with one line of counts, which are the
// test runner's own. Arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { prepare, root } from './prepare.mjs';
import { environment, runScript, runTool } from './tools.mjs';

const GRPCURL_TEST = 'test/e2e/grpcurl.test.ts';
const PYTHON_TEST = 'test/e2e/python-client.test.ts';
const SHELL_TEST = 'test/e2e/shell-agent.test.ts';
const DOORS_TESTS = 'test/e2e/doors/';
const SERVER_TESTS = 'test/servers/';
const REDIS_TESTS = 'test/redis/';
const CLOCK_TESTS = 'test/servers/clock-jumps.test.ts';
const FLEET_TESTS = 'test/fleet/';
const CHAOS_TESTS = 'test/chaos/';
/** Where Debian and its like keep the servers, which are on nobody's PATH. */
const DEBIAN_POSTGRES = '/usr/lib/postgresql';
const BY_ARGUMENTS = 'has no tests, or none that match the arguments';

/** A test file belongs to the first tier whose folder it is in. */
const TIERS = [
  { name: 'grpcurl', folder: GRPCURL_TEST, missing: missingGrpcurl },
  { name: 'Python', folder: PYTHON_TEST, missing: missingPython },
  { name: 'shell', folder: SHELL_TEST, missing: missingShell },
  { name: 'doors', folder: DOORS_TESTS, missing: missingForDoors },
  { name: 'clock jumps', folder: CLOCK_TESTS, missing: missingForClocks },
  { name: 'Postgres server', folder: SERVER_TESTS, missing: missingPostgres },
  { name: 'Redis', folder: REDIS_TESTS, missing: missingRedis },
  { name: 'fleet', folder: FLEET_TESTS, missing: missingForFleet },
  { name: 'chaos', folder: CHAOS_TESTS, missing: missingForFleet },
  { name: 'end to end', folder: 'test/e2e/' },
  { name: 'integration', folder: 'test/integration/' },
  { name: 'simulation', folder: 'test/simulation/' },
  { name: 'conformance', folder: 'test/conformance/' },
  { name: 'house rules', folder: 'test/house/' },
  { name: 'SDK', folder: 'sdk/typescript/test/' },
  { name: 'unit', folder: 'test/' },
];

main();

function main() {
  const notRun = [];
  let passed = 0;
  let failed = 0;
  try {
    prepare({ build: false });
    // Code with wrong types is written out all the same, and what its tests say is worth knowing.
    say('Building, and checking all types …');
    if (runScript('scripts/build.mjs') !== 0 || runTool('tsc', ['-b']) !== 0) failed += 1;

    const absent = TIERS.flatMap((tier) => {
      const why = tier.missing?.();
      return why ? [{ tier, why }] : [];
    });
    const files = runVitest(absent.map(({ tier }) => tier.folder));

    for (const tier of TIERS) {
      const counts = countOf(files.filter((file) => tierOf(file.name) === tier));
      passed += counts.passed;
      failed += counts.failed;
      const why = absent.find((one) => one.tier === tier)?.why ?? BY_ARGUMENTS;
      if (counts.passed + counts.failed === 0) notRun.push(`${tier.name}: ${why}`);
      else say(`${tier.name}: ${described(counts)}`);
    }
    const ended = files.exitCode !== 0 && failed === 0;
    if (ended) {
      process.stderr.write(`The test runner itself failed (exit code ${files.exitCode}).\n`);
      failed += 1;
    }
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    failed += 1;
  }

  if (notRun.length > 0) say(`Not run:\n${notRun.map((line) => `  ${line}`).join('\n')}`);
  const required = process.env.REEVE_TEST_REQUIRE === 'all' && notRun.length > 0;
  if (required) process.stderr.write('REEVE_TEST_REQUIRE=all: a tier that did not run is a failure.\n');
  if (passed === 0) process.stderr.write('No test has passed: that is a failure.\n');
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 || passed === 0 || required ? 1 : 0;
}

/** Runs vitest and reads its report: one entry a file, with `exitCode` beside them. */
function runVitest(exclude) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'reeve-test-report-'));
  const report = path.join(folder, 'report.json');
  try {
    const exitCode = runTool('vitest', [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...exclude.map((place) => `--exclude=${place.endsWith('/') ? `${place}**` : place}`),
      ...process.argv.slice(2),
    ]);
    return Object.assign(resultsIn(report), { exitCode });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function resultsIn(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8')).testResults;
  } catch {
    // Without a report nothing has been counted, and the exit code says the rest.
    return [];
  }
}

function tierOf(file) {
  const name = path.relative(root, file).split(path.sep).join('/');
  return TIERS.find((tier) => name.startsWith(tier.folder));
}

function countOf(files) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { status, assertionResults } of files) {
    const failures = assertionResults.filter((test) => test.status === 'failed').length;
    counts.passed += assertionResults.filter((test) => test.status === 'passed').length;
    // A file that could not be loaded has no results, and is a failure.
    counts.failed += failures === 0 && status === 'failed' ? 1 : failures;
    counts.skipped += assertionResults.filter((test) => !['passed', 'failed'].includes(test.status)).length;
  }
  return counts;
}

function described({ passed, failed, skipped }) {
  const parts = [`${passed} passed`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (skipped > 0) parts.push(`${skipped} not run`);
  return parts.join(', ');
}

function missingGrpcurl() {
  return runs('grpcurl', '-version') ? undefined : 'there is no grpcurl; scripts/install-test-tools gets it';
}

function missingPython() {
  return runs('python3', '-c', 'import grpc, grpc_status, grpc_tools')
    ? undefined
    : 'there is no Python with the packages of gRPC; scripts/install-test-tools gets them';
}

function missingForDoors() {
  return missingGrpcurl() ?? missingPackages('curl');
}

function missingShell() {
  return missingPackages('curl', 'jq');
}

function missingPostgres() {
  if (process.env.REEVE_TEST_POSTGRES_URL) return undefined;
  const installed = existsSync(DEBIAN_POSTGRES) && readdirSync(DEBIAN_POSTGRES).length > 0;
  return installed || runs('initdb', '--version')
    ? undefined
    : 'there is no Postgres server; scripts/install-test-servers gets it, or REEVE_TEST_POSTGRES_URL names one';
}

function missingForClocks() {
  const isThere = ['/usr/lib', '/usr/lib64', '/usr/local/lib'].some((folder) =>
    [folder, ...foldersIn(folder)].some((at) => existsSync(`${at}/faketime/libfaketimeMT.so.1`)),
  );
  return (
    missingPostgres() ??
    (isThere ? undefined : 'there is no libfaketime; scripts/install-test-servers gets it')
  );
}

function foldersIn(folder) {
  return existsSync(folder) ? readdirSync(folder).map((name) => `${folder}/${name}`) : [];
}

function missingRedis() {
  return runs('redis-server', '--version') && runs('redis-cli', '--version')
    ? undefined
    : 'there is no Redis server; scripts/install-test-servers gets it';
}

function missingForFleet() {
  return missingPostgres() ?? missingRedis() ?? missingNginx();
}

function missingNginx() {
  return runs('nginx', '-v') || existsSync('/usr/sbin/nginx')
    ? undefined
    : 'there is no nginx; scripts/install-test-servers gets it';
}

function missingPackages(...tools) {
  const missing = tools.filter((tool) => !runs(tool, '--version'));
  return missing.length === 0
    ? undefined
    : `there is no ${missing.join(' and no ')}; your system's package has it`;
}

function runs(command, ...args) {
  return spawnSync(command, args, { env: environment, stdio: 'ignore' }).status === 0;
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
