import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { knownSdkVersion, loadInternals } from '../../src/simulation/temporal/sdk.js';

describe('SDK adapter of the simulation', () => {
  it('installed SDK: its version and its internals -> the ones that the adapter knows', () => {
    const { version } = createRequire(import.meta.url)('@temporalio/worker/package.json') as {
      version: string;
    };
    assert.equal(version, knownSdkVersion);
    assert.doesNotThrow(loadInternals);
  });
});
