import type { Button, KnownBlock } from '@slack/types';
import type { Approval } from '../../../approval/model/approval.ts';
import type { Inbox } from '../../../approval/queries/inbox.ts';
import type { Texts } from '../../texts/texts.ts';

/** Approvals in front of a person: on Home the whole inbox, below a list only those that wait in the list. */
export interface HomeFacts {
  waiting: readonly { approval: Approval }[];
  starts?: Inbox['starts'];
  away?: Inbox['away'];
}

/** Builds what a feature shows on Home: buttons in one row, blocks below the row. A list shows only the buttons. Pure. */
export type HomePart = (texts: Texts, facts: HomeFacts) => readonly (Button | KnownBlock)[];

/** A feature, as Home uses it. */
export interface OnHome {
  home?: HomePart | undefined;
}

/** Builds the parts of all features, in the order of the features. */
export function buildHomeParts(
  texts: Texts,
  features: readonly OnHome[],
  facts: HomeFacts,
): { buttons: Button[]; blocks: KnownBlock[] } {
  const parts = features.flatMap(({ home }) => home?.(texts, facts) ?? []);
  return {
    buttons: parts.filter((part) => part.type === 'button'),
    blocks: parts.filter((part) => part.type !== 'button'),
  };
}
