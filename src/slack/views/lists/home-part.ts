import type { Button, KnownBlock } from '@slack/types';
import type { Approval } from '../../../approval/model/approval.ts';
import type { Inbox } from '../../../approval/queries/inbox.ts';
import type { Texts } from '../../texts/texts.ts';

/** Facts for the parts of features: on Home, a person's whole inbox; below a list, only the approvals that can be decided in it. */
export interface HomeFacts {
  waiting: readonly { approval: Approval }[];
  starts?: Inbox['starts'];
  away?: Inbox['away'];
}

/** Builds what a feature shows on Home: buttons in one row, blocks below the row. A list shows only the buttons. Pure. */
export type HomePart = (texts: Texts, facts: HomeFacts) => readonly (Button | KnownBlock)[];

/** A feature, as Home uses it. */
export interface HomeSection {
  home?: HomePart | undefined;
}

/** Builds the parts of all features, in the order of the features. */
export function buildHomeParts(
  texts: Texts,
  features: readonly HomeSection[],
  facts: HomeFacts,
): { buttons: Button[]; blocks: KnownBlock[] } {
  const parts = features.flatMap(({ home }) => home?.(texts, facts) ?? []);
  return {
    buttons: parts.filter((part) => part.type === 'button'),
    blocks: parts.filter((part) => part.type !== 'button'),
  };
}
