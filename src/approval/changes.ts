import type { Approval } from './model/approval.ts';

/** How an approval changed. */
export interface ChangeOrigin {
  /** A person clicked and waits for the card. */
  clicked?: boolean;
}

type Listener = (approval: Approval, origin: ChangeOrigin) => void;

/** Announces approvals that were stored, to the worker and to whatever shows them. */
export class ApprovalChanges {
  private readonly listeners: Listener[] = [];

  subscribe(listener: Listener): void {
    this.listeners.push(listener);
  }

  announce = (approval: Approval, origin: ChangeOrigin = {}): void => {
    for (const listener of this.listeners) listener(approval, origin);
  };

  announceClicked = (approval: Approval): void => this.announce(approval, { clicked: true });
}
