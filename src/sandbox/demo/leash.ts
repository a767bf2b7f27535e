/** Loaded into the bot's process before the bot itself: it does not outlive the demo, however and whenever that ends. */
process.once('disconnect', () => process.exit(1));
if (!process.connected) process.exit(1);
