/** A rollout that `penstock start --wait` has started, while `penstock watch` also follows it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RolloutResult, SpecJson } from '../../../src/client.js';
import { rolloutIdOf } from '../../../src/plan/compile/rollout-id.js';
import { RolloutUnderTest } from '../../e2e/rollout-under-test.js';
import type { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { eventually } from '../../support/dev-server.js';
import { Program } from './program.js';

export class Followed {
  private constructor(
    readonly rollout: RolloutUnderTest,
    private readonly followers: Program[],
  ) {}

  /** Resolves when the workflow exists. No worker is needed. */
  static async start(
    environment: E2eEnvironment,
    spec: SpecJson,
    env: Record<string, string>,
  ): Promise<Followed> {
    const { endpoint } = spec;
    const waiting = await startWithWait(spec, env);
    const workflowId = `rollout:${endpoint}`;
    const { runId } = await eventually(() =>
      environment.temporal.workflow
        .getHandle(workflowId)
        .describe()
        .catch(() => undefined),
    );
    const watching = await Program.penstock(['watch', endpoint, '--json'], env);
    const rolloutId = rolloutIdOf(endpoint, { workflowId, runId });
    return new Followed(new RolloutUnderTest(environment, endpoint, rolloutId), [waiting, watching]);
  }

  /** Both commands have printed the result and exited. */
  async assertFollowed(result: RolloutResult, exitCode: number): Promise<void> {
    for (const follower of this.followers) {
      const { code, output } = await follower.ended;
      assert.equal(code, exitCode, output.stderr);
      assert.deepEqual(JSON.parse(output.stdout.trim().split('\n').at(-1) ?? ''), result);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.followers.map((follower) => follower.stop()));
  }
}

async function startWithWait(spec: SpecJson, env: Record<string, string>): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-spec-'));
  const file = join(folder, 'rollout.json');
  await writeFile(file, JSON.stringify(spec));
  const program = await Program.penstock(['start', file, '--wait', '--json'], env);
  void program.ended.then(() => rm(folder, { recursive: true }));
  return program;
}
