/**
 * Loaded into the bot's process before the bot itself: it does not outlive the demo, however and whenever that ends. The
 * end of the channel alone can be missed while a process starts.
 */
const LOOKED_EVERY = 250;
const demo = Number(process.env.DEMO_PID);
const look = () => {
  if (process.ppid !== demo) process.exit(1);
};
process.once('disconnect', () => process.exit(1));
setInterval(look, LOOKED_EVERY).unref();
look();
