/** What a client knows beside the blocks that it draws. */
export interface Reader {
  /** How people, groups and channels are called. */
  names: Names;
  /** Who can be chosen. */
  people: readonly { id: string; name: string }[];
  /** Where a link leads: one to a message of this workspace stays here. */
  href: (url: string) => string;
  /** The sentences under the inputs of a modal, by block_id. */
  errors: Readonly<Record<string, string>>;
  /** What the elements of a view hold, by block_id and action_id; their initial values otherwise. */
  entered?: Readonly<Record<string, Readonly<Record<string, Record<string, unknown>>>>>;
}
/** How ids are called. */
export type Names = (id: string) => string;
