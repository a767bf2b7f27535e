import { type Block, type Element, interactive } from '../blocks/blocks.ts';
import type { Manifest } from '../manifest.ts';
import {
  BOT,
  type Channel,
  directMessages,
  type EnteredValues,
  findMessage,
  messageObject,
  type Person,
  type State,
  TEAM,
} from '../state.ts';
import { viewObject } from '../views.ts';
import { SlackError } from '../web-api/slack-error.ts';
import type { Deliver, Delivery } from './delivery.ts';
import { buildFormState, enterValues, type FieldValue, stateAfter, type Values } from './entered.ts';
import { escapeCommandText } from './escape-command.ts';
import { actionOf, eventCallback, interactionFields, VERIFICATION_TOKEN } from './payloads.ts';
import { reply } from './replies.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { Triggers } from './triggers.ts';

export interface ViewClick {
  user: string;
  actionId: string;
  /** Needed only if several blocks have the action. */
  blockId?: string;
  /** Chosen option values or ids of a select, an overflow menu and the like. */
  selected?: FieldValue;
  /** Entries in the modal before the click. Slack sends them to the app too. */
  values?: Values;
}

export interface Click extends Omit<ViewClick, 'values'> {
  channel: string;
  ts: string;
}

export interface Command {
  user: string;
  channel: string;
  command: string;
  text?: string;
}

export interface Shortcut {
  user: string;
  channel: string;
  ts: string;
  callbackId: string;
}

/** A delivery. `refused`: why Slack did not show the bot's ack. */
export interface CommandResult extends Delivery {
  refused?: string;
}

interface Context {
  state: State;
  manifest: Manifest;
  deliver: Deliver;
  triggers: Triggers;
  responseUrls: ResponseUrls;
}

/** Creates the actions of people in messages, views and the message box. */
export function createInteractions({ state, manifest, deliver, triggers, responseUrls }: Context) {
  const valuesByMessage = new Map<string, EnteredValues>();

  function requireInteractivity(): void {
    if (!manifest.interactive) throw new Error('the manifest does not enable interactivity');
  }

  async function click(options: Click): Promise<Delivery> {
    requireInteractivity();
    const person = findPerson(state, options.user);
    const channel = channelOf(state, options.channel);
    if (channel.private && !channel.members.includes(person.id)) {
      throw new Error(`${person.id} does not see ${channel.id}`);
    }
    const message = findMessage(state, channel.id, options.ts);
    const ephemeral = state.ephemerals.find(({ ts, user }) => ts === options.ts && user === person.id);
    const clickedMessage = message ?? ephemeral;
    if (!clickedMessage) throw new Error(`no message ${options.ts} in ${channel.id} for ${person.id}`);
    const { block, element } = elementOf(clickedMessage.blocks ?? [], options);
    const values = remember(valuesByMessage.get(options.ts) ?? {}, block, element, options.selected);
    valuesByMessage.set(options.ts, values);
    const to = { user: person.id, channel: channel.id, via: 'response_url', originalTs: options.ts } as const;
    return deliver({
      kind: 'interactive',
      payload: {
        type: 'block_actions',
        ...interactionFields(person, triggers.issue(person.id)),
        container: {
          type: 'message',
          message_ts: options.ts,
          channel_id: channel.id,
          is_ephemeral: !message && ephemeral !== undefined,
          ...(clickedMessage.thread_ts ? { thread_ts: clickedMessage.thread_ts } : {}),
        },
        channel: { id: channel.id, name: channel.im ? 'directmessage' : channel.name },
        ...(message ? { message: messageObject(message) } : {}),
        state: { values: buildFormState(clickedMessage.blocks ?? [], values) },
        response_url: responseUrls.issue(to, 'actions'),
        actions: [actionOf(element, block.block_id, state.newTs(), options.selected)],
      },
    });
  }

  async function clickInView(options: ViewClick): Promise<Delivery> {
    requireInteractivity();
    const person = findPerson(state, options.user);
    const openView = state.modals.get(person.id)?.at(-1) ?? state.homes.get(person.id);
    if (!openView) throw new Error(`${person.id} has neither a modal nor a home tab`);
    const { block, element } = elementOf(openView.view.blocks, options);
    const values = enterValues(openView.view.blocks, openView.entered, options.values ?? {});
    openView.entered = remember(values, block, element, options.selected);
    return deliver({
      kind: 'interactive',
      payload: {
        type: 'block_actions',
        ...interactionFields(person, triggers.issue(person.id)),
        container: { type: 'view', view_id: openView.id },
        view: viewObject(openView),
        actions: [actionOf(element, block.block_id, state.newTs(), options.selected)],
      },
    });
  }

  async function command(options: Command): Promise<CommandResult> {
    const person = findPerson(state, options.user);
    const channel = channelOf(state, options.channel);
    if (!manifest.commands.includes(options.command))
      throw new Error(`the manifest has no ${options.command}`);
    if (!channel.members.includes(person.id)) throw new Error(`${person.id} cannot write in ${channel.id}`);
    const to = { user: person.id, channel: channel.id };
    const delivery = await deliver({
      kind: 'slash_commands',
      payload: {
        token: VERIFICATION_TOKEN,
        team_id: person.stranger ? 'T0STRANGER' : TEAM.id,
        team_domain: TEAM.domain,
        channel_id: channel.id,
        channel_name: commandChannelName(channel),
        user_id: person.id,
        user_name: person.name,
        command: options.command,
        text: manifest.escapedCommands.includes(options.command)
          ? escapeCommandText(options.text ?? '', state)
          : (options.text ?? ''),
        api_app_id: BOT.appId,
        is_enterprise_install: 'false',
        response_url: responseUrls.issue({ ...to, via: 'response_url' }, 'commands'),
        trigger_id: triggers.issue(person.id),
      },
    });
    if (!delivery.acked || delivery.body === '') return delivery;
    const ack = typeof delivery.body === 'string' ? { text: delivery.body } : delivery.body;
    try {
      reply(state, { ...to, via: 'command ack' }, ack);
      return delivery;
    } catch (error) {
      if (error instanceof SlackError) return { ...delivery, refused: error.message };
      throw error;
    }
  }

  async function shortcut({ user, channel, ts, callbackId }: Shortcut): Promise<Delivery> {
    requireInteractivity();
    const person = findPerson(state, user);
    const { id, name, im } = channelOf(state, channel);
    const message = findMessage(state, id, ts);
    if (!message) throw new Error(`no message ${ts} in ${id}`);
    if (!manifest.shortcuts.some((entry) => entry.callbackId === callbackId))
      throw new Error(`the manifest has no shortcut ${callbackId}`);
    const to = { user: person.id, channel: id, via: 'response_url', originalTs: ts } as const;
    return deliver({
      kind: 'interactive',
      payload: {
        type: 'message_action',
        ...interactionFields(person, triggers.issue(person.id)),
        callback_id: callbackId,
        action_ts: state.newTs(),
        message_ts: ts,
        channel: { id, name: im ? 'directmessage' : name },
        message: messageObject(message),
        response_url: responseUrls.issue(to, 'actions'),
      },
    });
  }

  async function openHome({ user }: { user: string }): Promise<Delivery> {
    const person = findPerson(state, user);
    if (!manifest.events.includes('app_home_opened')) {
      throw new Error('the manifest does not subscribe to app_home_opened');
    }
    const home = state.homes.get(person.id);
    const event = {
      type: 'app_home_opened',
      user: person.id,
      channel: directMessages(state, person.id).id,
      tab: 'home',
      event_ts: state.newTs(),
      ...(home ? { view: viewObject(home) } : {}),
    };
    return deliver({ kind: 'events_api', payload: eventCallback(event) });
  }

  return { click, clickInView, shortcut, command, openHome };
}

