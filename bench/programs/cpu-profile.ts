// Loaded before a process's own program (`--import`): writes a CPU profile of its main thread
// into the folder REEVE_BENCH_PROFILE when the process ends, named REEVE_BENCH_PROFILE_NAME.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import path from 'node:path';
import { isMainThread } from 'node:worker_threads';

const folder = process.env.REEVE_BENCH_PROFILE;
const name = process.env.REEVE_BENCH_PROFILE_NAME ?? 'process';
if (folder !== undefined && isMainThread) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: 500 });
  session.post('Profiler.start');
  process.on('exit', () => {
    session.post('Profiler.stop', (error, result) => {
      const text = error ? String(error) : JSON.stringify(result.profile);
      writeFileSync(path.join(folder, `${name}-${process.pid}.cpuprofile`), text);
    });
  });
}
