import type { Button, KnownBlock } from '@slack/types';
import type { Approval } from '../../../approval/model/approval.ts';
import type { Inbox } from '../../../approval/queries/inbox.ts';
import type { Texts } from '../../texts/texts.ts';

/** What a person has before them: on Home the whole inbox, below a list only what waits in it. */
export interface HomeFacts {
  waiting: readonly { approval: Approval }[];
  starts?: Inbox['starts'];
  away?: Inbox['away'];
}

/** What a feature shows on Home: its buttons stand in one row, its blocks below that. A list has the buttons only. Pure. */
export type HomePart = (texts: Texts, shown: HomeFacts) => readonly (Button | KnownBlock)[];

/** A feature, as far as Home knows of it. */
export interface OnHome {
  home?: HomePart | undefined;
}

/** What all features show, in their order. */
export function buildHomeParts(
  texts: Texts,
  features: readonly OnHome[],
  shown: HomeFacts,
): { buttons: Button[]; blocks: KnownBlock[] } {
  const parts = features.flatMap(({ home }) => home?.(texts, shown) ?? []);
  return {
    buttons: parts.filter((part) => part.type === 'button'),
    blocks: parts.filter((part) => part.type !== 'button'),
  };
}