/** Finds the person with this id; throws if there is none. */
export function findPerson(state: State, id: string): Person {
  const person = state.people.find((other) => other.id === id);
  if (!person) throw new Error(`no person ${id}`);
  return person;
}

/** Finds the channel with this id or #name, or a person's direct messages; throws if there are none. */
export function channelOf(state: State, target: string): Channel {
  const name = target.replace(/^#/, '');
  const found = state.channels.find(
    (channel) => channel.id === target || channel.im === target || (name !== '' && channel.name === name),
  );
  if (!found) throw new Error(`no channel ${target}`);
  return found;
}

function elementOf(blocks: readonly Block[], by: { actionId: string; blockId?: string }) {
  const elements = interactive(blocks);
  const matches = elements.filter(
    ({ block, element }) =>
      element.action_id === by.actionId && (by.blockId === undefined || block.block_id === by.blockId),
  );
  if (matches.length > 1) throw new Error(`${matches.length} blocks have ${by.actionId}: name the blockId`);
  if (matches[0]) {
    const { block } = matches[0];
    if (block.type === 'input' && block.dispatch_action !== true) {
      throw new Error(`${by.actionId} is in an input block without dispatch_action: Slack sends nothing`);
    }
    return matches[0];
  }
  const actionIds = elements.map(({ element }) => element.action_id).join(', ') || 'nothing';
  throw new Error(`nothing to click by the action_id ${by.actionId}; there is ${actionIds}`);
}

function remember(
  values: EnteredValues,
  block: Block,
  element: Element,
  selected?: FieldValue,
): EnteredValues {
  if (selected === undefined) return values;
  const blockValues = { ...values[block.block_id], [element.action_id]: stateAfter(element, selected) };
  return { ...values, [block.block_id]: blockValues };
}

function commandChannelName(channel: Channel): string {
  if (channel.im) return 'directmessage';
  return channel.private ? 'privategroup' : channel.name;
}
