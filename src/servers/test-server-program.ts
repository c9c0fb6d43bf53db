/** Finds the time-skipping test server, and writes the script that starts it. */
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from './cache.js';
import { findProgram, Unavailable, type ProgramSource, type ProgramSpec } from './find-program.js';
import { entryName, toolsPath } from './pinned-versions.js';
import type { LogLine } from './progress.js';
import { sdkDownload } from './sdk-download.js';
import { requireTool, runTool } from './run-tool.js';

const script = 'start';
const mainClass = 'LoopbackTestServer';
const advice = [
  'allow internet access, so that the SDK can download it',
  'install a JDK (8 or later) and Maven, to run it with Java',
];

/** Finds the server in the cache, or downloads it with the SDK or with Maven. Throws `ProgramNotFound`. */
export async function findTestServer(log: LogLine): Promise<{ path: string; description: string }> {
  const found = await findProgram(await wantTestServer(), cacheFolder(), log);
  return { path: path.join(found.folder, script), description: found.description };
}

export async function wantTestServer(): Promise<ProgramSpec> {
  return { name: 'time-skipping test server', advice, sources: [await download(), await mavenJars()] };
}

async function download(): Promise<ProgramSource> {
  const program = 'temporal-test-server';
  const source = await sdkDownload('test', program);
  return {
    ...source,
    async make(folder) {
      await source.make(folder);
      await writeScript(folder, `"$here/${program}"`);
    },
  };
}

async function mavenJars(): Promise<ProgramSource> {
  const files = ['pom.xml', 'jars.sha256', `${mainClass}.java`];
  return {
    label: 'run with Java, from Maven',
    cacheKey: await entryName(
      'temporal-test-server-java',
      files.map((f) => toolsPath('temporal-test-server', f)),
    ),
    doing: 'fetching the time-skipping test server with Maven (once)',
    async make(folder) {
      const [mvn, javac] = [await requireTool('mvn'), await requireTool('javac')];
      await requireTool('java');
      const jars = path.join(folder, 'jars');
      await mkdir(jars);
      const pom = toolsPath('temporal-test-server', 'pom.xml');
      const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${jars}`];
      await runTool(mvn, ['-B', '-q', '-f', pom, ...goal]);
      await verifyJars(jars, await readFile(toolsPath('temporal-test-server', 'jars.sha256'), 'utf8'));
      const main = toolsPath('temporal-test-server', `${mainClass}.java`);
      await runTool(javac, ['-cp', path.join(jars, '*'), '-d', folder, main]);
      // The server runs only for a short time: this compiler and this collector start fastest.
      const options = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';
      await writeScript(folder, `java ${options} -cp "$here/jars/*:$here" ${mainClass}`);
    },
  };
}

/** `pinned`: lines of sha256sum. Throws `Unavailable` if the folder does not contain exactly these files. */
export async function verifyJars(folder: string, pinned: string): Promise<void> {
  const actual: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const hash = createHash('sha256').update(await readFile(path.join(folder, name)));
    actual.push(`${hash.digest('hex')}  ${name}`);
  }
  const expected = pinned.trim().split('\n');
  const wrong = [
    ...expected.filter((line) => !actual.includes(line)),
    ...actual.filter((line) => !expected.includes(line)),
  ].map((line) => line.split('  ')[1]);
  if (wrong.length > 0)
    throw new Unavailable(`checksums differ from the pinned ones: ${[...new Set(wrong)].join(', ')}`);
}

/**
 * The SDK runs the script with the port as its argument. With `exec`, signals of the SDK reach the server. The
 * watcher ends the server if the SDK's process is killed.
 */
async function writeScript(folder: string, command: string): Promise<void> {
  const lines = [
    '#!/bin/sh',
    'here=$(dirname "$0")',
    'parent=$PPID',
    '(while kill -0 $$; do kill -0 $parent || kill -KILL $$; sleep 1; done) </dev/null >/dev/null 2>&1 &',
    `exec ${command} "$@"`,
  ];
  const file = path.join(folder, script);
  await writeFile(file, `${lines.join('\n')}\n`);
  await chmod(file, 0o755);
}
