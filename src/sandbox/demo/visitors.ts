import type { ActionResult } from '../page/server.ts';
import { NotSubmitted } from '../slack/interactions/client-checks.ts';
import type { Delivery } from '../slack/interactions/delivery.ts';
import type { Workspace } from '../slack/workspace.ts';
import type { ActionOf } from './actions.ts';
import { APP, PERSONAS } from './crew/people.ts';

/** Slack's own words where they are known. */
const NOT_ANSWERED = `Slack: ${APP.name} did not respond, so nothing was done. Try again.`;
const NO_CONNECTION = 'Slack: We had some trouble connecting. Try again?';
const GONE = 'That is not there any more.';

export type Visitors = ReturnType<typeof createVisitors>;

const nameOf = (id: string) => PERSONAS.find((person) => person.id === id)?.name ?? id;

/** What people do in Slack, and the sentence that tells each what became of it. */
export function createVisitors(workspace: Workspace, onChange: () => void) {
  const wrong = new Map<string, { view: string; errors: Readonly<Record<string, string>> }>();

  function heard({ acked }: Delivery, said: string): ActionResult {
    return acked ? { said, ok: true } : { said: NOT_ANSWERED, ok: false };
  }

  async function submit({ as, values }: ActionOf<'submit'>): Promise<ActionResult> {
    const view = workspace.openView(as);
    if (!view) return { said: GONE, ok: false };
    function show(errors: Readonly<Record<string, string>>): ActionResult {
      wrong.set(as, { view: view?.id ?? '', errors });
      onChange();
      return { said: '', ok: false };
    }
    show({});
    try {
      const { acked, errors = {}, refused: why } = await workspace.submit({ user: as, values });
      const failed = show(errors);
      if (!acked) return { said: why ? `Slack: ${why}` : NO_CONNECTION, ok: false };
      if (Object.keys(errors).length > 0) return failed;
      return { said: `${nameOf(as)} sent “${view.title.text}”.`, ok: true };
    } catch (error) {
      if (error instanceof NotSubmitted) return show(error.errors);
      throw error;
    }
  }

  async function write({ as, channel, text, thread }: ActionOf<'write'>): Promise<ActionResult> {
    if (!channel) return { said: GONE, ok: false };
    const [, command, rest = ''] = /^(\/\S+)\s*([\s\S]*)$/.exec(text.trim()) ?? [];
    if (!command) {
      const inThread = thread === undefined ? {} : { threadTs: thread };
      workspace.say({ user: as, channel, text: escaped(text), ...inThread });
      return { said: '', ok: true };
    }
    if (thread !== undefined)
      return { said: `Slack: ${command} is not supported in threads. Sorry!`, ok: false };
    if (command !== '/approvals') {
      const said = `Slack: ${command} is not a valid command. In Slack, all messages that start with the “/” character are interpreted as commands.`;
      return { said, ok: false };
    }
    const delivery = await workspace.command({ user: as, channel, command, text: chosen(rest) });
    return delivery.acked && !delivery.refused
      ? { said: '', ok: true }
      : { said: `Slack: ${command} failed with the error “dispatch_failed”.`, ok: false };
  }

  return {
    submit,
    write,

    async click({
      as,
      channel,
      ts,
      actionId,
      blockId,
      selected,
      label,
    }: ActionOf<'click'>): Promise<ActionResult> {
      const choice = selected === undefined ? {} : { selected };
      const where = { user: as, channel: channel ?? as, ts, actionId, blockId };
      return heard(await workspace.click({ ...where, ...choice }), clicked(as, label));
    },

    async clickInView({
      as,
      actionId,
      blockId,
      selected,
      label,
      values = {},
    }: ActionOf<'click_in_view'>): Promise<ActionResult> {
      const choice = selected === undefined ? {} : { selected };
      return heard(
        await workspace.clickInView({ user: as, actionId, blockId, values, ...choice }),
        clicked(as, label),
      );
    },

    async shortcut({ as, channel, ts, how }: ActionOf<'shortcut'>): Promise<ActionResult> {
      return heard(
        await workspace.shortcut({ user: as, channel: channel ?? as, ts, callbackId: how }),
        clicked(as, workspace.shortcuts.find(({ callbackId }) => callbackId === how)?.name),
      );
    },

    async closeModal({ as }: ActionOf<'close_modal'>): Promise<ActionResult> {
      if (workspace.openView(as)) await workspace.closeModal({ user: as });
      return { said: '', ok: true };
    },

    async openHome({ as }: ActionOf<'open_home'>): Promise<ActionResult> {
      const { acked } = await workspace.openHome({ user: as });
      return acked
        ? { said: '', ok: true }
        : { said: `${APP.name} did not hear that ${nameOf(as)} opened its Home tab.`, ok: false };
    },

    /** The sentences under the inputs of the modal that this person has open. */
    errors(as: string): Readonly<Record<string, string>> {
      const last = wrong.get(as);
      return last && last.view === workspace.openView(as)?.id ? last.errors : {};
    },
  };
}

function clicked(as: string, label: string | undefined): string {
  return `${nameOf(as)} clicked ${label ? `“${label}”` : 'a button'}.`;
}

/** A name that is typed after @, as if it was chosen from Slack's list: the command gets the person's id (`should_escape`). */
function chosen(text: string): string {
  return text.replace(/(^|\s)@(\w+)/g, (typed, before: string, name: string) => {
    const person = PERSONAS.find((one) => one.name.toLowerCase() === name.toLowerCase());
    return person ? `${before}<@${person.id}|${name.toLowerCase()}>` : typed;
  });
}

/** As Slack's client escapes what people type. */
function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
