/** Version of all stored records: a store with records of an earlier one is refused at the start (store/open-store.ts). */
export const RECORD_VERSION = 4;

/** A record that a newer version of the bot wrote: it is left as it is. */
export class NewerVersionError extends Error {
  constructor(version: number) {
    super(`it was written by a newer version of the bot (record version ${version})`);
    this.name = 'NewerVersionError';
  }
}
