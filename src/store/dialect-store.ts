import { buildKey } from './keys.ts';
import type { RecordStore } from './record-store.ts';

/** Stores which dialect a deployment of a crew speaks. Both methods reject with a StoreError. */
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
  };
}
