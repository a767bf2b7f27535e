/** Channels in which Slack rejects calls, with the reason: shared by approvals and starts. */
export class BlockedChannels {
  private readonly reasons = new Map<string, string>();
  /** Channels in which Slack refused a post: the post waits for an hour. */
  private readonly refusedPosts = new Set<string>();
  /** Called when a channel accepts posts again. */
  reopened: (channel: string) => void = () => {};

  /** Records that Slack refused a call. `isPost`: a new message, not an update. */
  refuse(channel: string, reason: string, isPost: boolean): void {
    this.reasons.set(channel, reason);
    if (isPost) this.refusedPosts.add(channel);
  }

  accept(channel: string, isPost: boolean): void {
    this.reasons.delete(channel);
    if (isPost && this.refusedPosts.delete(channel)) this.reopened(channel);
  }

  list(): string[] {
    return [...this.reasons].map(([channel, reason]) => `${channel}: ${reason}`);
  }
}
