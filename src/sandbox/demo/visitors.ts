import type { ActionResult } from '../page/server.ts';
import { NotSubmitted } from '../slack/interactions/client-checks.ts';
import type { Delivery } from '../slack/interactions/delivery.ts';
import type { Workspace } from '../slack/workspace.ts';
import type { ActionOf } from './actions.ts';
import { APP, PERSONAS } from './crew/people.ts';

/** Errors for the visitor, in Slack's own words where they are known. */
const NOT_ANSWERED = `Slack: ${APP.name} did not respond, so nothing was done. Try again.`;
const NO_CONNECTION = 'Slack: We had some trouble connecting. Try again?';
const GONE = 'That no longer exists.';

export type Visitors = ReturnType<typeof createVisitors>;

const nameOf = (id: string) => PERSONAS.find((person) => person.id === id)?.name ?? id;

/** Creates the actions of people in Slack. Each returns a sentence about its result. */
export function createVisitors(workspace: Workspace, onChange: () => void) {
  const formErrors = new Map<string, { view: string; errors: Readonly<Record<string, string>> }>();

  function buildActionResult({ acked }: Delivery, said: string): ActionResult {
    return acked ? { said, ok: true } : { said: NOT_ANSWERED, ok: false };
  }

  async function submit({ as, values }: ActionOf<'submit'>): Promise<ActionResult> {
    const view = workspace.openView(as);
    if (!view) return { said: GONE, ok: false };
    // The sentence of the result is empty: the page shows the errors under the inputs.
    function replaceErrors(errors: Readonly<Record<string, string>>): ActionResult {
      formErrors.set(as, { view: view?.id ?? '', errors });
      onChange();
      return { said: '', ok: false };
    }
    replaceErrors({});
    try {
      const { acked, errors = {}, refused: reason } = await workspace.submit({ user: as, values });
      const errorResult = replaceErrors(errors);
      if (!acked) return { said: reason ? `Slack: ${reason}` : NO_CONNECTION, ok: false };
      if (Object.keys(errors).length > 0) return errorResult;
      return { said: `${nameOf(as)} sent “${view.title.text}”.`, ok: true };
    } catch (error) {
      if (error instanceof NotSubmitted) return replaceErrors(error.errors);
      throw error;
    }
  }

  async function write({ as, channel, text, thread }: ActionOf<'write'>): Promise<ActionResult> {
    if (!channel) return { said: GONE, ok: false };
    const [, command, args = ''] = /^(\/\S+)\s*([\s\S]*)$/.exec(text.trim()) ?? [];
    if (!command) {
      const threadField = thread === undefined ? {} : { threadTs: thread };
      workspace.say({ user: as, channel, text: escapeTyped(text), ...threadField });
      return { said: '', ok: true };
    }
    if (thread !== undefined)
      return { said: `Slack: ${command} is not supported in threads. Sorry!`, ok: false };
    if (command !== '/approvals') {
      const said = `Slack: ${command} is not a valid command. In Slack, all messages that start with the “/” character are interpreted as commands.`;
      return { said, ok: false };
    }
    const delivery = await workspace.command({ user: as, channel, command, text: replaceTypedNames(args) });
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
      const target = { user: as, channel: channel ?? as, ts, actionId, blockId };
      return buildActionResult(await workspace.click({ ...target, ...choice }), describeClick(as, label));
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
      return buildActionResult(
        await workspace.clickInView({ user: as, actionId, blockId, values, ...choice }),
        describeClick(as, label),
      );
    },

    async shortcut({ as, channel, ts, how }: ActionOf<'shortcut'>): Promise<ActionResult> {
      return buildActionResult(
        await workspace.shortcut({ user: as, channel: channel ?? as, ts, callbackId: how }),
        describeClick(as, workspace.shortcuts.find(({ callbackId }) => callbackId === how)?.name),
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

    /** Returns the errors under the inputs of this person's open modal. */
    errors(as: string): Readonly<Record<string, string>> {
      const openForm = formErrors.get(as);
      return openForm && openForm.view === workspace.openView(as)?.id ? openForm.errors : {};
    },
  };
}

function describeClick(as: string, label: string | undefined): string {
  return `${nameOf(as)} clicked ${label ? `“${label}”` : 'a button'}.`;
}

/** Replaces typed @names by mentions with ids, as Slack's client does if a person chooses the name from its list. */
function replaceTypedNames(text: string): string {
  return text.replace(/(^|\s)@(\w+)/g, (match, prefix: string, name: string) => {
    const person = PERSONAS.find((persona) => persona.name.toLowerCase() === name.toLowerCase());
    return person ? `${prefix}<@${person.id}|${name.toLowerCase()}>` : match;
  });
}

/** Escapes typed text like Slack's client. */
function escapeTyped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
