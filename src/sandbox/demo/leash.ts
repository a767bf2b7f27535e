/** Loaded into the bot's process before the bot itself: it does not outlive the demo, however that ends. */
process.once('disconnect', () => process.exit(1));
