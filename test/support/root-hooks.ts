/** Closes resources that the whole run or a test file shares. They are opened on first use. */
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

type Close = () => Promise<void>;

/**
 * The state belongs to the process, because this file can be loaded twice: by mocha with `require`, and by tests that use
 * a package which can only be imported.
 */
const shared = globalThis as {
  penstockTestsOpen?: Close[];
  penstockFileOpen?: Close[];
  penstockHasRuntime?: true;
};
const open = (shared.penstockTestsOpen ??= []);
const openInFile = (shared.penstockFileOpen ??= []);

/**
 * With `--parallel`, each file is a run of mocha in a process that runs other files before and after it. That process
 * keeps what the whole run shares: child processes end with it.
 */
const isParallel = process.env['MOCHA_WORKER_ID'] !== undefined;

/** One seed of random faults for all files of a run: processes of `--parallel` inherit it. */
process.env['PENSTOCK_SEED'] ??= String(Date.now() % 1_000_000);

export function closeAtTheEnd(close: Close): void {
  open.push(close);
}

/** Closes after the test file, or after a failed test: such a test may have left its resources in use. */
export function closeAfterTheFile(close: Close): void {
  openInFile.push(close);
}

let areFilesWatched = false;

/** Mocha has no hook for the end of a file. The last suite of each file gets an `after` hook instead. */
function watchFiles(test: Mocha.Runnable | undefined): void {
  if (areFilesWatched) return;
  areFilesWatched = true;
  let root = test?.parent;
  while (root?.parent) root = root.parent;
  const lastSuites = new Map(root?.suites.map((suite) => [suite.file, suite]));
  for (const suite of lastSuites.values()) suite.afterAll(() => closeAll(openInFile));
}

async function closeAll(list: Close[]): Promise<void> {
  for (const close of list.splice(0).reverse()) await close();
}

export const mochaHooks = {
  beforeAll(): void {
    if (shared.penstockHasRuntime) return;
    shared.penstockHasRuntime = true;
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }), forward: {} } },
    });
  },
  beforeEach(this: Mocha.Context): void {
    if (!isParallel) watchFiles(this.currentTest);
  },
  async afterEach(this: Mocha.Context): Promise<void> {
    if (this.currentTest?.isFailed()) await closeAll(openInFile);
  },
  async afterAll(): Promise<void> {
    await closeAll(openInFile);
    if (isParallel) return;
    await closeAll(open);
    // The runtime's threads would keep the process alive.
    await Runtime.instance().shutdown();
  },
};
