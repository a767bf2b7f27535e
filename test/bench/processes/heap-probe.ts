/** Loaded before the bot with --expose-gc. On request, reports the memory left after a garbage collection, in MB. */
const MB = 1024 * 1024;

process.on('message', (message) => {
  if (message !== 'heap') return;
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({ heap: heapUsed / MB, rss: rss / MB });
});
