import { parseArgs } from 'node:util';
import { openBrowser } from '../lib/open-browser.ts';
import { type Action, readAction } from './demo/actions.ts';
import { CREW } from './demo/crew/crew.ts';
import { createMishaps } from './demo/crew/failures.ts';
import { createEnding } from './demo/ending.ts';
import { TERMINAL_GUIDE } from './demo/guide.ts';
import { startWorld } from './demo/start-world.ts';
import { createVisitors } from './demo/visitors.ts';
import { createSceneBuilder } from './demo/what-is-seen.ts';
import { createWireLog } from './demo/wire-log.ts';
import { type ActionResult, startPage } from './page/server.ts';

const DEFAULT_PORT = 4000;
const flag = { type: 'boolean', default: false } as const;
const { values: options } = parseArgs({ options: { documented: flag, crewai: flag } });

process.title = 'crew-approvals demo';
const ending = createEnding();
try {
  await start();
} catch (error) {
  if (!ending.begun())
    console.error(`The demo could not start: ${error instanceof Error ? error.message : error}`);
  await ending.end(1);
}

/** Starts Slack, CrewAI, the bot and the page that shows them, all on this machine. */
async function start(): Promise<void> {
  const requestedPort = Number(process.env.PORT || DEFAULT_PORT);
  if (!(Number.isInteger(requestedPort) && requestedPort >= 0 && requestedPort <= 65_535))
    throw new Error('PORT must be a number from 0 to 65535.');
  let showChange = () => {};
  const dialect = options.documented ? 'documented' : 'live';
  const world = await startWorld({ dialect, ending, onChange: () => showChange() });
  const { workspace, platform, payments, deployment, newsletter, bot, startRun } = world;
  const wire = createWireLog({ crew: platform, payments, flow: deployment });
  const visitors = createVisitors(workspace, () => showChange());
  const mishaps = createMishaps({ ...world, crewai: platform, onChange: () => showChange() });

  async function carryOut(action: Action): Promise<ActionResult> {
    switch (action.do) {
      case 'click':
        return visitors.click(action);
      case 'click_in_view':
        return visitors.clickInView(action);
      case 'shortcut':
        return visitors.shortcut(action);
      case 'submit':
        return visitors.submit(action);
      case 'close_modal':
        return visitors.closeModal(action);
      case 'open_home':
        return visitors.openHome(action);
      case 'write':
        return visitors.write(action);
      case 'start_run':
        await startRun(action.how);
        return { said: 'A run has started.', ok: true };
      case 'start_flow':
        newsletter.start();
        return { said: 'The Flow has started. It asks in #approvals.', ok: true };
      case 'answer_in_dashboard':
        newsletter.publishInDashboard(action.how);
        return { said: 'It was published in CrewAI’s dashboard. Now choose on its card.', ok: true };
      case 'send_again':
        await wire.sendAgain(action.how);
        return { said: 'CrewAI has sent the webhook again.', ok: true };
      case 'crewai_fails':
        return mishaps.crewaiFails(action);
      case 'slack_fails':
        return mishaps.slackFails(action);
      case 'restart_bot':
        return mishaps.restartBot(action);
    }
  }

  const page = await startPage({
    port: requestedPort,
    setLanguage: world.setLanguage,
    scene: createSceneBuilder({ ...world, wire, visitors, mishaps }),
    async act(body) {
      const action = readAction(body);
      if (!action) return undefined;
      try {
        return await carryOut(action);
      } catch {
        // The page was outdated: the visitor used an element that is gone.
        return { said: 'That no longer exists.', ok: false };
      }
    },
    file: (id) => workspace.files().find((file) => file.id === id)?.content,
    wire: wire.text,
  });
  ending.atEnd(page.close);
  showChange = page.changed;
  console.log(page.url);
  if (requestedPort !== 0 && page.port !== requestedPort)
    console.log(`Port ${requestedPort} is taken, so this is ${page.port}.`);
  for (const line of TERMINAL_GUIDE) console.log(line);
  console.log(
    'To run the programs of docs/ or your own programs with this demo, set the variables of one of these crews:',
  );
  for (const [crew, secret] of Object.entries(world.askSecrets))
    console.log(`  export BOT_URL=${world.botUrl} CREW_NAME=${crew} ASK_SECRET=${secret}`);
  if (options.crewai)
    console.log(
      'The crewai package of this machine runs newsletter.py of docs/self-hosted.md and mailer.py of docs/tools.md, which ask in #approvals.',
    );
  console.log('Ctrl-C ends the demo.');

  workspace.say({
    user: 'UBEN',
    channel: 'CLAUNCH',
    text: 'The Tide launch is on 1 September. The crew writes, we decide in #approvals.',
  });
  await world.changeBot(bot.start);
  await startRun(CREW);
  if (options.crewai) world.runRealPrograms(process.env.PYTHON || 'python3');
  openBrowser(page.url);
}
