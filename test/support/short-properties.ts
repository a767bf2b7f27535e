import fc from 'fast-check';

/** Without CI each property is tried for a second at most; with it, as often as it says. */
if (!process.env.CI) fc.configureGlobal({ interruptAfterTimeLimit: 1_000 });
