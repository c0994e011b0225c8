// Speaks to `ratchet mcp` with the official clients, as an agent would: node client.mjs PROGRAM FOLDER
// Prints one JSON line a client; fails where a client finds fault with an answer (each checks them against the
// schemas of the protocol and of the tools).
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const [program, folder] = process.argv.slice(2);
const modules = createRequire(path.join(process.env.RATCHET_MCP_CLIENT, 'package.json'));
const load = (name) => import(pathToFileURL(modules.resolve(name)).href);

async function useTools(client) {
  const { tools } = await client.listTools();
  const call = (name, args) => client.callTool({ name, arguments: args });
  const found = await call('search_experiments', { limit: 2 });
  const shown = await call('show_experiment', { experiment: 1, diff: true });
  const best = await call('best_so_far', {});
  const map = await call('map', { limit: 5 });
  const unknown = await call('rm', {}).then(() => 'answered', (error) => error.code);
  const wrong = await call('show_experiment', {}).then((result) => result.isError, (error) => error.code);
  return {
    tools: tools.map((tool) => tool.name),
    found: found.structuredContent.experiments.length,
    shown: shown.structuredContent.experiment,
    champion: best.structuredContent.champion.experiment,
    files: map.structuredContent.files.length,
    unknown,
    wrong,
  };
}

async function withClient(name, client, transport) {
  await client.connect(transport);
  const server = client.getServerVersion().name;
  const result = await useTools(client);
  await client.close();
  console.log(JSON.stringify({ client: name, server, ...result }));
}

const about = { name: 'ratchet-test', version: '1.0.0' };
const server = { command: program, args: ['mcp'], cwd: folder, stderr: 'inherit' };

{
  const { Client } = await load('@modelcontextprotocol/sdk/client/index.js');
  const { StdioClientTransport } = await load('@modelcontextprotocol/sdk/client/stdio.js');
  await withClient('with a handshake', new Client(about), new StdioClientTransport(server));
}

// The newer client needs a newer node than Debian 12 has.
if (Number(process.versions.node.split('.')[0]) >= 20) {
  const { Client } = await load('@modelcontextprotocol/client');
  const { StdioClientTransport } = await load('@modelcontextprotocol/client/stdio');
  const client = new Client(about, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await withClient('without a handshake', client, new StdioClientTransport(server));
}
