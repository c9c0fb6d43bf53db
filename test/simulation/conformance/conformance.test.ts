/** The simulation against Temporal itself: its dev server plays the same scenarios, and its SDK replays the simulation. */
import assert from 'node:assert/strict';
import { Worker } from '@temporalio/worker';
import { conformanceBundle } from './bundle/conformance-bundle.js';
import { scenarios } from './scenarios/all.js';
import { ServerSide } from './server-side.js';
import type { RunHistory, Side } from './side.js';
import { SimulatedSide } from './simulated-side.js';

interface Played {
  transcript: string[];
  runs: RunHistory[];
}

/** Scenarios that the server plays at the same time: they mostly wait. */
const ahead = 24;
const onServer = new Map<number, Promise<Played>>();
const inSimulation = new Map<number, Promise<Played>>();

async function play(side: Side): Promise<Played> {
  try {
    await side.scenario.play(side);
    const runs = await side.allRuns();
    return { transcript: await side.transcript(runs), runs };
  } finally {
    await side.close();
  }
}

/** Begins the next scenarios too. Those whose worker is absent for a while share one, and begin together. */
function playOnServer(index: number): Promise<Played> {
  const isAhead = (other: number) => other >= index && other < index + ahead;
  const isAbsenceAhead = scenarios.some(({ losesWorker }, other) => losesWorker && isAhead(other));
  for (const [next, scenario] of scenarios.entries()) {
    if (onServer.has(next) || !(scenario.losesWorker ? isAbsenceAhead : isAhead(next))) continue;
    const played = ServerSide.open(scenario, next).then(play);
    // Its own test reports a failure.
    played.catch(() => undefined);
    onServer.set(next, played);
  }
  return onServer.get(index) ?? assert.fail(`no scenario ${index}`);
}

function playInSimulation(index: number): Promise<Played> {
  const scenario = scenarios[index] ?? assert.fail(`no scenario ${index}`);
  const played = inSimulation.get(index) ?? SimulatedSide.open(scenario, index).then(play);
  inSimulation.set(index, played);
  return played;
}

describe('simulation and Temporal', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  for (const [index, { name }] of scenarios.entries())
    it(`${name}: on Temporal's server and in the simulation -> the same`, async () => {
      const [server, simulated] = await Promise.all([playOnServer(index), playInSimulation(index)]);
      assert.deepEqual(simulated.transcript, server.transcript);
    });

  it("every scenario: played in the simulation -> Temporal's SDK replays each run", async () => {
    const options = { workflowBundle: await conformanceBundle() };
    const histories: RunHistory[] = [];
    for (const index of scenarios.keys()) histories.push(...(await playInSimulation(index)).runs);
    const failed: string[] = [];
    let replayed = 0;
    for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
      replayed++;
      if (error) failed.push(`${workflowId}: ${error.message}`);
    }
    assert.deepEqual([failed, replayed], [[], histories.length]);
  });
});
