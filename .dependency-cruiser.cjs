// What may import what, checked by `npm run lint`. src/README.md draws it.
const edges = ['crewai', 'slack', 'http', 'store', 'settings', 'events'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'No import cycle, not even of types.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'approval-is-the-domain',
      comment: 'approval imports lib, zod and node:crypto: no SDK, no clock of its own.',
      severity: 'error',
      from: { path: '^src/approval/' },
      to: { pathNot: '^(src/(approval|lib)/|node_modules/zod/|crypto$)' },
    },
    {
      name: 'lifecycle-is-pure',
      comment: 'lifecycle decides on plain data: it imports the model, and card-facts, which is pure too.',
      severity: 'error',
      from: { path: '^src/approval/lifecycle/' },
      to: { path: '^src/', pathNot: '^src/(approval/(model/|lifecycle/|card-facts\\.ts$)|lib/)' },
    },
    {
      name: 'model-is-plain-data',
      comment: 'The records import nothing of what is done with them.',
      severity: 'error',
      from: { path: '^src/approval/model/' },
      to: { path: '^src/', pathNot: '^src/(approval/model|lib)/' },
    },
    {
      name: 'lib-knows-nothing-of-the-product',
      severity: 'error',
      from: { path: '^src/lib/' },
      to: { path: '^src/', pathNot: '^src/lib/' },
    },
    ...edges.map((edge) => ({
      name: `${edge}-is-an-edge`,
      comment: `${edge} imports approval and never another edge: app.ts joins them.`,
      severity: 'error',
      from: { path: `^src/${edge}/` },
      to: { path: '^src/', pathNot: `^src/(${edge}|approval|lib${edge === 'http' ? '|clients' : ''})/` },
    })),
    {
      name: 'report-knows-the-domain',
      comment: 'report imports approval and lib; cli and the feature of the report import it.',
      severity: 'error',
      from: { path: '^src/report/' },
      to: { pathNot: '^src/(report|approval|lib)/' },
    },
    {
      name: 'report-is-for-cli-and-its-feature',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(report|cli|features/report)/' },
      to: { path: '^src/report/' },
    },
    {
      name: 'views-are-pure',
      comment: 'views turn a record into blocks: no I/O.',
      severity: 'error',
      from: { path: '^src/slack/views/' },
      to: {
        pathNot: [
          '^src/(slack/views|slack/texts|approval|lib)/',
          '^src/slack/app/(ids|button-values)\\.ts$',
          '^node_modules/(@slack/types|marked|markdown-table|string-width|diff)/',
        ],
      },
    },
    {
      name: 'features-are-leaves',
      comment:
        'A feature imports the core and no other feature, so that its folder can be deleted with its row.',
      severity: 'error',
      from: { path: '^src/features/([^/]+)/' },
      to: { path: '^src/', pathNot: '^src/(features/$1|approval|slack|report|lib)/' },
    },
    {
      name: 'core-without-features',
      comment: 'Only app.ts imports the list of features.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(app\\.ts$|features/)' },
      to: { path: '^src/features/' },
    },
    {
      name: 'views-of-features-are-pure',
      comment: 'As all views.',
      severity: 'error',
      from: { path: '^src/features/([^/]+)/views/' },
      to: {
        pathNot: [
          '^src/(slack/views|slack/texts|approval|lib)/',
          '^src/slack/app/(ids|button-values)\\.ts$',
          '^src/features/$1/(?!index\\.ts|listeners\\.ts)',
          '^node_modules/@slack/types/',
        ],
      },
    },
    {
      name: 'clients-import-nothing-of-the-bot',
      comment: 'A client of the HTTP API is a program like any other: it imports Node and nothing else.',
      severity: 'error',
      from: { path: '^src/clients/', pathNot: '^src/clients/mcp' },
      to: { pathNot: '^src/clients/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'mcp-imports-its-library',
      comment: 'The MCP server is a client that also has the library of the protocol.',
      severity: 'error',
      from: { path: '^src/clients/mcp' },
      to: {
        pathNot: '^(src/clients/|node_modules/(@modelcontextprotocol/server|zod)/)',
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'mcp-is-for-the-command-and-http',
      comment: 'The packages of the bot must not reach the programs that import crew-approvals/client.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(clients/mcp|http/mcp)' },
      to: { path: '^src/clients/mcp' },
    },
    {
      name: 'clients-are-mounted-by-http',
      comment:
        'The bot offers the tools of the MCP client over HTTP, too; its command checks receipts as programs do.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(clients|http)/|^src/cli/verify\\.ts$' },
      to: { path: '^src/clients/' },
    },
    {
      name: 'one-composition-root',
      comment:
        'Only main.ts starts app.ts, where all is joined; the commands of cli/ build what they need themselves.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main|app)\\.ts$' },
      to: { path: '^src/app\\.ts$' },
    },
    {
      name: 'product-without-sandbox',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/sandbox/' },
      to: { path: '^src/sandbox/' },
    },
    {
      name: 'src-without-test',
      comment: 'What src imports is installed; test is not.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
    {
      name: 'sandbox-shares-nothing',
      comment: 'The sandbox plays Slack and CrewAI from their documents, not from our code.',
      severity: 'error',
      from: { path: '^src/sandbox/' },
      to: { path: '^src/', pathNot: '^src/(sandbox|lib)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
