/** What the whole run shares is opened on first use and closed once, at the end. */
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

type Close = () => Promise<void>;

/**
 * One list for the process: mocha loads this file by `require`, and tests that use a package which can only be imported
 * load it a second time.
 */
const shared = globalThis as { penstockTestsOpen?: Close[] };
const open = (shared.penstockTestsOpen ??= []);

export function closeAtTheEnd(close: Close): void {
  open.push(close);
}

export const mochaHooks = {
  beforeAll(): void {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }), forward: {} } },
    });
  },
  async afterAll(): Promise<void> {
    for (const close of open.splice(0).reverse()) await close();
    // Its threads would keep the process alive.
    await Runtime.instance().shutdown();
  },
};
