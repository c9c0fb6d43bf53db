import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startTestServer } from '../../src/servers/test-server.js';
import { closeAtTheEnd } from './root-hooks.js';

let environment: Promise<TestWorkflowEnvironment> | null = null;

/** One time-skipping server for many tests; its clock is global, and mocha runs tests one after another. */
export function timeSkipping(): Promise<TestWorkflowEnvironment> {
  if (environment === null) {
    environment = startTestServer();
    closeAtTheEnd(endTimeSkipping);
  }
  return environment;
}

/** For tests that leave the clock running: those after them begin with a server of their own. */
export async function endTimeSkipping(): Promise<void> {
  const ended = environment;
  environment = null;
  await (await ended)?.teardown();
}
