import express from 'express';
import type { Failures } from '../failures.ts';
import type { Deliver } from './interactions/delivery.ts';
import { channelOf, createInteractions, findPerson } from './interactions/interactions.ts';
import type { ResponseUrls } from './interactions/response-urls.ts';
import { createSubmissions } from './interactions/submissions.ts';
import type { Triggers } from './interactions/triggers.ts';
import type { Manifest } from './manifest.ts';
import type { Ephemeral, Message, SharedFile, State } from './state.ts';
import { viewObject } from './views.ts';
import type { Method } from './web-api/method.ts';
import { createUploads } from './web-api/uploads.ts';
import { answerMalformed, createWebApi } from './web-api/web-api.ts';

export interface WorkspaceParts {
  state: State;
  /** Manifest of the app. People cannot use what it does not declare. */
  manifest: Manifest;
  failures: Failures;
  /** Sends the bot what people do. */
  deliver: Deliver;
  triggers: Triggers;
  responseUrls: ResponseUrls;
  /** Methods of the Web API. */
  methods: Readonly<Record<string, Method>>;
  /** Base URL of the workspace, without a slash at the end. */
  origin: () => string;
}

export type Workspace = ReturnType<typeof createWorkspace>;

/**
 * Creates a Slack workspace with one Slack app: the messages, views and actions of people, and the Web API for the bot. The
 * caller serves `app`, an Express application.
 */
export function createWorkspace(parts: WorkspaceParts) {
  const { state, manifest, failures, responseUrls } = parts;
  const app = express();
  app.use(createUploads(state, failures));
  app.use(express.urlencoded({ extended: false, limit: '10mb' }), express.json({ limit: '10mb' }));
  app.use(createWebApi(parts), responseUrls.router, answerMalformed);

  /** Copies the messages of a channel (by id, #name or person), thread replies included, in order. */
  function messages(channel: string): Message[] {
    const { id } = channelOf(state, channel);
    return structuredClone(state.messages.filter((message) => message.channel === id));
  }

  return {
    /** The Web API, response_urls and uploads. */
    app,
    /** App entries in the menu of every message. */
    shortcuts: manifest.shortcuts,
    failures,
    ...createInteractions(parts),
    ...createSubmissions(parts),

    messages,
    /** Copies the messages between this person and the app. */
    directMessages(user: string): Message[] {
      const im = state.channels.find((channel) => channel.im === user);
      return im ? messages(im.id) : [];
    },
    /** Copies the ephemeral messages of this person. */
    ephemerals(user: string): Ephemeral[] {
      const userEphemerals = state.ephemerals.filter((ephemeral) => ephemeral.user === user);
      return userEphemerals.map(({ user: _, ...ephemeral }) => structuredClone(ephemeral));
    },
    /** Copies the records of files that the app announced or uploaded, shared or not. */
    files(): SharedFile[] {
      return [...state.files.values()].map((file) => ({ ...file }));
    },
    /** Returns a copy of the topmost modal of this person; undefined: none is open. */
    openView(user: string): SeenView | undefined {
      const open = state.modals.get(user)?.at(-1);
      return open && (structuredClone(viewObject(open)) as unknown as SeenView);
    },
    home(user: string): SeenView | undefined {
      const home = state.homes.get(user);
      return home && (structuredClone(viewObject(home)) as unknown as SeenView);
    },

    /** Posts a message as a person and returns its ts. */
    say({
      user,
      channel,
      text,
      threadTs,
    }: {
      user: string;
      channel: string;
      text: string;
      threadTs?: string;
    }): string {
      const ts = state.newTs();
      const { id } = channelOf(state, channel);
      const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
      state.messages.push({ channel: id, ts, ...thread, text, edited: 0, user: findPerson(state, user).id });
      state.touch();
      return ts;
    },
    /** Sets the Slack language of all people. */
    setLanguage(locale: string) {
      for (const person of state.people) person.locale = locale;
    },
  };
}

/** A view as a person sees it. */
export interface SeenView {
  id: string;
  hash: string;
  type: 'modal' | 'home';
  title: { text: string };
  submit: { text: string } | null;
  close: { text: string } | null;
  callback_id: string;
  private_metadata: string;
  blocks: { type: string; block_id: string; [field: string]: unknown }[];
  state: { values: Record<string, Record<string, Record<string, unknown>>> };
}
