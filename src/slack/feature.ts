import type { AllMiddlewareArgs, GlobalShortcut, SlackShortcutMiddlewareArgs } from '@slack/bolt';
import type { ClickRow } from './listeners/click.ts';
import type { FeatureCommand } from './listeners/read-command.ts';
import type { MessageShortcutArgs } from './listeners/reading.ts';
import type { Submission } from './listeners/submit-form.ts';
import type { SlackApp } from './slack-app.ts';
import type { HomePart } from './views/lists/home-part.ts';

type GlobalShortcutArgs = SlackShortcutMiddlewareArgs<GlobalShortcut> & AllMiddlewareArgs;

/** Rows by the id that Slack sends back to us. */
type Rows<Row> = Readonly<Record<string, Row>>;
type Listener<Args> = (app: SlackApp, args: Args) => Promise<void>;

/** A leaf of the product, as the core knows it: a folder in `src/features`, which can be deleted with its row there. */
export interface Feature {
  /** Rows of buttons, by action id. */
  clicks?: Rows<ClickRow>;
  /** Listeners of submitted forms, by callback id. */
  submissions?: Rows<Listener<Submission>>;
  /** Listeners by callback id, as in manifest.yml. */
  messageShortcuts?: Rows<Listener<MessageShortcutArgs>>;
  globalShortcuts?: Rows<Listener<GlobalShortcutArgs>>;
  commands?: readonly FeatureCommand[];
  home?: HomePart;
}
