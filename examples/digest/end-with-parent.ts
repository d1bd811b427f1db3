// Loaded into every child by `node --import`: when the parent dies, however it dies, the
// system closes the channel between them, and the child stops.
const GRACE_MS = 5000;

process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
});
// The listener must not keep a child alive that has nothing else to do.
process.channel?.unref();
