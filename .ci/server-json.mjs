// Prints server.json, the entry of the MCP registry. The registry compares its name with `mcpName` in the published npm package.
// Usage: node .ci/server-json.mjs OWNER/REPOSITORY
import { readFileSync } from 'node:fs';

const [repository = ''] = process.argv.slice(2);
const [, owner] = /^([\w-]+)\/[\w.-]+$/.exec(repository) ?? [];
if (owner === undefined) {
  console.error('Usage: node .ci/server-json.mjs OWNER/REPOSITORY, as on GitHub');
  process.exit(1);
}
const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));
const secret = { isRequired: true, isSecret: true };
const server = {
  $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
  name: `io.github.${owner}/${name}`,
  description: 'Agents ask people in Slack: approvals, choices and values, as a tool or a task',
  repository: { url: `https://github.com/${repository}`, source: 'github' },
  version,
  packages: [
    {
      registryType: 'npm',
      identifier: name,
      version,
      transport: { type: 'stdio' },
      packageArguments: [{ type: 'positional', value: 'mcp' }],
      environmentVariables: [
        {
          name: 'BOT_URL',
          description: 'Address of the bot, such as https://approvals.example.com',
          isRequired: true,
        },
        { name: 'CREW_NAME', description: 'The crew whose approvers answer', isRequired: true },
        { name: 'ASK_SECRET', description: 'The ask secret of this crew', ...secret },
      ],
    },
  ],
  remotes: [
    {
      type: 'streamable-http',
      url: 'https://{host}/crews/{crew}/mcp',
      variables: {
        host: { description: 'Host of the bot', isRequired: true },
        crew: { description: 'The crew whose approvers answer', isRequired: true },
      },
      headers: [{ name: 'Authorization', description: 'Bearer and the ask secret of this crew', ...secret }],
    },
  ],
};
console.log(JSON.stringify(server, undefined, 2));
