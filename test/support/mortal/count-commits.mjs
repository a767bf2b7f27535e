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
      records.commit = (change) => {
        const [kind] = (change.puts[0]?.key ?? change.deletes[0]).split('/');
        // What the bot writes in the background comes at other points each time.
        return ['usage', 'dialect', 'ready'].includes(kind) ? commit(change) : pass('commit', () => commit(change));
      };
      return opened;
    }`;
  return { format: 'module', shortCircuit: true, source };
}
