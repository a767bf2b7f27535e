/** Facts that a client needs to draw blocks, beside the blocks. */
export interface DrawContext {
  /** Finds the names of people, groups and channels. */
  names: Names;
  /** People that can be chosen. */
  people: readonly { id: string; name: string }[];
  /** Returns the target of a link. A link to a message of this workspace stays on the page. */
  href: (url: string) => string;
  /** Errors under the inputs of a modal, by block_id. */
  errors: Readonly<Record<string, string>>;
  /** State of the elements of a view, by block_id and action_id; absent: their initial values. */
  entered?: Readonly<Record<string, Readonly<Record<string, Record<string, unknown>>>>>;
}
/** Finds the name of an id. */
export type Names = (id: string) => string;
