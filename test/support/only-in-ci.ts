const e2e = (names: string) => names.split(' ').map((name) => `test/e2e/${name}.test.ts`);

/** Test files that `npm test` leaves out without CI=true, by the reason that it prints. */
export const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'processes that are killed and restarted again and again': e2e(
    'backup crash-matrix drill node-versions pushed-answers replicas run-ends two-builds two-drawings upgrade',
  ),
  'disks and databases that fail': [
    ...e2e('failing-disk power-cut slow-disk store-files store-outage-postgres store-outage-redis'),
    ...e2e('store-outage-sqlite'),
    'test/store/redis-refused.test.ts',
  ],
  'hundreds of stories, each played to its end': [
    ...['crash-points', 'faults', 'forged-history', 'resumed-stories', 'which-run'].map(
      (name) => `test/world/${name}.test.ts`,
    ),
  ],
  'programs that ask, as processes of their own': [
    ...['claude-code', 'hook', 'mcp', 'mcp-python', 'mcp-stdio'].map(
      (name) => `test/clients/${name}.test.ts`,
    ),
    'test/python/python.test.ts',
  ],
  'the crewai package, files of a deployment or a browser': [
    'test/clients/adapters.test.ts',
    ...e2e('demo demo-accessible demo-ends demo-flow self-hosted-crews self-hosted-flows self-hosted-tools'),
    ...['container', 'image', 'release', 'systemd'].map((name) => `test/deploy/${name}.test.ts`),
    'test/pictures/pictures.test.ts',
  ],
  'mutants, whose rows a change of the source can leave behind': ['test/mutants/lists.test.ts'],
  'a bot of its own for each test': [
    ...e2e(
      'ask-programs bad-world-answers bad-world-clocks client-package export flow-floods fuzz gallery init',
    ),
    ...e2e(
      'large-webhooks late-clicks openapi package proxy report secrets slack-requests socket-mode start',
    ),
    ...e2e('start-and-stop'),
  ],
};

export const ONLY_IN_CI = Object.values(LEFT_OUT).flat();
