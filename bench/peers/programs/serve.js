/**
 * Says that it is ready, then answers each question with one message, until the parent is gone.
 * @template Q
 * @param {(question: Q) => Promise<object>} answer
 */
export function serveQuestions(answer) {
  process.on('message', (question) => {
    answer(/** @type {Q} */ (question)).then(
      (reply) => process.send?.(reply),
      (error) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  });
  process.once('disconnect', () => process.exit());
  process.send?.({ ready: true });
}

/** The machine's monotonic clock in ms, the same for all its processes. */
export function monotonicMs() {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
