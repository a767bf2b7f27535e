const killAt = new URL('./kill-at.mjs', import.meta.url).href;

/** Module hooks: the store's commits become points of kill-at.mjs. */
export async function load(url, context, next) {
  if (!url.endsWith('/store/open-store.js')) return next(url, context);
  const source = `
    import { pass } from ${JSON.stringify(killAt)};
    import { openStore as open } from ${JSON.stringify(`${url}?real`)};
    export async function openStore(...args) {
      const opened = await open(...args);
      const { records } = opened;
      const commit = records.commit.bind(records);
      records.commit = (change) => pass('commit', change.key.split('/')[0], () => commit(change));
      return opened;
    }`;
  return { format: 'module', shortCircuit: true, source };
}
