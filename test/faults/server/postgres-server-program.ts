/** Temporal's production server, and the tool that creates its tables, built from their Go module. */
import path from 'node:path';
import { cacheFolder } from '../../../src/servers/cache.js';
import { findProgram } from '../../../src/servers/find-program.js';
import { entryName, toolsPath } from '../../../src/servers/pinned-versions.js';
import { requireTool, runTool } from '../../../src/servers/run-tool.js';

const pinned = 'temporal-server';
const modules = ['go.temporal.io/server/cmd/server', 'go.temporal.io/server/cmd/tools/sql'];

/** Throws `ProgramNotFound` with the programs to install. */
export async function findPostgresServer(): Promise<{ server: string; sql: string }> {
  const pins = [toolsPath(pinned, 'go.mod'), toolsPath(pinned, 'go.sum')];
  const source = {
    label: 'built from its Go module',
    cacheKey: await entryName(pinned, pins),
    doing: 'building the Temporal server from its Go module (a few minutes, once)',
    async make(folder: string) {
      const go = await requireTool('go');
      const args = ['build', '-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-o', folder, ...modules];
      const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' };
      await runTool(go, args, { cwd: toolsPath(pinned), env });
    },
  };
  const advice = ['install Go 1.25 or later, so that it can be built'];
  const wanted = { name: 'Temporal server for PostgreSQL', advice, sources: [source] };
  const { folder } = await findProgram(wanted, cacheFolder(), (line) => console.log(`      ${line}`));
  return { server: path.join(folder, 'server'), sql: path.join(folder, 'sql') };
}
