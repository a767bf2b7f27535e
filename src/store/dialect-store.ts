import { buildDialectKey } from './keys.ts';
import type { RecordStore } from './record-store.ts';

/** Stores which dialect a deployment of a crew speaks. Both methods reject with a StoreError. */
export function createDialectStore(records: RecordStore) {
  return {
    async dialect(crew: string, deployment: string): Promise<'documented' | 'live' | undefined> {
      const raw = await records.get(buildDialectKey(crew, deployment));
      return raw === 'documented' || raw === 'live' ? raw : undefined;
    },
    async saveDialect(crew: string, deployment: string, dialect: 'documented' | 'live'): Promise<void> {
      await records.set(buildDialectKey(crew, deployment), dialect);
    },
  };
}
