/** The Temporal SDK's own download of its servers. Needs internet access. */
import { readFile, readdir, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProgramSource } from './find-program.js';
import { toolsPath } from './pinned-versions.js';
import { runTool } from './run-tool.js';

/** Seconds until a download must have started. PENSTOCK_DOWNLOAD_TIMEOUT overrides it. */
const beginWithinSeconds = 20;
const endWithinSeconds = 600;

/** `program`: name of the downloaded file in its cache entry. */
export async function sdkDownload(kind: 'dev' | 'test', program: string): Promise<ProgramSource> {
  const version = await sdkVersion();
  return {
    label: `the Temporal SDK's download`,
    cacheKey: `${program}-sdk-${version}-${process.platform}-${process.arch}`,
    doing: `downloading ${program}`,
    async make(folder) {
      const timeout = (signal: AbortSignal) => waitUntilLate(folder, signal);
      // After SIGTERM, the SDK would finish the download first, so it gets no grace period.
      const options = { graceMs: 0 };
      await runTool(process.execPath, [toolsPath('sdk-download.mjs'), kind, folder], options, timeout);
      const [downloaded] = await readdir(folder);
      if (downloaded === undefined) throw new Error(`the SDK downloaded nothing to ${folder}`);
      await rename(path.join(folder, downloaded), path.join(folder, program));
    },
  };
}

async function sdkVersion(): Promise<string> {
  const file = createRequire(import.meta.url).resolve('@temporalio/testing/package.json');
  return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
}

/** Resolves with the reason if the download has not started, or not ended, in time. */
async function waitUntilLate(folder: string, signal: AbortSignal): Promise<string> {
  const seconds = Number(process.env['PENSTOCK_DOWNLOAD_TIMEOUT'] ?? beginWithinSeconds);
  const options = { signal, ref: false };
  try {
    await sleep(seconds * 1000, undefined, options);
    if ((await readdir(folder)).length === 0) return `no response within ${seconds} s`;
    await sleep(endWithinSeconds * 1000, undefined, options);
    return `not complete after ${endWithinSeconds} s`;
  } catch {
    return 'cancelled';
  }
}
