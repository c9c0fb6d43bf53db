/** Finds the `temporal` program, which runs the development server. */
import path from 'node:path';
import which from 'which';
import { cacheFolder } from './cache.js';
import { findProgram, type ProgramSource, type ProgramSpec } from './find-program.js';
import { entryName, toolsPath } from './pinned-versions.js';
import type { LogLine } from './progress.js';
import { sdkDownload } from './sdk-download.js';
import { requireTool, runTool } from './run-tool.js';

const program = 'temporal';
const goPackage = 'github.com/temporalio/cli/cmd/temporal';
const advice = [
  'install the Temporal CLI: `temporal` must be on PATH',
  'install Go 1.25 or later, to build it',
  'set TEMPORAL_ADDRESS to a running Temporal server',
];

/**
 * Finds `temporal` on PATH or in the cache, or downloads it with the SDK, or builds it. `description` names the source.
 * Throws `ProgramNotFound`.
 */
export async function findTemporalCli(log: LogLine): Promise<{ path: string; description: string }> {
  const onPath = await which(program, { nothrow: true });
  if (onPath !== null) return { path: onPath, description: onPath };
  const earlier = [{ label: 'PATH', reason: `no ${program}` }];
  const found = await findProgram(await wantTemporalCli(), cacheFolder(), log, earlier);
  return { path: path.join(found.folder, program), description: found.description };
}

export async function wantTemporalCli(): Promise<ProgramSpec> {
  return { name: 'Temporal CLI', advice, sources: [await sdkDownload('dev', program), await goBuild()] };
}

async function goBuild(): Promise<ProgramSource> {
  const pins = [toolsPath('temporal-cli', 'go.mod'), toolsPath('temporal-cli', 'go.sum')];
  return {
    label: 'built from its Go module',
    cacheKey: await entryName('temporal-go', pins),
    doing: 'building the Temporal CLI from its Go module (a few minutes, once)',
    async make(folder) {
      const go = await requireTool('go');
      // Read-only: the build fails if the checksum of a module is not the pinned one.
      const args = [
        'build',
        '-mod=readonly',
        '-trimpath',
        '-ldflags',
        '-s -w',
        '-o',
        path.join(folder, program),
      ];
      const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' };
      await runTool(go, [...args, goPackage], { cwd: toolsPath('temporal-cli'), env });
    },
  };
}
