/**
 * Loaded into the bot's process before the bot, which must not outlive the demo. The bot could miss the end of the IPC
 * channel while it starts, so this module also checks its parent, at this interval in milliseconds.
 */
const PARENT_CHECK_MS = 250;
const demoPid = Number(process.env.DEMO_PID);
const exitWithoutDemo = () => {
  if (process.ppid !== demoPid) process.exit(1);
};
process.once('disconnect', () => process.exit(1));
setInterval(exitWithoutDemo, PARENT_CHECK_MS).unref();
exitWithoutDemo();
