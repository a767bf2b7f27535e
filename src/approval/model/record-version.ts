/** Version of all stored records: a store with records of an earlier one is refused at the start (store/open-store.ts). */
export const RECORD_VERSION = 4;
