import { buildKey } from './keys.ts';
import type { RecordStore } from './record-store.ts';

/**
 * Creates the store of facts about a crew's deployments: their dialects, and whether their webhooks carry tickets. Its methods
 * reject with a StoreError.
 */
export function createDialectStore(records: RecordStore) {
  return {
    async dialect(crew: string, deployment: string): Promise<'documented' | 'live' | undefined> {
      const raw = await records.get(buildKey('dialect', crew, deployment));
      return raw === 'documented' || raw === 'live' ? raw : undefined;
    },
    async saveDialect(crew: string, deployment: string, dialect: 'documented' | 'live'): Promise<void> {
      const puts = [{ key: buildKey('dialect', crew, deployment), raw: dialect }];
      await records.commit({ compare: [], puts, deletes: [] });
    },
    async hasTickets(crew: string, deployment: string): Promise<boolean> {
      return (await records.get(buildKey('tickets', crew, deployment))) !== undefined;
    },
    async saveTickets(crew: string, deployment: string): Promise<void> {
      const puts = [{ key: buildKey('tickets', crew, deployment), raw: 'true' }];
      await records.commit({ compare: [], puts, deletes: [] });
    },
  };
}
