import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startTestServer } from '../../src/servers/test-server.js';
import { closeAtTheEnd } from './root-hooks.js';

let environment: Promise<TestWorkflowEnvironment> | null = null;

/** One time-skipping server for the whole run; its clock is global, and mocha runs tests one after another. */
export function timeSkipping(): Promise<TestWorkflowEnvironment> {
  environment ??= startTestServer().then((env) => {
    closeAtTheEnd(() => env.teardown());
    return env;
  });
  return environment;
}
